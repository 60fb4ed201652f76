"""Whether two scans of one person may be compared, and which of their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from imaging.days import day_findings
from imaging.densitometry.dxa import AREAL_BMD, BMC, numbers_by_region, recomputed, spine_use
from imaging.densitometry.sites import spine_region
from imaging.densitometry.vertebrae import LEVELS
from imaging.errors import UnsuitableScan
from imaging.over_time.uncalibrated import is_by_grey
from imaging.over_time.visits import ALL
from imaging.reports.regions import levels_of
from imaging.result import Acquired, Measurement, ScanMeasurement, Status

# Measurements of a place and not of bone: which voxels there were, how noisy they are.
NOT_OF_BONE = (
    "trabecular_voxels", "trabecular_attenuation_sd_hu", "area", BMC, "vertebrae_read",
)  # fmt: skip
SCORES = ("t_score", "z_score")  # against references that change with age and software
DAYS_PER_YEAR = 365.25
Numbers = dict[tuple[str, str], Measurement]


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


def in_order(
    first: ScanMeasurement, second: ScanMeasurement
) -> tuple[ScanMeasurement, ScanMeasurement, float]:
    """Order two visits by day; the third is the years between them."""
    if first.status is not Status.MEASURED or second.status is not Status.MEASURED:
        raise UnsuitableScan("Only scans that were measured can be compared.")
    for scan in (first, second):
        check_day(scan.acquired)
    days = [_day(scan.acquired) for scan in (first, second)]
    if days[0] is None or days[1] is None:
        raise UnsuitableScan(
            "A scan does not say on which day it was made, so no rate can be given."
        )
    if days[0] == days[1]:
        raise UnsuitableScan(
            "Both scans were made on the same day: there is no time between them; pairs of one day "
            "make a precision study."
        )
    years = abs((days[1] - days[0]).days) / DAYS_PER_YEAR
    return (first, second, years) if days[0] < days[1] else (second, first, years)


def check_day(acquired: Acquired | None, born: date | None = None) -> None:
    """Refuse a scan of a day on which it cannot have been made."""
    for finding in day_findings(acquired, born=born):
        raise UnsuitableScan(finding.advice)


def _day(acquired: Acquired | None) -> date | None:
    return date.fromisoformat(acquired.on) if acquired is not None and acquired.on else None


def check_kind(earlier: ScanMeasurement, later: ScanMeasurement) -> None:
    """Refuse scans of different kinds or sides."""
    one, other = earlier.kind, later.kind
    if one.modality != other.modality:
        raise UnsuitableScan(f"A {one.modality} and a {other.modality} scan cannot be compared.")
    sides = {one.laterality, other.laterality} - {"unknown"}
    if len(sides) > 1:
        raise UnsuitableScan("The two scans are of different sides, which are never compared.")


def check_scanner(
    earlier: ScanMeasurement, later: ScanMeasurement, cross: CrossCalibration | None
) -> None:
    """Refuse scans whose scanner or protocol would change the numbers by itself."""
    one, other = earlier.acquired or Acquired(), later.acquired or Acquired()
    if cross is None:
        is_dxa = earlier.kind.modality == "dxa"
        if is_dxa and None in (one.manufacturer, other.manufacturer):
            raise UnsuitableScan("A scan does not say who made its scanner, so it is not compared.")
        for what, a, b in (
            ("maker", one.manufacturer, other.manufacturer),
            ("model", one.model, other.model),
            # Two of one model differ as well: ISCD Official Positions 2019, Adult; recalled.
            ("serial number", one.serial, other.serial),
        ):
            if a and b and a.lower() != b.lower():
                raise UnsuitableScan(
                    f"The scanners differ in {what}: without the site’s own cross-calibration of "
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


def without_grey(numbers: Numbers, modality: str) -> tuple[Numbers, list[str]]:
    """Leave out what another window of a picture without calibration would change by itself."""
    gone = {name for (name, _), number in numbers.items() if is_by_grey(number, modality)}
    if not gone:
        return numbers, []
    names = ", ".join(sorted(name.replace("_", " ") for name in gone))
    told = (
        "grey values of a picture without calibration and what depends on them, which another "
        f"window changes, so not compared: {names}"
    )
    return {key: number for key, number in numbers.items() if key[0] not in gone}, [told]


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


def same_vertebrae(
    earlier: ScanMeasurement, later: ScanMeasurement, before: Numbers, after: Numbers
) -> tuple[Numbers, Numbers, list[str]]:
    """Compare BMD of the spine over the same vertebrae, those that may be used at both visits."""
    regions = [numbers_by_region(scan.measurements) for scan in (earlier, later)]
    uses = [spine_use(one) for one in regions]
    left_out = sorted({level for use in uses if use is not None for level in use.left_out})
    known = [level for level in LEVELS if all(level in one for one in regions)]
    kept = tuple(level for level in known if level not in left_out)
    told = [f"{', '.join(left_out)} left out at both visits by the ISCD’s rule"] if left_out else []
    in_both = any(
        len(levels_of(region)) > 1 for name, region in {*before} & {*after} if name == AREAL_BMD
    )
    if not left_out and (in_both or len(kept) < 2):
        return before, after, []
    numbers = [
        {k: n for k, n in one.items() if k[0] != AREAL_BMD or not levels_of(k[1])}
        for one in (before, after)
    ]
    if len(kept) < 2:
        return numbers[0], numbers[1], [f"{told[0]}, so that the spine is not compared"]
    if not left_out:
        told = [f"the visits have different vertebrae: {', '.join(kept)} are compared"]
    region = spine_region(kept)
    for one, given, by_region in zip(numbers, (before, after), regions, strict=True):
        printed = given.get((AREAL_BMD, region))
        again = [n for n in recomputed(by_region, region, kept) if n.name == AREAL_BMD]
        for number in [printed] if printed is not None else again:
            one[AREAL_BMD, region] = number
    return numbers[0], numbers[1], told


def of_density(numbers: Numbers) -> Numbers:
    """Keep areal density: a cross-calibration of two scanners is of nothing else."""
    return {key: number for key, number in numbers.items() if key[0] == AREAL_BMD}


def in_place(after: Numbers, misplaced: Sequence[str]) -> tuple[Numbers, list[str]]:
    """Leave out what was measured in a region that lies elsewhere than at the first visit.

    Only numbers measured on the picture have a stability; those of a report are the scanner's.
    """
    if not misplaced:
        return after, []
    moved = {
        key: number
        for key, number in after.items()
        if number.stability is not None
        and (ALL in misplaced or {key[1], *levels_of(key[1])} & set(misplaced))
    }
    if not moved:
        return after, []
    regions = ", ".join(sorted({region for _, region in moved}))
    why = (
        "pictures that were not laid upon each other"
        if ALL in misplaced
        else "not on the same bone at both visits"
    )
    told = f"{why}, so not compared: {regions}"
    return {key: n for key, n in after.items() if key not in moved}, [told]
