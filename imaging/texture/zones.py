"""Zones of touching voxels of one level: how large they are, how far from the region's edge."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from imaging.texture import kernels
from imaging.texture.aggregation import Piece
from imaging.texture.catalogue import DISTANCE_ZONE, SIZE_ZONE, Feature
from imaging.texture.level_tables import table_features

Numbers = npt.NDArray[np.int32]


def zone_features(
    pictures: Sequence[Piece], n_levels: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Compute the IBSI size zone (id 9SAK) and distance zone (id VMDZ) features of one region.

    Parameters
    ----------
    pictures : sequence of Piece
        See ``aggregation.pieces``; without distances there are no distance zones.
    """
    by_size, by_distance = [], []
    for piece in pictures:
        level, size, distance = kernels.zones(
            piece.levels, piece.distances, piece.steps, piece.across
        )
        by_size.append(_features(level, size, n_levels, piece))
        if piece.distances.size:
            by_distance.append(_features(level, distance, n_levels, piece))
    return _mean(SIZE_ZONE, by_size), _mean(DISTANCE_ZONE, by_distance)


def _features(
    level: Numbers, size: Numbers, n_levels: int, piece: Piece
) -> npt.NDArray[np.float64]:
    # Only sizes that occur have a column.
    sizes = np.flatnonzero(np.bincount(size))
    column = np.zeros(sizes[-1] + 1, dtype=np.intp)
    column[sizes] = np.arange(len(sizes))
    counts = np.bincount(level * len(sizes) + column[size], minlength=n_levels * len(sizes))
    table = counts.reshape(1, n_levels, len(sizes))
    found: npt.NDArray[np.float64] = table_features(table, sizes, piece.points)[0]
    return found


def _mean(names: Mapping[str, Feature], found: list[npt.NDArray[np.float64]]) -> dict[str, float]:
    if not found:
        return {}
    values = np.mean(found, axis=0)[: len(names)]
    return dict(zip(names, values.tolist(), strict=True))
