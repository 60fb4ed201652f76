"""How well a prediction tells those with the event by a horizon from those without it then."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from riskapp.evaluation.course import CannotJudge, Course, Floats, checked
from riskapp.evaluation.observed import cumulative_incidence, state_at


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
    against = state.free if controls is Controls.FREE else state.free | state.died
    levels, rank = np.unique(given, return_inverse=True)
    cases = np.bincount(rank, state.weight * state.event, minlength=levels.size)
    others = np.bincount(rank, state.weight * against, minlength=levels.size)
    pairs = cases.sum() * others.sum()
    if not pairs > 0:
        raise CannotJudge(
            f"By {horizon_years:g} years everybody or nobody had the event: "
            "there is nothing to tell apart."
        )
    lower = np.cumsum(others) - others / 2
    return Auc(horizon_years, float(cases @ lower / pairs), int(state.event.sum()))


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
    found = tuple(
        auc_at(columns[:, place], seen, horizon, controls)
        for place, horizon in enumerate(horizons_years)
    )
    reached = [cumulative_incidence(seen, horizon).value for horizon in horizons_years]
    grown = np.diff(reached, prepend=0.0)
    values = np.array([each.auc for each in found])
    return AucOverTime(found, float(values @ grown / reached[-1]))


def at_horizons(predicted: Floats, seen: Course, horizons_years: Sequence[float]) -> Floats:
    """Return one column for each horizon, shape (n, horizons); one alone stands for all.

    Raises
    ------
    CannotJudge
        If columns and horizons differ in number, or horizons do not rise.
    """
    given = np.asarray(predicted, dtype=np.float64)
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
