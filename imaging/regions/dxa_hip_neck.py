"""The femoral neck: the narrowest crossing with two parallel edges between shaft and head."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.regions.dxa_hip_shaft import Shaft
from imaging.regions.edge_field import EdgeField, Vector, trace_edge
from imaging.regions.spine_column import STEP_MM, Array

# Outer width of the neck in adults, with room for magnification (limits of our own).
WIDTH_MM = (20.0, 50.0)
# Between neck and shaft axis: adults 110-145 degrees (limits of our own).
ANGLES_DEG = np.arange(104.0, 157.0, 4.0)
FINE_DEG = np.arange(-9.0, 9.5, 3.0)
USUAL_ANGLE_DEG, ANGLE_SPREAD_DEG = 129.0, 9.0
# The middle of the neck lies this far medially of the shaft's mid-line.
MEDIAL_MM = (9.0, 55.0)
HALF_LENGTH_MM = 5.0  # edges are averaged along this much of the neck to either side
COARSE = 3  # steps of the working grid in the first search
BEYOND_MM = 4.0  # where it must be dark outside either edge
# Prices of an unusual angle in the currency of edge strength.
ANGLE_PRICE = 0.01
# The head lies this far ahead of the neck, and is bone.
AHEAD_MM = (8.0, 30.0)
PROFILE_MM = 12.0
NECK_MM = 20.0
WINDOW_MM = 5.0  # how far an edge is from where the first search has it
MOST_TURN = np.radians(12.0)
# A place this much wider than the narrowest counts a third as much.
FLAT_MM = 0.7
OFF_HEAD_MM = 4.0  # how far the middle of the neck lies off the line through the head's centre
# In radii of the head: a neck is narrower than the first, and leaves it past the second.
WIDEST_NECK, LEAST_CHORD = 1.75, 0.5
HEAD_LEE_MM = 1.0  # the fillet between head and neck


@dataclass(frozen=True, slots=True)
class Circle:
    """The head, in steps of the working grid."""

    centre: Vector
    radius: float

    def chord(self, width: float) -> float:
        """Give how far from its centre a neck of that width leaves it, past the fillet."""
        chord = np.sqrt(max(self.radius**2 - (width / 2) ** 2, (LEAST_CHORD * self.radius) ** 2))
        return float(chord) + HEAD_LEE_MM / STEP_MM


@dataclass(frozen=True, slots=True)
class Crossing:
    """A first, rough crossing of the neck.

    Attributes
    ----------
    centre : ndarray, shape (2,)
        (row, column) in a picture whose medial side is the left.
    ahead : ndarray, shape (2,)
        Unit vector along the neck towards the head.
    width : float
        Steps from edge to edge.
    score : float
    angle_deg : float
        Between the neck and the shaft.
    """

    centre: Vector
    ahead: Vector
    width: float
    score: float
    angle_deg: float


@dataclass(frozen=True, slots=True)
class Neck:
    """The neck, refined.

    Attributes
    ----------
    centre : ndarray, shape (2,)
        Middle of the narrowest crossing.
    ahead : ndarray, shape (2,)
    upper, lower : float
        Steps from the axis through ``centre`` to the upper and lower edge there.
    edge : float
        Weaker of the two edges.
    """

    centre: Vector
    ahead: Vector
    upper: float
    lower: float
    edge: float

    @property
    def width(self) -> float:
        return self.upper + self.lower


def unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.hypot(vector[0], vector[1]))


def below(ahead: Vector) -> Vector:
    """Give the unit vector across the neck that points down and medially."""
    return np.array([-ahead[1], ahead[0]])


def direction(shaft: Shaft, angle_deg: float) -> Vector:
    """Turn the shaft's upward direction to the medial (left) side by 180 degrees less the angle."""
    turn = np.radians(180.0 - angle_deg)
    leftward = np.array([-shaft.up[1], shaft.up[0]])
    return np.asarray(np.cos(turn) * shaft.up + np.sin(turn) * leftward)


