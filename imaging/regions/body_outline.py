"""The outline of vertebral bodies and discs in each plane of the straightened spine."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.straightened import ASIDE_MM, FRONT_MM, Array, Vector

ANGLES = 48
RADII_MM = np.arange(8.0, 34.0)
# Where the middle of a body lies ahead of the canal before it is refined.
FIRST_CENTRE_MM = 24.0
# Contrast in vessels and in the cortex must not outweigh the drop at the edge of the body.
HU_RANGE = (40.0, 450.0)
# Directions, from straight ahead, in which pedicles leave the body: no edge is to be seen.
PEDICLES_DEG = (115.0, 160.0)
BEND = 8.0  # HU per mm of change between neighbouring directions
STIFF_MM = 3.0  # along the spine
RIM_HU, BEHIND_RIM_MM = (-60.0, 150.0), 4
FORBIDDEN_HU = 1000.0
STRAY = 1.5  # HU per mm2 of distance from where the edge is expected


def outlines(voxels: Array) -> tuple[Vector, Array]:
    """Find the edge of body or disc in every plane.

    Returns
    -------
    centre : ndarray, shape (n,)
        Middle of the body, mm ahead of the canal.
    radii : ndarray, shape (n, ANGLES)
        Distance in mm from the middle to the edge; the first angle points straight ahead, the
        next ones turn towards the patient's left.
    """
    clipped = np.clip(ndimage.gaussian_filter1d(voxels, STIFF_MM, axis=0), *HU_RANGE)
    corner = (float(FRONT_MM[0]), float(ASIDE_MM[0]))
    centre = np.full(len(voxels), FIRST_CENTRE_MM)
    radii = edges(drops(clipped, centre, corner))
    for _ in range(2):
        ahead, back = radii[:, 0], radii[:, ANGLES // 2]
        moved = centre + (ahead - back) / 2
        centre = ndimage.gaussian_filter1d(
            ndimage.median_filter(moved, 25, mode="nearest"), 8, mode="nearest"
        )
        radii = edges(drops(clipped, centre, corner))
    return centre, radii


def rays() -> tuple[Vector, Vector]:
    """Give (front, aside) of a unit step in every direction."""
    angle = 2 * np.pi * np.arange(ANGLES) / ANGLES
    return np.cos(angle), np.sin(angle)


def drops(
    clipped: Array, centre: Vector, corner: tuple[float, float], rim_weight: float = 0.0
) -> Array:
    """Measure how attenuation drops outward, at each radius in each direction of each plane.

    Parameters
    ----------
    clipped : ndarray, shape (n, front, aside)
        HU at 1 mm steps.
    centre : ndarray, shape (n,)
        Middle, mm in front.
    corner : tuple of float
        (front, aside) of the first cell, mm.
    rim_weight : float
        What brightness of the edge over what lies behind it counts beside the drop.

    Returns
    -------
    ndarray, shape (n, ANGLES, radii)
        HU at each of ``RADII_MM``.
    """
    front, aside = rays()
    reach = np.arange(RADII_MM[0] - 3, RADII_MM[-1] + 4)
    n = len(clipped)
    where = np.empty((3, n, ANGLES, len(reach)))
    where[0] = np.arange(n)[:, None, None]
    where[1] = centre[:, None, None] + front[None, :, None] * reach - corner[0]
    where[2] = (aside[:, None] * reach - corner[1])[None]
    polar = ndimage.map_coordinates(clipped, where, order=1, mode="nearest")
    inner = ndimage.uniform_filter1d(polar, 3, axis=2, origin=1)
    outer = ndimage.uniform_filter1d(polar, 3, axis=2, origin=-1)
    # A vessel that lies on the body has no rim; cortex is brighter than the marrow behind it.
    behind = np.take(inner, np.maximum(np.arange(len(reach)) - BEHIND_RIM_MM, 0), axis=2)
    rim = np.clip(inner - behind, *RIM_HU)
    drop = (inner - outer + rim_weight * rim)[:, :, 3:-3]
    drop[:, is_blind()] = 0
    return np.asarray(ndimage.gaussian_filter1d(drop, 1.0, axis=1, mode="wrap"))


def edges(
    smooth: npt.NDArray[np.floating], expected: Array | None = None, canal: Vector | None = None
) -> Array:
    """Follow the outward drop of attenuation around the middle of each plane.

    Parameters
    ----------
    smooth : ndarray, shape (n, ANGLES, radii)
        From ``drops``.
    expected : ndarray, shape (n, ANGLES), optional
        Radii in mm from which the edge should not stray far.
    canal : ndarray, shape (n,), optional
        How far behind the middle the canal begins, mm: no body reaches beyond.
    """
    if expected is not None:
        smooth = smooth - STRAY * (RADII_MM - expected[:, :, None]) ** 2
    if canal is not None:
        beyond = -rays()[0][:, None] * RADII_MM > canal[:, None, None]
        smooth = np.where(beyond, -FORBIDDEN_HU, smooth)
    return _closed_paths(np.asarray(smooth, dtype=np.float32))


def is_blind() -> npt.NDArray[np.bool_]:
    """Mark the directions in which pedicles leave the body."""
    degrees = np.abs((np.arange(ANGLES) * 360 / ANGLES + 180) % 360 - 180)
    return np.asarray((degrees > PEDICLES_DEG[0]) & (degrees < PEDICLES_DEG[1]))


def _closed_paths(score: Array) -> Array:
    """Find the best closed path of each plane: two turns, of which the middle one is kept."""
    planes, angles, radii = score.shape
    shifts = (-2, -1, 0, 1, 2)
    here = np.arange(radii)
    total = score[:, 0].astype(np.float64)
    came_from = np.zeros((2 * angles, planes, radii), dtype=np.int16)
    # Filled anew at each turn: making them anew would take longer than what is computed.
    padded = np.full((planes, radii + 4), -1e9)
    option, best = np.empty((2, planes, radii))
    better = np.empty((planes, radii), dtype=bool)
    for turn in range(1, 2 * angles):
        padded[:, 2:-2] = total
        best.fill(-np.inf)
        for s in shifts:
            np.subtract(padded[:, 2 + s : 2 + s + radii], BEND * abs(s), out=option)
            np.greater(option, best, out=better)
            np.copyto(best, option, where=better)
            np.copyto(came_from[turn], here + s, where=better, casting="same_kind")
        total = best + score[:, turn % angles]
    path = np.empty((2 * angles, planes), dtype=np.intp)
    path[-1] = total.argmax(axis=1)
    for turn in range(2 * angles - 1, 0, -1):
        path[turn - 1] = came_from[turn, np.arange(planes), path[turn]]
    half = angles // 2
    middle = np.roll(path[half : half + angles], half, axis=0)
    return np.asarray(RADII_MM[middle].T, dtype=np.float32)
