"""Edges of the cortex along a line that a person drew across a long bone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.peaks import find_peaks

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

METHOD = "steepest places of the profile along the line; to be confirmed"
STEPS_PER_PIXEL = 4
# The profile is the mean over this many pixels to both sides of the line.
ASIDE = 4
BLUR = 0.7  # pixels
# A cortex stands above the canal and above the soft tissue by this many times the noise left in
# the profile, and by this share of all grey values along the line. Limits of our own.
LEAST_OVER_NOISE = 4.0
LEAST_SHARE = 0.1
# Standard error of a cortical index from the noise seen beside the line: at the first a proposal
# is as likely as not to need a person's hand, beyond the second none is made. On drawn bones the
# first goes with errors of 0.03. Limits of our own.
DOUBTED_ERROR = 0.01
LARGEST_ERROR = 0.03
GROUPS = 3  # of the lines beside each other, each left out in turn
SHORTEST = 12.0  # pixels; a shorter line holds no two cortices


@dataclass(frozen=True, slots=True)
class Crossing:
    """Four edges along a line.

    Attributes
    ----------
    points : ndarray, shape (4, 2)
        (column, row) of outer, inner, inner and outer edge, in pixels.
    confidence : float
        In [0, 1]: how far the cortices stand out, and how far noise may have moved the edges.
    """

    points: Numbers
    confidence: float


@dataclass(frozen=True, slots=True)
class _Cortices:
    """Two cortices of one profile, in steps along it.

    ``height`` is that of the lower one over the highest of its surroundings; ``bounds`` holds,
    for each of the four edges, its direction and between which steps it is sought.
    """

    height: float
    bounds: tuple[tuple[int, int, int], ...]

    def edges(self, profile: Numbers) -> Numbers:
        slope = np.gradient(profile)
        return np.array([_steepest(sign * slope, *ends) for sign, *ends in self.bounds])


def find_crossing(
    image: Array, line: tuple[tuple[float, float], tuple[float, float]]
) -> Crossing | None:
    """Propose where the line enters and leaves the two cortices, to a part of a pixel.

    Bone may be bright or dark; whichever shows two cortices more clearly counts.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
    line : two of (column, row)

    Returns
    -------
    Crossing or None
        None where no two cortices stand out, or noise leaves their edges in doubt.
    """
    start, end = (np.array(point, dtype=np.float64) for point in line)
    length = float(np.hypot(*(end - start)))
    if length < SHORTEST:
        return None
    forward = (end - start) / length
    aside = np.array([-forward[1], forward[0]])
    along = np.arange(0, length, 1 / STEPS_PER_PIXEL)
    beside = np.arange(-ASIDE, ASIDE + 1)
    places = start + along[:, None, None] * forward + beside[None, :, None] * aside
    values = ndimage.map_coordinates(
        image.astype(np.float64), [places[..., 1], places[..., 0]], order=1, mode="nearest"
    )
    noise = float(values.std(axis=1).mean()) / np.sqrt(len(beside))
    profile = _smooth(values)
    span = float(np.ptp(profile)) or 1.0
    floor = max(LEAST_OVER_NOISE * noise, LEAST_SHARE * span)
    sides = [(side, each) for side in (1, -1) if (each := _two_cortices(side * profile, floor))]
    if not sides:
        return None
    side, found = max(sides, key=lambda one: one[1].height)
    error = _index_error(side * values, found)
    if error > LARGEST_ERROR:
        return None
    sure = min(1.0, 0.5 * found.height / floor, 0.5 * DOUBTED_ERROR / max(error, 1e-9))
    at = found.edges(side * profile) / STEPS_PER_PIXEL
    return Crossing(start + at[:, None] * forward, round(sure, 2))


def _smooth(values: Numbers) -> Numbers:
    """Give the mean profile of lines beside each other, in columns."""
    return np.asarray(ndimage.gaussian_filter1d(values.mean(axis=1), BLUR * STEPS_PER_PIXEL))


def _index_error(values: Numbers, found: _Cortices) -> float:
    """Give the standard error of the cortical index from the edges without a third of the lines.

    The delete-a-group jackknife (Efron 1982, doi 10.1137/1.9781611970319), over single edges, which
    are four numbers where the index is one.
    """
    lines = np.arange(values.shape[1])
    edges = np.array(
        [found.edges(_smooth(values[:, lines % GROUPS != left_out])) for left_out in range(GROUPS)]
    )
    variance = (GROUPS - 1) * float(edges.var(axis=0).mean())
    # 1 - inner / outer: two edges move the inner width, two the outer.
    outer, inner = np.ptp(edges, axis=1).mean(), (edges[:, 2] - edges[:, 1]).mean()
    return float(np.sqrt(2 * variance * (1 + (inner / outer) ** 2)) / outer)


def _two_cortices(profile: Numbers, floor: float) -> _Cortices | None:
    """Find the two peaks that stand highest over what lies between and beyond them."""
    peaks = find_peaks(profile, prominence=floor)
    best: tuple[float, int, int] | None = None
    for i, first in enumerate(peaks.tolist()):
        for second in peaks[i + 1 :].tolist():
            canal = profile[first:second].min()
            outside = max(profile[:first].min(), profile[second:].min())
            height = float(min(profile[first], profile[second]) - max(canal, outside))
            if best is None or height > best[0]:
                best = (height, first, second)
    if best is None or best[0] < floor:
        return None
    height, first, second = best
    canal = first + int(profile[first:second].argmin())
    outer = int(profile[:first].argmin()), second + int(profile[second:].argmin())
    bounds = ((1, outer[0], first), (-1, first, canal), (1, canal, second), (-1, second, outer[1]))
    return _Cortices(height, bounds)


def _steepest(slope: Numbers, first: int, last: int) -> float:
    """Find the top of a parabola through the steepest step and its neighbours."""
    at = first + int(slope[first : last + 1].argmax())
    if not 0 < at < len(slope) - 1:
        return float(at)
    before, middle, after = slope[at - 1 : at + 2]
    bend = before - 2 * middle + after
    return float(at if bend >= 0 else at + np.clip((before - after) / (2 * bend), -1, 1))
