"""The loops over people that are gone through again and again; see ``compiled``."""

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled
from riskapp.evaluation.leaving import ratio
from riskapp.evaluation.sorting import Flags, Floats, Places

# A weight over nobody is endless, as it is for numpy.
like_numpy = partial(compiled, error_model="numpy")


# One person beside the next in memory: they are gone through in the order of predictions.
PERSON = np.dtype(
    [
        ("counted", np.float64),
        ("own", np.float64),
        ("own_cut", np.float64),
        ("beyond", np.int32),
        ("event", np.bool_),
        ("died", np.bool_),
    ],
    align=True,
)


class Ahead(NamedTuple):
    """People, horizons, and what whom counts for at them; see ``observed.ahead``.

    Attributes
    ----------
    people : ndarray of ``PERSON``, shape (n,)
        ``counted`` is the weight of each; ``own`` the same over the probability of having been
        followed until one's own time, and ``own_cut`` what it is where follow-up was cut at the
        horizon. ``beyond`` is at how many of the horizons, the first ones, one is free of both.
    followed : ndarray, shape (h,)
        Probability of having been followed until each horizon.
    uncut : int
        At how many of the horizons follow-up went on.
    """

    people: npt.NDArray[np.void]
    followed: Floats
    uncut: int


@compiled
def counted(
    weights: Floats, years: Floats, event: Flags, died: Flags, horizons: Floats, last: float
) -> npt.NDArray[np.void]:
    """``Ahead.people``, but for what each counts for over having been followed.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        They add up to 1.
    last : float
        The last time that anybody was seen, where that is before a horizon or at it: those free
        of everything until then are free at each. Otherwise endless.
    """
    people = np.empty(years.size, dtype=PERSON)
    for i in range(years.size):
        one, seen_after = people[i], 0
        for horizon in horizons:
            seen_after += years[i] > horizon
        if years[i] == last and not (event[i] or died[i]):
            seen_after = horizons.size
        one.event, one.died, one.beyond = event[i], died[i], seen_after
        one.counted = weights[i]
    return people


@compiled
def share_out(people: npt.NDArray[np.void], place: Places, after: Floats, before: bool) -> None:
    """Fill in what is left open by ``counted``.

    Parameters
    ----------
    place : ndarray, shape (n,)
        Where the time of each stands among the times.
    after : ndarray, shape (times + 1,)
        As by ``staying``.
    before : bool
        Whether the probability just before one's own time counts where follow-up was not cut.
    """
    for i in range(place.size):
        one = people[i]
        one.own_cut = ratio(one.counted, after[place[i]])
        one.own = one.own_cut if before else ratio(one.counted, after[place[i] + 1])


@like_numpy
def states(ahead: Ahead, horizon: int) -> tuple[Flags, Flags, Flags, Floats]:
    """Who had the event by a horizon, had died, was free of both, and what each counts for."""
    n = ahead.people.size
    had, gone = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    free, weight = np.zeros(n, dtype=np.bool_), np.zeros(n)
    for i in range(n):
        one = ahead.people[i]
        free[i] = one.beyond > horizon
        had[i], gone[i] = one.event and not free[i], one.died and not free[i]
        if free[i]:
            weight[i] = one.counted / ahead.followed[horizon]
        elif had[i] or gone[i]:
            weight[i] = one.own if horizon < ahead.uncut else one.own_cut
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


@like_numpy
def concordant_in_order(
    given: Floats, order: Places, ahead: Ahead, against_dead: bool
) -> tuple[Flags, Places, Floats, Floats]:
    """``concordant_weight`` at each horizon, of predictions that may rise in one order.

    Parameters
    ----------
    given : ndarray, shape (n, h) or (n, 1)
    order : ndarray, shape (n,)

    Returns
    -------
    rising : ndarray of bool, shape (h,)
        Whether predictions rise in that order; where they do not, nothing else is true.
    events : ndarray, shape (h,)
        How many had the event.
    higher, pairs : ndarray, shape (h,)
    """
    n, columns, h = order.size, given.shape[1], ahead.followed.size
    rising, events = np.ones(h, dtype=np.bool_), np.zeros(h + 1, dtype=np.intp)
    higher, pairs = np.zeros(h), np.zeros(h)
    # What each counts for while free, with the event and after death, in that order.
    free, event, dead = np.empty(n), np.zeros(n), np.zeros(n)
    beyond = np.empty(n, dtype=np.int32)
    for at in range(n):
        one = ahead.people[order[at]]
        free[at], beyond[at] = one.counted, one.beyond
        events[one.beyond] += one.event
    for k in range(h):
        for at in range(n):
            if beyond[at] == k or (k == ahead.uncut and beyond[at] < k):
                one = ahead.people[order[at]]
                own = one.own if k < ahead.uncut else one.own_cut
                free[at], event[at], dead[at] = 0.0, one.event * own, one.died * own
        rising[k], higher[k], pairs[k] = _concordant(
            given[:, k % columns], order, event, free, 1 / ahead.followed[k], dead, against_dead
        )
    return rising, np.cumsum(events[:h]), higher, pairs


@compiled
def _concordant(
    given: Floats,
    order: Places,
    event: Floats,
    free: Floats,
    until: float,
    dead: Floats,
    against_dead: bool,
) -> tuple[bool, float, float]:
    """As ``concordant_in_order``, of one horizon, with weights in that order."""
    rising, last = True, -np.inf
    # Weights of those below, with the event and without; and of those who are given the same.
    higher, cases, lower, had, others = 0.0, 0.0, 0.0, 0.0, 0.0
    for at in range(order.size):
        value = given[order[at]]
        if value != last:
            rising &= value > last
            higher += had * (lower + others / 2)
            cases += had
            lower += others
            had, others, last = 0.0, 0.0, value
        had += event[at]
        others += free[at] * until + dead[at] * against_dead
    higher += had * (lower + others / 2)
    return rising, higher, (cases + had) * (lower + others)


@like_numpy
def squared_distances(given: Floats, ahead: Ahead) -> tuple[bool, Floats, Floats, Floats]:
    """Weighted sums of squared distances from who had the event, at each horizon.

    Parameters
    ----------
    given : ndarray, shape (n, h)

    Returns
    -------
    bool
        Whether all is within 0 and 1.
    distance, with_event, without : ndarray, shape (h,)
        Of the predictions; and the weights of those who had had the event, and had not.
    """
    h = ahead.followed.size
    until = 1 / ahead.followed
    distance, with_event, without, outside = np.zeros(h), np.zeros(h), np.zeros(h), False
    for i in range(len(given)):
        here, one = given[i], ahead.people[i]
        for k in range(h):
            outside |= not 0 <= here[k] <= 1
        for k in range(one.beyond):
            weight = one.counted * until[k]
            distance[k] += weight * here[k] ** 2
            without[k] += weight
        if one.event or one.died:
            sums = with_event if one.event else without
            for k in range(one.beyond, h):
                weight = one.own if k < ahead.uncut else one.own_cut
                distance[k] += weight * (here[k] - one.event) ** 2
                sums[k] += weight
    return not outside, distance, with_event, without


@compiled
def squared_distance(given: Floats, weight: Floats, event: Flags) -> float:
    """Weighted sum of squared distances between predictions and who had the event."""
    total = 0.0
    for i in range(given.size):
        total += weight[i] * (given[i] - event[i]) ** 2
    return total
