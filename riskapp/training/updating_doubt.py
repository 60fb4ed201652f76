"""How sure a recalibrated model is: of its level and spread as far as the newer people tell.

What the parent learned of people, and how sure it was of that, is where the newer events start
from; of a level or a spread that was found anew among them, nothing else is known.
"""

from typing import Any

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.posterior import Posterior, described, lower_half
from riskapp.training.updating import LEVEL, Update

# Variance of what is known by the newer people alone: a factor of e**10 either way.
UNKNOWN = 100.0
NEWTON_STEPS, TOLERANCE = 50, 1e-9


def updated_doubt(
    parent: Posterior,
    update: Update,
    rows: Floats,
    log_ratio: Floats,
    event: Floats,
    expected: Floats,
    weights: Floats,
) -> dict[str, Any]:
    """One cause's posterior after an update that moved its level, as it is stored.

    A Poisson regression of the newer events on the parent's covariates, the level and f, with the
    parent's posterior as prior of all but what was found anew (Laplace's approximation). The
    parent's doubt about its own level stays beside the new one: it holds what no covariate tells
    of a person, which no level takes away, so that an interval is too wide rather than too narrow.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        As the hazards read them.
    log_ratio, event, expected, weights : ndarray, shape (n,)
        As ``updating.update_for`` took them: f and expected events of the parent.
    """
    f = update.slope * log_ratio
    due = weights * expected * np.exp(update.log_level + f - log_ratio)
    values = described(parent.basis, parent.waves, rows)
    centre, middle = due @ values / due.sum(), float(due @ f / due.sum())
    design = np.column_stack([values - centre, np.ones(len(f)), f - middle])
    mean, covariance = parent.mean.copy(), parent.covariance.copy()
    _forget(mean, covariance, -2, UNKNOWN)
    if update.needs != LEVEL:
        _forget(mean, covariance, -1, UNKNOWN if np.ptp(f) > 0 else 0.0)
    mean, covariance = _narrowed(mean, covariance, design, weights * event, due)
    covariance[-2, -2] += parent.covariance[-2, -2]
    return {
        "centre": centre.tolist(),
        "middle": middle,
        "mean": mean.tolist(),
        "covariance_lower_half": lower_half(covariance),
    }


def _forget(mean: Floats, covariance: Floats, place: int, variance: float) -> None:
    mean[place] = 0.0
    covariance[place], covariance[:, place] = 0.0, 0.0
    covariance[place, place] = variance


def _narrowed(
    before: Floats, covariance: Floats, design: Floats, event: Floats, due: Floats
) -> tuple[Floats, Floats]:
    """Mean and covariance after the events, by Newton's method.

    In terms of the covariance, as a prior that is sure of something has no precision.
    """
    mean = before.copy()
    for _ in range(NEWTON_STEPS):
        now = due * np.exp(design @ mean)
        information = (design * now[:, None]).T @ design
        after = np.linalg.solve(np.eye(len(mean)) + covariance @ information, covariance)
        wanted = before + after @ (design.T @ (event - now) + information @ (mean - before))
        step = np.clip(wanted - mean, -1.0, 1.0)
        mean = mean + step
        if np.abs(step).max() < TOLERANCE:
            break
    return mean, (after + after.T) / 2
