"""Neck, trochanter, intertrochanteric region and total hip: the outline divided by lines."""

import numpy as np

from imaging.regions.dxa_hip_neck import Neck, below
from imaging.regions.dxa_hip_outline import BOX_MM, Outline
from imaging.regions.dxa_hip_shaft import Shaft
from imaging.regions.edge_field import Vector
from imaging.regions.spine_column import STEP_MM


def parts_of(outline: Outline, shaft: Shaft, neck: Neck) -> dict[str, Vector]:
    """Divide the femur.

    Notes
    -----
    The total hip is all of the femur from the head's end of the neck box to the lower border. Of
    the box only what is no higher than the neck is neck: the tip of a trochanter that hangs over
    a short neck is trochanter. The line of the neck axis parts what lies below the box into
    trochanter (above it) and intertrochanteric region (below it), as GE Lunar's trochanter and
    shaft are parted (vendor's manual, recalled, to be confirmed); Hologic's line from the box to
    the base of the trochanter lies close to it.
    """
    half = BOX_MM / 2 / STEP_MM
    across = below(neck.ahead)
    near, far = outline.box + half * neck.ahead, outline.box - half * neck.ahead
    total = clip(clip(outline.points, shaft.at(outline.lower), shaft.up), near, -neck.ahead)
    corner = far - outline.ceiling * across
    rest = _without_neck(total, corner, neck.ahead, across)
    return {
        "femoral_neck": clip(clip(total, far, neck.ahead), corner, across),
        "trochanter": clip(rest, outline.box, -across),
        "intertrochanteric": clip(rest, outline.box, across),
        "total_hip": total,
    }


def _without_neck(total: Vector, corner: Vector, ahead: Vector, across: Vector) -> Vector:
    """Cut away what lies both ahead of a corner and below it; clockwise, as the outline is."""
    sides = np.column_stack([(total - corner) @ ahead, (total - corner) @ across])
    outer = np.flatnonzero((sides <= 0).any(axis=1))
    if not len(outer) or len(outer) == len(total):
        return total
    # The one gap in the places that are kept is the neck.
    gaps = np.diff(np.append(outer, outer[0] + len(total)))
    first = int(gaps.argmax()) + 1
    kept = np.roll(outer, -first)
    leaves, climbs = _border(total, sides, int(kept[0]) - 1, int(kept[0]))
    returns, _ = _border(total, sides, (int(kept[-1]) + 1) % len(total), int(kept[-1]))
    # Where nothing stands over the neck both places lie on the box's end, and the corner outside.
    bend = [returns, corner] if climbs else [returns]
    return np.vstack([leaves, total[kept], *bend])


def _border(total: Vector, sides: Vector, inner: int, outer: int) -> tuple[Vector, bool]:
    """Find where a step leaves the neck, and whether it does so upwards."""
    here, there = sides[inner], sides[outer]
    parts = np.where(there <= 0, here / np.maximum(here - there, 1e-9), 1.0)
    part = float(parts.min())
    return total[inner] + part * (total[outer] - total[inner]), bool(parts[1] <= parts[0])


def clip(points: Vector, origin: Vector, keep: Vector) -> Vector:
    """Keep the part of a polygon on one side of a line.

    Parameters
    ----------
    origin : ndarray, shape (2,)
        A place on the line.
    keep : ndarray, shape (2,)
        Points to the side that is kept, across the line.

    References
    ----------
    Sutherland and Hodgman 1974, Commun ACM 17:32-42, doi 10.1145/360767.360802.
    """
    side = (points - origin) @ keep
    kept: list[Vector] = []
    for at in range(len(points)):
        here, there = side[at - 1], side[at]
        if (here >= 0) != (there >= 0):
            part = here / (here - there)
            kept.append(points[at - 1] + part * (points[at] - points[at - 1]))
        if there >= 0:
            kept.append(points[at])
    return np.array(kept).reshape(-1, 2)
