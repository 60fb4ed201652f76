"""Two visits of one person: the change of each number, beside what repeating a scan changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from imaging.densitometry.dxa import AREAL_BMD, BMC, numbers_by_region, recomputed, spine_use
from imaging.densitometry.precision import (
    Precision,
    acceptable_precision,
    least_significant_change,
)
from imaging.errors import UnsuitableScan
from imaging.reports.regions import spine_region
from imaging.result import Acquired, Measurement, ScanMeasurement, Status, TriedOn

Verdict = Literal["larger", "within", "not judged"]
DAYS_PER_YEAR = 365.25
# Sooner, most changes are smaller than what repeating the scan changes: the ISCD finds a year after
# the start or change of treatment typical (Official Positions 2019, Adult; recalled).
SOON_YEARS = 0.9
# Measurements of a place and not of bone: which voxels there were, how noisy they are.
NOT_OF_BONE = ("trabecular_voxels", "trabecular_attenuation_sd_hu", "area", BMC)
SCORES = ("t_score", "z_score")  # against references that change with age and software
STABILITY = (
    "the spread of this number when its region is moved a little in these very pictures; lying "
    "down again on another day adds to it and has not been studied"
)


@dataclass(frozen=True, slots=True)
class CrossCalibration:
    """How a site's two scanners compare, by its own study of people scanned on both.

    Attributes
    ----------
    slope, intercept : float
        Of the later scanner's value as a line in the earlier one's, in the measurement's unit.
    precision_sd : float
        Standard deviation that counts both scanners and the line.
    source : str
        Which study.
    """

    slope: float
    intercept: float
    precision_sd: float
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """One number at two visits.

    Attributes
    ----------
    interval : tuple of float or None
        95 % interval of ``absolute``, in ``unit``, from the repeatability of a scan alone.
    least_significant : float or None
        Least significant change, in ``unit``; None where the repeatability is not known.
    per_year : tuple of float
        Absolute (``unit`` per year) and in per cent per year.
    """

    name: str
    region: str
    unit: str
    earlier: float
    later: float
    years: float
    absolute: float
    percent: float
    per_year: tuple[float, float]
    interval: tuple[float, float] | None
    least_significant: float | None
    repeatability: str
    verdict: Verdict
    words: str
    tried_on: TriedOn = "generated images"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two visits, and what was not compared and why."""

    years: float
    changes: tuple[Change, ...]
    not_compared: tuple[str, ...]
    advice: tuple[str, ...]


def compare(
    first: ScanMeasurement,
    second: ScanMeasurement,
    precisions: Mapping[str, Precision] | None = None,
    cross: CrossCalibration | None = None,
) -> Comparison:
    """Compare two scans of one person; they may come in either order.

    Parameters
    ----------
    precisions : mapping of region to Precision, optional
        Of areal BMD or attenuation, by the site's own study; else the ISCD's limits are used
        where there are any.
    cross : CrossCalibration, optional
        The site's own study of its two scanners, without which different ones are not compared.

    Raises
    ------
    UnsuitableScan
        In one sentence, if the two cannot be compared at all.
    """
    earlier, later, years = _in_order(first, second)
    _same_kind(earlier, later)
    _same_scanner(earlier, later, cross)
    before, after = numbers_to_compare(earlier), numbers_to_compare(later)
    before, after, left_out = _same_vertebrae(earlier, later, before, after)
    common = [key for key in after if key in before]
    changes = tuple(
        change_of(before[key], after[key], years, (precisions or {}).get(key[1]), cross)
        for key in common
    )
    if not changes:
        raise UnsuitableScan(
            "The two scans have no measurement of the same region in common, so no change can be "
            "given" + (": " + "; ".join(left_out) if left_out else "") + "."
        )
    only_one = sorted({region for _, region in set(before) ^ set(after)} - {r for _, r in common})
    if only_one:
        left_out.append(f"measured at one visit only: {', '.join(only_one)}")
    return Comparison(years, changes, tuple(left_out), tuple(_advice(years, changes)))


