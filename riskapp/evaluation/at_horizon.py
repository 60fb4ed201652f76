"""The loops over people that are gone through once for each horizon; see ``compiled``."""

from functools import partial

import numpy as np

from imaging.texture.compiled import compiled
from riskapp.evaluation.course import Flags, Floats, Places

# A weight over nobody is endless, as it is for numpy.
like_numpy = partial(compiled, error_model="numpy")


@like_numpy
def states(
    years: Floats,
    event: Flags,
    died: Flags,
    counted: Floats,
    until_own: Floats,
    horizon: float,
    until: float,
) -> tuple[Flags, Flags, Flags, Floats]:
    """Who had the event by a horizon, had died, was free of both, and what each counts for.

    Parameters
    ----------
    counted : ndarray, shape (n,)
        The weight of each person.
    until_own : ndarray, shape (n,)
        Probability of having been followed until one's own time.
    until : float
        That of having been followed until the horizon.
    """
    n = years.size
    had, gone = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    free, weight = np.zeros(n, dtype=np.bool_), np.zeros(n)
    # Where follow-up was cut at the horizon itself, those seen until it are free.
    cut = years.max() <= horizon
    for i in range(n):
        within = years[i] <= horizon
        had[i], gone[i] = event[i] and within, died[i] and within
        if had[i] or gone[i]:
            weight[i] = counted[i] / until_own[i]
        elif not within or (cut and years[i] == horizon):
            free[i] = True
            weight[i] = counted[i] / until
    return had, gone, free, weight


@compiled
def concordant_weight(
    rank: Places, levels: int, weight: Floats, event: Flags, against: Flags
) -> tuple[float, float]:
    """Weight of pairs in which the one with the event ranks higher, ties half, and of all pairs."""
    cases, others = np.zeros(levels), np.zeros(levels)
    for i in range(rank.size):
        if event[i]:
            cases[rank[i]] += weight[i]
        elif against[i]:
            others[rank[i]] += weight[i]
    higher, lower = 0.0, 0.0
    for level in range(levels):
        higher += cases[level] * (lower + others[level] / 2)
        lower += others[level]
    return higher, cases.sum() * lower
