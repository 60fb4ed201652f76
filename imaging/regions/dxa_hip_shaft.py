"""The femoral shaft at the foot of a hip image: two parallel outer edges and their mid-line."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from imaging.regions.edge_field import EdgeField, Vector, trace_edge
from imaging.regions.spine_column import STEP_MM

# Below the lesser trochanter the shaft is 26-36 mm wide in adults; wider limits because of fan
# beams that enlarge and of spacing that is known to a few percent (limits of our own).
WIDTH_MM = (21.0, 46.0)
# How far up from the foot of the picture the shaft is taken for straight.
LENGTH_MM = 32.0
SHORTEST_MM = 18.0
LARGEST_LEAN_DEG = 24
LEAST_EDGE = 0.05


@dataclass(frozen=True, slots=True)
class Shaft:
    """The mid-line of the shaft.

    Attributes
    ----------
    foot : ndarray, shape (2,)
        (row, column) where the line meets the lower end of what was traced.
    up : ndarray, shape (2,)
        Unit vector along the line towards the hip.
    half_width : float
        Steps from the line to either outer edge.
    length : float
        Steps along which it was traced.
    edge : float
        Weaker of the two edges, in shares of the local range per step.
    """

    foot: Vector
    up: Vector
    half_width: float
    length: float
    edge: float

    @property
    def lean_deg(self) -> float:
        """Degrees from upright; positive where the upper end lies to the picture's right."""
        return float(np.degrees(np.arctan2(self.up[1], -self.up[0])))

    def mirrored(self, columns: int) -> "Shaft":
        return replace(
            self,
            foot=np.array([self.foot[0], columns - 1 - self.foot[1]]),
            up=self.up * np.array([1.0, -1.0]),
        )

    def lateral(self, points: Vector) -> Vector:
        """Signed steps of points (..., 2) to the picture's right of the line."""
        rightward = np.array([self.up[1], -self.up[0]])
        return np.asarray((points - self.foot) @ rightward, dtype=np.float64)

    def height(self, points: Vector) -> Vector:
        """Steps of points (..., 2) along the line from its foot."""
        return np.asarray((points - self.foot) @ self.up, dtype=np.float64)

    def at(self, height: float, lateral: float = 0.0) -> Vector:
        rightward = np.array([self.up[1], -self.up[0]])
        return np.asarray(self.foot + height * self.up + lateral * rightward)


def find_shaft(field: EdgeField) -> Shaft | None:
    """Find the pair of parallel edges at the foot of the picture; None where there is none."""
    rows = _lower_rows(field)
    if len(rows) * STEP_MM < SHORTEST_MM:
        return None
    best = (-np.inf, 0.0, 0.0, 0.0)
    middle = float(rows.mean())
    columns = np.arange(-40.0, field.grey.shape[1] + 40.0)
    for degrees in range(-LARGEST_LEAN_DEG, LARGEST_LEAN_DEG + 1):
        lean = np.radians(degrees)
        # Along the line: one row up goes tan(lean) columns to the right.
        shifted = columns[None, :] - np.tan(lean) * (rows[:, None] - middle)
        rightward = np.array([np.sin(lean), np.cos(lean)])
        places = field.places(rows[:, None], shifted)
        profile = field.along(places, rightward).mean(axis=0)
        if min(profile.max(), -profile.min()) <= best[0]:
            continue  # nothing along this line can be better
        bright = places.read(field.grey).mean(axis=0)
        filled = np.concatenate([[0.0], np.cumsum(bright)])
        to_left, to_right = _beside(bright, -8), _beside(bright, 8)
        for gap in range(round(WIDTH_MM[0] / STEP_MM), round(WIDTH_MM[1] / STEP_MM) + 1):
            score = np.minimum(profile[:-gap], -profile[gap:])
            if score.max() <= best[0]:
                continue
            # Bone fills the space between; the gap between two bones does not.
            within = (filled[gap:-1] - filled[: -gap - 1]) / gap
            around = np.maximum(to_left[:-gap], to_right[gap:])
            score = np.where(within > 1.1 * around, score, -1.0)
            at = int(score.argmax())
            if score[at] > best[0]:
                best = (float(score[at]), columns[at], columns[at] + gap, float(degrees))
    if best[0] < LEAST_EDGE:
        return None
    return _traced(field, rows, best)


def _beside(profile: Vector, steps: int) -> Vector:
    return np.asarray(ndimage.shift(profile, -steps, order=0, mode="nearest"))


def _lower_rows(field: EdgeField) -> Vector:
    """Give the rows that may show the shaft alone: the lower part of the exposed picture."""
    lit = np.flatnonzero((field.grey > 0).any(axis=1))
    last = int(lit[-1]) if lit.size else len(field.grey) - 1
    high = min(round(LENGTH_MM / STEP_MM), (last + 1) // 3)
    return np.arange(last - high, last - 2, dtype=np.float64)


def _traced(field: EdgeField, rows: Vector, rough: tuple[float, float, float, float]) -> Shaft:
    """Trace both edges near the rough ones and fit a line to each."""
    _, left, right, degrees = rough
    lean = np.radians(degrees)
    up = np.array([-np.cos(lean), np.sin(lean)])
    half = (right - left) / 2 * np.cos(lean)
    centre = np.array([rows.mean(), (left + right) / 2])
    along = np.arange(-len(rows) / 2, len(rows) / 2)
    margin = 4 / STEP_MM
    traced_half, strengths = half, (0.0, 0.0)
    for _ in range(2):
        line = centre + along[:, None] * up
        rightward = np.array([up[1], -up[0]])
        window = (traced_half - margin, traced_half + margin)
        out_right, edge_right = trace_edge(field, line, rightward, window)
        out_left, edge_left = trace_edge(field, line, -rightward, window)
        strengths = (float(np.median(edge_left)), float(np.median(edge_right)))
        traced_half = float(np.median(out_left + out_right)) / 2
        # Each edge has its own line, so that the lesser trochanter does not bend both.
        places, tilts = zip(_steady(along, out_right), _steady(along, -out_left), strict=True)
        turn = np.arctan(sum(tilts) / 2)
        centre = centre + sum(places) / 2 * rightward
        up = np.cos(turn) * up + np.sin(turn) * rightward
    foot = centre - len(rows) / 2 * up
    return Shaft(foot, up, traced_half, float(len(rows)), min(strengths))


def _steady(along: Vector, offsets: Vector) -> tuple[float, float]:
    """Fit a line that most places lie on: (offset at zero, slope); a bump counts little.

    References
    ----------
    Sen 1968, J Am Stat Assoc 63:1379-1389, doi 10.1080/01621459.1968.10480934.
    """
    apart = along[None, :] - along[:, None]
    far = apart > (along[-1] - along[0]) / 3
    slope = float(np.median((offsets[None, :] - offsets[:, None])[far] / apart[far]))
    return float(np.median(offsets - slope * along)), slope
