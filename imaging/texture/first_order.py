"""First-order statistics: what values a region holds, wherever they lie."""

import numpy as np
import numpy.typing as npt

# Different whole numbers that are counted one by one: of pixels of 16 bits.
MOST_COUNTED = 2**16


def first_order(values: npt.NDArray[np.float64]) -> dict[str, float]:
    """Compute the IBSI intensity-based statistics of one region.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Grey values of the voxels in the region, not discretised.

    Returns
    -------
    dict of str to float
        Names of ``imaging.texture.catalogue``; ratios with a zero denominator are left out.

    References
    ----------
    IBSI reference manual, intensity-based statistical features, id UHIW.
    """
    return of_sorted(in_order(np.asarray(values, dtype=np.float64)))


def in_order(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sort; whole numbers, as pixels are, by counting how often each occurs."""
    low, high = float(values.min()), float(values.max())
    if high - low < min(values.size, MOST_COUNTED) and (values == np.rint(values)).all():
        counts = np.bincount((values - low).astype(np.intp))
        return np.repeat(low + np.arange(len(counts)), counts)
    return np.sort(values)


def of_sorted(x: npt.NDArray[np.float64]) -> dict[str, float]:
    """Compute what ``first_order`` does of values in order.

    Percentiles and what lies between them are then places in a row.
    """
    p10, p25, median, p75, p90 = (_percentile(x, percent) for percent in (10, 25, 50, 75, 90))
    middle = x[np.searchsorted(x, p10) : np.searchsorted(x, p90, side="right")]
    mean = float(x.mean())
    apart = x - mean
    variance = float(apart @ apart) / x.size
    squares = apart * apart
    third, fourth = float(squares @ apart) / x.size, float(squares @ squares) / x.size
    energy = float(x @ x)
    found = {
        "mean": mean,
        "variance": variance,
        "median": median,
        "minimum": float(x[0]),
        "percentile_10": p10,
        "percentile_90": p90,
        "maximum": float(x[-1]),
        "interquartile_range": p75 - p25,
        "range": float(x[-1] - x[0]),
        "mean_absolute_deviation": _mean_distance(x, mean),
        "robust_mean_absolute_deviation": _mean_distance(middle, float(middle.mean())),
        "median_absolute_deviation": _mean_distance(x, median),
        "energy": energy,
        "root_mean_square": float(np.sqrt(energy / x.size)),
        # IBSI: a region of one grey value has neither skewness nor excess kurtosis.
        "skewness": third / variance**1.5 if variance else 0.0,
        "excess_kurtosis": fourth / variance**2 - 3 if variance else 0.0,
    }
    if mean:
        found["coefficient_of_variation"] = float(np.sqrt(variance)) / mean
    if p75 + p25:
        found["quartile_coefficient_of_dispersion"] = (p75 - p25) / (p75 + p25)
    return found


def _percentile(ordered: npt.NDArray[np.float64], percent: int) -> float:
    """Interpolate between the two nearest values of a sorted row."""
    place = percent / 100 * (ordered.size - 1)
    below = int(place)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def _mean_distance(ordered: npt.NDArray[np.float64], place: float) -> float:
    """Average how far the values of a sorted row lie from a place."""
    below = int(np.searchsorted(ordered, place))
    low, high = ordered[:below], ordered[below:]
    apart = (place * low.size - low.sum()) + (high.sum() - place * high.size)
    return float(apart) / ordered.size
