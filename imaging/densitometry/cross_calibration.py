"""Areal BMD of one maker's densitometer on the scale of another's, by way of standardised BMD.

The equations hold for groups. For one person the error is several per cent, more than what
treatment changes in a year, so they serve to place a value against a reference and never to
judge a change between two scanners (ISCD Official Positions 2019, Adult: without cross-calibration
of the two devices BMD cannot be compared between them; recalled, to be confirmed).
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

# One density, or many.
Density = TypeVar("Density", float, npt.NDArray[np.float64])

# Of one person's BMD, after conversion: Hui 1997, as quoted by the bone density course of the
# University of Washington (courses.washington.edu/bonephys/opBMDs.html, seen).
INDIVIDUAL_ERROR = 0.035


@dataclass(frozen=True, slots=True)
class Standardised:
    """Standardised BMD (mg/cm2) as a straight line in a manufacturer's BMD (g/cm2)."""

    slope_mg_cm2: float
    intercept_mg_cm2: float


# Femoral neck and trochanter: Lu 2001, Osteoporos Int 12:438-444, doi:10.1007/s001980170087.
# Total hip: Hanson 1997, J Bone Miner Res 12:1316-1317, doi:10.1359/jbmr.1997.12.8.1316.
# Spine, L2-L4: Hui 1997, J Bone Miner Res 12:1463-1470, doi:10.1359/jbmr.1997.12.9.1463, printed as
# slope x (BMD - mean) + 1.0436; the older equations of Genant 1994 (J Bone Miner Res 9:1503-1514,
# doi:10.1002/jbmr.5650091002) have no intercept and agree with them within 2 % near 1 g/cm2.
# All were seen as tabulated by the bone density course of the University of Washington, not in
# the papers themselves.
STANDARDISED: dict[str, dict[str, Standardised]] = {
    "femoral_neck": {
        "hologic": Standardised(1087, 19),
        "ge_lunar": Standardised(939, -23),
        "norland": Standardised(985, 6),
    },
    "trochanter": {
        "hologic": Standardised(1105, -17),
        "ge_lunar": Standardised(949, -42),
        "norland": Standardised(961, 57),
    },
    "total_hip": {
        "hologic": Standardised(1008, 6),
        "ge_lunar": Standardised(979, -31),
        "norland": Standardised(1012, 26),
    },
    "lumbar_spine": {
        "hologic": Standardised(1055.0, 1043.6 - 1055.0 * 0.972),
        "ge_lunar": Standardised(968.3, 1043.6 - 968.3 * 1.100),
        "norland": Standardised(974.3, 1043.6 - 974.3 * 0.969),
    },
}
# Genant 1994: mg/cm2 of standardised BMD per g/cm2, spine; recalled, to be confirmed.
GENANT_SPINE = {"hologic": 1075.5, "ge_lunar": 952.2, "norland": 1076.1}


def standardised_bmd_mg_cm2(site: str, bmd_g_cm2: Density, made_by: str) -> Density:
    """Convert a maker's BMD to standardised BMD, mg/cm2.

    Raises
    ------
    KeyError
        If no equation is published for the site or maker.
    """
    line = STANDARDISED[site][made_by]
    return line.slope_mg_cm2 * bmd_g_cm2 + line.intercept_mg_cm2


def converted_bmd_g_cm2(site: str, bmd_g_cm2: Density, made_by: str, to: str) -> Density:
    """BMD that a scanner of another maker would show for the same bone, on average.

    Raises
    ------
    KeyError
        If no equation is published for the site or one of the makers.
    """
    if made_by == to:
        return bmd_g_cm2
    theirs = STANDARDISED[site][to]
    standardised = standardised_bmd_mg_cm2(site, bmd_g_cm2, made_by)
    return (standardised - theirs.intercept_mg_cm2) / theirs.slope_mg_cm2
