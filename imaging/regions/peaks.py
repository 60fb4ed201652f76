"""Peaks of a profile; scipy.signal has them too, but takes longer to load than a scan to read."""

import numpy as np
import numpy.typing as npt

Profile = npt.NDArray[np.floating]


def find_peaks(
    profile: Profile, *, height: float = -np.inf, distance: int = 1, prominence: float = 0.0
) -> npt.NDArray[np.intp]:
    """Find where a profile is higher than on both sides; a flat top counts once, at its middle.

    Parameters
    ----------
    profile : ndarray, shape (n,)
        Finite values.
    height : float
        Lower peaks are left out.
    distance : int
        Of peaks nearer to each other than this many samples the higher one stays.
    prominence : float
        How far the profile must fall on both sides before it rises above the peak, or ends.

    Returns
    -------
    ndarray of int
        Ascending; the ends of the profile are no peaks.
    """
    peaks = _tops(profile)
    peaks = _apart(peaks[profile[peaks] >= height], profile, distance)
    if prominence > 0:
        keep = [_prominence(profile, int(peak)) >= prominence for peak in peaks]
        peaks = peaks[np.array(keep, dtype=bool)]
    return peaks


def _tops(profile: Profile) -> npt.NDArray[np.intp]:
    """Find rises that are followed by a fall, whatever is flat between."""
    steps = np.sign(np.diff(profile))
    moves = np.flatnonzero(steps)
    rise, fall = moves[:-1], moves[1:]
    turns = (steps[rise] > 0) & (steps[fall] < 0)
    return np.asarray((rise[turns] + 1 + fall[turns]) // 2, dtype=np.intp)


def _apart(peaks: npt.NDArray[np.intp], profile: Profile, distance: int) -> npt.NDArray[np.intp]:
    keep = np.ones(len(peaks), dtype=bool)
    for at in np.argsort(profile[peaks], kind="stable")[::-1]:
        if keep[at]:
            keep &= np.abs(peaks - peaks[at]) >= distance
            keep[at] = True
    return peaks[keep]


def _prominence(profile: Profile, peak: int) -> float:
    """Measure from the higher of the two lowest points between a peak and what rises above it."""
    higher = np.flatnonzero(profile > profile[peak])
    first = max((int(at) + 1 for at in higher if at < peak), default=0)
    last = min((int(at) for at in higher if at > peak), default=len(profile))
    return float(profile[peak] - max(profile[first : peak + 1].min(), profile[peak:last].min()))
