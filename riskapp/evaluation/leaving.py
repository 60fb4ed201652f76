"""The loops over times: who leaves at each, and what is left of those at risk."""

import numpy as np

from imaging.texture.compiled import compiled
from riskapp.evaluation.sorting import Flags, Floats, Places


@compiled
def ratio(part: float, whole: float) -> float:
    """0 where nobody is left."""
    return part / whole if whole > 0 else 0.0


@compiled
def leaving(
    order: Places, years: Floats, weights: Floats, event: Flags, died: Flags
) -> tuple[Floats, Floats, Floats, Floats]:
    """Distinct times, and weighted events, deaths and losses at each, shape (times,).

    Parameters
    ----------
    order : ndarray, shape (n,)
        People in order of time.
    """
    n = order.size
    times, events, deaths, lost = np.empty(n), np.zeros(n), np.zeros(n), np.zeros(n)
    last = -1
    for i in order:
        if last < 0 or years[i] != times[last]:
            last += 1
            times[last] = years[i]
        if event[i]:
            events[last] += weights[i]
        elif died[i]:
            deaths[last] += weights[i]
        else:
            lost[last] += weights[i]
    return times[: last + 1], events[: last + 1], deaths[: last + 1], lost[: last + 1]


@compiled
def still_there(gone: Floats) -> Floats:
    """How many are there before each time, shape (times,), of those who go at each."""
    found, there = np.empty(gone.size), 0.0
    for time in range(gone.size - 1, -1, -1):
        there += gone[time]
        found[time] = there
    return found


@compiled
def steps(events: Floats, deaths: Floats, at_risk: Floats) -> tuple[Floats, Floats, Floats]:
    """Share free of everything before each time, then of these those with the event, and ended."""
    before, hazard, ended = np.empty(events.size), np.empty(events.size), np.empty(events.size)
    free = 1.0
    for time in range(events.size):
        before[time] = free
        hazard[time] = ratio(events[time], at_risk[time])
        ended[time] = ratio(events[time] + deaths[time], at_risk[time])
        free *= 1 - ended[time]
    return before, hazard, ended


@compiled
def staying(lost: Floats, could_be_lost: Floats, trace: float) -> Floats:
    """Share not lost from the beginning on, and from each time on, shape (times + 1,).

    Parameters
    ----------
    trace : float
        What sums of weights in another order may leave of people who have all gone.
    """
    found = np.ones(lost.size + 1)
    for time in range(lost.size):
        left = 1 - ratio(lost[time], could_be_lost[time])
        found[time + 1] = found[time] * (left if left > trace else 0.0)
    return found
