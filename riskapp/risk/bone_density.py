"""Areal bone mineral density, conversion between manufacturers, and T-scores."""

from dataclasses import dataclass
from enum import StrEnum


class Site(StrEnum):
    FEMORAL_NECK = "femoral_neck"
    TOTAL_HIP = "total_hip"
    LUMBAR_SPINE = "lumbar_spine"


class DxaManufacturer(StrEnum):
    HOLOGIC = "hologic"
    GE_LUNAR = "ge_lunar"
    NORLAND = "norland"


@dataclass(frozen=True, slots=True)
class YoungAdultReference:
    """Mean and spread of areal BMD, on Hologic's scale, in the people who define T = 0."""

    mean_g_cm2: float
    sd_g_cm2: float
    source: str


@dataclass(frozen=True, slots=True)
class Standardised:
    """Standardised BMD (mg/cm2) as a straight line in a manufacturer's BMD (g/cm2)."""

    slope_mg_cm2: float
    intercept_mg_cm2: float


# White women aged 20-29 serve both sexes, as the WHO and the ISCD advise.
YOUNG_ADULTS: dict[Site, YoungAdultReference] = {
    Site.FEMORAL_NECK: YoungAdultReference(
        0.858, 0.120, "Looker 1998, Osteoporos Int 8:468, doi:10.1007/s001980050093"
    ),
    Site.TOTAL_HIP: YoungAdultReference(
        0.942, 0.122, "Looker 1998, doi:10.1007/s001980050093; recalled, to be confirmed"
    ),
}

# Lu 2001 and Hui 1997, as tabulated by the University of Washington's bone density course.
STANDARDISED: dict[Site, dict[DxaManufacturer, Standardised]] = {
    Site.FEMORAL_NECK: {
        DxaManufacturer.HOLOGIC: Standardised(1087, 19),
        DxaManufacturer.GE_LUNAR: Standardised(939, -23),
        DxaManufacturer.NORLAND: Standardised(985, 6),
    },
    Site.TOTAL_HIP: {
        DxaManufacturer.HOLOGIC: Standardised(1008, 6),
        DxaManufacturer.GE_LUNAR: Standardised(979, -31),
        DxaManufacturer.NORLAND: Standardised(1012, 26),
    },
}


def hologic_equivalent_g_cm2(site: Site, bmd_g_cm2: float, made_by: DxaManufacturer) -> float:
    """BMD that a Hologic scanner would show for the same bone, by way of standardised BMD.

    Raises
    ------
    KeyError
        If no conversion is tabulated for the site (the lumbar spine).
    """
    if made_by is DxaManufacturer.HOLOGIC:
        return bmd_g_cm2
    theirs, hologic = STANDARDISED[site][made_by], STANDARDISED[site][DxaManufacturer.HOLOGIC]
    standardised_mg_cm2 = theirs.slope_mg_cm2 * bmd_g_cm2 + theirs.intercept_mg_cm2
    return (standardised_mg_cm2 - hologic.intercept_mg_cm2) / hologic.slope_mg_cm2


def t_score_at(site: Site, bmd_g_cm2: float, made_by: DxaManufacturer) -> float | None:
    """Standard deviations from the young-adult mean of NHANES III, unrounded.

    Parameters
    ----------
    site : Site
        Where the bone was measured.
    bmd_g_cm2 : float
        Areal density as the scanner printed it, g/cm2.
    made_by : DxaManufacturer
        Whose scale it is on.

    Returns
    -------
    float or None
        None at the lumbar spine, for which no reference with a checked source is held yet.

    References
    ----------
    Kanis JA, 1994. Osteoporos Int 4:368-381, doi:10.1007/BF01622200.
    """
    reference = YOUNG_ADULTS.get(site)
    if reference is None:
        return None
    bmd = hologic_equivalent_g_cm2(site, bmd_g_cm2, made_by)
    return (bmd - reference.mean_g_cm2) / reference.sd_g_cm2


def as_printed(t_score: float) -> float:
    """A T-score as densitometers print it, to one decimal: the one that diagnoses are read off."""
    # What binary fractions leave beside -2.45 still is -2.45.
    return round(round(t_score, 9), 1)
