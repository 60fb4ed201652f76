"""Cause-specific Cox regression beside the evidence: how a cohort departs from what is published.

The evidence's hazard is the offset, and its own doubts are the prior on the coefficients: where a
cohort has few events they stay near 0, and the engine is the evidence. What a further column says
of one kind of fracture is drawn to what it says of all. How far to go, people left out decide:
candidates are averaged by how likely they make what happened to them (``choosing``).
"""

from typing import Any

import numpy as np

from riskapp.risk.anchor import EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import Basis, CoxHazard, basis_of, prior_sd, reference_terms
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.training.choosing import constant, likely, out_of_fold
from riskapp.training.completing import Completed
from riskapp.training.demanded import directions_of
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.newton_cox import newton_cox

# Precisions: of the terms the evidence holds, as a multiple of its own; of a further column, per
# SD: 40 says that two thirds of effects on all fractures are hazard ratios between 0.85 and 1.17;
# ``apart`` is of what it says of this kind of fracture beside all. HELD is none of it. With many
# events none matters, and nothing is chosen.
HELD = 1e6
RECIPE: dict[str, Any] = {
    "anchored": True,
    "folds": 5,
    "trust": [10.0, 1.0],
    "ridge": [160.0, 40.0],
    "apart": [HELD, 160.0],
    "free": {"trust": 1.0, "ridge": 10.0, "apart": 10.0},
    "chosen_below_events": 1000,
    # With fewer events, what people left out choose is chance: f is 0.
    "least_events": 20,
    # Without evidence to start from: per SD of each term.
    "alone_precision": 10.0,
}
FRACTURES = ("hip", "other_major_osteoporotic")
# Its ``trust``, ``ridge`` and ``apart``.
Candidate = dict[str, float]


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
    candidates = _candidates(basis, recipe)
    if events >= recipe["chosen_below_events"] and recipe["anchored"]:
        # So many events outvote any prior that was published.
        candidates = [recipe["free"]]
    values = basis.values(people.rows)

    def fit(some: Completed, rows: Floats) -> Floats:
        own, others = basis.values(some.rows), basis.values(rows)
        return np.column_stack(
            [
                others @ each - constant(some, cause, own @ each)
                for each in _fitted(some, basis, cause, candidates, recipe)
            ]
        )

    if events >= recipe["chosen_below_events"]:
        # Some thirty coefficients barely over-fit so many events.
        shares, unseen = np.ones(1), fit(people, people.rows)[:, 0]
    else:
        ratios, scores = out_of_fold(people, cause, fit, recipe["folds"], seed, len(candidates))
        shares = likely(scores)
        unseen = ratios @ shares
    # A sum of lines is a line: the average is one regression again.
    coefficients = shares @ np.array(_fitted(people, basis, cause, candidates, recipe))
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
        chosen=_told(candidates, shares) if recipe["anchored"] else {},
    )


def _candidates(basis: Basis, recipe: dict[str, Any]) -> list[Candidate]:
    """What is averaged; the first is the evidence itself."""
    if not recipe["anchored"]:
        return [{}]
    further = bool(basis.further.names)
    ridges, aparts = (recipe["ridge"], recipe["apart"]) if further else ([HELD], [HELD])
    return [
        {"trust": HELD, "ridge": HELD, "apart": HELD},
        *(
            {"trust": trust, "ridge": ridge, "apart": apart}
            for trust in recipe["trust"]
            for ridge in ridges
            for apart in aparts
        ),
    ]


def _told(candidates: list[Candidate], shares: Floats) -> dict[str, Any]:
    """The share of the evidence itself, and the likeliest of the rest."""
    if len(candidates) == 1:
        return dict(candidates[0])
    return {"evidence": round(float(shares[0]), 3), **candidates[1 + int(np.argmax(shares[1:]))]}


def _fitted(
    people: Completed,
    basis: Basis,
    cause: str,
    candidates: list[Candidate],
    recipe: dict[str, Any],
) -> list[Floats]:
    """Coefficients of each candidate, shape (q,)."""
    values = basis.values(people.rows)
    if not recipe["anchored"]:
        spread = values.std(axis=0)
        # A term that hardly varies (one sex only, say) has nothing to tell.
        alone = recipe["alone_precision"] * np.maximum(spread, 1e-3) ** 2
        return [_directed(people, (cause,), basis, values, alone, np.zeros(len(alone)))]
    causes = tuple(each for each in FRACTURES if each in people.taught.follow_up)
    causes = causes if cause in causes else (cause,)
    of_all: dict[float, Floats] = {}
    found = []
    for each in candidates:
        ridge = each["ridge"]
        if ridge not in of_all:
            prior = precision(basis, cause, 1.0, ridge)
            centre = np.zeros(len(prior))
            if ridge < HELD:
                centre = _directed(people, causes, basis, values, prior, centre)
            # Of what the evidence holds, its doubts are about each kind of fracture.
            centre[: len(basis.terms)] = 0.0
            of_all[ridge] = centre
        prior = precision(basis, cause, each["trust"], each["apart"])
        prior[: len(basis.terms)] = np.where(each["trust"] >= HELD, HELD, prior[: len(basis.terms)])
        found.append(_directed(people, (cause,), basis, values, prior, of_all[ridge]))
    return found


def _directed(
    people: Completed,
    causes: tuple[str, ...],
    basis: Basis,
    values: Floats,
    prior: Floats,
    centre: Floats,
) -> Floats:
    """Coefficients of which none goes against what the site declared: such a one is 0."""
    wanted = np.array(directions_of(people, causes[0], ()))[-len(basis.further.names) or None :]
    wanted = np.concatenate([np.zeros(len(basis.terms)), wanted[: len(basis.further.names)]])
    kept = np.ones(len(prior), dtype=np.bool_)
    while True:
        found = _coefficients(people, causes, values, np.where(kept, prior, HELD), centre * kept)
        against = kept & (found * wanted < 0)
        if not against.any():
            return found
        kept &= ~against


def _coefficients(
    people: Completed, causes: tuple[str, ...], values: Floats, prior: Floats, centre: Floats
) -> Floats:
    """Of any of these causes, with a normal prior about ``centre``, shape (q,)."""
    found = centre.copy()
    free = prior < HELD
    if not free.any():
        return found
    seen = [people.of_rows(cause) for cause in causes]
    years = np.min([each.years for each in seen], axis=0)
    event = np.any([each.event & (each.years <= years) for each in seen], axis=0)
    # A Cox regression's offset cannot change with time: the mean over ten years stands for it, as
    # evidence hazards of two people rise nearly alike with age. The level takes the exact ones.
    expected = np.logaddexp.reduce([people.exposures[cause].log_hazard for cause in causes])
    fitted = newton_cox(
        values[:, free],
        years,
        event,
        offset=expected + values @ centre,
        weights=people.weights,
        precision=prior[free],
        ties="breslow",  # the draws of one person are not tied events
    )
    found[free] += fitted.coefficients
    return found


def _reference(people: Completed, basis: Basis, values: Floats) -> Floats:
    """Mean of each term as a line in age and sex, shape (terms, 4)."""
    x = reference_terms(people.rows, people.columns)
    own = values[:, : len(basis.terms)]
    weighted = x * people.weights[:, None]
    return np.asarray(np.linalg.lstsq(weighted.T @ x, weighted.T @ own, rcond=None)[0].T)
