"""Grey-level runs: how long the same level goes on in a direction."""

from collections.abc import Sequence

import numpy as np

from imaging.texture import kernels
from imaging.texture.aggregation import Piece
from imaging.texture.catalogue import RUN_LENGTH
from imaging.texture.level_tables import table_features


def run_length_features(
    pictures: Sequence[Piece], n_levels: int, *, merged: bool
) -> dict[str, float]:
    """Compute the 16 IBSI run length features of one region (id TP0I).

    Parameters
    ----------
    pictures : sequence of Piece
        See ``aggregation.pieces``.
    merged : bool
        Whether the directions' counts are added up, or their features averaged.
    """
    found = []
    for piece in pictures:
        sizes = np.arange(1, piece.longest + 1)
        counts = np.stack(
            [kernels.runs(piece.levels, int(step), n_levels, piece.longest) for step in piece.steps]
        )
        points = piece.points
        if merged:
            counts, points = counts.sum(axis=0, keepdims=True), points * len(piece.steps)
        used = counts.any(axis=(0, 1))
        found.append(table_features(counts[:, :, used], sizes[used], points))
    values = np.concatenate(found).mean(axis=0)
    return dict(zip(RUN_LENGTH, values[: len(RUN_LENGTH)].tolist(), strict=True))
