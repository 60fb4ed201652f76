"""What treating by a prediction gains over treating everybody or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.course import CannotJudge, Course, Flags, Floats, checked_probabilities
from riskapp.evaluation.observed import check_reached, cumulative_incidence


@dataclass(frozen=True)
class NetBenefit:
    """At one threshold; treating nobody has a net benefit of 0.

    Attributes
    ----------
    treated : float
        Share of people at or above the threshold.
    net_benefit : float or None
        Events among the treated less the others among them times the odds of the threshold, per
        person; None where none of the treated was followed to the horizon.
    treat_all : float
        The same for treating everybody.
    standardised : float or None
        Net benefit as a share of the most that is possible, the incidence.
    avoided_per_100 : float or None
        How many fewer of 100 people are treated than all, with no event more left untreated.
    """

    threshold: float
    treated: float
    net_benefit: float | None
    treat_all: float
    standardised: float | None
    avoided_per_100: float | None


def decision_curve(
    predicted: Floats, seen: Course, horizon_years: float, thresholds: Sequence[float]
) -> tuple[NetBenefit, ...]:
    """Net benefit at each threshold, with Aalen-Johansen's incidence among the treated.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon, or a threshold is not between 0 and 1.

    References
    ----------
    Vickers AJ, Elkin EB, 2006. Med Decis Making 26:565-574, doi:10.1177/0272989X06295361.
    Vickers AJ and others, 2008. BMC Med Inform Decis Mak 8:53, doi:10.1186/1472-6947-8-53
    (censoring and competing risks). Baker SG and others, 2009. J R Stat Soc A 172:729-748,
    doi:10.1111/j.1467-985X.2009.00592.x (the standardised one).
    """
    given = checked_probabilities(predicted, seen)
    check_reached(seen, horizon_years)
    _check_thresholds(np.asarray(thresholds, dtype=np.float64))
    everybody = cumulative_incidence(seen, horizon_years).value
    return tuple(net_benefit_at(each, given, seen, horizon_years, everybody) for each in thresholds)


def net_benefit_at(
    threshold: float, given: Floats, seen: Course, horizon_years: float, everybody: float
) -> NetBenefit:
    """One point of ``decision_curve``, where the incidence of ``everybody`` is known already."""
    odds = threshold / (1 - threshold)
    chosen = given >= threshold
    treated = float(np.average(chosen, weights=seen.weights))
    all_treated = everybody - odds * (1 - everybody)
    reached = _reached(seen, chosen, horizon_years)
    if reached is None:
        return NetBenefit(threshold, treated, None, all_treated, None, None)
    benefit = treated * (reached - odds * (1 - reached))
    return NetBenefit(
        threshold,
        treated,
        benefit,
        all_treated,
        benefit / everybody if everybody > 0 else None,
        100 * (benefit - all_treated) / odds,
    )


def _reached(seen: Course, chosen: Flags, horizon_years: float) -> float | None:
    """Incidence among the chosen; of nobody, 0; None where it cannot be known."""
    if not seen.weights[chosen].any():
        return 0.0
    try:
        return cumulative_incidence(seen.part(chosen), horizon_years).value
    except CannotJudge:
        return None


def _check_thresholds(thresholds: Floats) -> None:
    if not ((thresholds > 0) & (thresholds < 1)).all():
        raise CannotJudge("A threshold lies between 0 and 1.")
