"""From Hounsfield units to mg/cm3 of hydroxyapatite: by rods in the picture, or by the body's own.

Two straight lines are offered, each with its standard error:

- *rods* of known density that a person marked, fitted by least squares (``rods``);
- *air, fat and muscle*: the scanner's scale is put right so that the tissues of the patient lie
  where they should, and bone is read with the slope that hydroxyapatite has in water.
"""

import math
from dataclasses import dataclass

import numpy as np

from imaging.acquisition.tissue_peaks import Tissues

# Mass attenuation, cm2/g, of water and of hydroxyapatite (by its elements) at 60 and 80 keV:
# Hubbell and Seltzer 2004, NIST, doi 10.18434/T4D01F (recalled, to be confirmed).
WATER_CM2_G = {60: 0.2059, 80: 0.1837}
ELEMENT_CM2_G = {
    "Ca": {60: 0.6578, 80: 0.3656},
    "P": {60: 0.2324, 80: 0.1865},
    "O": {60: 0.1907, 80: 0.1678},
    "H": {60: 0.3260, 80: 0.3091},
}
HYDROXYAPATITE = {"Ca": 0.3989, "P": 0.1850, "O": 0.4140, "H": 0.0020}  # Ca5(PO4)3OH, by weight
HYDROXYAPATITE_G_CM3 = 3.16
# One energy that stands for a filtered beam of 120 kV behind a body, and what is not known of it;
# an assumption, mean energies of such beams are given as 65-71 keV.
EFFECTIVE_KEV, EFFECTIVE_KEV_SD = 68.0, 3.0
# Where tissues lie at 120 kV, and how far people differ in them. Air is zero by definition of the
# scale; adipose tissue and muscle are assumed, from ICRU Report 44 compositions within 10 HU.
TISSUE_HU = {"air": (-1000.0, 3.0), "fat": (-100.0, 8.0), "muscle": (50.0, 8.0)}
# The idea of air with a second tissue: Lee et al. 2017, Bone 103:325-333; of fat with muscle:
# Gudmundsdottir et al. 1993, Osteoporos Int 3:84-89 (recalled, to be confirmed).
TISSUE_SOURCE = (
    "after Lee 2017, doi:10.1016/j.bone.2017.07.029, and Michalski 2020, "
    "doi:10.1016/j.medengphy.2020.01.009; attenuation from NIST, doi:10.18434/T4D01F (recalled, "
    "to be confirmed)"
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A straight line: mg/cm3 = (HU - zero_hu) / hu_per_mg.

    Attributes
    ----------
    zero_hu : float
        Attenuation of water, which holds no mineral.
    hu_per_mg : float
        Rise per mg/cm3.
    covariance : ndarray, shape (2, 2)
        Of (zero_hu, hu_per_mg).
    """

    zero_hu: float
    hu_per_mg: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    method: str
    source: str

    def density(self, hu: float) -> tuple[float, float]:
        """Give mg/cm3 and its standard error from the line alone."""
        value = (hu - self.zero_hu) / self.hu_per_mg
        slope = np.array([-1.0 / self.hu_per_mg, -value / self.hu_per_mg])
        variance = float(slope @ np.array(self.covariance) @ slope)
        return value, math.sqrt(max(variance, 0.0))


def hydroxyapatite_slope(kev: float) -> float:
    """Give HU per mg/cm3 of hydroxyapatite in water, whose place it takes."""

    def at(table: dict[int, float]) -> float:
        """Interpolate between 60 and 80 keV, straight in both logarithms."""
        low, high = math.log(table[60]), math.log(table[80])
        return math.exp(low + (high - low) * math.log(kev / 60) / math.log(80 / 60))

    mineral = sum(share * at(ELEMENT_CM2_G[name]) for name, share in HYDROXYAPATITE.items())
    return mineral / at(WATER_CM2_G) - 1 / HYDROXYAPATITE_G_CM3


def from_tissues(tissues: Tissues) -> Calibration | str:
    """Put the scale right by air and the patient's fat and muscle.

    Air with fat, fat with muscle, or all three: weighted by how little people differ in them.
    """
    seen = {
        name: value
        for name, value in (("air", tissues.air), ("fat", tissues.fat), ("muscle", tissues.muscle))
        if value is not None
    }
    if len(seen) < 2 or "fat" not in seen:
        return "Neither air nor muscle is seen beside fat, so attenuation cannot be calibrated."
    true = np.array([TISSUE_HU[name][0] for name in seen])
    weight = np.array([1 / TISSUE_HU[name][1] for name in seen])
    basis = np.column_stack([np.ones(len(seen)), true])
    # Seen = offset + gain * true: then water is at the offset, and bone rises by gain * slope.
    weighted = basis * weight[:, None]
    terms = np.linalg.lstsq(weighted, np.array(list(seen.values())) * weight, rcond=None)[0]
    covariance = np.linalg.inv(weighted.T @ weighted)
    slope = hydroxyapatite_slope(EFFECTIVE_KEV)
    kev = EFFECTIVE_KEV_SD
    slope_sd = abs(hydroxyapatite_slope(EFFECTIVE_KEV + kev) - slope)
    covariance[0, 1] *= slope
    covariance[1, 0] *= slope
    covariance[1, 1] = covariance[1, 1] * slope**2 + (float(terms[1]) * slope_sd) ** 2
    said = ", ".join(f"{name} {value:.0f}" for name, value in seen.items())
    return Calibration(
        float(terms[0]),
        float(terms[1]) * slope,
        pairs(covariance),
        f"without a phantom, by the patient's own tissues ({said} HU), in mg/cm3 of "
        "hydroxyapatite, at 120 kV",
        TISSUE_SOURCE,
    )


def pairs(
    matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give a matrix of two rows and columns as plain numbers."""
    return (
        (float(matrix[0, 0]), float(matrix[0, 1])),
        (float(matrix[1, 0]), float(matrix[1, 1])),
    )
