"""Density in mg/cm3 and published categories of a CT, where its technique allows them."""

from collections.abc import Collection, Mapping, Sequence

from imaging.acquisition.derived import DERIVED
from imaging.acquisition.hounsfield_scale import SCALE
from imaging.acquisition.technique import usual_voltage
from imaging.acquisition.tissue_peaks import find_tissues
from imaging.densitometry.calibration import Calibration, from_tissues
from imaging.densitometry.ct_categories import attenuation_category, density_category
from imaging.densitometry.ct_density import DENSITY, impossible_density, vertebral_density
from imaging.densitometry.rods import from_rods
from imaging.result import Finding, Measurement, Region, Severity
from imaging.volume import Volume

CONTRAST = {"contrast_medium", "contrast_unknown"}


def densities(
    volume: Volume,
    bones: Sequence[Region],
    rods: Sequence[Region],
    numbers: Sequence[Measurement],
    findings: Sequence[Finding],
    half: Mapping[str, float],
) -> tuple[list[Measurement], tuple[Finding, ...]]:
    """Calibrate by rods if there are any, else by tissues where nothing speaks against it."""
    if not numbers:
        return [], ()
    line: Calibration | str
    if DERIVED in {finding.code for finding in findings}:
        line = "The pictures were computed from others: no density in mg/cm3 is given."
    elif rods:
        line = from_rods(volume, rods)
    elif CONTRAST & {finding.code for finding in findings}:
        line = "Contrast medium was given, or may have been: no density in mg/cm3 is given."
    elif not usual_voltage(volume):
        line = (
            "Without rods of known density, mg/cm3 is given at 120 kV only, and this scan is not "
            "known to be."
        )
    elif SCALE in {finding.code for finding in findings}:
        line = "Air or fat do not lie where they should: no density in mg/cm3 is given."
    else:
        spans = [region.depth_slices for region in bones if region.depth_slices is not None]
        line = from_tissues(
            find_tissues(volume, min(first for first, _ in spans), max(last for _, last in spans))
        )
    if isinstance(line, str):
        code, severity = (
            ("rods_not_used", Severity.WARNING) if rods else ("not_calibrated", Severity.INFO)
        )
        return [], (Finding(code=code, severity=severity, advice=line),)
    densities = vertebral_density(numbers, line, "generated images", half)
    return densities, impossible_density(numbers, densities)


def categories(
    volume: Volume,
    numbers: Sequence[Measurement],
    findings: Sequence[Finding],
    left_out: Collection[str],
    half: Mapping[str, float],
) -> tuple[Finding, ...]:
    """Put comparable numbers between published thresholds."""
    codes = {finding.code for finding in findings}
    by_name = {(number.name, number.region): number.value for number in numbers}
    answer = []
    l1 = by_name.get(("trabecular_attenuation_hu", "L1"))
    against = (CONTRAST | {SCALE, DERIVED}) & codes
    if l1 is not None and "L1" not in left_out and usual_voltage(volume) and not against:
        median = by_name[("trabecular_attenuation_median_hu", "L1")]
        answer.append(attenuation_category(l1, half["L1"], median))
    density = by_name.get((DENSITY, "L1-L2"))
    if density is not None and not CONTRAST & codes:
        answer.append(density_category("L1-L2", density))
    return tuple(answer)
