"""First-order statistics: what values a region holds, wherever they lie."""

import numpy as np
import numpy.typing as npt


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
    x = np.asarray(values, dtype=np.float64)
    mean, variance = float(x.mean()), float(x.var())
    p10, p25, median, p75, p90 = (float(p) for p in np.percentile(x, [10, 25, 50, 75, 90]))
    middle = x[(x >= p10) & (x <= p90)]
    found = {
        "mean": mean,
        "variance": variance,
        "median": median,
        "minimum": float(x.min()),
        "percentile_10": p10,
        "percentile_90": p90,
        "maximum": float(x.max()),
        "interquartile_range": p75 - p25,
        "range": float(x.max() - x.min()),
        "mean_absolute_deviation": float(np.abs(x - mean).mean()),
        "robust_mean_absolute_deviation": float(np.abs(middle - middle.mean()).mean()),
        "median_absolute_deviation": float(np.abs(x - median).mean()),
        "energy": float((x**2).sum()),
        "root_mean_square": float(np.sqrt((x**2).mean())),
        # IBSI: a region of one grey value has neither skewness nor excess kurtosis.
        "skewness": float(((x - mean) ** 3).mean() / variance**1.5) if variance else 0.0,
        "excess_kurtosis": float(((x - mean) ** 4).mean() / variance**2 - 3) if variance else 0.0,
    }
    if mean:
        found["coefficient_of_variation"] = float(np.sqrt(variance)) / mean
    if p75 + p25:
        found["quartile_coefficient_of_dispersion"] = (p75 - p25) / (p75 + p25)
    return found
