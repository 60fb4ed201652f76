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
    prices = [bend_cost * sum(map(abs, move)) for move in moves]
    came_by = np.zeros(score.shape, dtype=np.int8)
    sides = score.shape[1:]
    # The totals so far stand inside a border from which no path comes.
    bordered = np.full([n + 2 for n in sides], -np.inf)
    total = bordered[(slice(1, -1),) * axes]
    total[...] = score[0]
    beside = [
        bordered[tuple(slice(1 + s, 1 + s + n) for s, n in zip(move, sides, strict=True))]
        for move in moves
    ]
    options = np.empty((len(moves), *sides))
    for row in range(1, len(score)):
        for option, before, price in zip(options, beside, prices, strict=True):
            np.subtract(before, price, out=option)
        came_by[row] = options.argmax(axis=0)
        np.maximum.reduce(options, axis=0, out=total)
        total += score[row]
    path = np.empty((len(score), axes), dtype=np.intp)
    path[-1] = np.unravel_index(int(total.argmax()), total.shape)
    for row in range(len(score) - 1, 0, -1):
        path[row - 1] = path[row] + moves[came_by[row][tuple(path[row])]]
    return path[:, 0] if axes == 1 else path
