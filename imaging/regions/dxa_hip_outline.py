"""The outline of the proximal femur, and its parts as densitometers divide it."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.regions.dxa_hip_head import Head
from imaging.regions.dxa_hip_neck import Neck, below
from imaging.regions.dxa_hip_shaft import Shaft
from imaging.regions.edge_field import EdgeField, Vector, trace_edge
from imaging.regions.spine_column import STEP_MM

# The neck region is 15 mm long, about as both large vendors' boxes are (Hologic's default is 49 x
# 15 pixels: ISCD DXA atlas, iscd.org), and begins where the head ends. On two report pages of each
# vendor its middle lies 1.6 to 1.9 radii from the head's centre, all of it outside the head.
# GE Lunar seeks the narrowest place of least density, Hologic puts the box against the greater
# trochanter (vendors' manuals, recalled, to be confirmed; so drawn on those pages).
BOX_MM = 15.0
# Past the head the upper edge runs level for this long before it climbs the trochanter, and what
# stands higher than this over it is trochanter.
LEVEL_MM, CLIMB_MM = 4.0, 3.0
CURVED = 0.02  # price of a move where the outline is steep
# The lower border of the total hip: this many neck widths below the crossing of the two axes,
# about 1 cm below the lesser trochanter (where Hologic's line lies: ISCD DXA atlas). A
# proportion of our own, because a well turned hip hides the lesser trochanter.
LOWER_WIDTHS = 1.3
# Where rays from the crossing of the axes meet the shaft, below it.
LATERAL_MM, MEDIAL_MM = 14.0, 20.0
RAY_MM = (8.0, 62.0)
DEGREES_PER_RAY = 0.6
# A bump of the medial outline is sought this far below the crossing of the axes.
BUMP_MM = (8.0, 62.0)
CHORD_MM = 13.0


@dataclass(frozen=True, slots=True)
class Outline:
    """The femur below the head.

    Attributes
    ----------
    corner : ndarray, shape (2,)
        Where the axes of neck and shaft cross.
    box : ndarray, shape (2,)
        Middle of the neck region, on the axis.
    ceiling : float
        Steps above the axis up to which bone beside the box's axis is neck, not trochanter.
    points : ndarray, shape (n, 2)
        Clockwise from the upper edge of the neck over the trochanter, down the lateral side and
        up the medial one, in a picture whose medial side is the left.
    lateral_end : ndarray, shape (2,)
        Where the neck axis leaves the lateral side.
    lower : float
        Height of the lower border on the shaft's line, in steps.
    whole : bool
        Whether the shaft reaches down to the lower border.
    bump_mm : float
        How far the lesser trochanter stands out of the medial outline.
    """

    corner: Vector
    box: Vector
    ceiling: float
    points: Vector
    lateral_end: Vector
    lower: float
    whole: bool
    bump_mm: float


def axes_cross(shaft: Shaft, neck: Neck) -> Vector:
    """Give the place where the lines of neck and shaft meet."""
    sides = np.column_stack([shaft.up, -neck.ahead])
    height, _ = np.linalg.solve(sides, neck.centre - shaft.foot)
    return shaft.at(float(height))


def neck_begins(neck: Neck, head: Head | None) -> Vector:
    """Give the place on the axis half a box ahead of the narrowest crossing, or past the head."""
    ahead = BOX_MM / 2 / STEP_MM
    if head is not None:
        ahead = min(ahead, float((head.centre - neck.centre) @ neck.ahead) - head.radius)
    return np.asarray(neck.centre + ahead * neck.ahead)


def neck_edges(field: EdgeField, neck: Neck, begin: Vector) -> tuple[Vector, Vector]:
    """Trace the upper edge while it runs level, and the lower one over the box; head first."""
    across = below(neck.ahead)
    inward, further = 4 / STEP_MM, 9 / STEP_MM
    sides = []
    for outward, usual, length in ((-across, neck.upper, LEVEL_MM), (across, neck.lower, BOX_MM)):
        line = begin - np.arange(0.0, length / STEP_MM + 1)[:, None] * neck.ahead
        distance, _ = trace_edge(
            field, line, outward, (usual - inward, usual + further), bend=CURVED
        )
        smooth = ndimage.gaussian_filter1d(distance, 1 / STEP_MM, mode="nearest")
        sides.append(line + smooth[:, None] * outward)
    return sides[0], sides[1]


def find_outline(
    field: EdgeField, shaft: Shaft, neck: Neck, head: Head | None, *, by_trochanter: bool = False
) -> Outline:
    """Follow the femur's edge by rays from the crossing of the axes, and down the shaft.

    Parameters
    ----------
    by_trochanter : bool
        Whether the neck region lies against the greater trochanter, as Hologic has it.
    """
    corner = axes_cross(shaft, neck)
    begin = neck_begins(neck, head)
    upper, lower_edge = neck_edges(field, neck, begin)
    height = float(shaft.height(corner))
    half = shaft.half_width
    lateral_foot = shaft.at(height - LATERAL_MM / STEP_MM, half)
    medial_foot = shaft.at(height - MEDIAL_MM / STEP_MM, -half)
    over = _rays(field, corner, upper[-1], lateral_foot)
    under = _rays(field, corner, medial_foot, lower_edge[-1])
    wanted = height - LOWER_WIDTHS * neck.width
    least = max(wanted, 0.0)
    right = _side(field, shaft, height - LATERAL_MM / STEP_MM, least, 1.0)
    left = _side(field, shaft, height - MEDIAL_MM / STEP_MM, least, -1.0)
    # Where the rays begin the edges along the neck are the better ones.
    over_free = over[
        ((over - upper[-1]) @ neck.ahead < 0) & (shaft.height(over) > shaft.height(right[0]))
    ]
    under_free = under[
        ((under - lower_edge[-1]) @ neck.ahead < 0) & (shaft.height(under) > shaft.height(left[0]))
    ]
    points = np.vstack([upper, over_free, right, left[::-1], under_free, lower_edge[::-1]])
    medial = np.vstack([left[::-1], under_free])
    above = -((np.vstack([upper, over_free]) - begin) @ below(neck.ahead))
    ceiling = float(np.median(above[: len(upper)])) + CLIMB_MM / STEP_MM
    far = BOX_MM / STEP_MM
    if by_trochanter and (above > ceiling).any():
        climbs = np.vstack([upper, over_free])[int(np.argmax(above > ceiling))]
        far = max(far, float((begin - climbs) @ neck.ahead))
    return Outline(
        corner=corner,
        box=begin - (far - BOX_MM / 2 / STEP_MM) * neck.ahead,
        ceiling=ceiling,
        points=points,
        lateral_end=_leaves(over, corner, -neck.ahead),
        lower=least,
        whole=wanted >= -2 / STEP_MM,
        bump_mm=_bump(medial, shaft, height),
    )


def _angle(offset: Vector) -> float:
    """Clockwise from the picture's left, in degrees in [0, 360)."""
    return float(np.degrees(np.arctan2(-offset[0], -offset[1])) % 360)


