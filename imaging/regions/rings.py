"""Outlines of a bone in planes across a line: the outward drop of attenuation, all around."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.straightened import Vector
from imaging.volume import Volume

ANGLES = 36
STEP_MM = 0.5
HU_RANGE = (-50.0, 500.0)
SMOOTH_MM = 1.0
# A step of the outline between neighbouring directions, mm, and what each mm of it costs; HU/mm.
LARGEST_STEP, BEND = 3, 12.0
# Another bone behind the edge is as bright: of two edges the nearer one counts, HU/mm each mm.
NEARER = 1.5


@dataclass(frozen=True, slots=True)
class Rings:
    """One outline in each plane.

    Attributes
    ----------
    middle : ndarray, shape (n, 3)
        Where the line passes each plane; mm along slices, rows and columns.
    across : ndarray, shape (2, 3)
        Two unit vectors that span every plane.
    radii : ndarray, shape (n, ANGLES)
        mm from the line to the edge; the first angle points along the first vector.
    drop : ndarray, shape (n, ANGLES)
        How fast attenuation drops there, HU/mm.
    """

    middle: Vector
    across: Vector
    radii: Vector
    drop: Vector

    @property
    def points(self) -> Vector:
        """Give the outlines; mm, shape (n, ANGLES, 3)."""
        turn = 2 * np.pi * np.arange(ANGLES) / ANGLES
        way = np.cos(turn)[:, None] * self.across[0] + np.sin(turn)[:, None] * self.across[1]
        return np.asarray(self.middle[:, None] + self.radii[..., None] * way)

    @property
    def areas(self) -> Vector:
        """mm2 of each outline."""
        turn = 2 * np.pi / ANGLES
        neighbours = self.radii * np.roll(self.radii, 1, axis=1)
        return np.asarray(0.5 * np.sin(turn) * neighbours.sum(axis=1))

    @property
    def centroids(self) -> Vector:
        """Give the middle of each outline's area; mm, shape (n, 3)."""
        points = self.points - self.middle[:, None]
        after = np.roll(points, -1, axis=1)
        weight = np.linalg.norm(np.cross(points, after), axis=-1)
        thirds = (points + after) / 3 * weight[..., None]
        return np.asarray(self.middle + thirds.sum(axis=1) / weight.sum(axis=1)[:, None])


def spanning(axis: Vector) -> Vector:
    """Give two unit vectors across an axis, the first as near to headward as may be."""
    up = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
    up /= np.linalg.norm(up)
    return np.stack([up, np.cross(axis, up)])


def find_rings(
    volume: Volume, middle: Vector, across: Vector, reach_mm: tuple[float, float]
) -> Rings:
    """Follow the edge of a bone around a line.

    Parameters
    ----------
    middle : ndarray, shape (n, 3)
        Places on the line, about a mm or two apart.
    reach_mm : tuple of float
        Smallest and largest radius.
    """
    reach = np.arange(*reach_mm, STEP_MM)
    turn = 2 * np.pi * np.arange(ANGLES) / ANGLES
    way = np.cos(turn)[:, None] * across[0] + np.sin(turn)[:, None] * across[1]
    at = middle[:, None, None] + way[None, :, None] * reach[None, None, :, None]
    index = np.moveaxis(at, -1, 0) / np.array(volume.spacing_mm)[:, None, None, None]
    values = ndimage.map_coordinates(volume.voxels, index, order=1, mode="nearest")
    clipped = np.clip(values, *HU_RANGE)
    drop = -ndimage.gaussian_filter1d(clipped, SMOOTH_MM / STEP_MM, axis=2, order=1) / STEP_MM
    best = _path(drop - NEARER * (reach - reach[0]))
    rows, angles = np.indices(best.shape)
    # The steps of the grid are not the bone's.
    radii = ndimage.gaussian_filter(reach[best], 1.0, mode=("nearest", "wrap"))
    return Rings(middle, across, radii, drop[rows, angles, best])


def _path(score: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Find the best closed path around each plane: twice around, of which the middle counts."""
    planes, angles, radii = score.shape
    total = score[:, 0].copy()
    came_from = np.zeros((2 * angles, planes, radii), dtype=np.intp)
    for turn in range(1, 2 * angles):
        choices = []
        for step in range(-LARGEST_STEP, LARGEST_STEP + 1):
            moved = np.full(total.shape, -np.inf)
            to = slice(max(0, step), radii + min(0, step))
            moved[:, to] = total[:, max(0, -step) : radii - max(0, step)]
            choices.append(moved - BEND * abs(step) * STEP_MM)
        stacked = np.stack(choices)
        chosen = stacked.argmax(axis=0)
        came_from[turn] = np.arange(radii) - (chosen - LARGEST_STEP)
        total = np.take_along_axis(stacked, chosen[None], axis=0)[0] + score[:, turn % angles]
    path = np.empty((2 * angles, planes), dtype=np.intp)
    path[-1] = total.argmax(axis=1)
    for turn in range(2 * angles - 1, 0, -1):
        path[turn - 1] = came_from[turn, np.arange(planes), path[turn]]
    half = angles // 2
    return np.asarray(np.roll(path[half : half + angles], half, axis=0).T)
