"""Domain randomisation: what makes drawn anatomy look like any scanner's picture of anyone.

The idea is that of Billot et al. 2023 (SynthSeg, Med Image Anal 86:102789,
doi 10.1016/j.media.2023.102789): a network that has seen every contrast, blur, grain and
resolution in training needs no real picture. Everything follows from the generator that is given.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Array = npt.NDArray[np.float32]
Real = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.uint8]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Example:
    """One picture and what each of its cells is.

    Attributes
    ----------
    image : ndarray of float32
        Ready for the network.
    labels : ndarray of uint8, same shape
        Classes of ``imaging.segmentation.labels``.
    """

    image: Array
    labels: Labels


def clouds(rng: Random, shape: tuple[int, ...], cells: float) -> Array:
    """Draw smooth noise of mean 0 and spread 1, with blobs about ``cells`` wide."""
    coarse = [max(2, round(n / max(cells, 1.0)) + 1) for n in shape]
    noise = rng.normal(0, 1, coarse)
    places = [np.linspace(0, m - 1, n) for n, m in zip(shape, coarse, strict=True)]
    for axis, at in enumerate(places):
        noise = _between(noise, at, axis)
    noise -= noise.mean()
    return np.asarray(noise / (noise.std() or 1.0), dtype=np.float32)


def _between(
    values: npt.NDArray[np.float64], at: npt.NDArray[np.float64], axis: int
) -> npt.NDArray[np.float64]:
    low = np.minimum(at.astype(int), values.shape[axis] - 2)
    part = (at - low).reshape([-1 if k == axis else 1 for k in range(values.ndim)])
    return np.asarray(
        np.take(values, low, axis) * (1 - part) + np.take(values, low + 1, axis) * part
    )


def soft(inside: Real, width: float) -> Array:
    """Turn a signed distance into the share of a cell that lies inside."""
    return np.asarray(1 / (1 + np.exp(np.clip(inside / -width, -30, 30))), dtype=np.float32)


def paint(image: Array, share: Real, value: float | Real) -> None:
    """Lay a tissue over what is there, in place."""
    image += share * (value - image)


def grain(rng: Random, shape: tuple[int, ...], blur: float) -> Array:
    """Draw noise of spread 1 that is correlated between neighbours as reconstruction makes it."""
    noise = rng.normal(0, 1, shape).astype(np.float32)
    if blur > 0.2:
        noise = ndimage.gaussian_filter(noise, blur)
    return np.asarray(noise / (noise.std() or 1.0), dtype=np.float32)


def thick_slices(image: Array, cells: int) -> Array:
    """Average along the first axis, keep every ``cells``-th plane and draw lines between them."""
    if cells <= 1:
        return image
    mixed = ndimage.uniform_filter1d(image, cells, axis=0, mode="nearest")
    kept = np.arange(0, len(image), cells)
    at = np.clip(np.arange(len(image)) / cells, 0, len(kept) - 1)
    low = np.minimum(at.astype(int), max(len(kept) - 2, 0))
    part = (at - low).astype(np.float32).reshape(-1, *[1] * (image.ndim - 1))
    planes = mixed[kept]
    return np.asarray(planes[low] * (1 - part) + planes[np.minimum(low + 1, len(kept) - 1)] * part)


def coarser(image: Array, factor: float) -> Array:
    """Lose resolution in every direction, on the same grid."""
    if factor <= 1.05:
        return image
    shape = image.shape
    small = ndimage.zoom(ndimage.gaussian_filter(image, 0.4 * factor), 1 / factor, order=1)
    back = [n / m for n, m in zip(shape, small.shape, strict=True)]
    return np.asarray(ndimage.zoom(small, back, order=1), dtype=np.float32)
