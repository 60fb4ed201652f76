"""Vertebral bodies between two discs, in the voxels of the volume, and the bone inside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.regions.body_outline import ANGLES
from imaging.regions.ct_discs import Disc, tilted_means
from imaging.regions.straightened import Straightened, Vector
from imaging.volume import Volume

# Away from cortex and endplates, which blur into the marrow over about a slice.
INSET_MM = 5.0
# The basivertebral vein and its bone lie in the back of the middle: keep further off the
# posterior wall.
BACK_INSET_MM = 9.0
PLATE_MM = (2.0, 11.0)  # from the middle of a disc to an endplate
# A slice belongs to the region while this share of the drawn outline is trabecular in it.
COVER = 0.8
CORNERS = 24


@dataclass(frozen=True, slots=True)
class Body:
    """Masks of one vertebral body in a box of the volume.

    Attributes
    ----------
    corner : tuple of int
        First slice, row and column of the box.
    body, marrow : ndarray of bool
        The whole body, and the part of it far enough from every surface.
    """

    corner: tuple[int, int, int]
    body: npt.NDArray[np.bool_]
    marrow: npt.NDArray[np.bool_]


def find_body(
    volume: Volume,
    spine: Straightened,
    centre: Vector,
    radii: npt.NDArray[np.float32],
    lower: Disc,
    upper: Disc,
) -> Body:
    """Mark the voxels between two discs and within the outline."""
    spacing = np.array(volume.spacing_mm)
    middle = (lower.along + upper.along) / 2
    around = spine.place(
        np.array([lower.along, upper.along]), np.full(2, centre[int(middle)]), np.zeros(2)
    )
    reach = np.array([12.0, 45.0, 45.0])
    first = np.maximum(0, np.floor((around.min(axis=0) - reach) / spacing)).astype(int)
    last = np.minimum(
        volume.voxels.shape, np.ceil((around.max(axis=0) + reach) / spacing).astype(int) + 1
    )
    axes = [np.arange(a, b) * mm for a, b, mm in zip(first, last, spacing, strict=True)]
    points = [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]
    along, front, aside = _in_spine(spine, points, lower, upper)
    ahead = front - np.interp(along, np.arange(len(centre)), centre)
    edge = _edge(radii, along, ahead, aside)
    off_side = edge - np.hypot(ahead, aside)
    floor = _plate(spine, centre, radii, lower, 1)
    ceiling = _plate(spine, centre, radii, upper, -1)
    off_floor = along - (floor + lower.tilt_front * ahead + lower.tilt_aside * aside)
    off_ceiling = ceiling + upper.tilt_front * ahead + upper.tilt_aside * aside - along
    inside = (off_side > 0) & (off_floor > 0) & (off_ceiling > 0)
    # Thick slices mix endplate into marrow further away.
    plate_inset = max(INSET_MM, 0.5 * volume.spacing_mm[0] + 3.0)
    wall = np.interp(along, np.arange(len(radii)), radii[:, ANGLES // 2])
    marrow = (
        (off_side > INSET_MM)
        & (off_floor > plate_inset)
        & (off_ceiling > plate_inset)
        & (ahead + wall > BACK_INSET_MM)
    )
    shape = tuple(int(n) for n in last - first)
    return Body(
        (int(first[0]), int(first[1]), int(first[2])),
        inside.reshape(shape),
        (marrow & inside).reshape(shape),
    )


def _in_spine(
    spine: Straightened, points: Sequence[Vector], lower: Disc, upper: Disc
) -> tuple[Vector, Vector, Vector]:
    """Turn mm in the volume into (plane, front, aside) of the straightened spine."""
    first = max(0, int(lower.along) - 15)
    last = min(len(spine.origin) - 1, int(upper.along) + 15)
    rows = np.arange(first, last + 1)
    along = np.interp(points[0], spine.origin[rows, 0], rows)

    def off_canal(directions: Vector) -> Vector:
        """Give the distance from the canal along one of its directions, axis by axis."""
        off = np.zeros(len(along))
        for k, axis in enumerate(points):
            off += (axis - np.interp(along, rows, spine.origin[rows, k])) * np.interp(
                along, rows, directions[rows, k]
            )
        return off

    for _ in range(3):
        along = np.clip(along + off_canal(spine.up), first, last)
    return along, off_canal(spine.front), off_canal(spine.aside)


def _edge(radii: npt.NDArray[np.float32], along: Vector, ahead: Vector, aside: Vector) -> Vector:
    """Look up the outline's radius in the direction of each point."""
    angle = np.arctan2(aside, ahead) % (2 * np.pi) * ANGLES / (2 * np.pi)
    low = np.floor(angle).astype(np.intp)
    part = angle - low
    row = np.clip(np.rint(along), 0, len(radii) - 1).astype(np.intp)
    return np.asarray(radii[row, low % ANGLES] * (1 - part) + radii[row, (low + 1) % ANGLES] * part)


def _plate(
    spine: Straightened, centre: Vector, radii: npt.NDArray[np.float32], disc: Disc, side: int
) -> float:
    """Find where an endplate crosses the middle: half way up from disc to the bright plate."""
    away = np.arange(0.0, PLATE_MM[1] + 1)
    rows = np.clip(np.rint(disc.along + side * away), 0, len(spine.voxels) - 1).astype(np.intp)
    means = tilted_means(spine.voxels, centre, radii, disc.tilt_front, disc.tilt_aside, 0.85, rows)
    window = (away >= PLATE_MM[0]) & (away <= PLATE_MM[1])
    top = int(np.flatnonzero(window)[means[window].argmax()])
    low = float(means[: top + 1].min())
    level = (low + float(means[top])) / 2
    crossing = next((k for k in range(1, top + 1) if means[k] >= level), top)
    return float(disc.along + side * (crossing - 0.5))


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
