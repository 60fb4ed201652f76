"""Whom a second prediction places in another category than the first, and whether rightly.

Read these after discrimination, calibration and net benefit, never in their place: the net
reclassification index rewards miscalibrated predictions (Hilden and Gerds 2014, Stat Med
33:3405-3414, doi:10.1002/sim.5804), and its two parts are not to be added up without a weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.course import (
    CannotJudge,
    Course,
    Flags,
    Floats,
    Places,
    checked_probabilities,
)
from riskapp.evaluation.observed import cumulative_incidence

CAUTION = (
    "Reclassification indices can favour a prediction that is merely miscalibrated; "
    "read them beside calibration and net benefit."
)


@dataclass(frozen=True)
class Cell:
    """People whom the first prediction places in one category and the second in another.

    ``observed`` is None where the cell is empty or nobody in it was followed to the horizon.
    """

    first: int
    second: int
    people: int
    observed: float | None


@dataclass(frozen=True)
class Reclassification:
    """Net reclassification index by its parts, each from -1 to 1; ``total`` is their sum.

    ``events``: share of those with the event who move up, less the share who move down.
    ``non_events``: share of those without who move down, less the share who move up.
    """

    events: float
    non_events: float
    total: float
    cells: tuple[Cell, ...]


def reclassification(
    first: Floats,
    second: Floats,
    seen: Course,
    horizon_years: float,
    thresholds: Sequence[float] | Floats,
) -> Reclassification:
    """Categorical net reclassification, with Aalen-Johansen's incidence among those who move.

    Parameters
    ----------
    thresholds : ndarray, shape (k,) or (n, k)
        Rising; at a threshold is above it. Of two dimensions where they differ by person.

    Raises
    ------
    CannotJudge
        If nobody or everybody had the event, or nobody who moves was followed to the horizon.

    References
    ----------
    Pencina MJ, D'Agostino RB, Steyerberg EW, 2011. Stat Med 30:11-21, doi:10.1002/sim.4085.
    """
    places = [_placed(each, seen, thresholds) for each in (first, second)]
    reached = cumulative_incidence(seen, horizon_years).value
    events, non_events = _net(places[0], places[1], seen, horizon_years, reached)
    number = np.asarray(thresholds).shape[-1] + 1
    cells = _cells(places[0], places[1], number, seen, horizon_years)
    return Reclassification(events, non_events, events + non_events, cells)


def net_reclassification(
    first: Floats,
    second: Floats,
    seen: Course,
    horizon_years: float,
    thresholds: Sequence[float] | Floats,
    reached: float,
) -> tuple[float, float]:
    """Return the two parts of ``reclassification`` alone, where the incidence is known already."""
    before, after = (_placed(each, seen, thresholds) for each in (first, second))
    return _net(before, after, seen, horizon_years, reached)


def _placed(given: Floats, seen: Course, thresholds: Sequence[float] | Floats) -> Places:
    limits = np.asarray(thresholds, dtype=np.float64)
    return np.asarray((checked_probabilities(given, seen)[:, None] >= limits).sum(axis=1))


def _net(
    before: Places, after: Places, seen: Course, horizon_years: float, reached: float
) -> tuple[float, float]:
    if not 0 < reached < 1:
        raise CannotJudge(f"By {horizon_years:g} years everybody or nobody had the event.")
    up = _with_and_without(seen, after > before, horizon_years)
    down = _with_and_without(seen, after < before, horizon_years)
    return (up[0] - down[0]) / reached, (down[1] - up[1]) / (1 - reached)


def _with_and_without(seen: Course, chosen: Flags, horizon_years: float) -> tuple[float, float]:
    """Shares of all people that are chosen and have the event by the horizon, or do not."""
    share = float(np.average(chosen, weights=seen.weights))
    if share == 0:
        return 0.0, 0.0
    reached = cumulative_incidence(seen.part(chosen), horizon_years).value
    return share * reached, share * (1 - reached)


def _cells(
    first: Places, second: Places, categories: int, seen: Course, horizon_years: float
) -> tuple[Cell, ...]:
    found = []
    for row in range(categories):
        for column in range(categories):
            chosen = (first == row) & (second == column)
            observed = _observed(seen, chosen, horizon_years)
            found.append(Cell(row, column, int(chosen.sum()), observed))
    return tuple(found)


def _observed(seen: Course, chosen: Flags, horizon_years: float) -> float | None:
    if not seen.weights[chosen].any():
        return None
    try:
        return cumulative_incidence(seen.part(chosen), horizon_years).value
    except CannotJudge:
        return None
