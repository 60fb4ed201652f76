"""The neck, trochanter and shaft of a femur on CT, from the ball of its head."""

from dataclasses import dataclass

import numpy as np

from imaging.regions.rings import Rings, find_rings, spanning
from imaging.regions.straightened import Vector
from imaging.volume import Volume

STEP_MM = 2.0
# Towards the neck from the middle of the head: how far down and how far back it may lead.
DOWN_DEG, BACK_DEG = (25.0, 40.0, 55.0), (-5.0, 15.0, 35.0)
ROUNDS = 4
# Where the neck is looked for, from the surface of the head; and the radii it may have.
NECK_FROM_MM, NECK_TO_MM = -3.0, 28.0
NECK_RADII_MM = (9.0, 27.0)
# The narrowest place lies inside that span, and its edge is seen on most of its sides.
CLEAR_DROP, LEAST_CLEAR = 15.0, 0.7
WIDEST_OF_HEAD, NARROWEST_OF_HEAD = 0.92, 0.45  # area-equivalent radius of the neck
HALF_SLAB_MM = 7.5  # of the neck that is measured, to both sides of the narrowest place
# The shaft: slices from this far below the crossing of the axes, at least so many mm of them.
SHAFT_FROM_MM, LEAST_SHAFT_MM = 48.0, 25.0
SHAFT_RADII_MM = (9.0, 24.0)
CROSSING_MM = 36.0  # from the surface of the head to the axis of the shaft, about


@dataclass(frozen=True, slots=True)
class Head:
    """A femoral head: which side, its middle (mm along slices, rows, columns) and radius."""

    side: str
    at: Vector
    radius: float


@dataclass(frozen=True, slots=True)
class Neck:
    """The neck of a femur.

    Attributes
    ----------
    axis : ndarray, shape (3,)
        Unit vector from the head towards the shaft.
    along_mm : ndarray, shape (n,)
        Distance of the planes of ``rings`` from the middle of the head.
    narrowest : int
        Which plane is the narrowest.
    clear : float
        Share of directions in which the edge of the narrowest part is seen.
    whole : bool
        Whether the slab about the narrowest place lies inside the scan.
    """

    head: Head
    axis: Vector
    along_mm: Vector
    rings: Rings
    narrowest: int
    clear: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Shaft:
    """The upper shaft: a place on its axis, its way down, and how much of it is in view."""

    at: Vector
    down: Vector
    length_mm: float


def find_neck(volume: Volume, head: Head) -> Neck | None:
    """Find the axis along which the neck is narrowest; None where nothing neck-like is there."""
    sign = 1.0 if head.side == "left" else -1.0
    found = []
    for down in np.deg2rad(DOWN_DEG):
        for back in np.deg2rad(BACK_DEG):
            flat = np.cos(down)
            start = np.array([-np.sin(down), flat * np.sin(back), sign * flat * np.cos(back)])
            neck = _followed(volume, head, start)
            if neck is not None:
                found.append(neck)
    return max(found, key=lambda neck: neck.clear, default=None)


def _followed(volume: Volume, head: Head, axis: Vector) -> Neck | None:
    """Turn an axis towards the middles of the sections across it, some times."""
    along = np.arange(head.radius + NECK_FROM_MM, head.radius + NECK_TO_MM, STEP_MM)
    for _ in range(ROUNDS):
        rings = find_rings(volume, head.at + along[:, None] * axis, spanning(axis), NECK_RADII_MM)
        # Inside the trochanters no edge is near, and nothing is narrow.
        seen = (rings.drop > CLEAR_DROP).mean(axis=1) >= LEAST_CLEAR
        if not seen.any():
            return None
        at = int(np.where(seen, rings.areas, np.inf).argmin())
        near = slice(max(0, at - 3), at + 4)
        turned = (rings.centroids[near] - head.at).mean(axis=0)
        axis = turned / np.linalg.norm(turned)
    clear = float((rings.drop[near] > CLEAR_DROP).mean())
    size = float(np.sqrt(rings.areas[at] / np.pi)) / head.radius
    at_a_bound = at in (0, len(along) - 1)
    if at_a_bound or clear < LEAST_CLEAR or not NARROWEST_OF_HEAD < size < WIDEST_OF_HEAD:
        return None
    middle = rings.middle[at]
    slab = rings.points[at][None] + np.array([-HALF_SLAB_MM, HALF_SLAB_MM])[:, None, None] * axis
    whole = _inside(volume, slab.reshape(-1, 3)) and _inside(volume, middle[None])
    return Neck(head, axis, along, rings, at, clear, whole)


def _inside(volume: Volume, points: Vector) -> bool:
    top = (np.array(volume.voxels.shape) - 1) * np.array(volume.spacing_mm)
    return bool((points >= 0).all() and (points <= top).all())


def find_shaft(volume: Volume, neck: Neck) -> Shaft | None:
    """Follow the shaft down from below the trochanters; None where too little is in view."""
    slice_mm = volume.spacing_mm[0]
    crossing = neck.head.at + (neck.head.radius + CROSSING_MM) * neck.axis
    top = crossing[0] - SHAFT_FROM_MM
    levels = np.arange(top, 0.0, -max(slice_mm, STEP_MM))
    if top < LEAST_SHAFT_MM:
        return None
    across = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    middle = np.column_stack([levels, *np.repeat(crossing[1:, None], len(levels), axis=1)])
    for _ in range(3):
        rings = find_rings(volume, middle, across, SHAFT_RADII_MM)
        line = _line(rings.centroids)
        middle = line[0] + (levels - line[0][0])[:, None] / line[1][0] * line[1]
    clear = (rings.drop > CLEAR_DROP).mean(axis=1) > LEAST_CLEAR
    even = np.linalg.norm(rings.centroids - middle, axis=1) < SHAFT_RADII_MM[0] / 2
    length = float((clear & even).sum() * max(slice_mm, STEP_MM))
    if length < LEAST_SHAFT_MM:
        return None
    at, down = _line(rings.centroids[clear & even])
    return Shaft(at, down, length)


def _line(points: Vector) -> tuple[Vector, Vector]:
    """Fit a straight line; its direction leads down."""
    middle = points.mean(axis=0)
    way = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    return middle, way * -np.sign(way[0])
