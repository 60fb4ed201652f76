"""How many events there are beside what was expected: levels by year, and whether spreads hold."""

from dataclasses import dataclass

import numpy as np

from riskapp.cohorts.follow_up import FollowUp
from riskapp.risk.design_row import Floats
from riskapp.training.completing import HORIZON_YEARS, Completed

NEWTON_STEPS = 50
SLOPE_RANGE = (0.0, 1.5)
# As if so many events had been seen beside as many expected: a few events hardly move the level,
# some tens move it most of the way. Between the years of one cohort less is to be expected.
PSEUDO_EVENTS, PSEUDO_EVENTS_OF_A_YEAR = 10.0, 20.0


@dataclass(frozen=True)
class Counts:
    """Events and expected events of one cause in each of the first ten years, shape (10,)."""

    observed: Floats
    expected: Floats


def counted(people: Completed, cause: str, log_ratio: Floats) -> Counts:
    """Count what happened beside what was expected.

    Parameters
    ----------
    log_ratio : ndarray, shape (N,)
        f of the rows, from hazards that never saw their person: in-sample ones are spread too
        wide, and a level that fits them over-states the risk of the top fifth.
    """
    expected = people.exposures[cause].by_year * np.exp(log_ratio)[:, None]
    return Counts(
        observed=by_year(people.taught.follow_up[cause]),
        expected=people.weights @ expected,
    )


def by_year(seen: FollowUp) -> Floats:
    """Events in each of the first ten years, shape (10,)."""
    ended = np.ceil(seen.years).astype(int) - 1
    happened = ended[seen.event & (ended < HORIZON_YEARS)]
    return np.bincount(happened, minlength=HORIZON_YEARS).astype(np.float64)


def levels(counts: Counts) -> Floats:
    """Observed over expected in each year, drawn to 1 where events are few, shape (10,)."""
    whole = (counts.observed.sum() + PSEUDO_EVENTS) / (counts.expected.sum() + PSEUDO_EVENTS)
    beside = PSEUDO_EVENTS_OF_A_YEAR
    return np.asarray(
        whole * (counts.observed + beside) / (whole * counts.expected + beside), dtype=np.float64
    )


def baselines(counts: Counts) -> Floats:
    """Hazard per year where there is no evidence to start from, shape (10,): Breslow's, by year.

    As if one more event had been seen, at the average rate: no year of a small cohort is then
    without hazard, and a large one does not notice.

    References
    ----------
    Breslow NE, 1972. J R Stat Soc B 34:216, here with one step a year.
    """
    average = counts.observed.sum() / counts.expected.sum()
    return np.asarray((counts.observed + 1.0) / (counts.expected + 1.0 / average), dtype=np.float64)


def slope(event: Floats, expected: Floats, log_ratio: Floats, weights: Floats) -> float:
    """How much of a predicted spread of log-hazards came true: 1 if all of it, 0 if none.

    Parameters
    ----------
    event, expected : ndarray, shape (N,)
        Events, and those expected beside ``log_ratio``.
    log_ratio : ndarray, shape (N,)
        From a model that never saw these people.
    weights : ndarray, shape (N,)

    Returns
    -------
    float
        Maximum-likelihood factor of ``log_ratio``, within 0 and 1.5 (Cox 1958, Biometrika 45:562,
        doi:10.2307/2333203, for a Poisson likelihood).
    """
    if np.ptp(log_ratio) == 0:
        return 1.0
    x = np.column_stack([np.ones_like(log_ratio), log_ratio])
    rate = (weights @ event) / (weights @ (expected * np.exp(log_ratio)))
    fitted = np.array([np.log(rate), 1.0])
    for _ in range(NEWTON_STEPS):
        due = weights * expected * np.exp(x @ fitted)
        information = x.T @ (due[:, None] * x)
        # A ridge far below one event keeps a flat prediction solvable.
        step = np.linalg.solve(information + 1e-9 * np.eye(2), x.T @ (weights * event - due))
        fitted = fitted + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    return float(np.clip(fitted[1], *SLOPE_RANGE))