def find_crossing(
    field: EdgeField,
    shaft: Shaft,
    soft: float,
    *,
    head: Circle | None = None,
    near: float | None = None,
) -> Crossing | None:
    """Search angle, place and width for the pair of parallel edges that looks most like a neck.

    Parameters
    ----------
    shaft : Shaft
        In the same picture, whose medial side is taken to be the left.
    soft : float
        Grey of soft tissue.
    head : Circle, optional
        Once it is known: the neck leaves it, and its axis passes near its centre.
    near : float, optional
        Angle to the shaft, in degrees, about which to search.
    """
    best: Crossing | None = None
    for angle in ANGLES_DEG if near is None else near + FINE_DEG:
        best = _at_angle(field, shaft, soft, float(angle), head, best)
    return best


def _at_angle(
    field: EdgeField,
    shaft: Shaft,
    soft: float,
    angle: float,
    head: Circle | None,
    best: Crossing | None,
) -> Crossing | None:
    """Turn the picture so that the neck lies level, and pair its edges column by column.

    Returns
    -------
    Crossing or None
        What is better than ``best``, or that.
    """
    ahead = direction(shaft, angle)
    across = below(ahead)
    rows, columns = field.grey.shape
    reach = np.hypot(rows, columns) / 2
    steps = np.arange(-reach, reach + 1, COARSE)
    centre = np.array([rows / 2, columns / 2])
    y = centre[0] + steps[:, None] * across[0] + steps[None, :] * ahead[0]
    x = centre[1] + steps[:, None] * across[1] + steps[None, :] * ahead[1]
    length = round(2 * HALF_LENGTH_MM / STEP_MM / COARSE)
    places = field.places(y, x)
    into = _small(ndimage.uniform_filter1d(field.along(places, across), length, axis=1))
    grey = _small(ndimage.uniform_filter1d(places.read(field.grey), 3, axis=1) - soft)
    ahead_mean = _mean_ahead(grey)
    aside = _small(-shaft.lateral(np.stack([y, x], axis=-1)) * STEP_MM)
    shown = (y > 4) & (x > 4) & (y < rows - 4) & (x < columns - 4)
    if head is not None:
        down, right = y - head.centre[0], x - head.centre[1]
        off = _small(np.abs(down * across[0] + right * across[1]))
        behind = _small(-(down * ahead[0] + right * ahead[1]))
    price = ANGLE_PRICE * ((angle - USUAL_ANGLE_DEG) / ANGLE_SPREAD_DEG) ** 2
    outside = round(BEYOND_MM / STEP_MM / COARSE)
    above = np.roll(grey, outside, axis=0)
    under = np.roll(grey, -outside, axis=0)
    for gap in range(*(round(mm / STEP_MM / COARSE) for mm in WIDTH_MM)):
        upper, lower = into[:-gap], -into[gap:]
        score = np.minimum(upper, lower) + 0.25 * (upper + lower) - price
        # What follows only takes away from it.
        if best is not None and max(score.max(), 0.0) <= best.score:
            continue
        inner = np.maximum(_middle(grey, gap), 1e-6)
        # Dark beyond both edges, and bone towards the head.
        score *= np.clip(1.2 - 2 * np.maximum(above[:-gap], under[gap:]) / inner, 0.0, 1.0)
        score *= np.clip(_middle(ahead_mean, gap) / inner, 0.0, 1.0)
        place = _middle(aside, gap)
        allowed = (place > MEDIAL_MM[0]) & (place < MEDIAL_MM[1]) & shown[:-gap] & shown[gap:]
        if head is not None:
            allowed &= _middle(off, gap) < OFF_HEAD_MM / STEP_MM
            allowed &= _middle(behind, gap) > head.chord(gap * COARSE)
            allowed &= gap * COARSE < WIDEST_NECK * head.radius
        score = np.where(allowed, score, -1.0)
        at = np.unravel_index(int(score.argmax()), score.shape)
        if best is None or score[at] > best.score:
            down = (int(at[0]) + gap / 2) * COARSE - reach
            middle = centre + down * across + steps[at[1]] * ahead
            best = Crossing(middle, ahead, float(gap * COARSE), float(score[at]), angle)
    return best


