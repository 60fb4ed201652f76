"""How well a prediction tells those with the event by a horizon from those without it then."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from riskapp.evaluation.at_horizon import concordant_in_order, concordant_weight
from riskapp.evaluation.course import CannotJudge, Course, Floats, Places, check_finite, checked
from riskapp.evaluation.observed import StateAt, ahead, incidences
from riskapp.evaluation.sorting import rising


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
    return _areas(checked(predicted, seen)[:, None], seen, [horizon_years], controls)[0]


def area_by_rank(rank: Places, levels: int, state: StateAt) -> float | None:
    """``auc_at`` of predictions that are ranked already, from 0 to below ``levels``.

    Where it is known who was in which state; None without a pair.
    """
    against = state.free | state.died
    higher, pairs = concordant_weight(rank, levels, state.weight, state.event, against)
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
    given = at_horizons(predicted, seen, horizons_years)
    check_finite(given)
    found = _areas(given, seen, horizons_years, controls)
    reached = incidences(seen, horizons_years)
    return AucOverTime(tuple(found), integrated_area([each.auc for each in found], reached))


def _areas(
    given: Floats, seen: Course, horizons_years: Sequence[float], controls: Controls
) -> list[Auc]:
    """At each horizon, by its column or by the only one."""
    at, given = ahead(seen, horizons_years), np.asfortranarray(given)
    against_dead = controls is Controls.WITHOUT_EVENT
    found: dict[int, Auc] = {}
    for place in range(len(horizons_years)):
        if place not in found:
            # Most models put people in one order at every horizon: that is seen faster than sorted.
            order = rising(np.ascontiguousarray(given[:, place % given.shape[1]]))
            found |= {
                other: _auc(horizon, *figures)
                for other, (horizon, rises, *figures) in enumerate(
                    zip(
                        horizons_years,
                        *concordant_in_order(given, order, at, against_dead),
                        strict=True,
                    )
                )
                if rises and other not in found
            }
    return [found[place] for place in range(len(horizons_years))]


def _auc(horizon_years: float, events: int, higher: float, pairs: float) -> Auc:
    if not pairs > 0:
        raise CannotJudge(
            f"By {horizon_years:g} years everybody or nobody had the event: "
            "there is nothing to tell apart."
        )
    return Auc(horizon_years, float(higher / pairs), int(events))


def integrated_area(areas: Sequence[float], reached: Sequence[float]) -> float:
    """Mean of areas at rising horizons, weighted by the growth of the incidence between them."""
    grown = np.diff(reached, prepend=0.0)
    return float(np.asarray(areas) @ grown / reached[-1])


def at_horizons(predicted: Floats, seen: Course, horizons_years: Sequence[float]) -> Floats:
    """Return one column for each horizon, shape (n, horizons); or one alone that stands for all.

    Raises
    ------
    CannotJudge
        If columns and horizons differ in number, or horizons do not rise.
    """
    given = np.asarray(predicted, dtype=np.float64, order="C")
    if not horizons_years or (np.diff(horizons_years) <= 0).any():
        raise CannotJudge("Horizons are given in rising order, one at least.")
    if given.shape == (seen.people,):
        return given[:, None]
    if given.shape != (seen.people, len(horizons_years)):
        raise CannotJudge(
            f"Predictions of shape {given.shape} do not fit {seen.people} people "
            f"and {len(horizons_years)} horizons."
        )
    return given
