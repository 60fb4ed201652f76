"""A voxel and its neighbours: how it differs from their mean, and how many are alike."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imaging.texture import kernels
from imaging.texture.aggregation import Piece
from imaging.texture.catalogue import DEPENDENCE, TONE_DIFFERENCE
from imaging.texture.level_tables import table_features

# IBSI's value for a region without any difference, where coarseness would be infinite.
COARSEST = 1e6


def neighbour_features(
    pictures: Sequence[Piece], n_levels: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Compute the IBSI grey tone difference (id IPET) and dependence (id REK0) features.

    Neighbours are those that touch, 8 in a slice and 26 in a volume; alike is of the same level
    (coarseness parameter 0).

    Parameters
    ----------
    pictures : sequence of Piece
        See ``aggregation.pieces``.
    """
    tone, dependence = [], []
    for piece in pictures:
        counts, differences, alike = kernels.neighbours(piece.levels, piece.steps, n_levels)
        if counts.any():
            tone.append(tone_difference(counts, differences))
        used = alike.any(axis=0)
        # A voxel is its own first dependant.
        sizes = np.arange(1, alike.shape[1] + 1)[used]
        dependence.append(table_features(alike[None][:, :, used], sizes, piece.points)[0])
    named = dict(zip(DEPENDENCE, np.mean(dependence, axis=0).tolist(), strict=True))
    if not tone:
        return {}, named
    return dict(zip(TONE_DIFFERENCE, np.mean(tone, axis=0).tolist(), strict=True)), named


def tone_difference(
    counts: npt.NDArray[np.int64], differences: npt.NDArray[np.float64]
) -> list[float]:
    """Give coarseness, contrast, busyness, complexity and strength.

    Parameters
    ----------
    counts, differences : ndarray, shape (levels,)
        Voxels with neighbours of each level, at least one, and the sum of their differences
        from those.

    References
    ----------
    Amadasun and King 1989, IEEE Trans Syst Man Cybern 19:1264-1274, doi 10.1109/21.44046.
    """
    held = np.flatnonzero(counts)
    points = float(counts.sum())
    level = (held + 1).astype(np.float64)
    p, s = counts[held] / points, differences[held]
    weighted, total = float(p @ s), float(s.sum())
    apart = np.abs(level[:, None] - level[None])
    together = p[:, None] + p[None]
    busy = float(np.abs((level * p)[:, None] - (level * p)[None]).sum())
    pairs = len(held) * (len(held) - 1)
    shared = (p * s)[:, None] + (p * s)[None]
    return [
        1 / weighted if weighted else COARSEST,
        float(p @ apart**2 @ p) / pairs * total / points if pairs else 0.0,
        weighted / busy if busy else 0.0,
        float((apart * shared / together).sum()) / points,
        float((together * apart**2).sum()) / total if total else 0.0,
    ]
