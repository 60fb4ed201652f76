"""Cause-specific Cox regression beside the evidence: how a cohort departs from what is published.

The evidence's hazard is the offset, and its own doubts are the prior on the coefficients: where a
cohort has few events they stay near 0, and the engine is the evidence. How much more or less the
prior is to be trusted, and how strong the ridge on further columns is, people decide who were left
out (``choosing``).
"""

from typing import Any

import numpy as np

from riskapp.risk.anchor import EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import Basis, CoxHazard, basis_of, prior_sd, reference_terms
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.training.choosing import constant, out_of_fold, simplest_good
from riskapp.training.completing import Completed
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.newton_cox import newton_cox

# Precisions: of the terms the evidence holds, as a multiple of its own; of a further column, per
# SD: 10 says that two thirds of effects are hazard ratios between 0.73 and 1.37. HELD is the
# evidence itself. With many events neither matters, and nothing is chosen.
HELD = 1e6
RECIPE: dict[str, Any] = {
    "anchored": True,
    "folds": 5,
    "trust": [HELD, 10.0, 1.0],
    "ridge": [HELD, 160.0, 40.0, 10.0],
    "chosen_below_events": 1000,
    # With fewer events, what people left out choose is chance: f is 0.
    "least_events": 20,
    "standard_errors": 1.0,
    # Without evidence to start from: per SD of each term.
    "alone_precision": 10.0,
}


def terms_of(people: Completed, recipe: dict[str, Any]) -> Basis:
    """The covariates that these people can teach."""
    return basis_of(people.columns, people.learnable, people.further, alone=not recipe["anchored"])


def precision(basis: Basis, cause: str, trust: float, ridge: float) -> Floats:
    """Of the prior on each covariate, shape (q,)."""
    sd = prior_sd(basis, PUBLISHED_NAMES[cause], doubts(EVIDENCE_SET))
    return np.concatenate([trust / sd**2, np.full(len(basis.further.names), ridge)])


def fit_cox(people: Completed, cause: str, recipe: dict[str, Any], seed: int) -> LearnedCause:
    """Fit one cause."""
    events = int(people.taught.follow_up[cause].event.sum())
    if recipe["anchored"] and events < recipe["least_events"]:
        return LearnedCause(hazard=None, unseen=np.zeros(len(people.rows)))
    basis = terms_of(people, recipe)
    candidates = _candidates(people, basis, cause, recipe)
    values = basis.values(people.rows)
    if len(candidates) > 1 and events >= recipe["chosen_below_events"]:
        # The freest: so many events outvote any prior that was published.
        candidates = candidates[-1:]

    def fit(some: Completed, rows: Floats) -> Floats:
        own, others = basis.values(some.rows), basis.values(rows)
        found = [_f(some, cause, own, others, each) for _, each in candidates]
        return np.column_stack(found)

    if events >= recipe["chosen_below_events"]:
        # Some thirty coefficients barely over-fit so many events.
        pick, unseen = 0, _f(people, cause, values, values, candidates[0][1])
    else:
        ratios, scores = out_of_fold(people, cause, fit, recipe["folds"], seed, len(candidates))
        pick = simplest_good(scores, recipe["standard_errors"])
        unseen = ratios[:, pick]
    told, prior = candidates[pick]
    coefficients = _coefficients(people, cause, values, prior)
    hazard = CoxHazard(
        basis=basis,
        coefficients=coefficients,
        constant=constant(people, cause, values @ coefficients),
        reference=_reference(people, basis, values),
    )
    return LearnedCause(
        hazard=hazard if coefficients.any() else None,
        unseen=unseen,
        stored={
            "coefficients": coefficients.tolist(),
            "constant": hazard.constant,
            "reference": hazard.reference.tolist(),
        },
        chosen=told,
    )


def _candidates(
    people: Completed, basis: Basis, cause: str, recipe: dict[str, Any]
) -> list[tuple[dict[str, Any], Floats]]:
    """What can be chosen and the precision that it means, from the nearest to the evidence on."""
    if not recipe["anchored"]:
        spread = basis.values(people.rows).std(axis=0)
        # A term that hardly varies (one sex only, say) has nothing to tell.
        alone = recipe["alone_precision"] * np.maximum(spread, 1e-3) ** 2
        return [({}, alone)]
    ridges = recipe["ridge"] if basis.further.names else [HELD]
    pairs = [(trust, ridge) for trust in recipe["trust"] for ridge in ridges]
    ranked = sorted(pairs, key=lambda pair: recipe["trust"].index(pair[0]) + ridges.index(pair[1]))
    return [
        ({"trust": trust, "ridge": ridge}, precision(basis, cause, trust, ridge))
        for trust, ridge in ranked
    ]


def _coefficients(people: Completed, cause: str, values: Floats, prior: Floats) -> Floats:
    found = np.zeros(values.shape[1])
    free = prior < HELD
    if not free.any():
        return found
    seen = people.of_rows(cause)
    # A Cox regression's offset cannot change with time: the mean over ten years stands for it, as
    # evidence hazards of two people rise nearly alike with age. The level takes the exact ones.
    fitted = newton_cox(
        values[:, free],
        seen.years,
        seen.event,
        offset=people.exposures[cause].log_hazard,
        weights=people.weights,
        precision=prior[free],
        ties="breslow",  # the draws of one person are not tied events
    )
    found[free] = fitted.coefficients
    return found


def _f(people: Completed, cause: str, own: Floats, others: Floats, prior: Floats) -> Floats:
    coefficients = _coefficients(people, cause, own, prior)
    return others @ coefficients - constant(people, cause, own @ coefficients)


def _reference(people: Completed, basis: Basis, values: Floats) -> Floats:
    """Mean of each term as a line in age and sex, shape (terms, 4)."""
    x = reference_terms(people.rows, people.columns)
    own = values[:, : len(basis.terms)]
    weighted = x * people.weights[:, None]
    return np.asarray(np.linalg.lstsq(weighted.T @ x, weighted.T @ own, rcond=None)[0].T)
