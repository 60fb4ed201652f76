"""Calibration by the rods of a phantom that a person marked and named with their densities.

A label with the word "rod" or with a density is a rod and never bone. Rods that cannot be read,
or do not behave as published phantoms do, are not used, in one sentence, and nothing else takes
their place.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.acquisition.technique import usual_voltage
from imaging.densitometry.calibration import Calibration, pairs
from imaging.densitometry.ct import FEWEST_VOXELS, region_values
from imaging.result import Region
from imaging.volume import Volume
from imaging.wording import listed

IS_ROD = re.compile(r"\b(?:rods?(?![a-z])|phantom\b)|\dm?g\s*/|\d\s+m?g\s*/", re.IGNORECASE)
MINERAL = r"(?P<{}>c?ha|hap|hydroxyapatite|k2hpo4)"
ROD = re.compile(
    r"rod\s*(?P<number>[-\u2212]?\d+(?:[.,]\d{1,3})?)\s*(?:(?P<unit>m?g)\s*"
    + MINERAL.format("inner")
    + r"?\s*(?:/\s*(?:cm3|cm\u00b3|cm\^3|cc|ml))?\s*"
    + MINERAL.format("outer")
    + r"?)?",
    re.IGNORECASE,
)
POTASSIUM = "k2hpo4"
MG_IN_G = 1000.0
FEWEST_RODS = 3
# Phantoms for the spine hold from -50 (fat) to 400 mg/cm3, those for cortical bone up to 1200
# (recalled, to be confirmed).
POSSIBLE_MG = (-150.0, 1300.0)
# Two rods are of different density from here; from the lightest to the densest, common phantoms
# span 150 or more (0, 75 and 150 mg/cm3; recalled, to be confirmed).
APART_MG, LEAST_SPAN_MG = 10.0, 75.0
# Fat-like rods lie at about -100 HU, with room: below is air.
DARKEST_HU = -200.0
# Within one rod; noise of a poor scan is 50 HU, an edge or air spreads further.
LARGEST_SPREAD_HU = 100.0
# Of one rod's mean from noise alone.
LARGEST_ERROR_HU = 8.0
# Rods that scatter more than this about their line are not what was typed, or hold air: HU, and as
# a share of what they span; published fits have r2 above 0.99 (Reeves 2018, J Biomech Eng 140,
# doi:10.1115/1.4040122; recalled, to be confirmed).
LARGEST_RESIDUAL_HU, LARGEST_RESIDUAL = 15.0, 0.1
# HU per mg/cm3: hydroxyapatite in water rises by 1.1 at 75 keV and by 2.0 at 50 keV, the mean
# energies at 140 and 80 kV, by the attenuation in ``calibration``; published slopes of phantoms of
# hydroxyapatite and of potassium phosphate lie at 1.1 to 1.5 at 120 kV and up to 2.2 at 80 kV
# (Cann 1988, Radiology 166:509-522, doi:10.1148/radiology.166.2.3275985; recalled, to be
# confirmed). Wider here for size of the body and kinds of phantoms.
SLOPE, SLOPE_120 = (0.8, 2.5), (0.9, 1.8)
# HU where the line holds no mineral: water, or the plastic of a phantom.
ZERO_HU = (-80.0, 80.0)
RODS_SOURCE = "linear fit to rods of known density (Cann 1988, Radiology 166:509-522; recalled)"
NOT_USED = "The rods were not used, and no density in mg/cm3 is given, because "


@dataclass(frozen=True, slots=True)
class Rod:
    """What a label says of a rod.

    Attributes
    ----------
    density : float
        mg/cm3.
    mineral : str
        ``k2hpo4``, ``ha``, or blank where it is not named.
    """

    density: float
    mineral: str


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    density: float
    hu: float


def is_rod(region: Region) -> bool:
    """Tell a region that a person calls a rod, whether its density can be read or not."""
    return IS_ROD.search(region.label) is not None


def read_rod(label: str) -> Rod | None:
    """Read ``rod 75 mg/cm3``, ``rod 0,075 g/cm3`` or ``rod 75 mg HA/cm3``; None for all else.

    Without a unit, mg/cm3 is meant.
    """
    told = ROD.fullmatch(label.strip())
    if told is None:
        return None
    number = float(told["number"].replace(",", ".").replace("\u2212", "-"))
    named = {(told[part] or "").lower() for part in ("inner", "outer")} - {""}
    mineral = "" if not named else POTASSIUM if POTASSIUM in named else "ha"
    return Rod(number * (MG_IN_G if (told["unit"] or "").lower() == "g" else 1.0), mineral)


def from_rods(volume: Volume, rods: Sequence[Region]) -> Calibration | str:
    """Fit rods that a person marked and named; a sentence where they cannot be used.

    Parameters
    ----------
    rods : sequence of Region
        Regions of which ``is_rod`` is true.
    """
    read = [read_rod(rod.label) for rod in rods]
    told = [one for one in read if one is not None]
    why = _why_not_labels(rods, read) or _why_not_densities(told)
    if why:
        return NOT_USED + why
    seen = []
    for rod, one in zip(rods, told, strict=True):
        values = region_values(volume, rod)
        why = _why_not_values(rod.label, values)
        if why:
            return NOT_USED + why
        seen.append(_Seen(rod.label, one.density, float(values.mean())))
    why = _why_not_rising(seen)
    if why:
        return NOT_USED + why
    return _fitted(volume, seen, told[0].mineral)


def _fitted(volume: Volume, seen: Sequence[_Seen], mineral: str) -> Calibration | str:
    hu = np.array([rod.hu for rod in seen])
    basis = np.array([(1.0, rod.density) for rod in seen])
    zero, slope = (float(term) for term in np.linalg.lstsq(basis, hu, rcond=None)[0])
    residual = hu - basis @ (zero, slope)
    # With three rods one degree of freedom is left.
    variance = float(residual @ residual) / (len(seen) - 2)
    error = math.sqrt(variance)
    if error > min(LARGEST_RESIDUAL_HU, LARGEST_RESIDUAL * float(np.ptp(hu))):
        return (
            f"{NOT_USED}they do not lie on one line (they miss it by {error:.0f} HU): check their "
            "regions and the densities in their names."
        )
    low, high = SLOPE_120 if usual_voltage(volume) else SLOPE
    if not low <= slope <= high:
        return (
            f"{NOT_USED}they rise by {slope:.2g} HU per mg/cm3 and phantoms by {low} to {high}: "
            "check the unit of their densities and that their regions lie in the rods."
        )
    if not ZERO_HU[0] <= zero <= ZERO_HU[1]:
        return (
            f"{NOT_USED}their line holds no mineral at {zero:.0f} HU, where water or plastic lies "
            f"within {ZERO_HU[0]:.0f} to {ZERO_HU[1]:.0f}: check the densities in their names."
        )
    words = {POTASSIUM: "in mg/cm3 of potassium phosphate", "ha": "in mg/cm3 of hydroxyapatite"}
    return Calibration(
        zero,
        slope,
        pairs(variance * np.linalg.inv(basis.T @ basis)),
        f"phantom of {len(seen)} marked rods "
        f"({', '.join(f'{rod.density:g}' for rod in seen)} mg/cm3 at "
        f"{', '.join(f'{rod.hu:.0f}' for rod in seen)} HU), residual {error:.1f} HU, "
        + words.get(mineral, "in the mineral of its rods"),
        RODS_SOURCE,
    )


def _why_not_labels(rods: Sequence[Region], read: Sequence[Rod | None]) -> str:
    unread = [f'"{rod.label}"' for rod, one in zip(rods, read, strict=True) if one is None]
    if unread:
        return (
            f'the density in {listed(unread)} cannot be read: write it as "rod 75 mg/cm3" or '
            '"rod 0.075 g/cm3".'
        )
    if len({one.mineral for one in read if one is not None}) > 1:
        return "their names speak of different minerals: name one for all."
    return ""


def _why_not_densities(rods: Sequence[Rod]) -> str:
    densities = sorted(rod.density for rod in rods)
    beyond = [one for one in densities if not POSSIBLE_MG[0] <= one <= POSSIBLE_MG[1]]
    if beyond:
        return (
            f"no phantom holds {beyond[0]:g} mg/cm3: check the number and the unit in their names."
        )
    if 1 + sum(b - a >= APART_MG for a, b in zip(densities, densities[1:], strict=False)) < (
        FEWEST_RODS
    ):
        return (
            f"a line needs at least {FEWEST_RODS} rods of different density, {APART_MG:.0f} mg/cm3 "
            "or more apart: mark more of them, or check the unit in their names."
        )
    if densities[-1] - densities[0] < LEAST_SPAN_MG:
        return (
            f"their densities span {densities[-1] - densities[0]:g} mg/cm3 and bone needs "
            f"{LEAST_SPAN_MG:.0f} or more: mark lighter or denser ones too."
        )
    return ""


def _why_not_values(name: str, values: npt.NDArray[np.float64]) -> str:
    if values.size < FEWEST_VOXELS:
        return (
            f'"{name}" holds {values.size} voxels and needs {FEWEST_VOXELS}: draw it through more '
            "slices."
        )
    if values.mean() < DARKEST_HU:
        return f'"{name}" lies in air, at {values.mean():.0f} HU: move its region into the rod.'
    spread = float(values.std())
    if spread > LARGEST_SPREAD_HU:
        return (
            f'within "{name}" attenuation varies by {spread:.0f} HU, as over an edge or in much '
            "noise: draw it inside the rod."
        )
    if spread / math.sqrt(values.size) > LARGEST_ERROR_HU:
        return (
            f'the mean of "{name}" is known to no better than {LARGEST_ERROR_HU:.0f} HU in this '
            "noise: draw it through more slices."
        )
    return ""


def _why_not_rising(seen: Sequence[_Seen]) -> str:
    ordered = sorted(seen, key=lambda rod: rod.density)
    for lighter, denser in zip(ordered, ordered[1:], strict=False):
        if denser.density - lighter.density >= APART_MG and denser.hu <= lighter.hu:
            return (
                f'"{denser.name}" at {denser.hu:.0f} HU is no brighter than "{lighter.name}" at '
                f"{lighter.hu:.0f} HU: check their names and that their regions lie in the rods."
            )
    return ""
