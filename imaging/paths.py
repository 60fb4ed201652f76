"""The best smooth line through a table of scores, by dynamic programming."""

import itertools

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


def best_path(score: Scores, bend_cost: float) -> npt.NDArray[np.intp]:
    """Choose one place per row so that the sum of scores less bending is largest.

    Parameters
    ----------
    score : ndarray of float, shape (rows, places) or (rows, places, places)
        How well each place fits.
    bend_cost : float
        Price of moving one place along one axis between neighbouring rows, which is the most.

    Returns
    -------
    ndarray of int, shape (rows,) or (rows, 2)
        The place in each row.

    References
    ----------
    Bellman 1957, Dynamic Programming, Princeton University Press.
    """
    axes = score.ndim - 1
    moves = list(itertools.product((-1, 0, 1), repeat=axes))
    came_by = np.zeros(score.shape, dtype=np.int8)
    total = np.asarray(score[0], dtype=np.float64)
    for row in range(1, len(score)):
        padded = np.pad(total, 1, constant_values=-np.inf)
        options = np.stack(
            [
                padded[
                    tuple(slice(1 + s, 1 + s + n) for s, n in zip(move, total.shape, strict=True))
                ]
                - bend_cost * sum(map(abs, move))
                for move in moves
            ]
        )
        came_by[row] = options.argmax(axis=0)
        total = options.max(axis=0) + score[row]
    path = np.empty((len(score), axes), dtype=np.intp)
    path[-1] = np.unravel_index(int(total.argmax()), total.shape)
    for row in range(len(score) - 1, 0, -1):
        path[row - 1] = path[row] + moves[came_by[row][tuple(path[row])]]
    return path[:, 0] if axes == 1 else path
