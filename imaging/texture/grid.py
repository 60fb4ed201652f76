"""A region's values on one grid in millimetres, so that scanners and pixel sizes compare."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Values = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Millimetres = tuple[float, float, float]
# Grid points kept beyond the region, so that it can be shifted.
MARGIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where values are sampled.

    Attributes
    ----------
    step_mm : float
        Distance of grid points. No finer than the coarsest scanner in use: no detail is made up.
    blur_mm : float
        Standard deviation of the Gaussian blur that comes before.
    """

    step_mm: float
    blur_mm: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """Values and region on the grid, with some points around; shape (slices, rows, columns)."""

    values: Values
    inside: Mask
    resampled: tuple[int, ...]  # axes that lie on the grid; others keep the image's slices

    def shifted(self, axis: int, points: int) -> "Sampled":
        """Move the region, not the values; what leaves the picture is lost."""
        moved = np.zeros_like(self.inside)
        count = moved.shape[axis]
        to = [slice(None)] * 3
        of = [slice(None)] * 3
        to[axis] = slice(max(0, points), min(count, count + points))
        of[axis] = slice(max(0, -points), min(count, count - points))
        moved[tuple(to)] = self.inside[tuple(of)]
        return Sampled(self.values, moved, self.resampled)


def stacked(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Read a flat image as one slice."""
    return array if array.ndim == 3 else array[None]


def sample(
    image: npt.NDArray[Any],
    mask: Mask,
    spacing_mm: Millimetres,
    grid: Grid,
    axes: tuple[int, ...],
) -> Sampled:
    """Blur, then sample image and region on the grid along the given axes.

    Parameters
    ----------
    image, mask : ndarray, shape (slices, rows, columns)
    spacing_mm : tuple of float
        Size of a voxel along the three axes, in mm.

    Notes
    -----
    Only the surroundings of the region are worked on; the grid starts at the image's first edge,
    so that it lies alike for every region.
    """
    where: dict[int, npt.NDArray[np.float64]] = {}
    cut: list[slice] = []
    for axis in range(3):
        held = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
        if axis not in axes:
            cut.append(slice(held[0], held[-1] + 1))
            continue
        mm, count = spacing_mm[axis], mask.shape[axis]
        places = _positions(int(held[0]), int(held[-1]), count, mm, grid.step_mm)
        # 4 standard deviations are where the blur ends.
        reach = int(np.ceil(4 * grid.blur_mm / mm)) + 1
        first = max(0, int(np.floor(places[0])) - reach)
        cut.append(slice(first, min(count, int(np.ceil(places[-1])) + reach + 1)))
        where[axis] = places - first
    values = image[tuple(cut)].astype(np.float64)
    inside = mask[tuple(cut)].astype(np.float64)
    for axis, places in where.items():
        smooth = ndimage.gaussian_filter1d(values, grid.blur_mm / spacing_mm[axis], axis=axis)
        values = _linear(np.asarray(smooth, dtype=np.float64), axis, places)
        inside = _linear(inside, axis, places)
    return Sampled(values.astype(np.float32), inside > 0.5, axes)


def _positions(
    first_held: int, last_held: int, count: int, mm: float, step_mm: float
) -> npt.NDArray[np.float64]:
    """Give the places of grid points around the region, in voxels of the image."""
    points = max(2, int(count * mm / step_mm))
    first = max(0, int(first_held * mm / step_mm) - MARGIN)
    last = min(points, int((last_held + 1) * mm / step_mm) + MARGIN + 1)
    places = (np.arange(min(first, points - 1), last) + 0.5) * step_mm / mm - 0.5
    return np.asarray(places, dtype=np.float64)


def _linear(
    values: npt.NDArray[np.float64], axis: int, where: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Interpolate along one axis; beyond the ends the last value holds."""
    last = values.shape[axis] - 1
    place = np.clip(where, 0, last)
    below = np.minimum(place.astype(np.intp), max(last - 1, 0))
    above = np.minimum(below + 1, last)
    shape = [1, 1, 1]
    shape[axis] = len(place)
    share = (place - below).reshape(shape)
    found = np.take(values, below, axis) * (1 - share) + np.take(values, above, axis) * share
    return np.asarray(found, dtype=np.float64)
