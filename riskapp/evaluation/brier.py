"""How far predicted probabilities lie from what happened, squared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.at_horizon import squared_distance, squared_distances
from riskapp.evaluation.course import (
    CannotJudge,
    Course,
    Floats,
    check_probabilities,
    checked_probabilities,
)
from riskapp.evaluation.observed import (
    StateAt,
    ahead,
    cumulative_incidence,
    incidences,
    state_at,
)
from riskapp.evaluation.roc import at_horizons


@dataclass(frozen=True)
class Brier:
    """At one horizon: 0 is best; ``null`` is that of the observed incidence, said of everybody.

    ``ipa``, the index of prediction accuracy, is the share of ``null`` that the prediction takes
    off: 1 is perfect, 0 no use, below 0 worse than saying the same of everybody. None where
    nobody had the event by then.
    """

    horizon_years: float
    score: float
    null: float
    ipa: float | None


@dataclass(frozen=True)
class BrierOverTime:
    """At each horizon, and the means over the time between the first and the last."""

    at: tuple[Brier, ...]
    integrated: float
    integrated_null: float
    integrated_ipa: float | None


def brier_at(predicted: Floats, seen: Course, horizon_years: float) -> Brier:
    """Mean squared distance, people lost before the horizon stood for by those who were not.

    Whoever died without the event has not had it; the null prediction is Aalen-Johansen's
    incidence of the same people.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon, or a prediction is no probability.

    References
    ----------
    Graf E and others, 1999. Stat Med 18:2529-2545. Schoop R and others, 2011. Biom J 53:88-112,
    doi:10.1002/bimj.201000073 (competing risks). Kattan MW, Gerds TA, 2018. Diagn Progn Res 2:7,
    doi:10.1186/s41512-018-0029-2 (index of prediction accuracy).
    """
    given = checked_probabilities(predicted, seen)
    state = state_at(seen, horizon_years)
    reached = cumulative_incidence(seen, horizon_years).value
    return brier_of(given, state, reached, horizon_years)


def brier_of(given: Floats, state: StateAt, reached: float, horizon_years: float) -> Brier:
    """``brier_at`` where it is known already who was in which state, and the incidence."""
    score = _score(given, state)
    null = _score(np.broadcast_to(reached, state.event.shape), state)
    return _brier(horizon_years, score, null)


def _brier(horizon_years: float, score: float, null: float) -> Brier:
    return Brier(horizon_years, score, null, 1 - score / null if null > 0 else None)


def brier_over_time(
    predicted: Floats, seen: Course, horizons_years: Sequence[float]
) -> BrierOverTime:
    """Brier score at each horizon, and integrated by trapezia over the time they span.

    Parameters
    ----------
    predicted : ndarray, shape (n, horizons)
    horizons_years : sequence of float
        Rising.

    References
    ----------
    Graf E and others, 1999. Stat Med 18:2529-2545.
    """
    given = at_horizons(predicted, seen, horizons_years)
    if given.shape[1] < len(horizons_years):
        raise CannotJudge("A Brier score over time needs a probability for each horizon.")
    at = ahead(seen, horizons_years)
    within, distance, with_event, without = squared_distances(given, at)
    if not within:
        check_probabilities(given)
    reached = np.array(incidences(seen, horizons_years))
    null = with_event * (1 - reached) ** 2 + without * reached**2
    scores = zip(horizons_years, distance.tolist(), null.tolist(), strict=True)
    return over_time(tuple(_brier(*each) for each in scores))


def over_time(found: tuple[Brier, ...]) -> BrierOverTime:
    """Integrate scores at rising horizons by trapezia."""
    horizons_years = [each.horizon_years for each in found]
    whole = _mean_over(horizons_years, [each.score for each in found])
    null = _mean_over(horizons_years, [each.null for each in found])
    return BrierOverTime(found, whole, null, 1 - whole / null if null > 0 else None)


def _score(predicted: Floats, state: StateAt) -> float:
    return squared_distance(predicted, state.weight, state.event)


def _mean_over(horizons_years: Sequence[float], values: Sequence[float]) -> float:
    if len(values) == 1:
        return values[0]
    span = horizons_years[-1] - horizons_years[0]
    return float(np.trapezoid(values, horizons_years) / span)
