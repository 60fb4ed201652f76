"""Published categories of attenuation and density on CT, in words that never rule disease out."""

from math import ceil

from imaging.result import Finding, Severity
from imaging.wording import rounded

# Pickhardt et al. 2013, Ann Intern Med 158:588-595, doi 10.7326/0003-4819-158-8-201304160-00003:
# L1 without contrast at 120 kV; 160 HU or less was about 90 % sensitive, 110 HU or less more than
# 90 % specific for osteoporosis by DXA, 135 HU balanced both. (90 and 100 HU as marks of high
# risk: Lee et al. 2018, Osteoporos Int 29:1561-1571; recalled, to be confirmed.)
PICKHARDT = "Pickhardt 2013, doi:10.7326/0003-4819-158-8-201304160-00003"
L1_HU: tuple[tuple[float, str], ...] = (
    (90.0, "90 HU or less: in the range of most vertebral fractures; osteoporosis is likely"),
    (100.0, "90 to 100 HU: osteoporosis is likely and the risk of fracture high"),
    (110.0, "100 to 110 HU: osteoporosis is likely (at 110 HU nine in ten without it lie above)"),
    (135.0, "110 to 135 HU: osteoporosis is possible (135 HU balances both errors)"),
    (160.0, "135 to 160 HU: osteoporosis is not ruled out (one in ten with it lies above 160 HU)"),
)
ABOVE_HU = "above 160 HU: osteoporosis is less likely, but one in ten with it lies here"
# ACR-SPR-SSR practice parameter for QCT (2018), and ISCD Official Positions 2019: mean of L1-L2.
ACR = "ACR practice parameter 2018 and ISCD 2019 (recalled, to be confirmed)"
VBMD_MG_CM3: tuple[tuple[float, str], ...] = (
    (80.0, "below 80 mg/cm3: the range of osteoporosis"),
    (120.0, "80 to 120 mg/cm3: the range of low bone mass"),
)
ABOVE_MG_CM3 = "above 120 mg/cm3: above the range of low bone mass"
NOT_RULED_OUT = "it cannot rule out osteoporosis or fracture, and is no diagnosis by itself"


def attenuation_category(l1_hu: float, half_width: float, median_hu: float) -> Finding:
    """Put the attenuation of L1 (no contrast, 120 kV) between the published thresholds.

    ``half_width`` is that of its 95 % interval, which is told: it may reach over a threshold. The
    median is told where it falls between others than the mean does, as with a bone island.
    """
    words = _range(l1_hu)
    told = f"L1 measures {rounded(l1_hu, 0)} HU (± {ceil(half_width):d}), {words}"
    if _range(median_hu) != words:
        told += f"; its median of {rounded(median_hu, 0)} HU falls elsewhere, {_range(median_hu)}"
    return _finding("attenuation_category", told, PICKHARDT, min(l1_hu, median_hu) <= 110)


def _range(hu: float) -> str:
    return next((text for limit, text in L1_HU if hu <= limit), ABOVE_HU)


def density_category(level: str, mg_cm3: float) -> Finding:
    """Put a volumetric density between the thresholds of the spine."""
    words = next((text for limit, text in VBMD_MG_CM3 if mg_cm3 < limit), ABOVE_MG_CM3)
    told = f"{level} measures {rounded(mg_cm3, 0)} mg/cm3, {words}"
    return _finding("density_category", told, ACR, mg_cm3 < 80)


def _finding(code: str, words: str, source: str, low: bool) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING if low else Severity.INFO,
        advice=f"{words}; {NOT_RULED_OUT} ({source}).",
    )
