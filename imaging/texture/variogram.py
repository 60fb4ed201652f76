"""How fast grey values part with distance: the initial slope of the experimental variogram."""

import itertools

import numpy as np

from imaging.texture.grid import Mask, Sampled, Values

# Lags in grid steps: on a 0.5 mm grid these are 0.5 to 1 mm.
SHORTEST, LONGEST = 1.0, 2.0
SOURCE = (
    "Matheron 1963, Economic Geology 58:1246-1266, doi:10.2113/gsecongeo.58.8.1246 "
    "(recalled, to be confirmed)"
)


def variogram(values: Values, inside: Mask, axes: tuple[int, ...]) -> dict[float, float]:
    """Give the mean squared difference of pairs within the region, by their distance.

    Parameters
    ----------
    values, inside : ndarray, shape (slices, rows, columns)
    axes : tuple of int
        Axes along which pairs are taken; distances are in steps of the grid.

    Returns
    -------
    dict of float to float
        Distance in steps to mean squared difference; without the distances no pair has.
    """
    reach = int(LONGEST)
    sums: dict[float, tuple[float, int]] = {}
    spans = [range(-reach, reach + 1) if axis in axes else (0,) for axis in range(3)]
    for step in itertools.product(*spans):
        length = float(np.sqrt(sum(s * s for s in step)))
        if step <= (0, 0, 0) or not SHORTEST <= length <= LONGEST:
            continue
        here = tuple(
            slice(max(0, -s), n + min(0, -s)) for s, n in zip(step, values.shape, strict=True)
        )
        there = tuple(
            slice(max(0, s), n + min(0, s)) for s, n in zip(step, values.shape, strict=True)
        )
        both = inside[here] & inside[there]
        apart = (values[here][both] - values[there][both]).astype(np.float64)
        total, count = sums.get(length, (0.0, 0))
        sums[length] = (total + float(apart @ apart), count + apart.size)
    return {length: total / count for length, (total, count) in sorted(sums.items()) if count}


def variogram_slope(sampled: Sampled) -> float | None:
    """Fit the slope of log variogram over log distance, between 1 and 2 steps of the grid.

    A rough, fast-changing picture has a slope near 0, a smooth one near 2. It does not change
    with the gain or the offset of the grey scale. The trabecular bone score is built on the same
    principle, but its images, scale and calibration are another's: this is not that score and
    cannot be turned into it.

    Returns
    -------
    float or None
        None where a distance has no pair, or nothing differs.
    """
    found = variogram(sampled.values, sampled.inside, sampled.resampled)
    if len(found) < 2 or min(found.values()) <= 0:
        return None
    slope, _ = np.polyfit(np.log(list(found)), np.log(list(found.values())), 1)
    return float(slope)
