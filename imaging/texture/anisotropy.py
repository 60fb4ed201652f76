"""Whether a texture runs in one direction, from the gradients inside a region."""

import numpy as np
from scipy import ndimage

from imaging.texture.grid import Sampled

SOURCE = (
    "gradient structure tensor: Tabor and Rokita 2007, Bone 40:966-972, "
    "doi:10.1016/j.bone.2006.10.019 (recalled, to be confirmed)"
)
# Fewer gradients than this give a direction of their own.
FEWEST = 50


def gradient_anisotropy(sampled: Sampled) -> float | None:
    """Compare the weakest with the strongest direction of change.

    Returns
    -------
    float or None
        1 less the smallest over the largest eigenvalue of the mean structure tensor: 0 where no
        direction is preferred, 1 where all structures run alike. None for too small a region.
    """
    axes = sampled.resampled
    size = [3 if axis in axes else 1 for axis in range(3)]
    within = ndimage.binary_erosion(sampled.inside, np.ones(size, dtype=bool))
    if within.sum() < FEWEST:
        return None
    gradients = [np.gradient(sampled.values, axis=axis)[within] for axis in axes]
    change = np.stack(gradients).astype(np.float64)
    strength = np.linalg.eigvalsh(change @ change.T / change.shape[1])
    return float(1 - strength[0] / strength[-1]) if strength[-1] > 0 else None
