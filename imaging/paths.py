"""The best smooth line through a table of scores, by dynamic programming."""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]


def best_path(score: Scores, bend_cost: float, reach: int = 1) -> npt.NDArray[np.intp]:
    """Choose one column per row so that the sum of scores less bending is largest.

    Parameters
    ----------
    score : ndarray of float, shape (rows, columns)
        How well each place fits.
    bend_cost : float
        Price of moving one column between neighbouring rows.
    reach : int
        Most columns to move between neighbouring rows.

    Returns
    -------
    ndarray of int, shape (rows,)

    References
    ----------
    Bellman 1957, Dynamic Programming, Princeton University Press.
    """
    rows, columns = score.shape
    shifts = np.arange(-reach, reach + 1)
    came_from = np.zeros((rows, columns), dtype=np.intp)
    total = np.asarray(score[0], dtype=np.float64)
    here = np.arange(columns)
    for row in range(1, rows):
        padded = np.pad(total, reach, constant_values=-np.inf)
        options = np.stack(
            [padded[reach + s : reach + s + columns] - bend_cost * abs(s) for s in shifts]
        )
        choice = options.argmax(axis=0)
        came_from[row] = here + shifts[choice]
        total = options[choice, here] + score[row]
    path = np.empty(rows, dtype=np.intp)
    path[-1] = int(total.argmax())
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came_from[row, path[row]]
    return path