def _rays(field: EdgeField, corner: Vector, first: Vector, last: Vector) -> Vector:
    """Trace the edge along rays that turn clockwise from towards one place to towards another."""
    start = _angle(first - corner)
    turn = (_angle(last - corner) - start) % 360
    degrees = np.radians(start + np.linspace(0, turn, max(8, round(turn / DEGREES_PER_RAY))))
    outward = np.column_stack([-np.sin(degrees), -np.cos(degrees)])
    line = np.broadcast_to(corner, outward.shape)
    reach = (RAY_MM[0] / STEP_MM, RAY_MM[1] / STEP_MM)
    # Rays are close and moves are long: the tip of the trochanter is steep.
    distance, _ = trace_edge(field, line, outward, reach, bend=CURVED, step=1.5)
    smooth = ndimage.gaussian_filter1d(distance, 2.5, mode="nearest")
    return np.asarray(corner + smooth[:, None] * outward)


def _side(field: EdgeField, shaft: Shaft, top: float, low: float, side: float) -> Vector:
    """Trace one side of the shaft from above to the lower border."""
    heights = np.arange(top - 1, low, -1.0) if top - 1 > low else np.array([low])
    heights = np.append(heights, low)
    line = np.array([shaft.at(float(height)) for height in heights])
    outward = np.array([shaft.up[1], -shaft.up[0]]) * side
    reach = (shaft.half_width - 4 / STEP_MM, shaft.half_width + 13 / STEP_MM)
    distance, _ = trace_edge(field, line, outward, reach)
    smooth = ndimage.gaussian_filter1d(distance, 1 / STEP_MM, mode="nearest")
    return np.asarray(line + smooth[:, None] * outward)


def _leaves(over: Vector, corner: Vector, direction: Vector) -> Vector:
    """Give the place where a ray from the corner leaves the outline."""
    offsets = over - corner
    distance = np.hypot(offsets[:, 0], offsets[:, 1])
    at = int(np.argmax(offsets @ direction / np.maximum(distance, 1e-6)))
    return np.asarray(corner + distance[at] * direction)


def _bump(medial: Vector, shaft: Shaft, height: float) -> float:
    """Measure how far the medial outline stands out of its own chords; foot first."""
    below_corner = (height - shaft.height(medial)) * STEP_MM
    reach = round(CHORD_MM / STEP_MM)
    outward = -shaft.lateral(medial)
    best = 0.0
    for at in range(reach, len(medial) - reach):
        if not BUMP_MM[0] < below_corner[at] < BUMP_MM[1]:
            continue
        low, high = at - reach, at + reach
        span = below_corner[high] - below_corner[low]
        part = (below_corner[at] - below_corner[low]) / span if span else 0.5
        chord = outward[low] + part * (outward[high] - outward[low])
        best = max(best, float(outward[at] - chord) * STEP_MM)
    return best
