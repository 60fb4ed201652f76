"""The best smooth line through a table of scores, by dynamic programming."""

import itertools

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

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
    axes, sides = score.ndim - 1, score.shape[1:]
    moves = list(itertools.product((-1, 0, 1), repeat=axes))
    prices = bend_cost * np.abs(moves).sum(axis=1).reshape((3,) * axes)
    # The totals up to each row stand inside a border from which no path comes. They are kept, and
    # which way a row was reached is asked of them on the way back, for one place of each row.
    bordered = np.full((len(score), *(n + 2 for n in sides)), -np.inf)
    totals = bordered[:, *(slice(1, -1),) * axes]
    totals[...] = score
    beside = sliding_window_view(bordered, sides, tuple(range(1, score.ndim)))
    by_move = prices.reshape(*prices.shape, *(1,) * axes)
    options, best = np.empty((*prices.shape, *sides)), np.empty(sides)
    for before, total in zip(beside[:-1], totals[1:], strict=True):
        np.subtract(before, by_move, out=options)
        np.maximum.reduce(options, axis=tuple(range(axes)), out=best)
        total += best
    at = [int(place) for place in np.unravel_index(int(totals[-1].argmax()), sides)]
    path = [at]
    for row in range(len(score) - 2, -1, -1):
        near: tuple[int | slice, ...] = (row, *(slice(place, place + 3) for place in at))
        came_by = moves[int((bordered[near] - prices).argmax())]
        # Where no place has a score that is finite, the border is no better or worse.
        at = [min(max(p + by, 0), n - 1) for p, by, n in zip(at, came_by, sides, strict=True)]
        path.append(at)
    found = np.array(path[::-1], dtype=np.intp)
    return found[:, 0] if axes == 1 else found
