"""Areal bone mineral density, conversion between manufacturers, and T-scores."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from imaging.densitometry.cross_calibration import Density, converted_bmd_g_cm2
from imaging.densitometry.young_adults import YOUNG_ADULTS

Array = npt.NDArray[np.float64]

# Tenths that lie so near to half-way between two may be half-way, but for binary fractions.
HALF_WAY = 1e-6


class Site(StrEnum):
    FEMORAL_NECK = "femoral_neck"
    TOTAL_HIP = "total_hip"
    LUMBAR_SPINE = "lumbar_spine"


class DxaManufacturer(StrEnum):
    HOLOGIC = "hologic"
    GE_LUNAR = "ge_lunar"
    NORLAND = "norland"


def hologic_equivalent_g_cm2(site: Site, bmd_g_cm2: Density, made_by: DxaManufacturer) -> Density:
    """BMD that a Hologic scanner would show for the same bone, by way of standardised BMD.

    Raises
    ------
    KeyError
        If no conversion is published for the site.
    """
    return converted_bmd_g_cm2(site, bmd_g_cm2, made_by, DxaManufacturer.HOLOGIC)


def t_score_at(site: Site, bmd_g_cm2: Density, made_by: DxaManufacturer) -> Density | None:
    """Standard deviations from the young-adult mean of NHANES III, unrounded.

    Parameters
    ----------
    site : Site
        Where the bone was measured.
    bmd_g_cm2 : float, or ndarray of many
        Areal density as the scanner printed it, g/cm2.
    made_by : DxaManufacturer
        Whose scale it is on.

    Returns
    -------
    float, or ndarray, or None
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


def as_printed_each(t_scores: Array) -> Array:
    """``as_printed`` of many, shape (n,)."""
    tenths = 10 * t_scores
    found = np.rint(tenths) / 10
    # Where it is all but half-way, the decimals decide.
    for place in np.flatnonzero(np.abs(tenths % 1 - 0.5) < HALF_WAY):
        found[place] = as_printed(float(t_scores[place]))
    return np.asarray(found)


def lost_its_minus(t_score: float, usual: float, within: float) -> bool:
    """Whether a T-score above 0 is too far from the usual, and would not be below 0."""
    return t_score > 0 and abs(-t_score - usual) <= within < abs(t_score - usual)
