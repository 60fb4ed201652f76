"""Baseline hazards, and whether predicted probabilities come true."""

from typing import Any

import numpy as np
from lifelines.utils import concordance_index

from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Outcome
from riskapp.training.cohort import Cohort

HORIZON_YEARS = 10
NEWTON_STEPS = 50
SLOPE_RANGE = (0.0, 1.5)
OUTCOME_FOLLOW_UP = {Outcome.MAJOR_OSTEOPOROTIC: "major_osteoporotic", Outcome.HIP: "hip"}


def baseline_per_year(cause: str, seen: FollowUp, log_ratio: Floats) -> Floats:
    """Baseline hazard in each year of follow-up, shape (10,): Breslow's estimate, year by year.

    Parameters
    ----------
    cause : str
        For the sentence, should there be nothing to learn from.
    seen : FollowUp
    log_ratio : ndarray, shape (n,)
        Log hazard ratios of the same people. For boosted trees they must come from trees that
        never saw the person: in-sample ones are spread too wide, and the baseline that fits
        them over-states the risk of the top fifth.

    References
    ----------
    Breslow NE, 1972. J R Stat Soc B 34:216, here with one step a year.
    """
    years = np.arange(HORIZON_YEARS)
    within = np.clip(seen.years[:, None] - years, 0.0, 1.0)
    at_risk = (within * np.exp(log_ratio)[:, None]).sum(axis=0)
    ended = np.ceil(seen.years).astype(int) - 1
    happened = np.bincount(ended[seen.event & (ended < HORIZON_YEARS)], minlength=HORIZON_YEARS)
    if not happened.any():
        raise UnusableCohort(
            f"The cohort holds no event of the kind {cause} within ten years: nothing to learn."
        )
    # As if one more event had been seen, at the average rate: no year of a small cohort is then
    # without hazard, and a large one does not notice.
    average = happened.sum() / at_risk.sum()
    return np.asarray((happened + 1.0) / (at_risk + 1.0 / average), dtype=np.float64)


def slope(seen: FollowUp, log_ratio: Floats) -> float:
    """How much of a predicted spread of log-hazards came true: 1 if all of it, 0 if none.

    Parameters
    ----------
    seen : FollowUp
    log_ratio : ndarray, shape (n,)
        Of the same people, from a model that never saw them.

    Returns
    -------
    float
        Maximum-likelihood factor of ``log_ratio`` under a constant baseline hazard, within 0
        and 1.5 (Cox 1958, Biometrika 45:562, doi:10.2307/2333203, for a Poisson likelihood).
    """
    x = np.column_stack([np.ones_like(log_ratio), log_ratio])
    rate = seen.event.sum() / (seen.years * np.exp(log_ratio)).sum()
    fitted = np.array([np.log(rate), 1.0])
    for _ in range(NEWTON_STEPS):
        expected = seen.years * np.exp(x @ fitted)
        information = x.T @ (expected[:, None] * x)
        # A ridge far below one event keeps a flat prediction solvable.
        step = np.linalg.solve(information + 1e-9 * np.eye(2), x.T @ (seen.event - expected))
        fitted = fitted + step
        if np.abs(step).max() < 1e-10:
            break
    return float(np.clip(fitted[1], *SLOPE_RANGE))


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
    """Compare ten-year probabilities with what happened, per outcome."""
    death = cohort.follow_up["death"]
    report: dict[str, Any] = {}
    for outcome, name in OUTCOME_FOLLOW_UP.items():
        seen = cohort.follow_up[name]
        observed = observed_incidence(seen, death)
        report[outcome.value] = {
            "people": int(seen.event.size),
            "events": int(seen.event.sum()),
            "concordance": round(concordance(predicted[outcome], seen, death), 4),
            "observed": round(observed, 5),
            "predicted": round(float(predicted[outcome].mean()), 5),
            "observed_over_expected": round(observed / float(predicted[outcome].mean()), 3),
            "fifths": calibration_by_fifths(predicted[outcome], seen, death),
        }
    return report


def _part(seen: FollowUp, chosen: Any) -> FollowUp:
    return FollowUp(event=seen.event[chosen], years=seen.years[chosen])
