"""The spine unrolled along its canal: planes perpendicular to the rail, 1 mm apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.canal import GRID_MM, LEAST_SCORE
from imaging.volume import Volume

Array = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]

FRONT_MM = np.arange(-6.0, 58.0)  # ahead of the canal
ASIDE_MM = np.arange(-34.0, 35.0)  # towards the patient's left
SHORTEST_MM = 40.0


@dataclass(frozen=True, slots=True)
class Straightened:
    """The spine as a straight stack, foot to head.

    Attributes
    ----------
    voxels : ndarray, shape (n, front, aside)
        HU at 1 mm steps: along the canal, forward, towards the patient's left.
    origin, up, front, aside : ndarray, shape (n, 3)
        Point on the canal and unit vectors for each plane; mm in (slice, row, column) axes of
        the volume, whose first voxel is the origin.
    """

    voxels: Array
    origin: Vector
    up: Vector
    front: Vector
    aside: Vector

    def place(self, along: Vector, front: Vector, aside: Vector) -> Vector:
        """Give mm in the volume's axes of places in the stack; shape (k, 3).

        ``along`` is in planes, ``front`` and ``aside`` in mm from the canal.
        """
        at = np.arange(len(self.origin))

        def between(values: Vector) -> Vector:
            return np.column_stack([np.interp(along, at, values[:, k]) for k in range(3)])

        return (
            between(self.origin)
            + between(self.front) * np.asarray(front)[:, None]
            + between(self.aside) * np.asarray(aside)[:, None]
        )


def usable_span(scores: Vector) -> tuple[int, int] | None:
    """Find the longest run of slices in which the canal is believable."""
    smooth = ndimage.gaussian_filter1d(scores, 12 / GRID_MM, mode="nearest")
    labels, count = ndimage.label(smooth > LEAST_SCORE)
    if not count:
        return None
    sizes = np.bincount(labels)[1:]
    run = np.flatnonzero(labels == int(sizes.argmax()) + 1)
    if len(run) * GRID_MM < SHORTEST_MM:
        return None
    return int(run[0]), int(run[-1])


def straighten(volume: Volume, canal: Vector, span: tuple[int, int]) -> Straightened:
    """Resample the volume along the canal.

    Parameters
    ----------
    canal : ndarray, shape (slices, 3)
        (row, column, score) on the coarse grid, from ``find_canal``.
    span : tuple of int
        First and last coarse slice to use.
    """
    first, last = span
    slices = np.arange(first, last + 1)
    # Coarse cells are averages: their middles lie half a cell in, less half a voxel.
    spacing = np.array(volume.spacing_mm)
    points = np.column_stack([slices, canal[first : last + 1, 0], canal[first : last + 1, 1]])
    points = (points + 0.5) * GRID_MM - 0.5 * spacing
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    along = np.arange(0.0, arc[-1], 1.0)
    origin = np.column_stack([np.interp(along, arc, points[:, k]) for k in range(3)])
    up = np.gradient(ndimage.gaussian_filter1d(origin, 8, axis=0, mode="nearest"), axis=0)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    ahead = np.array([0.0, -1.0, 0.0])
    front = ahead - up * (up @ ahead)[:, None]
    front /= np.linalg.norm(front, axis=1, keepdims=True)
    aside = np.cross(front, up)
    aside *= np.sign(aside[:, 2:3])
    where = (
        origin[:, None, None]
        + front[:, None, None] * FRONT_MM[None, :, None, None]
        + aside[:, None, None] * ASIDE_MM[None, None, :, None]
    )
    index = np.moveaxis(where / spacing, -1, 0)
    voxels = ndimage.map_coordinates(volume.voxels, index, order=1, mode="nearest")
    return Straightened(np.asarray(voxels, dtype=np.float32), origin, up, front, aside)
