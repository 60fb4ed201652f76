"""Grey-level co-occurrence: how often two grey levels lie a given step apart."""

import itertools
from collections.abc import Callable, Iterable
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from imaging.texture.discretise import Levels

Counts = npt.NDArray[np.int64]


class Aggregation(StrEnum):
    """How directions and slices are put together; the value is IBSI's identifier."""

    SLICES_AND_DIRECTIONS_AVERAGED = "BTW3"
    DIRECTIONS_MERGED_SLICES_AVERAGED = "SUJT"
    SLICES_MERGED_DIRECTIONS_AVERAGED = "JJUI"
    SLICES_AND_DIRECTIONS_MERGED = "ZW7Z"
    VOLUME_AVERAGED = "ITBB"
    VOLUME_MERGED = "IAZD"


def directions(axes: int) -> list[tuple[int, ...]]:
    """List one of each opposite pair of neighbour steps: 4 in a plane, 13 in a volume."""
    steps = itertools.product((-1, 0, 1), repeat=axes)
    return [step for step in steps if step > (0,) * axes]


def cooccurrence_counts(levels: Levels, step: tuple[int, ...], n_levels: int) -> Counts:
    """Count symmetric pairs of grey levels separated by one voxel step.

    Parameters
    ----------
    levels : ndarray of int, shape (rows, columns) or (slices, rows, columns)
        Levels 0 to n_levels - 1; negative outside the region, which joins no pair.
    step : tuple of int, one per axis
        Displacement in voxels: resample to isotropic spacing first.

    References
    ----------
    Haralick, Shanmugam and Dinstein 1973, IEEE Trans Syst Man Cybern 3:610-621,
    doi 10.1109/TSMC.1973.4309314. IBSI reference manual, id LFYI.
    """
    here = tuple(slice(max(0, -s), min(n, n - s)) for s, n in zip(step, levels.shape, strict=True))
    there = tuple(slice(max(0, s), min(n, n + s)) for s, n in zip(step, levels.shape, strict=True))
    a, b = levels[here].ravel(), levels[there].ravel()
    inside = (a >= 0) & (b >= 0)
    pairs = np.bincount(a[inside] * n_levels + b[inside], minlength=n_levels**2)
    counts = pairs.reshape(n_levels, n_levels).astype(np.int64)
    return counts + counts.T


def cooccurrence_features(
    levels: Levels, n_levels: int, aggregation: Aggregation
) -> dict[str, float]:
    """Compute the 25 IBSI co-occurrence features of one region.

    Parameters
    ----------
    levels : ndarray of int, shape (slices, rows, columns) or (rows, columns)
        A flat image counts as one slice.
    """
    stack = levels if levels.ndim == 3 else levels[None]
    matrices = _matrices(stack, n_levels, aggregation)
    features = [_features(counts) for counts in matrices if counts.sum()]
    if not features:
        return {}
    return {name: float(np.mean([f[name] for f in features])) for name in features[0]}


def _matrices(stack: Levels, n: int, aggregation: Aggregation) -> Iterable[Counts]:
    def planar(step: tuple[int, ...]) -> list[Counts]:
        return [cooccurrence_counts(plane, step, n) for plane in stack]

    def merged(parts: Iterable[Counts]) -> Counts:
        total: Counts = np.sum(list(parts), axis=0)
        return total

    flat, solid = directions(2), directions(3)
    ways: dict[Aggregation, Callable[[], Iterable[Counts]]] = {
        Aggregation.SLICES_AND_DIRECTIONS_AVERAGED: lambda: itertools.chain.from_iterable(
            planar(step) for step in flat
        ),
        Aggregation.DIRECTIONS_MERGED_SLICES_AVERAGED: lambda: (
            merged(cooccurrence_counts(plane, step, n) for step in flat) for plane in stack
        ),
        Aggregation.SLICES_MERGED_DIRECTIONS_AVERAGED: lambda: (
            merged(planar(step)) for step in flat
        ),
        Aggregation.SLICES_AND_DIRECTIONS_MERGED: lambda: [
            merged(itertools.chain.from_iterable(planar(step) for step in flat))
        ],
        Aggregation.VOLUME_AVERAGED: lambda: (
            cooccurrence_counts(stack, step, n) for step in solid
        ),
        Aggregation.VOLUME_MERGED: lambda: [
            merged(cooccurrence_counts(stack, step, n) for step in solid)
        ],
    }
    return ways[aggregation]()


def _entropy(p: npt.NDArray[np.float64]) -> float:
    positive = p[p > 0]
    return float(-(positive * np.log2(positive)).sum())


def _features(counts: Counts) -> dict[str, float]:
    """Compute features of one matrix; grey levels count from 1, as IBSI has them."""
    n = len(counts)
    p = counts / counts.sum()
    i, j = np.meshgrid(np.arange(1, n + 1), np.arange(1, n + 1), indexing="ij")
    apart = np.abs(i - j)
    row = p.sum(axis=1)
    level = np.arange(1, n + 1)
    mean = float(level @ row)
    variance = float(((level - mean) ** 2) @ row)
    difference = np.bincount(apart.ravel(), p.ravel(), minlength=n).astype(np.float64)
    total = np.bincount((i + j).ravel(), p.ravel(), minlength=2 * n + 1).astype(np.float64)
    k, s = np.arange(n), np.arange(2 * n + 1)
    difference_mean, total_mean = float(k @ difference), float(s @ total)
    spread = i + j - 2 * mean
    joint, single = _entropy(p), _entropy(row)
    independent = np.outer(row, row)
    positive = independent > 0
    cross = float(-(p[positive] * np.log2(independent[positive])).sum())
    double = _entropy(independent)
    unequal = apart > 0
    return {
        "joint_maximum": float(p.max()),
        "joint_average": mean,
        "joint_variance": variance,
        "joint_entropy": joint,
        "difference_average": difference_mean,
        "difference_variance": float(((k - difference_mean) ** 2) @ difference),
        "difference_entropy": _entropy(difference),
        "sum_average": total_mean,
        "sum_variance": float(((s - total_mean) ** 2) @ total),
        "sum_entropy": _entropy(total),
        "angular_second_moment": float((p**2).sum()),
        "contrast": float((apart**2 * p).sum()),
        "dissimilarity": float((apart * p).sum()),
        "inverse_difference": float((p / (1 + apart)).sum()),
        "normalised_inverse_difference": float((p / (1 + apart / n)).sum()),
        "inverse_difference_moment": float((p / (1 + apart**2)).sum()),
        "normalised_inverse_difference_moment": float((p / (1 + (apart / n) ** 2)).sum()),
        "inverse_variance": float((p[unequal] / apart[unequal] ** 2).sum()),
        # A region of one grey level correlates perfectly with itself.
        "correlation": (float(((i - mean) * (j - mean) * p).sum() / variance) if variance else 1.0),
        "autocorrelation": float((i * j * p).sum()),
        "cluster_tendency": float((spread**2 * p).sum()),
        "cluster_shade": float((spread**3 * p).sum()),
        "cluster_prominence": float((spread**4 * p).sum()),
        "information_correlation_1": (joint - cross) / single if single else 0.0,
        "information_correlation_2": float(np.sqrt(max(0.0, 1 - np.exp(-2 * (double - joint))))),
    }