def _in_order(
    first: ScanMeasurement, second: ScanMeasurement
) -> tuple[ScanMeasurement, ScanMeasurement, float]:
    if first.status is not Status.MEASURED or second.status is not Status.MEASURED:
        raise UnsuitableScan("Only scans that were measured can be compared.")
    days = [_day(scan.acquired) for scan in (first, second)]
    if days[0] is None or days[1] is None:
        raise UnsuitableScan(
            "A scan does not say on which day it was made, so no rate can be given."
        )
    if days[0] == days[1]:
        raise UnsuitableScan("Both scans were made on the same day: there is no time between them.")
    years = abs((days[1] - days[0]).days) / DAYS_PER_YEAR
    return (first, second, years) if days[0] < days[1] else (second, first, years)


def _day(acquired: Acquired | None) -> date | None:
    return date.fromisoformat(acquired.on) if acquired is not None and acquired.on else None


def _same_kind(earlier: ScanMeasurement, later: ScanMeasurement) -> None:
    one, other = earlier.kind, later.kind
    if one.modality != other.modality:
        raise UnsuitableScan(f"A {one.modality} and a {other.modality} scan cannot be compared.")
    sides = {one.laterality, other.laterality} - {"unknown"}
    if len(sides) > 1:
        raise UnsuitableScan("The two scans are of different sides, which are never compared.")


def _same_scanner(
    earlier: ScanMeasurement, later: ScanMeasurement, cross: CrossCalibration | None
) -> None:
    one, other = earlier.acquired or Acquired(), later.acquired or Acquired()
    if cross is None and earlier.kind.modality == "dxa":
        if None in (one.manufacturer, other.manufacturer):
            raise UnsuitableScan("A scan does not say who made its scanner, so it is not compared.")
        for what, a, b in (
            ("maker", one.manufacturer, other.manufacturer),
            ("model", one.model, other.model),
        ):
            if a and b and a.lower() != b.lower():
                raise UnsuitableScan(
                    f"The scanners differ in {what}: without the site's own cross-calibration of "
                    "the two a change would be that of the scanner."
                )
    differing = [
        name
        for name in sorted({*one.protocol, *other.protocol})
        if one.protocol.get(name) != other.protocol.get(name)
    ]
    if differing:
        raise UnsuitableScan(
            f"The scans differ in {', '.join(differing)}, which moves the numbers by itself: only "
            "scans made in the same way are compared."
        )


def numbers_to_compare(scan: ScanMeasurement) -> dict[tuple[str, str], Measurement]:
    """Pick the numbers of bone whose change means something, by name and region.

    Regions whose level is not known (``V3``) are left out: they need not be the same bone.
    """
    return {
        (number.name, number.region): number
        for number in scan.measurements
        if number.name not in (*NOT_OF_BONE, *SCORES) and not _is_unnamed(number.region)
    }


def _is_unnamed(region: str) -> bool:
    return region[:1] == "V" and region[1:].isdigit()


Numbers = dict[tuple[str, str], Measurement]


def _same_vertebrae(
    earlier: ScanMeasurement, later: ScanMeasurement, before: Numbers, after: Numbers
) -> tuple[Numbers, Numbers, list[str]]:
    """Compare BMD of the spine over those vertebrae that may be used at both visits."""
    regions = [numbers_by_region(scan.measurements) for scan in (earlier, later)]
    uses = [spine_use(one) for one in regions]
    left_out = sorted({level for use in uses if use is not None for level in use.left_out})
    if not left_out:
        return before, after, []
    known = [level for level in ("L1", "L2", "L3", "L4") if all(level in one for one in regions)]
    kept = tuple(level for level in known if level not in left_out)
    numbers = [
        {k: n for k, n in one.items() if k[0] != AREAL_BMD or not k[1].startswith("L")}
        for one in (before, after)
    ]
    told = f"{', '.join(left_out)} left out at both visits by the ISCD's rule"
    if len(kept) < 2:
        return numbers[0], numbers[1], [f"{told}, so that the spine is not compared"]
    region = spine_region(kept)
    for one, given, by_region in zip(numbers, (before, after), regions, strict=True):
        printed = given.get((AREAL_BMD, region))
        again = [n for n in recomputed(by_region, region, kept) if n.name == AREAL_BMD]
        for number in [printed] if printed is not None else again:
            one[AREAL_BMD, region] = number
    return numbers[0], numbers[1], [told]


