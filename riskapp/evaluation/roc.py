"""How well a prediction tells those with the event by a horizon from those without it then."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from riskapp.evaluation.at_horizon import concordant_in_order, concordant_weight
from riskapp.evaluation.course import CannotJudge, Course, Flags, Floats, Places, checked
from riskapp.evaluation.observed import StateAt, incidences, state_at, states_at


class Controls(StrEnum):
    """Whom those with the event are held against (Blanche 2013).

    ``without_event`` are all who have not had it: free of everything, or dead without it (his
    definition ii, the one of riskRegression). ``free`` are those alive without it (definition i).
    They are the same where no deaths are recorded.
    """

    WITHOUT_EVENT = "without_event"
    FREE = "free"


@dataclass(frozen=True)
class Auc:
    """Cumulative/dynamic area under the curve at one horizon."""

    horizon_years: float
    auc: float
    events: int


@dataclass(frozen=True)
class AucOverTime:
    """At each horizon, and their mean weighted by how many events each stretch of time brings."""

    at: tuple[Auc, ...]
    integrated: float


def auc_at(
    predicted: Floats,
    seen: Course,
    horizon_years: float,
    controls: Controls = Controls.WITHOUT_EVENT,
) -> Auc:
    """Probability that one with the event by the horizon was given more than one without it then.

    Equal predictions count half. People lost before the horizon are stood for by those who were
    not (inverse probability of being followed).

    Raises
    ------
    CannotJudge
        If nobody had the event by the horizon, or everybody.

    References
    ----------
    Uno H and others, 2007. J Am Stat Assoc 102:527-537, doi:10.1198/016214507000000149.
    Blanche P and others, 2013. Stat Med 32:5381-5397, doi:10.1002/sim.5958.
    """
    given = checked(predicted, seen)
    state = state_at(seen, horizon_years)
    return _auc_of(area_under_curve(given, state, controls), state, horizon_years)


def _auc_of(area: float | None, state: StateAt, horizon_years: float) -> Auc:
    if area is None:
        raise CannotJudge(
            f"By {horizon_years:g} years everybody or nobody had the event: "
            "there is nothing to tell apart."
        )
    return Auc(horizon_years, area, int(state.event.sum()))


def area_under_curve(
    given: Floats, state: StateAt, controls: Controls = Controls.WITHOUT_EVENT
) -> float | None:
    """``auc_at`` where it is known already who was in which state; None without a pair."""
    _, higher, pairs = concordant_in_order(given, np.argsort(given), *_sides(state, controls))
    return _share(higher, pairs)


def area_by_rank(
    rank: Places, levels: int, state: StateAt, controls: Controls = Controls.WITHOUT_EVENT
) -> float | None:
    """``area_under_curve`` of predictions that are ranked already, from 0 to below ``levels``."""
    return _share(*concordant_weight(rank, levels, *_sides(state, controls)))


def _sides(state: StateAt, controls: Controls) -> tuple[Floats, Flags, Flags]:
    """What each counts for, who had the event, and whom they are held against."""
    against = state.free if controls is Controls.FREE else state.free | state.died
    return state.weight, state.event, against


def _share(higher: float, pairs: float) -> float | None:
    return higher / pairs if pairs > 0 else None


def auc_over_time(
    predicted: Floats,
    seen: Course,
    horizons_years: Sequence[float],
    controls: Controls = Controls.WITHOUT_EVENT,
) -> AucOverTime:
    """AUC at each horizon, and their mean weighted by the growth of the cumulative incidence.

    Parameters
    ----------
    predicted : ndarray, shape (n,) or (n, horizons)
    horizons_years : sequence of float
        Rising.

    References
    ----------
    Lambert J, Chevret S, 2016. Stat Methods Med Res 25:2088-2102, doi:10.1177/0962280213515571.
    """
    columns = at_horizons(predicted, seen, horizons_years)
    found = []
    order = np.arange(seen.people)
    states = states_at(seen, horizons_years)
    for column, state, horizon in zip(columns.T, states, horizons_years, strict=True):
        given, sides = checked(column, seen), _sides(state, controls)
        # Most models put people in one order at every horizon: that is seen faster than sorted.
        in_order, higher, pairs = concordant_in_order(given, order, *sides)
        if not in_order:
            order = np.argsort(given)
            _, higher, pairs = concordant_in_order(given, order, *sides)
        found.append(_auc_of(_share(higher, pairs), state, horizon))
    reached = incidences(seen, horizons_years)
    return AucOverTime(tuple(found), integrated_area([each.auc for each in found], reached))


def integrated_area(areas: Sequence[float], reached: Sequence[float]) -> float:
    """Mean of areas at rising horizons, weighted by the growth of the incidence between them."""
    grown = np.diff(reached, prepend=0.0)
    return float(np.asarray(areas) @ grown / reached[-1])


def at_horizons(predicted: Floats, seen: Course, horizons_years: Sequence[float]) -> Floats:
    """Return one column for each horizon, shape (n, horizons); one alone stands for all.

    Raises
    ------
    CannotJudge
        If columns and horizons differ in number, or horizons do not rise.
    """
    # Each column in one piece: they are gone through one by one.
    given = np.asarray(predicted, dtype=np.float64, order="F")
    if not horizons_years or (np.diff(horizons_years) <= 0).any():
        raise CannotJudge("Horizons are given in rising order, one at least.")
    if given.ndim == 1:
        given = np.broadcast_to(given[:, None], (given.size, len(horizons_years)))
    if given.shape != (seen.people, len(horizons_years)):
        raise CannotJudge(
            f"Predictions of shape {given.shape} do not fit {seen.people} people "
            f"and {len(horizons_years)} horizons."
        )
    return given
