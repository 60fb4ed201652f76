"""Peaks of a region: the mean in a ball of one cubic centimetre."""

import numpy as np
import numpy.typing as npt

from imaging.texture import kernels

# IBSI: a sphere of 1 cm3, so a radius of (3 / 4 pi)^(1/3) cm.
RADIUS_MM = 10 * (3 / (4 * np.pi)) ** (1 / 3)


def local_intensity(
    values: npt.NDArray[np.float64],
    mask: npt.NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
) -> dict[str, float]:
    """Compute the two IBSI local intensity features (id 9ST6) of one region.

    The ball reaches beyond the region, as far as there is a picture. In a flat image it is a
    disc of the same radius.

    Parameters
    ----------
    values, mask : ndarray, shape (slices, rows, columns)
    """
    held = [np.flatnonzero(mask.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    ends = [(int(each[0]), int(each[-1]) + 1) for each in held]
    reach = [int(RADIUS_MM / mm) for mm in spacing_mm]
    first = [max(start - far, 0) for (start, _), far in zip(ends, reach, strict=True)]
    cut = values[
        tuple(slice(a, end + far) for a, (_, end), far in zip(first, ends, reach, strict=True))
    ]
    sums = np.pad(np.cumsum(cut, axis=2), ((0, 0), (0, 0), (1 + reach[2], 0)))
    sums = np.pad(sums, ((0, 0), (0, 0), (0, reach[2])), mode="edge")
    columns, far = np.arange(cut.shape[2]), np.arange(reach[2] + 1)[:, None]
    spans = np.minimum(columns + far + 1, len(columns)) - np.maximum(columns - far, 0)
    middles = mask[tuple(slice(*each) for each in ends)]
    corner = np.array([start - a for (start, _), a in zip(ends, first, strict=True)])
    means = kernels.ball_means(sums, middles, corner, _ball(spacing_mm), spans)[middles]
    inside = values[mask]
    return {
        # Where several voxels share the largest value, the highest of their peaks.
        "local_peak": float(means[inside == inside.max()].max()),
        "global_peak": float(means.max()),
    }


def _ball(spacing_mm: tuple[float, float, float]) -> npt.NDArray[np.intp]:
    """List the ball's rows: slice and row from the middle, and the reach to each side."""
    slice_mm, row_mm, column_mm = spacing_mm
    rows = []
    for z in range(-int(RADIUS_MM / slice_mm), int(RADIUS_MM / slice_mm) + 1):
        for y in range(-int(RADIUS_MM / row_mm), int(RADIUS_MM / row_mm) + 1):
            left = RADIUS_MM**2 - (z * slice_mm) ** 2 - (y * row_mm) ** 2
            if left >= 0:
                rows.append((z, y, int(np.sqrt(left) / column_mm)))
    return np.array(rows, dtype=np.intp)
