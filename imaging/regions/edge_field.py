"""How sharply a flat picture changes, compared with its neighbourhood: blind to the grey scale."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.paths import best_path
from imaging.regions.places import Places
from imaging.regions.spine_column import STEP_MM, Array
from imaging.sliding import highest, lowest

Vector = npt.NDArray[np.float64]

BLUR_MM = 1.0
# An edge is compared with the range of grey values this near; a display curve stretches both.
NEIGHBOURHOOD_MM = 9.0
# Share of the whole picture's range below which a neighbourhood is noise, not contrast.
NOISE_FLOOR = 0.06


@dataclass(frozen=True, slots=True)
class EdgeField:
    """The gradient, as a share of the local range of grey values, per step.

    Attributes
    ----------
    grey : ndarray, shape (rows, columns)
        The picture on the working grid, blurred by ``BLUR_MM``.
    down, right : ndarray, shape (rows, columns)
        Brightening from one row to the next and from one column to the next.
    """

    grey: Array
    down: Array
    right: Array

    def mirrored(self) -> "EdgeField":
        """Exchange left and right."""
        return EdgeField(self.grey[:, ::-1], self.down[:, ::-1], -self.right[:, ::-1])

    def upside_down(self) -> "EdgeField":
        """Exchange top and bottom."""
        return EdgeField(self.grey[::-1], -self.down[::-1], self.right[::-1])

    def places(self, rows: Vector, columns: Vector) -> Places:
        """Name places of the picture, for ``along`` and for reading the grey values there."""
        return Places(self.grey.shape, rows, columns)

    def along(self, places: Places, direction: Vector) -> Vector:
        """Give the brightening in a direction (row, column); zero outside the picture.

        Parameters
        ----------
        direction : ndarray, shape (2,) or (2, n), the latter against the last axis of the places
        """
        down, right = places.read(self.down), places.read(self.right)
        return np.asarray(down * direction[0] + right * direction[1], dtype=np.float64)


def sample(values: Array, rows: Vector, columns: Vector) -> Vector:
    """Interpolate at places (row, column); zero outside the picture."""
    return Places(values.shape, rows, columns).read(values)


def edge_field(grid: Array) -> EdgeField:
    """Measure the edges of a picture on the working grid."""
    blur = BLUR_MM / STEP_MM
    grey = np.asarray(ndimage.gaussian_filter(grid, blur), dtype=np.float32)
    reach = round(NEIGHBOURHOOD_MM / STEP_MM) | 1
    span = highest(grey, reach) - lowest(grey, reach)
    low, high = np.percentile(grey, [1, 99])
    span = span + NOISE_FLOOR * max(float(high - low), 1e-6)
    down = ndimage.gaussian_filter(grid, blur, order=(1, 0)) / span
    right = ndimage.gaussian_filter(grid, blur, order=(0, 1)) / span
    return EdgeField(grey, down.astype(np.float32), right.astype(np.float32))


def trace_edge(
    field: EdgeField,
    line: Vector,
    outward: Vector,
    reach: tuple[float, float],
    *,
    bend: float = 0.05,
    step: float = 0.5,
) -> tuple[Vector, Vector]:
    """Follow the outer edge of bone beside a line.

    Parameters
    ----------
    line : ndarray, shape (n, 2)
        (row, column) of places one step apart.
    outward : ndarray, shape (2,) or (n, 2)
        Unit vector that points out of the bone.
    reach : (nearest, farthest)
        Where the edge may lie, in steps from the line.
    bend, step : float
        Price of one move between neighbouring places, and how far one move is, in steps.

    Returns
    -------
    distance : ndarray, shape (n,)
        Steps from the line to the edge.
    strength : ndarray, shape (n,)
        Darkening there, in shares of the local range per step.
    """
    away = np.broadcast_to(outward, line.shape)
    offsets = np.arange(reach[0], reach[1] + step, step)
    places = field.places(line[:, :1] + away[:, :1] * offsets, line[:, 1:] + away[:, 1:] * offsets)
    darkening = -field.along(places, away.T[:, :, None])
    path = best_path(darkening.astype(np.float32), bend_cost=bend)
    at = np.arange(len(path))
    strength = darkening[at, path]
    return offsets[path], np.asarray(strength, dtype=np.float64)
