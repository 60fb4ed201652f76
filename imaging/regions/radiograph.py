"""Edges of the cortex along a line that a person drew across a long bone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.peaks import find_peaks

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
SHORTEST = 12.0  # pixels; a shorter line holds no two cortices


@dataclass(frozen=True, slots=True)
class Crossing:
    """Four edges along a line.

    Attributes
    ----------
    points : ndarray, shape (4, 2)
        (column, row) of outer, inner, inner and outer edge, in pixels.
    confidence : float
        In [0, 1].
    """

    points: Numbers
    confidence: float


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
        None where no two cortices stand out.
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
    profile = ndimage.gaussian_filter1d(values.mean(axis=1), BLUR * STEPS_PER_PIXEL)
    span = float(np.ptp(profile)) or 1.0
    floor = max(LEAST_OVER_NOISE * noise, LEAST_SHARE * span)
    found = [each for side in (1, -1) if (each := _two_cortices(side * profile, floor))]
    if not found:
        return None
    height, edges = max(found)
    at = np.array(edges) / STEPS_PER_PIXEL
    return Crossing(start + at[:, None] * forward, round(min(1.0, 0.5 * height / floor), 2))


def _two_cortices(profile: Numbers, floor: float) -> tuple[float, list[float]] | None:
    """Find the two peaks that stand highest over what lies between and beyond them.

    Returns
    -------
    (height, edges) or None
        Height of the lower peak over the highest of its surroundings; edges in steps.
    """
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
    slope = np.gradient(profile)
    canal = first + int(profile[first:second].argmin())
    outer = int(profile[:first].argmin()), second + int(profile[second:].argmin())
    edges = [
        _steepest(slope, outer[0], first),
        _steepest(-slope, first, canal),
        _steepest(slope, canal, second),
        _steepest(-slope, second, outer[1]),
    ]
    return height, edges


def _steepest(slope: Numbers, first: int, last: int) -> float:
    """Find the top of a parabola through the steepest step and its neighbours."""
    at = first + int(slope[first : last + 1].argmax())
    if not 0 < at < len(slope) - 1:
        return float(at)
    before, middle, after = slope[at - 1 : at + 2]
    bend = before - 2 * middle + after
    return float(at if bend >= 0 else at + np.clip((before - after) / (2 * bend), -1, 1))
