"""How sure a learned hazard is: the evidence's own doubts, narrowed by the events of the cohort."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.risk.anchor import CAUSES, EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.training.completing import Completed
from riskapp.training.fit_cox import HELD, RECIPE, precision
from riskapp.training.level import PSEUDO_EVENTS

# Of the prior on the share of f that is true, about none of it: the events decide.
SHARE_PRECISION = 1.0
NEWTON_STEPS, TOLERANCE = 50, 1e-9


def fit_posteriors(
    people: Completed,
    basis: Basis,
    unseen: Mapping[str, Floats],
    recipe: Mapping[str, Any],
) -> dict[str, Any]:
    """Mean and covariance of what the log-hazard has beside f, by cause.

    A Poisson regression of the events on the covariates and on f, with the evidence's doubts as
    prior: departures that the covariates can describe are believed as far as the events go,
    whatever the engine made of them, and f as far as it foretells events beside them. Causes
    that nothing was learned about keep the evidence's doubt.

    Parameters
    ----------
    unseen : mapping of cause to ndarray, shape (N,)
        f of the rows, by fits that never saw their person; 0 where the covariates hold all of
        it, as they do a Cox regression's: the events are then counted once, beside the prior.
    """
    values = basis.values(people.rows)
    found = {}
    for cause in CAUSES:
        if cause in unseen:
            prior = _prior(basis, cause, values, recipe)
            found[cause] = _learned(people, cause, values, unseen[cause], prior)
        elif recipe["anchored"]:
            found[cause] = _evidence_doubt(basis, cause, values, people.weights)
    return found


def _learned(
    people: Completed, cause: str, values: Floats, f: Floats, prior: Floats
) -> dict[str, Any]:
    event = people.weights * people.taught.follow_up[cause].event[people.owners]
    due = people.weights * people.exposures[cause].expected * np.exp(f)
    due *= event.sum() / due.sum()
    centre, middle = due @ values / due.sum(), float(due @ f / due.sum())
    design = np.column_stack([values - centre, np.ones(len(f)), f - middle])
    level = PSEUDO_EVENTS
    if cause not in people.taught.level_learned:
        # Its events say who, not how many.
        design[:, -2], level = 0.0, _base_precision(cause)
    precisions = np.concatenate([prior, [level, SHARE_PRECISION]])
    usual = np.zeros(len(precisions))
    usual[-1] = -1.0
    mean, information = _mode(design, event, due, precisions, usual)
    if not -1.0 <= mean[-1] <= 0.0:
        # No less than nothing of f is true, and no more than all: beyond is chance.
        usual[-1] = np.clip(mean[-1], -1.0, 0.0)
        held = np.concatenate([precisions[:-1], [HELD]])
        mean, _ = _mode(design, event, due, held, usual)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    covariance[-2, -2] += _roughness(design, due, float(1 + mean[-1]))
    if not f.any():
        covariance[-1], covariance[:, -1] = 0.0, 0.0
    return _stored(centre, middle, mean, covariance)


def _mode(
    design: Floats, event: Floats, due: Floats, precisions: Floats, usual: Floats
) -> tuple[Floats, Floats]:
    """Where the posterior is highest, and its information there, by Newton's method."""
    mean = usual.copy()
    for _ in range(NEWTON_STEPS):
        now = due * np.exp(design @ mean)
        information = (design * now[:, None]).T @ design + np.diag(precisions)
        step = np.linalg.solve(information, design.T @ (event - now) - precisions * (mean - usual))
        mean = mean + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < TOLERANCE:
            break
    return mean, information


def _roughness(design: Floats, due: Floats, share: float) -> float:
    """Variance of what is true of f and no covariate holds, when this share of f is true.

    f beside the covariates is then truth and chance in the ratio of share to its rest; a person's
    own part of the truth is known no better than that.
    """
    q, f = design[:, :-1], design[:, -1]
    weighted = q * due[:, None]
    own = f - q @ np.linalg.lstsq(weighted.T @ q, weighted.T @ f, rcond=None)[0]
    true = float(np.clip(share, 0.0, 1.0))
    return float(true * (1 - true) * (due @ own**2) / due.sum())


def _prior(basis: Basis, cause: str, values: Floats, recipe: Mapping[str, Any]) -> Floats:
    if not recipe["anchored"]:
        spread = np.maximum(values.std(axis=0), 1e-3)
        return np.asarray(RECIPE["alone_precision"] * spread**2)
    return precision(basis, cause, 1.0, RECIPE["free"]["ridge"])


def _base_precision(cause: str) -> float:
    return float(doubts(EVIDENCE_SET)[f"base.{PUBLISHED_NAMES[cause]}"] ** -2)


def _evidence_doubt(basis: Basis, cause: str, values: Floats, weights: Floats) -> dict[str, Any]:
    prior = precision(basis, cause, 1.0, RECIPE["free"]["ridge"])
    # What a further column says of it nobody has looked at here; the evidence has.
    variance = np.where(np.arange(len(prior)) < len(basis.terms), 1 / prior, 0.0)
    centre = weights @ values / weights.sum()
    covariance = np.diag(np.concatenate([variance, [1 / _base_precision(cause), 0.0]]))
    return _stored(centre, 0.0, np.zeros(len(covariance)), covariance)


def _stored(centre: Floats, middle: float, mean: Floats, covariance: Floats) -> dict[str, Any]:
    return {
        "centre": centre.tolist(),
        "middle": middle,
        "mean": mean.tolist(),
        "covariance": covariance.tolist(),
    }
