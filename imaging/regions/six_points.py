"""Six points of a vertebral body on a picture from the side, and its three heights."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from imaging.errors import UnsuitableScan
from imaging.result import Region
from imaging.wording import listed

# The order of the corners of a vertebra's outline: along the upper endplate from front to back,
# then along the lower one from back to front. Six corners in another order are another shape.
POINTS = (
    "upper front",
    "upper middle",
    "upper back",
    "lower back",
    "lower middle",
    "lower front",
)
# Thoracic and lumbar levels from head to foot; T4-L4 are those that are read for fracture.
SPINE = (*(f"T{level}" for level in range(1, 13)), *(f"L{level}" for level in range(1, 7)))
READ = SPINE[SPINE.index("T4") : SPINE.index("L4") + 1]
# A body is less than twice as high in one place as in another unless it is crushed; six points
# that differ more than this were put in another order than POINTS.
LARGEST_RATIO = 6.0
# Half of an endplate leans less than this (about 41 degrees) from the whole, however deep its dip.
LEAST_COSINE = 0.75


@dataclass(frozen=True, slots=True)
class Heights:
    """Distances between the endplates, all in one unit: mm, or pixels without spacing."""

    anterior: float
    middle: float
    posterior: float


def heights_of(region: Region, mm: tuple[float, float] | None) -> Heights:
    """Give the three heights of one body.

    Parameters
    ----------
    region : Region
        With six corners in the order of ``POINTS``.
    mm : tuple of float or None
        (row, column) size of a pixel; None gives heights in pixels, which are square then.

    Raises
    ------
    UnsuitableScan
        If there are not six corners, or they are not two endplates in order.
    """
    if len(region.polygon) != len(POINTS):
        raise UnsuitableScan(
            f"Region {region.id} needs six corners, in this order: {', '.join(POINTS)}."
        )
    row_mm, column_mm = mm or (1.0, 1.0)
    points = [(column * column_mm, row * row_mm) for column, row in region.polygon]
    front, middle, back = (
        math.dist(points[upper], points[lower]) for upper, lower in ((0, 5), (1, 4), (2, 3))
    )
    lowest, highest = min(front, middle, back), max(front, middle, back)
    if not lowest > 0 or highest > LARGEST_RATIO * lowest or _endplates_cross(points):
        raise UnsuitableScan(
            f"The corners of region {region.id} are not two endplates: "
            f"put them in this order: {', '.join(POINTS)}."
        )
    return Heights(front, middle, back)


def check_order(bodies: Sequence[Region], mm: tuple[float, float] | None) -> None:
    """Refuse corners that begin at another end of one body than of the others.

    Upper corners lie towards the body above, and all bodies face the same way. A single body is
    taken to stand head up; which way it faces cannot be told.

    Raises
    ------
    UnsuitableScan
        Naming the bodies; of two ways to face, the one that fewer bodies have.
    """
    row_mm, column_mm = mm or (1.0, 1.0)
    order = places([body.id for body in bodies])
    spine = [
        (body.id, [(column * column_mm, row * row_mm) for column, row in body.polygon])
        for _, body in sorted(zip(order, bodies, strict=True), key=lambda pair: pair[0])
    ]
    middles = [_middle(points) for _, points in spine]
    turned, facing = [], []
    for at, (name, points) in enumerate(spine):
        above, below = middles[max(at - 1, 0)], middles[min(at + 1, len(middles) - 1)]
        along = (below[0] - above[0], below[1] - above[1]) if len(spine) > 1 else (0.0, 1.0)
        upper, lower = _middle(points[:3]), _middle(points[3:])
        down = (lower[0] - upper[0], lower[1] - upper[1])
        if down[0] * along[0] + down[1] * along[1] <= 0:
            turned.append(name)
        ahead = (points[0][0] - points[2][0], points[0][1] - points[2][1])
        facing.append(ahead[0] * down[1] - ahead[1] * down[0] > 0)
    if turned:
        raise UnsuitableScan(
            f"The upper corners of {listed(turned)} lie towards the vertebra below: "
            f"put them in this order: {', '.join(POINTS)}."
        )
    fewer = 2 * sum(facing) <= len(facing)
    odd = [name for (name, _), way in zip(spine, facing, strict=True) if way == fewer]
    if 0 < len(odd) < len(spine):
        raise UnsuitableScan(
            f"The corners of {listed(odd)} face the other way than those of the other vertebrae: "
            f"put them in this order: {', '.join(POINTS)}."
        )


def _middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return (
        sum(across for across, _ in points) / len(points),
        sum(down for _, down in points) / len(points),
    )


def _endplates_cross(points: Sequence[tuple[float, float]]) -> bool:
    """Whether the lower plate runs against the upper one, or bends back on itself."""
    upper, lower = points[:3], points[5:2:-1]
    along = (upper[2][0] - upper[0][0], upper[2][1] - upper[0][1])
    for plate in (upper, lower):
        for start, end in zip(plate, plate[1:], strict=False):
            shadow = (end[0] - start[0]) * along[0] + (end[1] - start[1]) * along[1]
            if shadow <= LEAST_COSINE * math.dist(start, end) * math.hypot(*along):
                return True
    # The lower plate lies on the same side of the upper one all along.
    sides = [
        along[0] * (low[1] - up[1]) - along[1] * (low[0] - up[0])
        for up, low in zip(upper, lower, strict=True)
    ]
    return min(sides) * max(sides) <= 0


def places(names: Sequence[str]) -> list[int]:
    """Number vertebrae along the spine: by their levels, by V1, V2, or in the order given."""
    if all(name in SPINE for name in names):
        return [SPINE.index(name) for name in names]
    if all(name[:1] == "V" and name[1:].isdecimal() for name in names):
        return [int(name[1:]) for name in names]
    return list(range(len(names)))
