"""The loops over people that are gone through again and again; see ``compiled``."""

from functools import partial

import numpy as np

from imaging.texture.compiled import compiled
from riskapp.evaluation.course import Flags, Floats, Places

# A weight over nobody is endless, as it is for numpy.
like_numpy = partial(compiled, error_model="numpy")


@compiled
def leaving(
    place: Places, moments: int, weights: Floats, event: Flags, died: Flags
) -> tuple[Floats, Floats, Floats]:
    """Weighted events, deaths and losses at each distinct time.

    Parameters
    ----------
    place : ndarray, shape (n,)
        Which of the distinct times is that of each person.
    """
    events, deaths, lost = np.zeros(moments), np.zeros(moments), np.zeros(moments)
    for i in range(place.size):
        if event[i]:
            events[place[i]] += weights[i]
        elif died[i]:
            deaths[place[i]] += weights[i]
        else:
            lost[place[i]] += weights[i]
    return events, deaths, lost


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


@compiled
def concordant_in_order(
    given: Floats, order: Places, weight: Floats, event: Flags, against: Flags
) -> tuple[bool, float, float]:
    """``concordant_weight`` of predictions in an order of theirs, which may be out of date.

    Returns
    -------
    bool
        Whether the predictions rise in that order; where they do not, nothing else is true.
    """
    higher, lower, cases = 0.0, 0.0, 0.0
    had, others, before = 0.0, 0.0, -np.inf
    for i in order:
        if given[i] != before:
            if given[i] < before:
                return False, 0.0, 0.0
            higher += had * (lower + others / 2)
            lower, cases = lower + others, cases + had
            had, others, before = 0.0, 0.0, given[i]
        if event[i]:
            had += weight[i]
        elif against[i]:
            others += weight[i]
    higher += had * (lower + others / 2)
    return True, higher, (cases + had) * (lower + others)


@compiled
def squared_distance(given: Floats, weight: Floats, event: Flags) -> float:
    """Weighted sum of squared distances between predictions and who had the event."""
    total = 0.0
    for i in range(given.size):
        total += weight[i] * (given[i] - event[i]) ** 2
    return total
