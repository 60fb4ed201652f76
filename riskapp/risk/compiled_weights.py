"""Weights of a grid, compiled by numba: what numpy makes many passes for."""

from functools import partial

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled
from riskapp.risk.compiled_sums import TOGETHER, exp, of_group

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@partial(compiled, fastmath={"contract", "reassoc"}, error_model="numpy", nogil=True)
def normal_weights(
    nodes: Array, centres: Array, variance: float, sums: Array, found: Array
) -> None:
    """Normal weights at evenly spaced nodes about each centre, which add up to what they should.

    Parameters
    ----------
    nodes : ndarray, shape (t,)
    centres, sums : ndarray, shape (n,)
    found : ndarray, shape (n, t or more)
        Written over; what is beyond the nodes stays.
    """
    t = len(nodes)
    here = np.empty(t)
    for row in range(len(centres)):
        for place in range(t):
            away = nodes[place] - centres[row]
            here[place] = exp(away * away * (-0.5 / variance))
        scale = sums[row] / here.sum()
        for place in range(t):
            found[row, place] = here[place] * scale


@partial(compiled, nogil=True)
def seen(weights: Array, rounding: float) -> Flags:
    """Which columns have more than a share of a row's sum in any row, shape (bmi, T).

    Parameters
    ----------
    weights : ndarray, shape (n, bmi, T)
    """
    n, bmi, t = weights.shape
    found = np.zeros((bmi, t), dtype=np.bool_)
    for row in range(n):
        here = weights[row]
        total = 0.0
        for i in range(bmi):
            for j in range(t):
                total += here[i, j]
        least = rounding * total
        for i in range(bmi):
            for j in range(t):
                found[i, j] |= here[i, j] > least
    return found


@partial(compiled, fastmath={"reassoc"}, nogil=True)
def shares(weights: Array) -> Array:
    """The largest share that each column has of a row's sum, shape (m,).

    Parameters
    ----------
    weights : ndarray, shape (n, m)
    """
    n, m = weights.shape
    found = np.zeros(m)
    for row in range(n):
        here = weights[row]
        scale = 1 / here.sum()
        for column in range(m):
            found[column] = max(found[column], here[column] * scale)
    return found


@partial(compiled, fastmath={"contract", "reassoc"}, nogil=True)
def weigh(
    values: Array,
    weights: Array,
    rows: Places,
    first: int,
    last: int,
    found: Array,
    alike: Places | None = None,
) -> None:
    """Sum over some columns, with all weights that a row of values has.

    Parameters
    ----------
    values : ndarray, shape (outcomes, n, m)
    weights : ndarray, shape (combinations, m)
    rows : ndarray, shape (n, k)
        Where among the combinations each row's weights are.
    first, last : int
        From which column on, and before which one. A slice takes longer to hand over than to sum.
    found : ndarray, shape (outcomes, combinations)
        Written over at ``rows``.
    alike : ndarray, shape (n, k)
        Where among the weights theirs stand, if they are not at ``rows``.
    """
    for row in range(len(rows)):
        for i in range(rows.shape[1]):
            place = rows[row, i]
            of_row = weights[place if alike is None else alike[row, i], first:last]
            for outcome in range(len(values)):
                here = values[outcome, row, first:last]
                total = 0.0
                for column in range(len(here)):
                    total += here[column] * of_row[column]
                found[outcome, place] = total


@partial(compiled, fastmath={"contract", "reassoc"}, nogil=True)
def weighed(
    rows: Array,
    columns: Array,
    most: Array,
    least: Array,
    rare: Places,
    weights: Array,
    kept: int,
) -> tuple[Array, Array]:
    """``compiled_sums.fractures_beside``, weighed and summed where they were found.

    Parameters
    ----------
    columns, most, least, rare : ndarray
        As in ``compiled_sums.Beside``.
    weights : ndarray, shape (n, k, groups * TOGETHER)
        All k weights that a row has beside each column; 0 beyond the last.

    Returns
    -------
    tuple of ndarray
        Of all rows at each time, shape (2, kept), and of each at the last, shape (2, n, k).
    """
    n, k, _ = weights.shape
    alike = weights.sum(axis=1)
    total, by_row = np.zeros((2, kept)), np.zeros((2, n, k))
    here = np.empty((2, kept, n, TOGETHER))
    within = np.arange(TOGETHER)
    for group in range(len(columns)):
        own = slice(group * TOGETHER, (group + 1) * TOGETHER)
        of_group(rows, columns[group], most[group], least[group], rare[group], within, here)
        for row in range(n):
            for outcome in range(2):
                for time in range(kept):
                    total[outcome, time] += _product(here[outcome, time, row], alike[row, own])
                for i in range(k):
                    at_last = here[outcome, kept - 1, row]
                    by_row[outcome, row, i] += _product(at_last, weights[row, i, own])
    return total, by_row


@partial(compiled, fastmath={"contract", "reassoc"})
def _product(values: Array, weights: Array) -> float:
    total = 0.0
    for place in range(len(values)):
        total += values[place] * weights[place]
    return total
