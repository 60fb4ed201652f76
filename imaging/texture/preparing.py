"""From picture and region to what is counted: interpolation, rounding, re-segmentation."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.texture.settings import Interpolation, Settings

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Millimetres = tuple[float, float, float]
ORDER: dict[Interpolation, Literal[0, 1, 3]] = {"nearest": 0, "linear": 1, "cubic": 3}
# A voxel half of which lies in the region belongs to it, also after rounding of weights.
WEIGHT_ROUNDING = 1e-6
# More voxels than this after interpolation are a slip of the pen.
MOST_VOXELS = 500_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture ready to be counted; shape (slices, rows, columns).

    Attributes
    ----------
    outline : ndarray of bool
        The region as it was drawn (morphological mask).
    kept : ndarray of bool
        What re-segmentation left of it (intensity mask).
    """

    values: Values
    outline: Mask
    kept: Mask
    spacing_mm: Millimetres


def prepare(
    image: npt.NDArray[Any], mask: Mask, spacing_mm: Millimetres, settings: Settings
) -> Prepared:
    """Apply the standard's scheme, in its order.

    Parameters
    ----------
    image, mask : ndarray, shape (slices, rows, columns)

    Raises
    ------
    UnsuitableScan
        If nothing is left of the region.
    """
    values = np.asarray(image, dtype=np.float64)
    outline = mask
    size = spacing_mm
    if settings.voxel_mm is not None:
        new = (wanted or old for wanted, old in zip(settings.voxel_mm, spacing_mm, strict=True))
        slices, rows, columns = new
        size = (slices, rows, columns)
        values = resampled(values, spacing_mm, size, settings.interpolation)
        share = resampled(mask.astype(np.float64), spacing_mm, size, settings.mask_interpolation)
        outline = share >= settings.mask_share - WEIGHT_ROUNDING
    if settings.round_intensities:
        values = np.rint(values)
    kept = _kept(values, outline, settings)
    if not kept.any():
        raise UnsuitableScan("No voxel of the region is left to measure texture in.")
    return Prepared(values, outline, kept, size)


def resampled(
    values: Values, old_mm: Millimetres, new_mm: Millimetres, interpolation: Interpolation
) -> Values:
    """Sample on voxels of another size, the middle of both grids at one place.

    Returns
    -------
    ndarray, shape (slices, rows, columns)
        As many voxels as cover the old extent, the last one perhaps beyond it, where the nearest
        value holds.

    References
    ----------
    IBSI reference manual, image interpolation, id VTM2, and grid alignment by centre, id 3WE3.
    """
    ratios = [new / old for old, new in zip(old_mm, new_mm, strict=True)]
    # Less a little, so that a rounding error does not add a voxel.
    counts = [
        max(1, int(np.ceil(count / ratio - 1e-6)))
        for count, ratio in zip(values.shape, ratios, strict=True)
    ]
    if np.prod(counts, dtype=np.float64) > MOST_VOXELS:
        raise UnsuitableScan("Voxels this small would be too many: choose larger ones.")
    first = [
        (count - 1 - (new - 1) * ratio) / 2
        for count, new, ratio in zip(values.shape, counts, ratios, strict=True)
    ]
    found = ndimage.affine_transform(
        values,
        ratios,
        first,
        (counts[0], counts[1], counts[2]),
        order=ORDER[interpolation],
        mode="nearest",
    )
    return np.asarray(found, dtype=np.float64)


def _kept(values: Values, outline: Mask, settings: Settings) -> Mask:
    """Re-segment: by range, then by distance from the mean of what the range left."""
    low, high = settings.kept_range
    kept = outline
    if low is not None:
        kept = kept & (values >= low)
    if high is not None:
        kept = kept & (values <= high)
    if settings.outlier_sd is not None and kept.any():
        chosen = values[kept]
        mean, reach = chosen.mean(), settings.outlier_sd * chosen.std()
        kept = kept & (np.abs(values - mean) <= reach)
    return kept
