"""Stability selection: what a LASSO picks again and again on halves of the people."""

from dataclasses import dataclass

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.design_row import Floats
from riskapp.training.lasso_path import lasso_path


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How often each column was among the first to enter.

    Attributes
    ----------
    frequency : ndarray, shape (p,)
        Share of the halves in which the column was among the first to enter.
    threshold : float
        A column picked in at least this share is chosen.
    first : int
        Columns that each half was asked for.
    most_false : float
        Bound on the expected number of chosen columns that a half picks no more often than it
        would by drawing lots.
    """

    frequency: Floats
    threshold: float
    first: int
    most_false: float

    @property
    def chosen(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.asarray(self.frequency >= self.threshold)


def stability(
    x: Floats,
    events: Floats,
    expected: Floats,
    *,
    threshold: float,
    most_false: float,
    pairs: int,
    seed: int,
) -> Stability:
    """Pick on complementary halves of the people, ``pairs`` times, and count.

    Each half is asked for its first q columns, with q the largest number for which the bound
    ``q**2 / ((2 * threshold - 1) * p)`` is at most ``most_false``. Since the halves of a pair
    share nobody, the bound holds without assuming that columns without effect are exchangeable,
    for the columns that a half picks with probability q / p or less (Shah and Samworth).

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Columns of one scale, all known.
    events, expected : ndarray, shape (n,)
        As for ``lasso_path``.
    threshold : float
        Above 1/2, at most 1.
    most_false : float
        Expected number of false choices that is borne; above 0.

    Raises
    ------
    UnusableCohort
        If p columns are too few to keep the bound even where each half picks but one.

    References
    ----------
    Meinshausen N, Buhlmann P, 2010. J R Stat Soc B 72:417, doi:10.1111/j.1467-9868.2010.00740.x.
    Shah RD, Samworth RJ, 2013. J R Stat Soc B 75:55, doi:10.1111/j.1467-9868.2011.01034.x.
    """
    people, p = x.shape
    if p == 0:
        return Stability(frequency=np.zeros(0), threshold=threshold, first=0, most_false=0.0)
    first = int(np.sqrt(most_false * (2 * threshold - 1) * p))
    if first < 1:
        raise UnusableCohort(
            f"Fewer than {most_false:g} false choices cannot be promised among {p} columns: "
            "allow more, or raise the share of halves that must agree."
        )
    first = min(first, p)
    rng = np.random.default_rng(seed)
    picked = np.zeros(p)
    for _ in range(pairs):
        drawn = rng.permutation(people)
        for half in (drawn[: people // 2], drawn[people // 2 : 2 * (people // 2)]):
            picked[_first_columns(x[half], events[half], expected[half], first)] += 1
    return Stability(
        frequency=picked / (2 * pairs),
        threshold=threshold,
        first=first,
        most_false=first**2 / ((2 * threshold - 1) * p),
    )


def _first_columns(
    x: Floats, events: Floats, expected: Floats, first: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Columns that enter first as the penalty falls; none where the half holds no event."""
    if not events.any():
        return np.zeros(0, dtype=np.intp)
    _, coefficients, _ = lasso_path(x, events, expected, at_most=first)
    on = coefficients != 0
    # Among those that enter at one step the larger effect counts as the earlier.
    entered = np.where(on.any(axis=0), on.argmax(axis=0), len(coefficients))
    size = np.abs(coefficients).max(axis=0)
    order = np.lexsort((-size, entered))[:first]
    return np.asarray(order[entered[order] < len(coefficients)])
