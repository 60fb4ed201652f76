"""The middle and radius of a femoral head on CT, inside its socket."""

import numpy as np
from scipy import ndimage

from imaging.regions.ct_femur import Head
from imaging.regions.straightened import Vector
from imaging.volume import Volume

GRID_MM, HALF_MM = 1.0, 42.0
SMOOTH_MM = 1.2
HU_RANGE = (-50.0, 600.0)
DIRECTIONS = 400
REACH_MM = (11.0, 36.0)
# The first edge outward counts: cartilage parts the head from its socket, and is no thicker than
# a voxel or two, so that its edge may be fainter than that of the socket behind it.
SHARE_OF_STEEPEST, LEAST_DROP = 0.35, 6.0  # HU/mm
TRIALS, OFF_MM, RADII_MM = 400, 1.5, (18.0, 30.0)
ROUNDS = 3
LEAST_ROUND = 0.3  # share of directions whose first edge lies on the sphere


def refined(volume: Volume, head: Head) -> Head | None:
    """Fit a sphere to the first edges outward from a place inside a head.

    The socket has a surface of its own about half of the head, which a fit to the steepest edges
    mistakes for it. None where too few edges lie on one sphere.
    """
    smooth = _around(volume, head.at)
    rng = np.random.default_rng(0)
    at = head.at
    for _ in range(ROUNDS):
        points = _first_edges(smooth, at - head.at) + head.at
        found = _sphere(rng, points)
        if found is None:
            return None
        at, radius, on_it = found
    return Head(head.side, at, radius) if on_it >= LEAST_ROUND else None


def _around(volume: Volume, middle: Vector) -> Vector:
    """Resample a smoothed box about a place."""
    reach = np.arange(-HALF_MM, HALF_MM + 1e-6, GRID_MM)
    grid = np.stack(np.meshgrid(reach, reach, reach, indexing="ij"))
    index = (grid + middle[:, None, None, None]) / np.array(volume.spacing_mm)[:, None, None, None]
    values = ndimage.map_coordinates(volume.voxels, index, order=1, mode="nearest")
    return np.asarray(ndimage.gaussian_filter(np.clip(values, *HU_RANGE), SMOOTH_MM / GRID_MM))


def _first_edges(smooth: Vector, off: Vector) -> Vector:
    """Go outward in many directions to the first edge; mm from the middle of the box."""
    turn = np.arange(DIRECTIONS) * np.pi * (3 - 5**0.5)
    height = 1 - 2 * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    flat = np.sqrt(1 - height**2)
    rays = np.column_stack([height, flat * np.cos(turn), flat * np.sin(turn)])
    reach = np.arange(*REACH_MM, 0.5)
    points = off + rays[:, None] * reach[None, :, None]
    index = np.moveaxis((points + HALF_MM) / GRID_MM, -1, 0)
    drop = -np.gradient(
        ndimage.map_coordinates(smooth, index, order=1, mode="nearest"), 0.5, axis=1
    )
    steepest = drop.max(axis=1, keepdims=True)
    peak = (drop >= np.roll(drop, 1, axis=1)) & (drop >= np.roll(drop, -1, axis=1))
    peak[:, [0, -1]] = False
    peak &= (drop > SHARE_OF_STEEPEST * steepest) & (drop > LEAST_DROP)
    seen = peak.any(axis=1)
    return np.asarray(points[seen, peak[seen].argmax(axis=1)])


def _sphere(rng: np.random.Generator, points: Vector) -> tuple[Vector, float, float] | None:
    """Find the sphere on which most points lie: middle, radius, share of all directions."""
    if len(points) < DIRECTIONS * LEAST_ROUND:
        return None
    best: tuple[int, Vector] | None = None
    for _ in range(TRIALS):
        fitted = _through(points[rng.choice(len(points), 4, replace=False)])
        if fitted is None:
            continue
        on_it = _on(points, *fitted)
        if best is None or on_it.sum() > best[0]:
            best = int(on_it.sum()), on_it
    if best is None:
        return None
    fitted = _through(points[best[1]])
    if fitted is None:
        return None
    return *fitted, float(_on(points, *fitted).sum()) / DIRECTIONS


def _through(points: Vector) -> tuple[Vector, float] | None:
    """Fit a sphere by least squares; None where it is not of a head's size."""
    # |p|^2 = 2 p.c + (r^2 - |c|^2): linear in centre and offset.
    basis = np.column_stack([2 * points, np.ones(len(points))])
    terms, _, rank, _ = np.linalg.lstsq(basis, (points**2).sum(axis=1), rcond=None)
    if rank < 4:
        return None
    at = terms[:3]
    radius = float(np.sqrt(max(terms[3] + at @ at, 0.0)))
    return (at, radius) if RADII_MM[0] < radius < RADII_MM[1] else None


def _on(points: Vector, at: Vector, radius: float) -> Vector:
    return np.asarray(np.abs(np.linalg.norm(points - at, axis=1) - radius) < OFF_MM)
