"""How well one column tells what happened later: what no baseline measurement does."""

from math import lgamma, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.columns import Flags, Floats

Whole = npt.NDArray[np.intp]

# An interval ends so many standard errors from its figure; 1 in 2,000 lies beyond by chance.
STANDARD_ERRORS = 3.3
FEWEST_EVENTS = 10
FEWEST_CENSORED = 50
# Some who are near death are never measured; that a few such die first is no immortal time.
FEWEST_BEFORE = 10
IMMORTAL_LOG10_CHANCE = -6.0
HALVINGS = 12  # of the interval that holds the end of an odds ratio's
TINY = 1e-12


class Bounded(NamedTuple):
    """A figure, and the end of its interval that lies towards no effect."""

    figure: float
    at_least: float


class Immortal(NamedTuple):
    """When the first of a group leaves, and who left before.

    Attributes
    ----------
    first : float
        Years.
    before : int
        People outside the group who left earlier.
    log10_chance : float
        How probable it is that as many leave before and none is of the group, were the group of
        no account.
    """

    first: float
    before: int
    log10_chance: float

    @property
    def suspected(self) -> bool:
        return self.before >= FEWEST_BEFORE and self.log10_chance < IMMORTAL_LOG10_CHANCE


NOTHING = Bounded(0.0, 0.0)


