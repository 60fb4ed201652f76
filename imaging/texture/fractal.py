"""Fractal dimension of a grey-value surface by blankets that thicken with the scale."""

import numpy as np
from scipy import ndimage

from imaging.texture.grid import Sampled

# Radii of the neighbourhood in grid steps; on a 0.5 mm grid 0.5 to 2 mm.
RADII = (1, 2, 3, 4)
SOURCE = (
    "variation method: Dubuc et al. 1989, Proc R Soc Lond A 425:113-127, "
    "doi:10.1098/rspa.1989.0101 (recalled, to be confirmed)"
)


def fractal_dimension(sampled: Sampled) -> float | None:
    """Fit how the space between an upper and a lower blanket grows with their reach.

    The blankets are the largest and smallest value within reach, inside the region only. Their
    mean distance grows as reach to the power H; the dimension is one more than the axes, less H:
    2 for a smooth surface, 3 for noise that fills space (3 and 4 in a volume). Near 2 it is right;
    rough surfaces read low, since few points seldom show the extremes: fractional Brownian
    surfaces of dimension 2.5 and 2.8 read 2.34 and 2.48.

    Returns
    -------
    float or None
        None for a region of one value.
    """
    size = [3 if axis in sampled.resampled else 1 for axis in range(3)]
    upper = np.where(sampled.inside, sampled.values, -np.inf)
    lower = np.where(sampled.inside, sampled.values, np.inf)
    apart = []
    for _ in RADII:
        # One more step of 3 x 3 is one more grid point of reach.
        upper = ndimage.maximum_filter(upper, size, mode="nearest")
        lower = ndimage.minimum_filter(lower, size, mode="nearest")
        apart.append(float((upper[sampled.inside] - lower[sampled.inside]).mean()))
    if not apart or min(apart) <= 0:
        return None
    growth, _ = np.polyfit(np.log(RADII), np.log(apart), 1)
    return float(len(sampled.resampled) + 1 - growth)