def _small(values: Vector) -> Array:
    return values.astype(np.float32)


def _middle(values: Array, gap: int) -> Array:
    """Give, for each pair of edges, the value half way between them."""
    half = gap // 2
    return values[half : half + len(values) - gap]


def _mean_ahead(grey: Array) -> Array:
    """Average what lies towards the head of every place."""
    near, far = (round(mm / STEP_MM / COARSE) for mm in AHEAD_MM)
    mean = ndimage.uniform_filter1d(grey, far - near, axis=1, mode="constant")
    return np.asarray(np.roll(mean, -(near + far) // 2, axis=1))


def refine(field: EdgeField, rough: Crossing, head: Circle | None = None) -> Neck:
    """Trace both edges along the neck and place the narrowest crossing.

    Parameters
    ----------
    head : Circle, optional
        The axis is drawn through its centre, and the neck begins where it ends.

    Notes
    -----
    Where a neck hardly narrows the least of the widths jumps with the noise; the mean of all
    places, each weighted by how narrow it is, does not. Widths between faint edges, such as
    inside the head, do not count.
    """
    anchor, ahead, half = rough.centre, rough.ahead, rough.width / 2
    usual = half
    neck = Neck(anchor, ahead, half, half, 0.0)
    for _ in range(3):
        if head is None:
            reach = PROFILE_MM / STEP_MM
            along = np.arange(-reach, reach + 1)
        else:
            # Counted from the head, whose place is sure, to where the trochanter begins.
            towards = unit(head.centre - neck.centre)
            ahead = towards if towards @ rough.ahead > np.cos(MOST_TURN) else rough.ahead
            anchor, half = head.centre, min(half, WIDEST_NECK / 2 * head.radius)
            along = -np.arange(head.chord(2 * half), head.chord(2 * half) + NECK_MM / STEP_MM)
        across = below(ahead)
        line = anchor + along[:, None] * ahead
        window = (usual - WINDOW_MM / STEP_MM, usual + WINDOW_MM / STEP_MM)
        lower, edge_lower = trace_edge(field, line, across, window)
        upper, edge_upper = trace_edge(field, line, -across, window)
        edge = np.minimum(edge_lower, edge_upper)
        width = ndimage.gaussian_filter1d(upper + lower, 1 / STEP_MM, mode="nearest")
        middle = ndimage.gaussian_filter1d((lower - upper) / 2, 1 / STEP_MM, mode="nearest")
        clear = edge > 0.5 * np.percentile(edge, 80)
        weights = np.exp(-(width - width[clear].min()) * STEP_MM / FLAT_MM) * clear
        narrow = float(np.average(along, weights=weights))
        close = np.exp(-(((along - narrow) * STEP_MM / 5) ** 2)) * clear
        shift = float(np.average(middle, weights=close + 1e-9))
        half = float(np.interp(narrow, along[:: _order(along)], width[:: _order(along)])) / 2
        own = float(np.interp(narrow, along[:: _order(along)], middle[:: _order(along)])) - shift
        neck = Neck(
            anchor + narrow * ahead + shift * across,
            ahead,
            half - own,
            half + own,
            float(np.median(edge[clear])),
        )
        if head is None:
            # Only across, so that the place along the neck cannot creep.
            anchor = anchor + shift * across
    return neck


def _order(along: Vector) -> int:
    return 1 if along[-1] > along[0] else -1


def soft_tissue(grey: Array) -> float:
    """Give the grey of soft tissue: the middle of the darker half of the exposed picture."""
    shown = grey[grey > grey.min()]
    return float(np.percentile(shown, 25)) if shown.size else 0.0
