"""What became of each person: the event, death without it, or neither until last seen."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.leaving import leaving, still_there
from riskapp.evaluation.sorting import ranked, rising
from riskapp.risk.errors import RiskError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

# A death on the day after the last look for fractures is the end of that person, not a loss.
DAY_YEARS = 1 / 365.25


class CannotJudge(RiskError):
    """The data do not hold what the figure needs; the sentence says what."""


@dataclass(frozen=True)
class RiskTable:
    """Weighted numbers at each distinct time, shape (times,)."""

    times: Floats
    at_risk: Floats
    events: Floats
    deaths: Floats
    lost: Floats


@dataclass(frozen=True, kw_only=True)
class Course:
    """One outcome of n people, with death in its way.

    Attributes
    ----------
    years : ndarray, shape (n,)
        Until the event, the death without it, or the last time the person was known free of both.
    event, died : ndarray of bool, shape (n,)
        Nobody has both.
    weights : ndarray, shape (n,)
        How many people each stands for; 1 unless a survey says otherwise.
    competing : bool
        Death was recorded. Without it everybody who died counts as last seen then.
    """

    years: Floats
    event: Flags
    died: Flags
    weights: Floats
    competing: bool

    def part(self, chosen: Places | Flags) -> "Course":
        """Return these people only, repeated where a place is."""
        return Course(
            years=self.years[chosen],
            event=self.event[chosen],
            died=self.died[chosen],
            weights=self.weights[chosen],
            competing=self.competing,
        )

    @cached_property
    def order(self) -> Places:
        """Return the people in order of time."""
        return rising(self.years)

    @cached_property
    def moments(self) -> tuple[Floats, Places]:
        """Return the distinct times in order, and the place of each person's among them."""
        return ranked(self.years, self.order)

    @cached_property
    def table(self) -> RiskTable:
        """Return how many are at risk, have the event, die and are lost at each distinct time."""
        times, events, deaths, lost = leaving(
            self.order, self.years, self.weights, self.event, self.died
        )
        return RiskTable(times, still_there(events + deaths + lost), events, deaths, lost)

    @cached_property
    def last(self) -> float:
        """Return the last time that anybody was seen."""
        return float(self.years.max())

    @property
    def people(self) -> int:
        return self.years.size


def course(seen: FollowUp, death: FollowUp | None = None, weights: Floats | None = None) -> Course:
    """Join the follow-up of an outcome with that of death.

    Whoever died after the follow-up of the outcome had ended is lost, not dead, for the outcome:
    a fracture between the two would not have been recorded.

    Raises
    ------
    CannotJudge
        If there is nobody, a time is not finite or negative, a weight not finite or not positive,
        or they differ in number.
    """
    years = np.asarray(seen.years, dtype=np.float64)
    event = np.asarray(seen.event, dtype=np.bool_)
    counted = np.ones(years.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    died = np.zeros(years.shape, dtype=np.bool_)
    _check(years, event, counted)
    if death is not None:
        _check(death.years, death.event, counted)
        died = death.event & ~event & (death.years <= years + DAY_YEARS)
        years = np.where(died, death.years, years)
    return Course(years=years, event=event, died=died, weights=counted, competing=death is not None)


def _check(years: Floats, event: Flags, weights: Floats) -> None:
    if not years.size:
        raise CannotJudge("There is nobody to judge by.")
    if not years.shape == event.shape == weights.shape:
        raise CannotJudge("Times, events and weights differ in number.")
    if not (np.isfinite(years).all() and (years >= 0).all()):
        raise CannotJudge("A time of follow-up is missing, endless or negative.")
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise CannotJudge("A weight is missing, endless, zero or negative.")


def checked(predicted: Floats, seen: Course) -> Floats:
    """Predictions as numbers, one for each person.

    Raises
    ------
    CannotJudge
        If one is missing or endless, or there are more or fewer than people.
    """
    # One after another in memory, which a column of a table is not.
    given = np.asarray(predicted, dtype=np.float64, order="C")
    if given.shape != (seen.people,):
        raise CannotJudge(f"There are {given.shape} predictions for {seen.people} people.")
    check_finite(given)
    return given


def check_finite(given: Floats) -> None:
    """Refuse predictions of which one is missing or endless.

    Raises
    ------
    CannotJudge
    """
    if not np.isfinite(given).all():
        raise CannotJudge("A prediction is missing or endless.")


def checked_probabilities(predicted: Floats, seen: Course) -> Floats:
    """As ``checked``, and each within 0 and 1."""
    given = checked(predicted, seen)
    check_probabilities(given)
    return given


def check_probabilities(given: Floats) -> None:
    """As ``check_finite``, and each within 0 and 1.

    Raises
    ------
    CannotJudge
    """
    check_finite(given)
    if given.min() < 0 or given.max() > 1:
        raise CannotJudge("A predicted probability lies outside 0 to 1.")
