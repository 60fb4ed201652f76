"""Whether as many have the event as was predicted: of everybody, and along the predictions."""

from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.concordance import Difference
from riskapp.evaluation.course import CannotJudge, Course, Floats, checked_probabilities
from riskapp.evaluation.observed import Z_95, Incidence, cumulative_incidence
from riskapp.evaluation.pseudo_values import complementary_log_log, pseudo_values, regress


@dataclass(frozen=True)
class InTheLarge:
    """Observed over expected, with 95 %; no interval where nobody had the event by then."""

    horizon_years: float
    people: int
    events: int
    expected: float
    observed: Incidence
    ratio: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Coefficient:
    """An estimate with its interval of 95 %, and what each person adds to it, shape (n,)."""

    value: float
    lower: float
    upper: float
    standard_error: float
    influence: Floats


@dataclass(frozen=True)
class Weak:
    """``slope``: 1 if the spread is right, below 1 if it is too wide. ``intercept``: 0 if the
    level is right, with the spread left as it is; both on the complementary log-log scale."""

    horizon_years: float
    intercept: Coefficient
    slope: Coefficient


@dataclass(frozen=True)
class Group:
    """People of like predictions."""

    people: int
    events: int
    expected: float
    observed: Incidence


def in_the_large(predicted: Floats, seen: Course, horizon_years: float) -> InTheLarge:
    """Aalen-Johansen's incidence over the mean prediction.

    The interval is that of the incidence alone, on the log scale (van Geloven 2022).

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon, or every prediction is 0.

    References
    ----------
    van Geloven N and others, 2022. BMJ 377:e069249, doi:10.1136/bmj-2021-069249.
    """
    given = checked_probabilities(predicted, seen)
    expected = float(np.average(given, weights=seen.weights))
    if expected == 0:
        raise CannotJudge("Nothing was predicted: observed over expected has no value.")
    observed = cumulative_incidence(seen, horizon_years)
    ratio = observed.value / expected
    lower = upper = None
    if observed.value > 0:
        spread = np.exp(Z_95 * observed.standard_error / observed.value)
        lower, upper = float(ratio / spread), float(ratio * spread)
    events = int((seen.event & (seen.years <= horizon_years)).sum())
    return InTheLarge(horizon_years, seen.people, events, expected, observed, ratio, lower, upper)


def weak(predicted: Floats, seen: Course, horizon_years: float) -> Weak:
    """Calibration intercept and slope, by regression of pseudo-values on the prediction.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon, too many predictions are 0 or 1, or all are the
        same.

    References
    ----------
    van Geloven N and others, 2022. BMJ 377:e069249, doi:10.1136/bmj-2021-069249.
    """
    given = complementary_log_log(checked_probabilities(predicted, seen))
    if np.ptp(given) == 0:
        raise CannotJudge("The same was predicted of everybody: there is no calibration slope.")
    values = pseudo_values(seen, horizon_years)
    ones = np.ones((seen.people, 1))
    level = regress(ones, given, values, seen.weights)
    both = regress(np.column_stack([ones, given]), given, values, seen.weights)
    return Weak(
        horizon_years,
        _coefficient(float(level.coefficients[0]), level.influence[0]),
        _coefficient(1 + float(both.coefficients[1]), both.influence[1]),
    )


def grouped(
    predicted: Floats, seen: Course, horizon_years: float, groups: int = 10
) -> tuple[Group, ...]:
    """Groups of rising prediction, as equal in number as can be; equal predictions stay together.

    A group that nobody of was followed to the horizon is refused with all: ask for fewer.
    """
    given = checked_probabilities(predicted, seen)
    _, rank, counts = np.unique(given, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2)[rank] / given.size
    placed = np.minimum((middle * groups).astype(int), groups - 1)
    return tuple(
        Group(
            people=int(chosen.sum()),
            events=int((seen.event[chosen] & (seen.years[chosen] <= horizon_years)).sum()),
            expected=float(np.average(given[chosen], weights=seen.weights[chosen])),
            observed=cumulative_incidence(seen.part(chosen), horizon_years),
        )
        for chosen in (placed == number for number in np.unique(placed))
    )


def ratio_difference(first: InTheLarge, second: InTheLarge) -> Difference:
    """Observed over expected of the first less that of the second, of the same people.

    What was observed is the same for both, so only 1 / expected differs; what was predicted is
    taken as it stands, as in the interval of either (van Geloven 2022).
    """
    apart = 1 / first.expected - 1 / second.expected
    value = first.observed.value * apart
    error = first.observed.standard_error * abs(apart)
    return Difference(value, value - Z_95 * error, value + Z_95 * error, error)


def coefficient_difference(first: Coefficient, second: Coefficient) -> Difference:
    """The first less the second, paired: what both do with a person is taken off.

    Raises
    ------
    CannotJudge
        If the two are of different people.
    """
    if first.influence.shape != second.influence.shape:
        raise CannotJudge("The two figures are of different people.")
    value = first.value - second.value
    error = float(np.sqrt(((first.influence - second.influence) ** 2).sum()))
    return Difference(value, value - Z_95 * error, value + Z_95 * error, error)


def _coefficient(value: float, influence: Floats) -> Coefficient:
    error = float(np.sqrt((influence**2).sum()))
    return Coefficient(value, value - Z_95 * error, value + Z_95 * error, error, influence)
