"""The femoral head as a circle, and the inner brim of the pelvis beyond it."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.regions.dxa_hip_neck import Crossing, Neck, below
from imaging.regions.edge_field import EdgeField, Vector, trace_edge
from imaging.regions.spine_column import STEP_MM

# Radius of the head in adults, 20-28 mm (limits of our own).
RADIUS_MM = np.arange(16.0, 31.5, 0.5)
# How far ahead of the narrowest crossing the centre lies, and how far off its axis.
AHEAD_MM = np.arange(10.0, 48.0, 1.0)
OFF_MM = np.arange(-7.0, 7.5, 1.0)
# Head diameter over neck width, and the spreads that price a departure (our own assumptions).
RATIO, RATIO_SPREAD = 1.33, 0.13
OFF_SPREAD_MM = 3.5
PRICE = 0.008
# Directions from the axis, above and below it, in which the head's edge is free of the neck; below
# the calcar, a stronger edge, comes close.
FREE_DEG = (-126.0, 96.0)
ANGLES = np.radians(np.arange(FREE_DEG[0], FREE_DEG[1] + 1, 4.0))
# The head's own outline is followed this near the best circle; a place that is off the circle
# through the others by several times the usual is of the socket or the neck.
NEAR_MM = 2.5
BEND = 0.02  # rays are apart, so moves are cheap
CLEAR_EDGE = 0.08  # a stronger edge counts no more
LEAST_SPREAD_MM, SPREADS = 0.4, 4.0
ROUNDS, TRACES = 8, 3
# The brim of the pelvis lies this far past the edge of the head.
BRIM_MM = (3.0, 33.0)
# Within the first the cavity shows as dark: less than this share of the bone before it. Behind the
# brim of three real hips and of drawn ones 0.06 at most, behind the wall of the socket, which falls
# off too, 0.47 at least (our own figures).
BEYOND_MM = 5.0
DARK_SHARE = 0.25
LEAST_FALL = 0.04
LAST_FALL = 0.6


@dataclass(frozen=True, slots=True)
class Head:
    """The femoral head.

    Attributes
    ----------
    centre : ndarray, shape (2,)
        (row, column) on the working grid.
    radius : float
        Steps.
    seen : float
        Share of its free edge that can be seen, in [0, 1].
    """

    centre: Vector
    radius: float
    seen: float

    def circle(self, corners: int = 32) -> Vector:
        angle = np.arange(corners) * 2 * np.pi / corners
        return self.centre + self.radius * np.column_stack([np.sin(angle), np.cos(angle)])


def find_head(field: EdgeField, neck: Neck | Crossing) -> Head:
    """Fit a circle to the darkening away from its centre, all round but where the neck leaves.

    Over the head lies the acetabulum, whose edges are stronger than the head's own: no direction
    may count for more than a clear edge, and size and place are priced by anatomy.
    """
    best, best_score = Head(neck.centre, RADIUS_MM[0] / STEP_MM, 0.0), -np.inf
    for step in (1.0, 0.25):
        if step == 1.0:
            aheads, offs, radii = AHEAD_MM, OFF_MM, RADIUS_MM
            origin = neck.centre
        else:
            aheads = offs = np.arange(-1.0, 1.25, step)
            radii = best.radius * STEP_MM + np.arange(-1.0, 1.25, step)
            origin = best.centre
        centres = (
            origin
            + (aheads[:, None, None] * neck.ahead + offs[None, :, None] * below(neck.ahead))
            / STEP_MM
        ).reshape(-1, 2)
        score, seen = _circles(field, neck, centres, radii / STEP_MM)
        at = np.unravel_index(int(score.argmax()), score.shape)
        if score[at] > best_score:
            best_score = float(score[at])
            best = Head(centres[at[0]], float(radii[at[1]] / STEP_MM), float(seen[at]))
    return _on_its_outline(field, neck, best)


def _on_its_outline(field: EdgeField, neck: Neck | Crossing, head: Head) -> Head:
    """Lay the circle through the outline that is followed along it."""
    rays = np.cos(ANGLES)[:, None] * neck.ahead + np.sin(ANGLES)[:, None] * below(neck.ahead)
    centre, radius = head.centre, head.radius
    near = NEAR_MM / STEP_MM
    for _ in range(TRACES):
        line = np.broadcast_to(centre, rays.shape)
        reach = (radius - near, radius + near)
        distance, edge = trace_edge(field, line, rays, reach, bend=BEND)
        places = centre + distance[:, None] * rays
        centre, radius = round_through(places, np.clip(edge, 1e-6, CLEAR_EDGE))
    far = np.hypot(*(centre - head.centre)) + abs(radius - head.radius) > 2 * near
    return head if far else Head(centre, radius, head.seen)


def round_through(places: Vector, weights: Vector) -> tuple[Vector, float]:
    """Lay a circle through places (n, 2) of which some are off it.

    Returns
    -------
    centre : ndarray, shape (2,)
    radius : float

    References
    ----------
    Kasa 1976, IEEE Trans Instrum Meas 25:8-14, doi 10.1109/TIM.1976.6312298 (the circle);
    Beaton and Tukey 1974, Technometrics 16:147-185, doi 10.1080/00401706.1974.10489171 (weights).
    """
    table = np.column_stack([2 * places, np.ones(len(places))])
    squares = (places**2).sum(axis=1)
    counted = weights
    centre, radius = places.mean(axis=0), 1.0
    for _ in range(ROUNDS):
        root = np.sqrt(counted)
        solved = np.linalg.lstsq(table * root[:, None], squares * root, rcond=None)[0]
        centre = solved[:2]
        radius = float(np.sqrt(max(solved[2] + centre @ centre, 0.0)))
        off = np.hypot(*(places - centre).T) - radius
        usual = max(1.4826 * float(np.median(np.abs(off))), LEAST_SPREAD_MM / STEP_MM)
        counted = weights * np.clip(1 - (off / (SPREADS * usual)) ** 2, 0.0, 1.0) ** 2
    return centre, radius


def _circles(
    field: EdgeField, neck: Neck | Crossing, centres: Vector, radii: Vector
) -> tuple[Vector, Vector]:
    """Score circles; both answers have shape (centres, radii)."""
    rays = np.cos(ANGLES)[:, None] * neck.ahead + np.sin(ANGLES)[:, None] * below(neck.ahead)
    fit, seen = np.empty((2, len(centres), len(radii)))
    # One radius after another, so that what is read stays in the processor's cache.
    for at, radius in enumerate(radii):
        points = centres[:, None, :] + radius * rays
        darkening = -field.along(field.places(points[..., 0], points[..., 1]), rays.T)
        fit[:, at] = np.clip(darkening, -0.02, 0.12).mean(axis=1)
        seen[:, at] = (darkening > 0.03).mean(axis=1)
    ratio = 2 * radii / neck.width
    across = below(neck.ahead)
    off = (centres - neck.centre) @ across * STEP_MM
    price = ((ratio - RATIO) / RATIO_SPREAD) ** 2 + ((off / OFF_SPREAD_MM) ** 2)[:, None]
    return fit - PRICE * price, seen


def find_brim(field: EdgeField, head: Head, ahead: Vector, soft: float) -> Vector | None:
    """Follow the axis past the head to the last clear fall from bone to the pelvic cavity.

    Returns
    -------
    ndarray, shape (2,) or None
        Where the axis meets the inner brim; None where it is not in the picture.
    """
    near, far = (head.radius + mm / STEP_MM for mm in BRIM_MM)
    along = np.arange(near, far, 0.5)
    band = np.arange(-3 / STEP_MM, 3 / STEP_MM + 1)
    place = head.centre + along[:, None, None] * ahead + band[None, :, None] * below(ahead)
    places = field.places(place[..., 0], place[..., 1])
    fall = -field.along(places, ahead).mean(axis=1)
    grey = places.read(field.grey).mean(axis=1) - soft
    rows, columns = field.grey.shape
    middle = head.centre + along[:, None] * ahead
    # What lies beyond must be in the picture too.
    far_side = middle + BEYOND_MM / STEP_MM * ahead
    shown = ((far_side > 1) & (far_side < np.array([rows - 2, columns - 2]))).all(axis=1)
    # Past the brim lies the pelvic cavity, not more bone.
    reach = round(BEYOND_MM / STEP_MM / 0.5)
    beyond = ndimage.minimum_filter1d(grey, reach, origin=-(reach // 2), mode="nearest")
    before = ndimage.maximum_filter1d(grey, reach, origin=(reach - 1) // 2, mode="nearest")
    steepest = fall == ndimage.maximum_filter1d(fall, reach)
    fall = np.where(shown & steepest & (beyond < DARK_SHARE * before), fall, -1.0)
    if fall.max() < LEAST_FALL:
        return None
    # The outermost of the clear ones: roof and wall of the joint fall off before it.
    clear = fall > LAST_FALL * fall.max()
    return np.asarray(middle[int(np.flatnonzero(clear)[-1])])
