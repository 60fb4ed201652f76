"""What was observed although not everybody was followed: incidence, and who counts for whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.at_horizon import Ahead, counted, share_out, states
from riskapp.evaluation.course import CannotJudge, Course, Flags, Floats
from riskapp.evaluation.leaving import staying, steps

Z_95 = 1.959963984540054
TRACE = 1e-12


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence with death competing, with its interval of 95 %."""

    value: float
    lower: float
    upper: float
    standard_error: float


@dataclass(frozen=True)
class StateAt:
    """What is known of each person at a horizon, shape (n,) each.

    ``weight`` is what each counts for: its own weight over the probability of having been
    followed so far, 0 for people lost before; the weights of everybody add up to about 1.
    """

    event: Flags
    died: Flags
    free: Flags
    weight: Floats


def _ratio(part: Floats, whole: Floats) -> Floats:
    """0 where nobody is left."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def cumulative_incidence(seen: Course, horizon_years: float) -> Incidence:
    """Aalen-Johansen's estimate at a horizon; events exactly then count.

    The standard error is the infinitesimal jackknife, the interval symmetric in log(-log(1 - x));
    of none and of all it is the binomial one of those whose state is known (Clopper and Pearson
    1934, Biometrika 26:404, doi:10.1093/biomet/26.4.404).
    Without deaths it is 1 - Kaplan-Meier.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon.

    References
    ----------
    Aalen OO, Johansen S, 1978. Scand J Stat 5:141-150.
    """
    check_reached(seen, horizon_years)
    value, influence = _incidence(seen, horizon_years)
    value = _rounded(value)
    error = float(np.sqrt((influence**2).sum()))
    if value in (0.0, 1.0):
        known = (seen.event | seen.died | (seen.years >= horizon_years)).sum()
        possible = 0.025 ** (1 / max(known, 1))
        lower, upper = (0.0, 1 - possible) if value == 0 else (possible, 1.0)
        return Incidence(value, lower, upper, error)
    if error == 0:
        return Incidence(value, value, value, error)
    spread = Z_95 * error / abs((1 - value) * np.log1p(-value))
    middle = np.log(-np.log1p(-value))
    lower, upper = (float(-np.expm1(-np.exp(middle + side * spread))) for side in (-1, 1))
    return Incidence(value, lower, upper, error)


def incidences(seen: Course, horizons_years: Sequence[float]) -> list[float]:
    """Give the values of ``cumulative_incidence`` at each horizon from one estimate."""
    table = seen.table
    before, hazard, _ = steps(table.events, table.deaths, table.at_risk)
    grown = np.concatenate([[0.0], np.cumsum(before * hazard)])
    found = []
    for horizon in horizons_years:
        check_reached(seen, horizon)
        found.append(_rounded(float(grown[np.searchsorted(table.times, horizon, side="right")])))
    return found


def _rounded(value: float) -> float:
    """Of everybody, a sum of shares may end a rounding beyond."""
    return 1.0 if value > 1 - TRACE else value


def _incidence(seen: Course, horizon_years: float) -> tuple[float, Floats]:
    """Incidence, and the weight of each person times its derivative by that weight, shape (n,)."""
    table = seen.table
    within = table.times <= horizon_years
    before, hazard, ended = steps(table.events, table.deaths, table.at_risk)
    grown = np.where(within, before * hazard, 0.0)
    incidence = np.cumsum(grown)
    value = float(incidence[-1])
    # d hazard(u) / d w_i = (event_i at u - hazard(u)) / at_risk(u) for everybody at risk at u;
    # a change in the share that ends at u scales all that comes after.
    after = value - incidence
    lost_later = _ratio(after, 1 - ended)
    by_risk = np.where(within, (-before * hazard + ended * lost_later) / table.at_risk, 0.0)
    place = seen.moments[1]
    own = np.where(within, before / table.at_risk, 0.0)[place] * seen.event
    own = own - np.where(within, lost_later / table.at_risk, 0.0)[place] * (seen.event | seen.died)
    return value, seen.weights * (np.cumsum(by_risk)[place] + own)


def check_reached(seen: Course, horizon_years: float) -> None:
    """Refuse a horizon that nobody was followed to.

    Raises
    ------
    CannotJudge
        If people were lost before the horizon and nobody was seen at it or after it.
    """
    if not horizon_years > 0:
        raise CannotJudge("A horizon lies after the beginning.")
    if seen.last < horizon_years and not (seen.event | seen.died).all():
        raise CannotJudge(
            f"Nobody was followed to {horizon_years:g} years; "
            f"the longest follow-up is {seen.last:.1f} years."
        )


@dataclass(frozen=True)
class Followed:
    """Probability of being followed, as a step function.

    Attributes
    ----------
    times : ndarray, shape (steps,)
    after : ndarray, shape (steps + 1,)
        From the beginning, and from each of the times on.
    """

    times: Floats
    after: Floats

    def at(self, years: float) -> float:
        return float(self.after[np.searchsorted(self.times, years, side="right")])

    def just_before(self, years: float) -> float:
        return float(self.after[np.searchsorted(self.times, years, side="left")])

    def at_own(self, seen: Course, *, just_before: bool) -> Floats:
        """At, or just before, the time of each person, for the people it was estimated from."""
        place = seen.moments[1] + (0 if just_before else 1)
        return self.after[place]


def followed(seen: Course) -> Followed:
    """Kaplan-Meier of being lost; whoever has the event or dies at a time is not lost at it."""
    table = seen.table
    could_be_lost = table.at_risk - table.events - table.deaths
    return Followed(table.times, staying(table.lost, could_be_lost, TRACE))


def own_share(seen: Course, share: Followed) -> Floats:
    """Probability of having been followed until each person's own time, shape (n,).

    Where deaths are recorded, just before it (Gerds and Schumacher 2006, Biom J 48:1029,
    doi:10.1002/bimj.200610301); where they are not, at it, as is usual for survival data
    (Graf 1999, Stat Med 18:2529, doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-
    SIM274>3.0.CO;2-5). The two differ only where some leave at the very time of an event.
    """
    return share.at_own(seen, just_before=seen.competing)


def state_at(seen: Course, horizon_years: float) -> StateAt:
    """Who had the event, had died or was free of both at the horizon, weighted for the lost.

    Free are people seen after the horizon. Where follow-up was cut at the horizon itself, so that
    nobody was, those seen until it are free.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon.
    """
    return next(states_at(seen, [horizon_years]))


def states_at(seen: Course, horizons_years: Sequence[float]) -> Iterator[StateAt]:
    """``state_at`` at each horizon; how many are followed is estimated once for all of them."""
    found = ahead(seen, horizons_years)
    for place in range(len(horizons_years)):
        yield StateAt(*states(found, place))


def ahead(seen: Course, horizons_years: Sequence[float]) -> Ahead:
    """What whom counts for at rising horizons, as ``state_at`` says.

    Raises
    ------
    CannotJudge
        If follow-up ends before a horizon.
    """
    last = seen.last
    for horizon in horizons_years:
        check_reached(seen, horizon)
    horizons = np.array(horizons_years, dtype=np.float64)
    uncut = int((horizons < last).sum())
    share = followed(seen)
    until = [
        share.at(horizon) if horizon < last else share.just_before(horizon)
        for horizon in horizons_years
    ]
    cut = last if uncut < horizons.size else np.inf
    weights = seen.weights / seen.weights.sum()
    people = counted(weights, seen.years, seen.event, seen.died, horizons, cut)
    # As ``own_share``; where follow-up was cut, just before one's own time.
    share_out(people, seen.moments[1], share.after, seen.competing)
    return Ahead(people, np.array(until), uncut)
