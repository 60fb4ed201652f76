"""Features of a table of grey level by size, which four families of the standard share."""

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Features = npt.NDArray[np.float64]


def table_features(counts: Counts, sizes: npt.NDArray[np.int64], points: int) -> Features:
    """Compute the features of run, zone, distance and dependence tables.

    Parameters
    ----------
    counts : ndarray, shape (tables, levels, sizes)
        How many runs, zones or voxels there are of a level and a size; none of the tables empty.
    sizes : ndarray, shape (sizes,)
        What each column stands for, from 1.
    points : int
        Voxels that each table counts, for the percentage.

    Returns
    -------
    ndarray, shape (tables, 17)
        Emphasis of small and large size, low and high level; small size with low and high level,
        large size with low and high level; non-uniformity of level, normalised, of size,
        normalised; percentage; variance of level and of size; entropy in bits; energy. The run,
        zone and distance families have all but the last.

    References
    ----------
    Galloway 1975, Comput Graph Image Process 4:172-179, doi 10.1016/S0146-664X(75)80008-6; IBSI
    reference manual, ids TP0I, 9SAK, VMDZ, REK0.
    """
    level = np.arange(1, counts.shape[1] + 1, dtype=np.float64)
    size = sizes.astype(np.float64)
    total = counts.sum(axis=(1, 2)).astype(np.float64)
    of_level, of_size = counts.sum(axis=2), counts.sum(axis=1)
    by_size = np.stack([size**-2, size**2])
    by_level = np.stack([level**-2, level**2])
    small_large = (of_size @ by_size.T).T / total
    low_high = (of_level @ by_level.T).T / total
    # Shape (tables, low or high, small or large).
    both = by_level @ (counts @ by_size.T) / total[:, None, None]
    level_uneven = (of_level.astype(np.float64) ** 2).sum(axis=1) / total
    size_uneven = (of_size.astype(np.float64) ** 2).sum(axis=1) / total
    p = counts / total[:, None, None]
    safe = np.where(p > 0, p, 1.0)
    return np.stack(
        [
            *small_large,
            *low_high,
            both[:, 0, 0],
            both[:, 1, 0],
            both[:, 0, 1],
            both[:, 1, 1],
            level_uneven,
            level_uneven / total,
            size_uneven,
            size_uneven / total,
            total / points,
            _variance(of_level, level, total),
            _variance(of_size, size, total),
            -(safe * np.log2(safe)).sum(axis=(1, 2)),
            (p**2).sum(axis=(1, 2)),
        ],
        axis=1,
    )


def _variance(counts: Counts, at: Features, total: Features) -> Features:
    mean = counts @ at / total
    spread: Features = (counts * (at[None] - mean[:, None]) ** 2).sum(axis=1) / total
    return spread
