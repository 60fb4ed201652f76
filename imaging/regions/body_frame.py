"""One vertebra in a frame of its own: planes that turn from its lower disc to its upper one."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.body_outline import ANGLES, HU_RANGE, drops, edges, is_blind, rays
from imaging.regions.ct_discs import Disc
from imaging.regions.straightened import Array, Straightened, Vector
from imaging.volume import Volume

HALF_MM = 36.0  # of the field in front, behind and on both sides
BEYOND_MM = 14.0  # past the middle of either disc
STIFF_MM = 1.5
# The body's own cross-section: a superellipse of this power at the hidden corners behind.
CORNER_POWER = 4.0
RIM_WEIGHT = 0.5  # cortex is brighter than marrow; a vessel that lies on the body has no rim
ASYMMETRY_MM = 2.0
CANAL_MM = 5.0  # from the middle of the canal to its front, at least
INNER_SHARE = (0.25, 0.75)  # of the way between the discs: surely body


def body_frame(
    volume: Volume, spine: Straightened, centre: Vector, lower: Disc, upper: Disc
) -> tuple[Straightened, Array]:
    """Resample one vertebra from disc to disc and find its side walls.

    Plane ``BEYOND_MM`` holds the middle of the lower disc; planes are 1 mm apart along the axis
    of the body and turn evenly from one disc to the other. The middle of the body lies at (0, 0).

    Returns
    -------
    frame : Straightened
    radii : ndarray, shape (planes, ANGLES)
        mm from the middle.
    """
    at = np.array([lower.along, upper.along])
    ends = spine.place(at, np.interp(at, np.arange(len(centre)), centre), np.zeros(2))
    normals = np.stack([_normal(spine, disc) for disc in (lower, upper)])
    length = float(np.linalg.norm(ends[1] - ends[0]))
    along = np.arange(-BEYOND_MM, length + BEYOND_MM + 1e-6)
    part = np.clip(along / length, 0, 1)[:, None]
    origin = ends[0] + (ends[1] - ends[0]) * (along / length)[:, None]
    up = (1 - part) * normals[0] + part * normals[1]
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    zero = np.zeros(len(along))
    rail = spine.place(at[0] + (at[1] - at[0]) * along / length, zero, zero)
    frame = resample(volume, origin, up)
    for _ in range(2):
        radii = side_walls(frame, rail)
        within = _inner(len(radii))
        quarter = ANGLES // 4
        half = [float(np.median(radii[within, k * quarter])) for k in range(4)]
        forward, leftward = (half[0] - half[2]) / 2, (half[1] - half[3]) / 2
        origin = frame.origin + forward * frame.front + leftward * frame.aside
        frame = resample(volume, origin, frame.up)
    return frame, side_walls(frame, rail)


def resample(volume: Volume, origin: Vector, up: Vector) -> Straightened:
    """Cut planes through the volume; ``front`` stays as near to the patient's front as may be."""
    ahead = np.array([0.0, -1.0, 0.0])
    front = ahead - up * (up @ ahead)[:, None]
    front /= np.linalg.norm(front, axis=1, keepdims=True)
    aside = np.cross(front, up)
    aside *= np.sign(aside[:, 2:3])
    reach = np.arange(-HALF_MM, HALF_MM + 1)
    where = (
        origin[:, None, None]
        + front[:, None, None] * reach[None, :, None, None]
        + aside[:, None, None] * reach[None, None, :, None]
    )
    index = np.moveaxis(where / np.array(volume.spacing_mm), -1, 0)
    voxels = ndimage.map_coordinates(volume.voxels, index, order=1, mode="nearest")
    return Straightened(np.asarray(voxels, dtype=np.float32), origin, up, front, aside)


def side_walls(frame: Straightened, rail: Vector) -> Array:
    """Outline every plane: first freely, then near the outline that the planes agree on.

    Vessels, ribs and osteophytes pull single planes; left and right are alike.

    Parameters
    ----------
    rail : ndarray, shape (planes, 3)
        Middle of the canal beside each plane, mm in the volume's axes.
    """
    clipped = np.clip(ndimage.gaussian_filter1d(frame.voxels, STIFF_MM, axis=0), *HU_RANGE)
    corner = (-HALF_MM, -HALF_MM)
    middle = np.zeros(len(clipped))
    canal = ((frame.origin - rail) * frame.front).sum(axis=1) - CANAL_MM
    drop = drops(clipped, middle, corner, RIM_WEIGHT)
    radii = edges(drop, canal=canal)
    common = np.median(radii[_inner(len(radii))], axis=0)
    mirrored = np.roll(common[::-1], 1)
    common = np.minimum(common, mirrored + ASYMMETRY_MM)
    expected = np.broadcast_to(corners_closed(common[None])[0], radii.shape)
    agreed = np.asarray(expected, dtype=np.float32)
    radii = edges(drop, agreed, canal)
    radii = ndimage.gaussian_filter1d(radii, 1.0, axis=0, mode="nearest")
    return corners_closed(radii)


def corners_closed(radii: Array) -> Array:
    """Complete the hidden corners where pedicles leave from the walls beside and behind."""
    front, aside = rays()
    blind = is_blind()
    behind = (front < -0.95) & ~blind
    back = np.median(radii[:, behind] * -front[behind], axis=1)
    closed = radii.copy()
    for sign in (-1, 1):
        wall = (sign * aside > 0.85) & ~blind
        width = np.median(radii[:, wall] * np.abs(aside[wall]), axis=1)
        hidden = blind & (sign * aside > 0)
        powers = (-front[hidden] / back[:, None]) ** CORNER_POWER + (
            np.abs(aside[hidden]) / width[:, None]
        ) ** CORNER_POWER
        closed[:, hidden] = powers ** (-1 / CORNER_POWER)
    return np.asarray(closed, dtype=np.float32)


def _inner(planes: int) -> slice:
    length = planes - 2 * BEYOND_MM
    first, last = (round(BEYOND_MM + share * length) for share in INNER_SHARE)
    return slice(first, max(last, first + 1))


def _normal(spine: Straightened, disc: Disc) -> Vector:
    """Give the direction in which a disc faces upward."""
    at = int(disc.along)
    normal = spine.up[at] - disc.tilt_front * spine.front[at] - disc.tilt_aside * spine.aside[at]
    return np.asarray(normal / np.linalg.norm(normal))


def cross_section(radii: Array, step_mm: float) -> tuple[Vector, Vector, npt.NDArray[np.bool_]]:
    """Give a grid (ahead, aside) over a plane and what of it lies inside the mean outline."""
    reach = np.arange(-HALF_MM + 2, HALF_MM - 1, step_mm)
    ahead, aside = (a.ravel() for a in np.meshgrid(reach, reach, indexing="ij"))
    mean = np.median(radii[_inner(len(radii))], axis=0)
    angle = np.arctan2(aside, ahead) % (2 * np.pi) * ANGLES / (2 * np.pi)
    edge = np.interp(angle, np.arange(ANGLES + 1), np.append(mean, mean[0]))
    return ahead, aside, np.hypot(ahead, aside) < edge
