"""Whether predicted probabilities come true."""

from typing import Any

import numpy as np
from lifelines.utils import concordance_index

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Outcome

HORIZON_YEARS = 10
# Where the first was not recorded, the second stands in.
OUTCOME_FOLLOW_UP: dict[Outcome, tuple[str, ...]] = {
    Outcome.MAJOR_OSTEOPOROTIC: ("major_osteoporotic", "any"),
    Outcome.HIP: ("hip",),
}


def observed_incidence(seen: FollowUp, death: FollowUp) -> float:
    """Cumulative incidence at ten years with death competing (Aalen and Johansen 1978)."""
    years = np.minimum(seen.years, death.years)
    died = death.event & ~seen.event
    order = np.argsort(years, kind="stable")
    years, event, died = years[order], seen.event[order], died[order]
    at_risk = np.arange(years.size, 0, -1)
    free = np.cumprod(1 - (event | died) / at_risk)
    free_before = np.concatenate([[1.0], free[:-1]])
    counted = event & (years <= HORIZON_YEARS)
    return float((free_before * counted / at_risk).sum())


def calibration_by_fifths(
    predicted: Floats, seen: FollowUp, death: FollowUp
) -> list[dict[str, Any]]:
    """Predicted and observed ten-year probability in each fifth of predicted risk."""
    fifths = np.array_split(np.argsort(predicted, kind="stable"), 5)
    return [
        {
            "people": int(part.size),
            "events": int(seen.event[part].sum()),
            "predicted": round(float(predicted[part].mean()), 5),
            "observed": round(
                observed_incidence(_part(seen, part), _part(death, part)),
                5,
            ),
        }
        for part in fifths
    ]


def concordance(predicted: Floats, seen: FollowUp, death: FollowUp) -> float:
    """Harrell's C; whoever died without the fracture stays on as one who never has it.

    References
    ----------
    Wolbers M, 2009. Epidemiology 20:555, doi:10.1097/EDE.0b013e3181a39056.
    """
    died = death.event & ~seen.event
    years = np.where(died, HORIZON_YEARS + 1.0, seen.years)
    return float(concordance_index(years, -predicted, seen.event))


def judge(predicted: dict[Outcome, Floats], cohort: Cohort) -> dict[str, Any]:
    """Compare ten-year probabilities with what happened, per outcome that was recorded.

    Where only "any" fracture was recorded, the probability of major fracture is held against it
    for its order alone.
    """
    report: dict[str, Any] = {}
    for outcome in Outcome:
        names = OUTCOME_FOLLOW_UP[outcome]
        name = next((name for name in names if name in cohort.follow_up), None)
        if name is None:
            continue
        seen = cohort.follow_up[name]
        death = cohort.follow_up.get("death")
        nobody_died = FollowUp(event=np.zeros_like(seen.event), years=seen.years)
        report[outcome.value] = {
            "recorded": name,
            "people": int(seen.event.size),
            "events": int(seen.event.sum()),
            "concordance": round(concordance(predicted[outcome], seen, death or nobody_died), 4),
        }
        if death is not None and name == outcome.value:
            observed = observed_incidence(seen, death)
            mean = float(predicted[outcome].mean())
            report[outcome.value] |= {
                "observed": round(observed, 5),
                "predicted": round(mean, 5),
                "observed_over_expected": round(observed / mean, 3),
                "fifths": calibration_by_fifths(predicted[outcome], seen, death),
            }
    return report


def _part(seen: FollowUp, chosen: Any) -> FollowUp:
    return FollowUp(event=seen.event[chosen], years=seen.years[chosen])
