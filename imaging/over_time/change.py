"""Two visits of one person: the change of each number, beside what repeating a scan changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from imaging.densitometry.dxa import AREAL_BMD
from imaging.densitometry.precision import (
    Precision,
    acceptable_precision,
    least_significant_change,
)
from imaging.densitometry.precision_study import precision_for
from imaging.errors import UnsuitableScan
from imaging.over_time.comparable import (
    CrossCalibration,
    check_kind,
    check_scanner,
    in_order,
    in_place,
    numbers_to_compare,
    of_density,
    same_vertebrae,
    without_grey,
)
from imaging.over_time.uncalibrated import BY_GREY_SCALE, CALIBRATED, with_grey_scale
from imaging.over_time.uncalibrated import SOURCE as BY_GREY
from imaging.presenting.narrative import TOLD
from imaging.result import Acquired, Measurement, ScanMeasurement, TriedOn
from imaging.wording import in_words

Verdict = Literal["larger", "within", "not judged"]
# Sooner, most changes are smaller than what repeating the scan changes: the ISCD finds a year after
# the start or change of treatment typical (Official Positions 2019, Adult; recalled).
SOON_YEARS = 0.9
# Scores that are sums of grades, and counts.
ORDINAL = ("aortic_calcification", "spinal_deformity_index")
NOT_KNOWN = "not known for this measurement"
STABILITY = (
    "the spread of this number when its region is moved a little in these very pictures; lying "
    "down again on another day adds to it and has not been studied"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One number at two visits.

    Attributes
    ----------
    interval : tuple of float or None
        95 % interval of ``absolute``, in ``unit``, from the repeatability of a scan alone.
    least_significant : float or None
        Least significant change, in ``unit``; None where the repeatability is not known.
    percent : float or None
        Of the earlier value; None of grades and counts, which have no per cent.
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
    percent: float | None
    per_year: tuple[float, float | None]
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
    misplaced: Sequence[str] = (),
) -> Comparison:
    """Compare two scans of one person; they may come in either order.

    Parameters
    ----------
    precisions : mapping of region to Precision, optional
        Of areal BMD or attenuation, by the site's own study; else the ISCD's limits are used
        where there are any.
    cross : CrossCalibration, optional
        The site's own study of its two scanners, without which different ones are not compared.
    misplaced : sequence of str
        Regions that do not lie on the same bone at both visits (``imaging.over_time.visits``).

    Raises
    ------
    UnsuitableScan
        In one sentence, if the two cannot be compared at all.
    """
    earlier, later, years = in_order(first, second)
    check_kind(earlier, later)
    check_scanner(earlier, later, cross)
    before, after = numbers_to_compare(earlier), numbers_to_compare(later)
    after, moved = in_place(after, misplaced)
    before, after, left_out = same_vertebrae(earlier, later, before, after)
    before, _ = without_grey(before, earlier.kind.modality)
    after, by_grey = without_grey(after, later.kind.modality)
    left_out += moved + by_grey
    if cross is not None:
        before, after = of_density(before), of_density(after)
    common = [key for key in after if key in before]
    changes = tuple(
        change_of(
            before[key],
            after[key],
            years,
            precision_for(key[1], precisions or {}),
            cross,
            is_calibrated=later.kind.modality in CALIBRATED,
        )
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
    advice = (*_advice(years, changes), *_scanners(earlier, later))
    return Comparison(years, changes, tuple(left_out), advice)


def change_of(
    earlier: Measurement,
    later: Measurement,
    years: float,
    precision: Precision | None = None,
    cross: CrossCalibration | None = None,
    *,
    is_calibrated: bool = True,
) -> Change:
    """Give one change with its interval and verdict.

    The least significant change is 2.77 precision errors (ISCD), which is the half-width of the
    95 % interval of a difference of two scans.
    """
    start = earlier.value
    if cross is not None and earlier.name == AREAL_BMD:
        start = cross.slope * start + cross.intercept
    known = _precision_of(earlier, later, precision, cross, is_calibrated=is_calibrated)
    sd = None if known is None else known.of((start + later.value) / 2)
    source = NOT_KNOWN if known is None else known.source
    absolute = later.value - start
    ordinal = is_ordinal(later.name)
    percent = None if ordinal else 100 * absolute / abs(start) if start else 0.0
    lsc = None if sd is None else least_significant_change(sd)
    verdict: Verdict = "not judged"
    if lsc is not None:
        verdict = "larger" if abs(absolute) >= lsc else "within"
    if verdict == "larger" and source == BY_GREY:
        verdict = "not judged"  # how a person lies at another visit was never in the limit
    return Change(
        name=later.name,
        region=later.region,
        unit=later.unit,
        earlier=start,
        later=later.value,
        years=years,
        absolute=absolute,
        percent=percent,
        per_year=(absolute / years, None if percent is None else percent / years),
        interval=None if lsc is None else (absolute - lsc, absolute + lsc),
        least_significant=lsc,
        repeatability=source,
        verdict=verdict,
        words=_words((earlier, later), (absolute, percent), years, verdict, known),
    )


def _precision_of(
    earlier: Measurement,
    later: Measurement,
    precision: Precision | None,
    cross: CrossCalibration | None,
    *,
    is_calibrated: bool,
) -> Precision | None:
    """Choose the precision that a change is judged by; None where none is known."""
    if cross is not None and earlier.name == AREAL_BMD:
        return Precision(cross.source, sd=cross.precision_sd, whose="the site’s cross-calibration")
    if precision is not None and earlier.stability is None:
        return precision
    if later.name == AREAL_BMD:
        limit = acceptable_precision(later.region)
        if limit is not None:
            return limit
    if earlier.stability is not None and later.stability is not None:
        stability = max(earlier.stability, later.stability)
        if not is_calibrated and later.name in BY_GREY_SCALE:
            return with_grey_scale(later.name, stability)
        return Precision(STABILITY, cv=stability, whose="its stability in these pictures")
    return None


def is_ordinal(name: str) -> bool:
    """Whether a number is a grade or a sum of grades, whose steps are no amounts."""
    return name.endswith("_grade") or name.startswith(ORDINAL)


def _words(
    numbers: tuple[Measurement, Measurement],
    change: tuple[float, float | None],
    years: float,
    verdict: Verdict,
    known: Precision | None,
) -> str:
    later = numbers[1]
    what = TOLD.get(later.name, later.name.replace("_", " "))
    said = f"{in_words(later.region)}: {what} {_by(numbers, *change)} in {years:.1f} years"
    if known is None:
        return f"{said}; whether that is more than repeating the scan changes is not known."
    of_region = known.source in (STABILITY, BY_GREY)
    again = "placing the region again" if of_region else "repeating the scan"
    if verdict == "not judged":
        return (
            f"{said}, more than {again} or another window changes; what lying down again changes "
            "has not been studied, so it is not judged."
        )
    if verdict == "larger":
        return f"{said}, larger than what {again} alone would explain by {known.whose}."
    return f"{said}, within what {again} alone changes by {known.whose}."


def _by(numbers: tuple[Measurement, Measurement], absolute: float, percent: float | None) -> str:
    """Say which way, and by how much: in per cent, or from which grade to which."""
    if absolute == 0:
        return "stayed the same"
    way = "rose" if absolute > 0 else "fell"
    if percent is not None:
        return f"{way} by {abs(percent):.1f} %"
    earlier, later = (number.value for number in numbers)
    return f"{way} from {earlier:g} to {later:g}"


def _scanners(earlier: ScanMeasurement, later: ScanMeasurement) -> list[str]:
    """Say where it is not known that one scanner made both."""
    serials = [(scan.acquired or Acquired()).serial for scan in (earlier, later)]
    if all(serials):
        return []
    return [
        "Not both scans give the serial number of their scanner: if they were made on two, even "
        "of one model, the change may be that of the scanner."
    ]


def _advice(years: float, changes: Sequence[Change]) -> list[str]:
    said = []
    if years < SOON_YEARS:
        said.append(
            f"The scans are only {12 * years:.0f} months apart: most true changes in that time are "
            "smaller than what repeating a scan changes, so wait about a year between scans."
        )
    if any("ISCD" in change.repeatability for change in changes):
        said.append(
            "The repeatability is the largest that the ISCD accepts: with the site’s own precision "
            "study smaller changes can be told."
        )
    return said
