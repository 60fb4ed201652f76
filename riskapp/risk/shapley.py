"""Exact Shapley values from a value for every coalition."""

from functools import lru_cache
from math import factorial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOST_PLAYERS = 12  # of the evidence engine; 16 KB of weights


def shapley_values(v: Array) -> Array:
    """Share of each of k players in ``v[1, ..., 1] - v[0, ..., 0]``.

    Parameters
    ----------
    v : ndarray, shape (2,) * k
        ``v[s]`` is the value of the coalition that holds player i where ``s[i]`` is 1.

    Returns
    -------
    ndarray, shape (k,)
        They add up to the whole by construction.

    References
    ----------
    Shapley LS, 1953. A value for n-person games. Contributions to the Theory of Games II:307-317.
    """
    return np.asarray(shapley_values_of_each(v[None])[0])


def shapley_values_of_each(values: Array) -> Array:
    """The same of several values, shape (n, k) from (n, 2, ..., 2)."""
    n, k = len(values), values.ndim - 1
    found, values = np.zeros((n, k)), np.ascontiguousarray(values)
    for player in range(k):
        with_and_without = values.reshape(n, 2**player, 2, -1)
        gains = with_and_without[:, :, 1] - with_and_without[:, :, 0]
        found[:, player] = gains.reshape(n, -1) @ _weights(k).ravel()
    return found


@lru_cache(maxsize=MOST_PLAYERS)
def _weights(k: int) -> Array:
    """Share of the orders of k players in which some come before one, shape (2,) * (k - 1)."""
    others = np.indices((2,) * (k - 1)).sum(axis=0) if k > 1 else np.zeros((), dtype=int)
    share = np.array([factorial(s) * factorial(k - 1 - s) / factorial(k) for s in range(k)])
    return np.asarray(share[others])
