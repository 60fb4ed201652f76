"""Statistics of grey levels: the intensity histogram after discretisation."""

import numpy as np

from imaging.texture.discretise import Levels
from imaging.texture.first_order import of_sorted

# Gradients need a bin beside each.
FEWEST_LEVELS = 2


def histogram_features(levels: Levels, n_levels: int) -> dict[str, float]:
    """Compute the 23 IBSI intensity histogram features (id ZVCW) of one region.

    Parameters
    ----------
    levels : ndarray of int, shape (n,)
        Levels of the voxels in the region, from 0; IBSI counts from 1, and so do the results.

    Returns
    -------
    dict of str to float
        Names of ``catalogue.HISTOGRAM``; ratios with a zero denominator and gradients of a single
        level are left out.
    """
    counts = np.bincount(levels, minlength=n_levels)
    found = of_sorted(np.repeat(np.arange(1.0, len(counts) + 1), counts))
    for none_of_these in ("energy", "root_mean_square"):
        del found[none_of_these]
    share = counts[counts > 0] / counts.sum()
    # Of several modes the one nearest to the mean.
    modes = np.flatnonzero(counts == counts.max()) + 1
    found["mode"] = float(modes[np.abs(modes - found["mean"]).argmin()])
    found["entropy"] = float(-(share * np.log2(share)).sum())
    found["uniformity"] = float((share**2).sum())
    if n_levels >= FEWEST_LEVELS:
        gradient = np.gradient(counts.astype(np.float64))
        found["maximum_gradient"] = float(gradient.max())
        found["maximum_gradient_level"] = float(gradient.argmax() + 1)
        found["minimum_gradient"] = float(gradient.min())
        found["minimum_gradient_level"] = float(gradient.argmin() + 1)
    return found
