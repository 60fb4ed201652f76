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
    The total hip is all of the femur from the head's end of the neck box to the lower border. The
    line of the neck axis parts what lies below the box into trochanter (above it) and
    intertrochanteric region (below it), as GE Lunar's trochanter and shaft are parted (vendor's
    manual, recalled, to be confirmed); Hologic's line from the box to the base of the trochanter
    lies close to it.
    """
    half = BOX_MM / 2 / STEP_MM
    across = below(neck.ahead)
    near, far = outline.box + half * neck.ahead, outline.box - half * neck.ahead
    total = clip(clip(outline.points, shaft.at(outline.lower), shaft.up), near, -neck.ahead)
    rest = clip(total, far, -neck.ahead)
    return {
        "femoral_neck": clip(total, far, neck.ahead),
        "trochanter": clip(rest, outline.box, -across),
        "intertrochanteric": clip(rest, outline.box, across),
        "total_hip": total,
    }


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
