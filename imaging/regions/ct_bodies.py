"""Vertebral bodies between two discs, in the voxels of the volume, and the bone inside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from imaging.regions.body_frame import BEYOND_MM, HALF_MM, body_frame
from imaging.regions.body_outline import ANGLES, RADII_MM, is_blind
from imaging.regions.ct_discs import Disc
from imaging.regions.endplates import Plate, find_plate
from imaging.regions.straightened import Array, Straightened, Vector
from imaging.volume import Volume

# Away from cortex and endplates, which blur into the marrow over about a slice.
INSET_MM = 5.0
# The basivertebral vein and its bone lie in the back of the middle: keep further off the
# posterior wall.
BACK_INSET_MM = 9.0
# A slice belongs to the region while this share of the drawn outline is trabecular in it.
COVER = 0.8
CORNERS = 24
# A crushed thoracic body, and the tallest lumbar one with room to spare.
HEIGHT_MM = (5.0, 42.0)
LEAST_AGREEMENT = 0.4
LARGEST_BOUND_SHARE = 0.25
# Endplates are read this far out from the middle to the front and the back wall: the rim itself is
# rounded and carries osteophytes.
RIM_SHARE = 0.85
BESIDE_SHARE = 0.4
# A rim rises past the middle of a leaning disc by less than this.
NEAR_MM = 8.0
Cell = TypeVar("Cell", np.float32, np.bool_)


@dataclass(frozen=True, slots=True)
class Body:
    """Masks of one vertebral body in a box of the volume.

    Attributes
    ----------
    corner : tuple of int
        First slice, row and column of the box.
    body, marrow : ndarray of bool
        The whole body, and the part of it far enough from every surface.
    depth_mm : ndarray of float32
        How far inside the nearest wall or endplate each voxel lies; negative outside.
    agreement : float
        Share of the columns whose own edge lies on the surface of the endplate, of the poorer one.
    six_points_mm : ndarray, shape (6, 3)
        Upper endplate front, middle, back, then the lower one from back to front, in the plane
        that halves the body; mm along slices, rows and columns.
    beside_mm : tuple of ndarray, each of shape (6, 3)
        The same in planes a little less than half way to its right and left walls.
    discs_clear : bool
        Whether the discs above and below show as clearly as those of this spine do.
    """

    corner: tuple[int, int, int]
    body: npt.NDArray[np.bool_]
    marrow: npt.NDArray[np.bool_]
    depth_mm: npt.NDArray[np.float32]
    agreement: float
    six_points_mm: Vector
    beside_mm: tuple[Vector, Vector]
    discs_clear: bool


def find_body(
    volume: Volume,
    spine: Straightened,
    centre: Vector,
    lower: Disc,
    upper: Disc,
    clear: float = 0.0,
) -> Body:
    """Mark the voxels between two endplates and within the side walls.

    Parameters
    ----------
    clear : float
        Depth from which a disc of this spine is clear.
    """
    frame, radii = body_frame(volume, spine, centre, lower, upper)
    floor = find_plate(frame.voxels, radii, False, volume.spacing_mm[0])
    ceiling = find_plate(frame.voxels, radii, True, volume.spacing_mm[0])
    spacing = np.array(volume.spacing_mm)
    first, points, shape = _box(volume, frame)
    near = _is_near(frame, points)
    points = [axis[near] for axis in points]
    along, ahead, aside = _in_frame(frame, points)
    off_side = _edge(radii, along, ahead, aside) - np.hypot(ahead, aside)
    off_floor = along - floor.height(ahead, aside)
    off_ceiling = ceiling.height(ahead, aside) - along
    depth = np.minimum(off_side, np.minimum(off_floor, off_ceiling))
    inside = depth > 0
    # Thick slices mix endplate into marrow further away; counted from the edge that is seen.
    plate_inset = max(INSET_MM, 0.75 * spacing[0] + 3.0)
    wall = np.interp(along, np.arange(len(radii)), radii[:, ANGLES // 2])
    marrow = (
        (off_side > INSET_MM)
        & (off_floor > plate_inset - floor.outward_mm)
        & (off_ceiling > plate_inset - ceiling.outward_mm)
        & (ahead + wall > BACK_INSET_MM)
    )
    agreement = min(floor.agreement, ceiling.agreement)
    if _at_a_bound(radii) > LARGEST_BOUND_SHARE:
        agreement = 0.0
    return Body(
        first,
        _placed(inside, near, False).reshape(shape),
        _placed(marrow & inside, near, False).reshape(shape),
        _placed(depth.astype(np.float32), near, np.float32(-HALF_MM)).reshape(shape),
        agreement,
        _six_points(frame, radii, floor, ceiling, 0.0),
        (
            _six_points(frame, radii, floor, ceiling, -BESIDE_SHARE),
            _six_points(frame, radii, floor, ceiling, BESIDE_SHARE),
        ),
        min(lower.depth, upper.depth) >= clear,
    )


def _at_a_bound(radii: Array) -> float:
    """Give the share of the side walls that ended where their search did."""
    walls = radii[len(radii) // 3 : 2 * len(radii) // 3, ~is_blind()]
    return float(((walls < RADII_MM[0] + 0.5) | (walls > RADII_MM[-1] - 0.5)).mean())


def is_sound(body: Body) -> bool:
    """Whether the search ended inside its bounds, with endplates a vertebra's height apart."""
    points = body.six_points_mm
    heights = np.linalg.norm(points[:3] - points[:2:-1], axis=1)
    low, high = HEIGHT_MM
    within = (heights > low) & (heights < high)
    return bool(within.all() and body.agreement > LEAST_AGREEMENT)


