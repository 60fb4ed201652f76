"""How far noise may have moved the regions of a hip picture."""

import numpy as np
from scipy import ndimage

from imaging.projection import Projection
from imaging.regions.dxa_hip_neck import Neck
from imaging.regions.edge_field import EdgeField, sample
from imaging.regions.spine_column import exposed_field

# Immerkaer 1996, Comput Vis Image Underst 64:300-302, doi 10.1006/cviu.1996.0060: a mask that
# neither plane nor straight edge answers; the mean of what is left tells the noise.
MASK = np.array([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]])
PER_SD = 6 * np.sqrt(2 / np.pi)
# Noise over a square millimetre, as a share of the neck's grey above soft tissue, up to which
# confidence is untouched; at twice this it is half. On a real hip at 1 mm a pixel the neck's box
# moved 0.4 mm at the first, 0.5 to 1.3 mm at the second and 1 to 3.5 mm at four times it.
QUIET = 0.10


def noise_per_mm(image: Projection, spacing: tuple[float, float]) -> float:
    """Give the standard deviation of the grey over a square millimetre, from pixel to pixel."""
    answer = np.abs(ndimage.convolve(image.pixels.astype(np.float64), MASK, mode="nearest"))
    shown = ndimage.binary_erosion(exposed_field(image.pixels), iterations=2)
    if not shown.any():
        return 0.0
    return float(answer[shown].mean() / PER_SD * np.sqrt(spacing[0] * spacing[1]))


def sureness(
    image: Projection, spacing: tuple[float, float], field: EdgeField, neck: Neck, soft: float
) -> float:
    """Give what the noise leaves of the confidence in the regions, in (0, 1]."""
    centre = neck.centre
    grey = float(sample(field.grey, centre[:1], centre[1:])[0])
    contrast = max(grey - soft, 1e-6)
    return float(np.clip(QUIET * contrast / max(noise_per_mm(image, spacing), 1e-6), 0.05, 1.0))
