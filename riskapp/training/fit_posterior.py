"""How sure a learned hazard is: the evidence's own doubts, narrowed by the events of the cohort."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.risk.anchor import CAUSES, EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.training.completing import Completed
from riskapp.training.fit_cox import RECIPE, precision
from riskapp.training.level import PSEUDO_EVENTS


def fit_posteriors(
    people: Completed,
    basis: Basis,
    log_ratios: Mapping[str, Floats],
    recipe: Mapping[str, Any],
) -> dict[str, Any]:
    """Covariance of the covariates' coefficients and of the log of the level, by cause.

    The information of a Poisson likelihood at the learned hazards, added to the prior's. Causes
    that nothing was learned about keep the evidence's doubt.

    Parameters
    ----------
    log_ratios : mapping of cause to ndarray, shape (N,)
        f of the rows, level included.
    """
    values = basis.values(people.rows)
    found = {}
    for cause in CAUSES:
        if cause not in log_ratios:
            if recipe["anchored"]:
                found[cause] = _evidence_doubt(basis, cause, values, people.weights)
            continue
        due = people.weights * people.exposures[cause].expected * np.exp(log_ratios[cause])
        centre = due @ values / due.sum()
        design = np.column_stack([values - centre, np.ones(len(values))])
        prior = _prior(basis, cause, values, recipe)
        level = PSEUDO_EVENTS
        if cause not in people.taught.level_learned:
            # Its events say who, not how many.
            design[:, -1], level = 0.0, _base_precision(cause)
        information = (design * due[:, None]).T @ design
        information += np.diag(np.append(prior, level))
        found[cause] = _stored(centre, np.linalg.inv(information))
    return found


def _prior(basis: Basis, cause: str, values: Floats, recipe: Mapping[str, Any]) -> Floats:
    if not recipe["anchored"]:
        spread = np.maximum(values.std(axis=0), 1e-3)
        return np.asarray(RECIPE["alone_precision"] * spread**2)
    return precision(basis, cause, 1.0, RECIPE["ridge"][-1])


def _base_precision(cause: str) -> float:
    return float(doubts(EVIDENCE_SET)[f"base.{PUBLISHED_NAMES[cause]}"] ** -2)


def _evidence_doubt(basis: Basis, cause: str, values: Floats, weights: Floats) -> dict[str, Any]:
    prior = precision(basis, cause, 1.0, RECIPE["ridge"][-1])
    # What a further column says of it nobody has looked at here; the evidence has.
    variance = np.where(np.arange(len(prior)) < len(basis.terms), 1 / prior, 0.0)
    centre = weights @ values / weights.sum()
    return _stored(centre, np.diag(np.append(variance, 1 / _base_precision(cause))))


def _stored(centre: Floats, covariance: Floats) -> dict[str, Any]:
    return {"centre": centre.tolist(), "covariance": covariance.tolist()}