def _six_points(
    frame: Straightened, radii: Array, floor: Plate, ceiling: Plate, share: float
) -> Vector:
    """Place the six points of a reader on the endplates, in a plane from front to back.

    Parameters
    ----------
    share : float
        Of the way from the plane that halves the body to its left wall.
    """
    middle = len(radii) // 2
    front, back = radii[middle, 0], -radii[middle, ANGLES // 2]
    wall = radii[middle, 3 * ANGLES // 4 if share < 0 else ANGLES // 4]
    ahead = RIM_SHARE * np.array([front, (front + back) / 2, back]) * np.sqrt(1 - share**2)
    aside = np.full(3, share * wall)
    upper = frame.place(ceiling.height(ahead, aside), ahead, aside)
    lower = frame.place(floor.height(ahead, aside), ahead, aside)
    return np.concatenate([upper, lower[::-1]])


def _box(
    volume: Volume, frame: Straightened
) -> tuple[tuple[int, int, int], list[Vector], tuple[int, ...]]:
    """Give the part of the volume that can hold the body: corner, mm of its voxels, shape."""
    spacing = np.array(volume.spacing_mm)
    reach = np.array([12.0, HALF_MM, HALF_MM])
    first = np.maximum(0, np.floor((frame.origin.min(axis=0) - reach) / spacing)).astype(int)
    last = np.minimum(
        volume.voxels.shape, np.ceil((frame.origin.max(axis=0) + reach) / spacing).astype(int) + 1
    )
    axes = [np.arange(a, b) * mm for a, b, mm in zip(first, last, spacing, strict=True)]
    points = [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]
    corner = (int(first[0]), int(first[1]), int(first[2]))
    return corner, points, tuple(int(n) for n in last - first)


def _is_near(frame: Straightened, points: Sequence[Vector]) -> npt.NDArray[np.bool_]:
    """Mark what can be body, between the discs and round the axis: the rest costs time only."""
    start, end = frame.origin[0], frame.origin[-1]
    axis = (end - start) / np.linalg.norm(end - start)
    off = [point - at for point, at in zip(points, start, strict=True)]
    along = sum(part * direction for part, direction in zip(off, axis, strict=True))
    aside2 = sum(part**2 for part in off) - along**2
    low, high = BEYOND_MM - NEAR_MM, len(frame.origin) - 1 - BEYOND_MM + NEAR_MM
    return np.asarray((along > low) & (along < high) & (aside2 < HALF_MM**2))


def _placed(
    values: npt.NDArray[Cell], near: npt.NDArray[np.bool_], elsewhere: Cell | bool
) -> npt.NDArray[Cell]:
    """Put what was found of the near points back among all."""
    everywhere = np.full(len(near), elsewhere, dtype=values.dtype)
    everywhere[near] = values
    return everywhere


def _in_frame(frame: Straightened, points: Sequence[Vector]) -> tuple[Vector, Vector, Vector]:
    """Turn mm in the volume into (plane, ahead, aside) of a frame."""
    rows = np.arange(len(frame.origin))
    along = np.interp(points[0], frame.origin[:, 0], rows)

    def between(values: Vector, low: npt.NDArray[np.intp], part: Vector) -> Vector:
        """Interpolate between planes, of which the lower one is known for each point."""
        return np.asarray(values[low] + part * np.append(np.diff(values), 0.0)[low])

    def off_axis(directions: Vector) -> Vector:
        """Give the distance from the axis along one of its directions, axis by axis."""
        low = along.astype(np.intp)
        part = along - low
        off = np.zeros(len(along))
        for k, axis in enumerate(points):
            middle = between(frame.origin[:, k], low, part)
            off += (axis - middle) * between(directions[:, k], low, part)
        return off

    for _ in range(4):
        along = np.clip(along + off_axis(frame.up), rows[0], rows[-1])
    return along, off_axis(frame.front), off_axis(frame.aside)


def _edge(radii: npt.NDArray[np.float32], along: Vector, ahead: Vector, aside: Vector) -> Vector:
    """Look up the outline's radius in the direction of each point."""
    angle = np.arctan2(aside, ahead) % (2 * np.pi) * ANGLES / (2 * np.pi)
    low = np.floor(angle).astype(np.intp)
    part = angle - low
    row = np.clip(np.rint(along), 0, len(radii) - 1).astype(np.intp)
    return np.asarray(radii[row, low % ANGLES] * (1 - part) + radii[row, (low + 1) % ANGLES] * part)


def drawn_region(
    body: Body,
) -> tuple[tuple[tuple[float, float], ...], int, tuple[int, int]] | None:
    """Draw the marrow as one outline and the slices through which it holds.

    Returns
    -------
    polygon, slice_index, depth_slices
        What is drawn is what is measured; None where no slice has enough marrow.
    """
    areas = body.marrow.sum(axis=(1, 2))
    if not areas.any():
        return None
    held = np.flatnonzero(areas >= 0.8 * areas.max())
    middle = int(held[len(held) // 2])
    plane = body.marrow[middle]
    rows, columns = np.nonzero(plane)
    centre = rows.mean(), columns.mean()
    polygon = []
    for angle in 2 * np.pi * np.arange(CORNERS) / CORNERS:
        reach = np.arange(0, max(plane.shape), 0.25)
        r = np.rint(centre[0] + reach * np.sin(angle)).astype(int)
        c = np.rint(centre[1] + reach * np.cos(angle)).astype(int)
        valid = (r >= 0) & (r < plane.shape[0]) & (c >= 0) & (c < plane.shape[1])
        inside = np.zeros(len(reach), dtype=bool)
        inside[valid] = plane[r[valid], c[valid]]
        far = float(reach[np.flatnonzero(inside)[-1]]) if inside.any() else 0.5
        polygon.append(
            (
                round(body.corner[2] + centre[1] + far * float(np.cos(angle)), 1),
                round(body.corner[1] + centre[0] + far * float(np.sin(angle)), 1),
            )
        )
    first = last = middle
    while first > 0 and body.marrow[first - 1][plane].mean() >= COVER:
        first -= 1
    while last + 1 < len(areas) and body.marrow[last + 1][plane].mean() >= COVER:
        last += 1
    at = body.corner[0]
    return tuple(polygon), at + middle, (at + first, at + last)
