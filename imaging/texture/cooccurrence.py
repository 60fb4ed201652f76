"""Grey-level co-occurrence: how often two grey levels lie a given step apart."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from imaging.texture.aggregation import Piece
from imaging.texture.catalogue import COOCCURRENCE

Counts = npt.NDArray[np.int64]
Features = npt.NDArray[np.float64]
Flat = npt.NDArray[np.int32]
# Above this many levels matrices are worked on one by one, which needs less memory.
MANY_LEVELS = 128


def counted_pairs(levels: Flat, step: int, n: int) -> Counts:
    """Count pairs of levels one step apart, each both ways.

    The same counts as ``kernels.pairs``, a few times slower on a large region; but a small one
    is done before a compiled loop is loaded.

    Parameters
    ----------
    levels : ndarray of int, shape (m,)
        A picture flattened with a border, see ``aggregation.Piece``.
    step : int
        Offset of the neighbour.

    References
    ----------
    Haralick, Shanmugam and Dinstein 1973, IEEE Trans Syst Man Cybern 3:610-621,
    doi 10.1109/TSMC.1973.4309314. IBSI reference manual, id LFYI.
    """
    places = np.flatnonzero(levels >= 0)
    here, there = levels[places].astype(np.intp), levels[places + step]
    inside = there >= 0
    counts = np.bincount(here[inside] * n + there[inside], minlength=n**2).reshape(n, n)
    return np.asarray(counts + counts.T, dtype=np.int64)


def cooccurrence_features(
    pictures: Sequence[Piece],
    n_levels: int,
    *,
    merged: bool,
    pairs: Callable[[Flat, int, int], Counts] = counted_pairs,
) -> dict[str, float]:
    """Compute the 25 IBSI co-occurrence features of one region, at a distance of one step.

    Parameters
    ----------
    pictures : sequence of Piece
        See ``aggregation.pieces``.
    merged : bool
        Whether the directions' counts are added up, or their features averaged.

    Returns
    -------
    dict of str to float
        Empty where no two voxels touch.
    """
    found = []
    for piece in pictures:
        counts = np.stack([pairs(piece.levels, int(step), n_levels) for step in piece.steps])
        if merged:
            counts = counts.sum(axis=0, keepdims=True)
        counts = counts[counts.any(axis=(1, 2))]
        if len(counts):
            found.append(matrix_features(counts))
    if not found:
        return {}
    values = np.concatenate(found).mean(axis=0)
    return dict(zip(COOCCURRENCE, values.tolist(), strict=True))


def matrix_features(counts: Counts) -> Features:
    """Compute features of symmetric matrices; grey levels count from 1, as IBSI has them.

    Parameters
    ----------
    counts : ndarray, shape (matrices, n, n)
        None of them empty.

    Returns
    -------
    ndarray, shape (matrices, 25)
        In the order of ``catalogue.COOCCURRENCE``.
    """
    if counts.shape[1] > MANY_LEVELS and len(counts) > 1:
        return np.concatenate([matrix_features(one[None]) for one in counts])
    m, n = counts.shape[:2]
    p = counts / counts.sum(axis=(1, 2), keepdims=True)
    i, j = np.indices((n, n))
    difference = _gathered(p, np.abs(i - j), n)
    total = _gathered(p, i + j, 2 * n - 1)
    row = p.sum(axis=2)
    k, s = np.arange(n), np.arange(2, 2 * n + 1)
    mean, difference_mean = row @ np.arange(1, n + 1), difference @ k
    contrast = difference @ k**2
    # The sum of two levels lies twice as far from its mean as their middle does.
    spread = s[None] - 2 * mean[:, None]
    tendency = (total * spread**2).sum(axis=1)
    # i and j are alike in a symmetric matrix: variances of their sum and difference say it all.
    variance = (tendency + contrast) / 4
    joint, single = _entropy(p.reshape(m, -1)), _entropy(row)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A region of one grey level correlates perfectly with itself.
        correlation = np.where(variance > 0, (tendency - contrast) / (4 * variance), 1.0)
        # Of a symmetric matrix, both of Haralick's cross entropies are twice the single one.
        first = np.where(single > 0, (joint - 2 * single) / single, 0.0)
    apart = k[1:]
    columns = {
        "joint_maximum": p.max(axis=(1, 2)),
        "joint_average": mean,
        "joint_variance": variance,
        "joint_entropy": joint,
        "difference_average": difference_mean,
        "difference_variance": contrast - difference_mean**2,
        "difference_entropy": _entropy(difference),
        "sum_average": 2 * mean,
        "sum_variance": tendency,
        "sum_entropy": _entropy(total),
        "angular_second_moment": (p**2).sum(axis=(1, 2)),
        "contrast": contrast,
        "dissimilarity": difference_mean,
        "inverse_difference": difference @ (1 / (1 + k)),
        "normalised_inverse_difference": difference @ (1 / (1 + k / n)),
        "inverse_difference_moment": difference @ (1 / (1 + k**2)),
        "normalised_inverse_difference_moment": difference @ (1 / (1 + (k / n) ** 2)),
        "inverse_variance": difference[:, 1:] @ (1 / apart**2),
        "correlation": correlation,
        "autocorrelation": (total @ s**2 - contrast) / 4,
        "cluster_tendency": tendency,
        "cluster_shade": (total * spread**3).sum(axis=1),
        "cluster_prominence": (total * spread**4).sum(axis=1),
        "information_correlation_1": first,
        "information_correlation_2": np.sqrt(np.clip(1 - np.exp(-2 * (2 * single - joint)), 0, 1)),
    }
    return np.stack([columns[name] for name in COOCCURRENCE], axis=1)


def _gathered(p: Features, where: npt.NDArray[np.intp], size: int) -> Features:
    """Add up each matrix by a number that its cells share."""
    m = len(p)
    index = (np.arange(m)[:, None] * size + where.ravel()[None]).ravel()
    sums = np.bincount(index, p.ravel(), minlength=m * size).reshape(m, size)
    return np.asarray(sums, dtype=np.float64)


def _entropy(p: Features) -> Features:
    """Give the entropy of each row, in bits."""
    safe = np.where(p > 0, p, 1.0)
    return np.asarray(-(safe * np.log2(safe)).sum(axis=1), dtype=np.float64)