def change_of(
    earlier: Measurement,
    later: Measurement,
    years: float,
    precision: Precision | None = None,
    cross: CrossCalibration | None = None,
) -> Change:
    """Give one change with its interval and verdict.

    The least significant change is 2.77 precision errors (ISCD), which is the half-width of the
    95 % interval of a difference of two scans.
    """
    start = earlier.value
    if cross is not None and earlier.name == AREAL_BMD:
        start = cross.slope * start + cross.intercept
    sd, source = _precision_sd(earlier, later, start, precision, cross)
    absolute = later.value - start
    percent = 100 * absolute / abs(start) if start else 0.0
    lsc = None if sd is None else least_significant_change(sd)
    verdict: Verdict = "not judged"
    if lsc is not None:
        verdict = "larger" if abs(absolute) >= lsc else "within"
    return Change(
        name=later.name,
        region=later.region,
        unit=later.unit,
        earlier=start,
        later=later.value,
        years=years,
        absolute=absolute,
        percent=percent,
        per_year=(absolute / years, percent / years),
        interval=None if lsc is None else (absolute - lsc, absolute + lsc),
        least_significant=lsc,
        repeatability=source,
        verdict=verdict,
        words=_words(later, absolute, percent, years, verdict, source),
    )


def _precision_sd(
    earlier: Measurement,
    later: Measurement,
    start: float,
    precision: Precision | None,
    cross: CrossCalibration | None,
) -> tuple[float | None, str]:
    """Standard deviation of one scan, and where it comes from."""
    middle = (start + later.value) / 2
    if cross is not None and earlier.name == AREAL_BMD:
        return cross.precision_sd, cross.source
    if precision is not None and earlier.stability is None:
        return precision.of(middle), precision.source
    if later.name == AREAL_BMD:
        limit = acceptable_precision(later.region)
        if limit is not None:
            return limit.of(middle), limit.source
    if earlier.stability is not None and later.stability is not None:
        return max(earlier.stability, later.stability) * abs(middle), STABILITY
    return None, "not known for this measurement"


def _words(
    later: Measurement, absolute: float, percent: float, years: float, verdict: Verdict, source: str
) -> str:
    way = "rose" if absolute > 0 else "fell" if absolute < 0 else "stayed the same"
    by = "" if absolute == 0 else f" by {abs(percent):.1f} %"
    said = f"{later.region}: {later.name.replace('_', ' ')} {way}{by} in {years:.1f} years"
    if verdict == "not judged":
        return f"{said}; whether that is more than repeating the scan changes is not known."
    of_region = source == STABILITY
    again = "placing the region again" if of_region else "repeating the scan"
    if verdict == "larger":
        return f"{said}, larger than what {again} alone would explain."
    return f"{said}, within what {again} alone changes."


def _advice(years: float, changes: Sequence[Change]) -> list[str]:
    said = []
    if years < SOON_YEARS:
        said.append(
            f"The scans are only {12 * years:.0f} months apart: most true changes in that time are "
            "smaller than what repeating a scan changes, so wait about a year between scans."
        )
    if any("ISCD" in change.repeatability for change in changes):
        said.append(
            "The repeatability is the largest that the ISCD accepts: with the site's own precision "
            "study smaller changes can be told."
        )
    return said