def ranks(values: Floats | Whole) -> Floats:
    """Ranks from 1; those alike share their mean rank. A genome's columns are ranked here."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranked: Floats = (np.cumsum(counts) - (counts - 1) / 2)[where]
    return ranked


def discrimination(values: Floats, event: Flags, like: Whole) -> Bounded:
    """Area under the curve of a column for the event among people who are alike.

    Parameters
    ----------
    values, event : ndarray, shape (n,)
    like : ndarray of int, shape (n,)
        Only people of one group are compared, so that a column that says no more than how old
        somebody is tells nothing. The areas of the groups are weighted by n1 n0 / (n1 + n0).

    Returns
    -------
    Bounded
        Turned so that it is at least a half.

    References
    ----------
    Standard error: Hanley JA, McNeil BJ, 1982. Radiology 143:29-36,
    doi:10.1148/radiology.143.1.7063747. Weights: van Elteren PH, 1960. Bull Int Stat Inst
    37:351-361 (recalled, to be confirmed).
    """
    known = np.isfinite(values)
    values, event, like = values[known], event[known], like[known]
    if min(int(event.sum()), int((~event).sum())) < FEWEST_EVENTS:
        return NOTHING
    levels, dense = np.unique(values, return_inverse=True)
    groups, group, sizes = np.unique(like, return_inverse=True, return_counts=True)
    # Groups follow one another in these ranks, so those before are taken off.
    ranked = ranks(group * len(levels) + dense) - (np.cumsum(sizes) - sizes)[group]
    n1 = np.bincount(group[event], minlength=len(groups)).astype(np.float64)
    n0 = sizes - n1
    both = n1 * n0 > 0
    if not both.any():
        return NOTHING
    summed = np.bincount(group[event], ranked[event], len(groups))
    n1, n0, summed = n1[both], n0[both], summed[both]
    weight = n1 * n0 / (n1 + n0)
    weight /= weight.sum()
    area = float(weight @ ((summed - n1 * (n1 + 1) / 2) / (n1 * n0)))
    area = max(area, 1 - area)
    by_chance = float(np.sqrt(weight**2 @ ((n1 + n0 + 1) / (12 * n1 * n0))))
    if n1.sum() < FEWEST_EVENTS or area - 0.5 < STANDARD_ERRORS * by_chance:
        # Of so few who can be compared, chance puts all in order.
        return NOTHING
    # A separation without a fault has an error too: as if half a person of one more were wrong.
    seen = (area * n1.sum() + 0.5) / (n1.sum() + 1)
    q1, q2 = seen / (2 - seen), 2 * seen**2 / (1 + seen)
    variance = seen * (1 - seen) + (n1 - 1) * (q1 - seen**2) + (n0 - 1) * (q2 - seen**2)
    error = float(np.sqrt(weight**2 @ (np.maximum(variance, 0.0) / (n1 * n0))))
    return Bounded(area, area - STANDARD_ERRORS * error)


def odds_ratio(group: Flags, event: Flags, like: Whole) -> Bounded:
    """Odds ratio of an event in a group among people who are alike, turned to be at least one.

    The figure is Mantel and Haenszel's, with a half in each cell (Haldane) spread over the groups
    of people who are alike. The least is the largest ratio from which so many events of the group
    lie ``STANDARD_ERRORS`` away, which holds for empty cells too.

    References
    ----------
    Mantel N, Haenszel W, 1959. J Natl Cancer Inst 22:719-748, doi:10.1093/jnci/22.4.719.
    Interval: Cornfield J, 1956. Proc Third Berkeley Symp 4:135-148; with sets of people, Gart JJ,
    1970. Biometrika 57:471-475, doi:10.1093/biomet/57.3.471 (both recalled, to be confirmed).
    """
    if min(int(event.sum()), int((~event).sum()), int(group.sum()), int((~group).sum())) == 0:
        return NOTHING
    if event.sum() < FEWEST_EVENTS:
        return NOTHING
    _, stratum = np.unique(like, return_inverse=True)
    a, b, c, d = _cells(group, event, stratum)
    n = a + b + c + d
    more = 0.5 / len(n)
    ratio = float(
        ((a + more) * (d + more) / (n + 4 * more)).sum()
        / ((b + more) * (c + more) / (n + 4 * more)).sum()
    )
    if ratio < 1:
        a, b, c, d, ratio = c, d, a, b, 1 / ratio
    low, high = 0.0, np.log(ratio)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _lies_beyond(a, b, c, d, np.exp(middle)) else (low, middle)
    return Bounded(ratio, float(np.exp(low)))


def _cells(group: Flags, event: Flags, stratum: Whole) -> list[Floats]:
    strata = int(stratum.max()) + 1
    return [
        np.bincount(stratum[chosen], minlength=strata).astype(np.float64)
        for chosen in (group & event, group & ~event, ~group & event, ~group & ~event)
    ]


def _lies_beyond(a: Floats, b: Floats, c: Floats, d: Floats, ratio: float) -> bool:
    """Whether so many events of a group are more than an odds ratio above 1 lets expect."""
    n, grouped, events = a + b + c + d, a + b, a + c
    both = ratio * (grouped + events) + n - grouped - events
    root = np.sqrt(both**2 - 4 * (ratio - 1) * ratio * grouped * events)
    # The other form of the solution, which also holds for a ratio of 1.
    expected = 2 * ratio * grouped * events / np.maximum(both + root, TINY)
    cells = (expected, grouped - expected, events - expected, n - grouped - events + expected)
    # A set of people in which one cell must be empty says nothing.
    spread = 1 / np.sum([1 / np.maximum(cell, TINY) for cell in cells], axis=0)
    beyond = float((a - expected).sum()) - 0.5
    return beyond > STANDARD_ERRORS * float(np.sqrt(spread.sum()))


def rank_correlation(values: Floats, years: Floats, held: Floats) -> Bounded:
    """Absolute rank correlation of a column with times, given what else is held fixed.

    Parameters
    ----------
    values, years : ndarray, shape (n,)
    held : ndarray, shape (n, k)
        For example age and sex: older people are followed for less long and are weaker.
    """
    known = np.isfinite(values)
    values, years, held = values[known], years[known], held[known]
    freedom = len(values) - 3 - held.shape[1]
    if (
        len(values) < FEWEST_EVENTS + held.shape[1]
        or len(np.unique(values)) < 2
        or len(np.unique(years)) < 2
    ):
        return NOTHING
    design = np.column_stack([np.ones(len(values)), *(ranks(column) for column in held.T)])
    both = np.column_stack([ranks(values), ranks(years)])
    left = both - design @ np.linalg.lstsq(design, both, rcond=None)[0]
    spread = np.sqrt((left**2).sum(axis=0))
    # What is left of a column that the held ones determine is rounding.
    if (spread < 1e-6 * np.sqrt((both**2).sum(axis=0))).any():
        return NOTHING
    found = abs(float(left[:, 0] @ left[:, 1] / spread.prod()))
    lowest = np.tanh(np.arctanh(min(found, 1 - 1e-12)) - STANDARD_ERRORS / np.sqrt(freedom))
    return Bounded(found, float(max(lowest, 0.0)))


def immortal(group: Flags, years: Floats) -> Immortal:
    """Whether nobody of a group leaves early, while others do."""
    n, of_group = len(group), int(group.sum())
    if of_group == 0 or of_group == n:
        return Immortal(0.0, 0, 0.0)
    first = float(years[group].min())
    before = int((years[~group] < first).sum())
    left = np.arange(before)
    return Immortal(first, before, float(np.log10((n - of_group - left) / (n - left)).sum()))


def separates_alone(values: Floats, event: Flags) -> float:
    """Log10 of the chance that two values of a column tell everybody with an event from the rest.

    0 where they do not. At any size: among 200 people with 5 events it is 1 in 2,500 million.
    """
    known = np.isfinite(values)
    values, event = values[known], event[known]
    n, n1 = len(event), int(event.sum())
    if n1 in (0, n):
        return 0.0
    with_event, without = values[event], values[~event]
    same = (with_event == with_event[0]).all() and (without == without[0]).all()
    if not same or with_event[0] == without[0]:
        return 0.0
    return -(lgamma(n + 1) - lgamma(n1 + 1) - lgamma(n - n1 + 1)) / log(10)


def orders_alike(values: Floats, years: Floats) -> float:
    """Log10 of the chance that a column puts people in the order of their times, or its reverse.

    0 where it does not.
    """
    known = np.isfinite(values)
    if known.sum() < 2:
        return 0.0
    levels, one = np.unique(values[known], return_inverse=True)
    times, other = np.unique(years[known], return_inverse=True)
    n = len(times)
    if len(levels) != n or not ((one == other).all() or (one == n - 1 - other).all()):
        return 0.0
    return (log(2) - lgamma(n + 1)) / log(10)
