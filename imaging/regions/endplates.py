"""Endplates as smooth surfaces over the cross-section of a vertebral body."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.regions.body_frame import BEYOND_MM, HALF_MM, cross_section
from imaging.regions.straightened import Array, Vector

STEP_MM = 2.0
SEARCH_MM = 7.0  # from where the plate is expected
FIRST_MM = 5.0  # from the middle of a disc to an endplate, before it is looked for
STRAY = (0.008, 0.03, 0.06)  # of a typical rise, per mm2 off the surface, round by round
TYPICAL_HU = (25.0, 200.0)  # a rise at an endplate, in porous bone and in dense bone
CAP = 1.5  # of a typical rise: metal, osteophytes and bone islands count no more
STIFF = (0.0, 0.5, 0.5, 12.0, 12.0, 12.0)  # price of each term, in mm for one
TERMS = 6
AGREES_MM = 2.0
PLATE_HU = (-100.0, 500.0)
SMOOTH_MM = 0.7
# A bony endplate with the dense bone beneath it (assumed; the drawn ones are thinner). In slices
# much thicker than that it is no line, and nothing is put right.
PLATE_MM, THICKEST_MM = 1.8, 4.0
# A disc brighter than the marrow by this much: the plate is then a fall, not a rise.
REVERSED_HU = 20.0


@dataclass(frozen=True, slots=True)
class Plate:
    """Height over the cross-section: a polynomial of second order in ahead and aside.

    Attributes
    ----------
    terms : ndarray, shape (6,)
        For 1, ahead, aside, ahead^2, ahead aside, aside^2; planes of the frame, mm.
    agreement : float
        Share of the columns whose own edge lies within ``AGREES_MM`` of the surface.
    outward_mm : float
        How far outside of the surface the steepest edge was seen.
    """

    terms: Vector
    agreement: float
    outward_mm: float

    def height(self, ahead: Vector, aside: Vector) -> Vector:
        return np.asarray(_basis(ahead, aside) @ self.terms)


def find_plate(voxels: Array, radii: Array, upper: bool, slice_mm: float) -> Plate:
    """Find the lower or upper endplate of the body in a frame.

    Parameters
    ----------
    voxels : ndarray, shape (planes, front, aside)
        From ``body_frame``: the middle of each disc is ``BEYOND_MM`` from its end.
    slice_mm : float
        Distance between the slices that the frame was cut from.
    """
    planes = len(voxels)
    ahead, aside, inside = cross_section(radii, STEP_MM)
    ahead, aside = ahead[inside], aside[inside]
    smooth = ndimage.gaussian_filter1d(np.clip(voxels, *PLATE_HU), SMOOTH_MM, axis=0)
    side = -1.0 if upper else 1.0
    disc = planes - 1 - BEYOND_MM if upper else BEYOND_MM
    columns = _Columns(smooth, ahead, aside, side)
    porous = columns.mean(disc) > columns.mean((planes - 1) / 2) + REVERSED_HU
    first = disc + side * FIRST_MM
    terms = np.zeros(TERMS)
    terms[0] = first
    away = np.arange(-SEARCH_MM, SEARCH_MM + 0.1, 0.5)
    basis = _basis(ahead, aside)
    off = np.zeros(len(ahead))
    for stray in STRAY:
        surface = basis @ terms
        rise = columns.edge(surface[:, None] + away, porous)
        typical = float(np.clip(np.median(rise.max(axis=1)), *TYPICAL_HU))
        score = np.clip(rise / typical, 0, CAP) - stray * away**2
        best = score.argmax(axis=1)
        found = surface + away[best]
        weight = np.clip(rise[np.arange(len(best)), best] / typical, 0.02, 1.0)
        for _ in range(2):
            off = np.abs(found - basis @ _fitted(basis, found, weight, first))
            weight = weight / (1 + (off / AGREES_MM) ** 2)
        terms = _fitted(basis, found, weight, first)
    # A plate of porous bone is found by the fall behind it as well, and so in its middle.
    outward = 0.0 if porous else blurred_outward(slice_mm)
    terms[0] += side * outward
    return Plate(terms, float((off < AGREES_MM).mean()), outward)


def blurred_outward(slice_mm: float) -> float:
    """Give how far beyond a thin bright plate its steepest edge lies, once slices have blurred it.

    The edge of a line that is blurred by a Gaussian of SD s, wider than the line, lies s from the
    line's middle. Slices average over their thickness and are interpolated between.
    """
    if slice_mm > THICKEST_MM:
        return 0.0
    blur = np.sqrt(slice_mm**2 / 12 + slice_mm**2 / 6 + SMOOTH_MM**2)
    return float(max(blur - PLATE_MM / 2, 0.0))


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns through a frame, over a cross-section; ``side`` is the way into the body."""

    voxels: Array
    ahead: Vector
    aside: Vector
    side: float

    def at(self, heights: Vector) -> Vector:
        where = np.stack(
            [
                heights,
                np.broadcast_to(self.ahead[:, None] + HALF_MM, heights.shape),
                np.broadcast_to(self.aside[:, None] + HALF_MM, heights.shape),
            ]
        )
        return np.asarray(ndimage.map_coordinates(self.voxels, where, order=1, mode="nearest"))

    def mean(self, plane: float) -> float:
        """Average the inner half of the planes within 2 mm of one."""
        within = np.hypot(self.ahead, self.aside) < np.hypot(self.ahead, self.aside).max() / 2
        heights = np.broadcast_to(plane + np.arange(-2.0, 3.0), (len(self.ahead), 5))
        return float(self.at(heights)[within].mean())

    def edge(self, heights: Vector, porous: bool) -> Vector:
        """Measure how attenuation rises into the body at places along each column.

        In a porous body a thin plate rises and the marrow behind it falls below the disc.
        """
        into = self.side * np.array([0.75, 1.75])
        rise = sum(self.at(heights + step) - self.at(heights - step) for step in into) / 2
        if not porous:
            return np.asarray(rise)
        deep = self.side * np.array([2.0, 3.5])
        fall = sum(self.at(heights - step / 2) - self.at(heights + step) for step in deep) / 2
        return np.asarray(rise + fall)


def _basis(ahead: Vector, aside: Vector) -> Vector:
    return np.column_stack([np.ones_like(ahead), ahead, aside, ahead**2, ahead * aside, aside**2])


def _fitted(basis: Vector, found: Vector, weight: Vector, first: float) -> Vector:
    """Fit by weighted least squares; bending costs, so that few columns cannot fold it."""
    stiff = np.array(STIFF) * np.sqrt(len(found))
    rows = np.vstack([basis * weight[:, None], np.diag(stiff)])
    goal = np.concatenate([(found - first) * weight, np.zeros(TERMS)])
    terms = np.linalg.lstsq(rows, goal, rcond=None)[0]
    terms[0] += first
    return np.asarray(terms)
