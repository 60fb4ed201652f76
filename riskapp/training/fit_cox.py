"""Cause-specific Cox regression beside the evidence: how a cohort departs from what is published.

The evidence's hazard is the offset, and its own doubts are the prior on the coefficients: where a
cohort has few events they stay near 0, and the engine is the evidence. What a further column says
of one kind of fracture is drawn to what it says of the other. Whether the evidence is right, and
whether further columns say anything, are two questions: priors for each are averaged by how
likely they make what was seen (``prior_averaging``).
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from riskapp.risk.anchor import EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import Basis, CoxHazard, basis_of, prior_sd, reference_terms
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.training.choosing import constant, out_of_fold
from riskapp.training.completing import Completed
from riskapp.training.demanded import directions_of
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.newton_cox import CoxFit, newton_cox
from riskapp.training.prior_averaging import Parabola, averaged, side_by_side

# Precisions: of the terms the evidence holds, as a multiple of its own, and below 1 for people of
# another kind than it speaks of (2, 4 and 8 times its doubt); of a further column, per SD: 40 says
# that two thirds of effects on all fractures are hazard ratios between 0.85 and 1.17; ``apart`` is
# of what it says of this kind of fracture beside all. HELD is none of it, and has half of the
# belief beforehand. With many events nothing is held: ``free``, and of ``trust`` what is no more.
HELD = 1e6
RECIPE: dict[str, Any] = {
    "anchored": True,
    "folds": 5,
    "trust": [HELD, 10.0, 1.0, 1 / 4, 1 / 16, 1 / 64],
    "ridge": [HELD, 160.0, 40.0, 10.0],
    "apart": [HELD, 160.0, 40.0],
    # Variance of each change of a further column's effect along it, as a multiple of the effect's.
    "bend": [0.0, 1.0, 4.0],
    # Of many columns few say something, and a ridge takes all for alike: with more than so many it
    # is believed so much less. Ten of noise lost 0.002 of the area in the mean, now 0.0007
    # (41 and some 150 events, 13 simulated cohorts).
    "alike": 4,
    "free": {"trust": 1.0, "ridge": 10.0, "apart": 10.0, "bend": 4.0},
    "chosen_below_events": 1000,
    # With fewer events whatever is chosen is chance: f is 0.
    "least_events": 20,
    # Without evidence to start from: per SD of each term.
    "alone_precision": 10.0,
}
FRACTURES = ("hip", "other_major_osteoporotic")
# Its ``trust``, ``ridge`` and ``apart``.
Candidate = dict[str, float]


def terms_of(people: Completed, recipe: Mapping[str, Any]) -> Basis:
    """The covariates that these people can teach."""
    return basis_of(people.columns, people.learnable, people.further, alone=not recipe["anchored"])


def precision(basis: Basis, cause: str, trust: float, ridge: float) -> Floats:
    """Of the prior on each covariate, shape (q,)."""
    sd = prior_sd(basis, PUBLISHED_NAMES[cause], doubts(EVIDENCE_SET))
    further = np.full(len(basis.further.names), ridge)
    bends = np.full(len(basis.names) - len(sd) - len(further), ridge / RECIPE["free"]["bend"])
    return np.concatenate([trust / sd**2, further, bends])


def fit_cox(people: Completed, cause: str, recipe: dict[str, Any], seed: int) -> LearnedCause:
    """Fit one cause."""
    events = int(people.taught.follow_up[cause].event.sum())
    if recipe["anchored"] and events < recipe["least_events"]:
        return LearnedCause(hazard=None, unseen=np.zeros(len(people.rows)))
    hazard, chosen = regression(people, cause, recipe)

    def fit(some: Completed, rows: Floats) -> Floats:
        return regression(some, cause, recipe)[0].log_hazard_ratio(rows)[:, None]

    if events >= recipe["chosen_below_events"]:
        # A few dozen coefficients with a prior barely over-fit so many events.
        unseen = hazard.log_hazard_ratio(people.rows)
    else:
        unseen = out_of_fold(people, cause, fit, recipe["folds"], seed, 1)[0][:, 0]
    return LearnedCause(
        hazard=hazard if hazard.coefficients.any() else None,
        unseen=unseen,
        stored=hazard.stored(),
        chosen=chosen,
    )


def regression(
    people: Completed, cause: str, recipe: Mapping[str, Any]
) -> tuple[CoxHazard, dict[str, Any]]:
    """One cause's regression, and which priors were believed."""
    basis = terms_of(people, recipe)
    values = basis.values(people.rows)
    chosen: dict[str, Any] = {}
    if recipe["anchored"]:
        many = people.taught.follow_up[cause].event.sum() >= recipe["chosen_below_events"]
        # So many events outvote the belief that nothing differs.
        candidates = _freed(basis, recipe) if many else _candidates(basis, recipe)
        found, shares = _averaged(people, basis, cause, candidates, recipe)
        chosen = _told(candidates, shares)
    else:
        found = _alone(people, basis, cause, recipe)
    return CoxHazard(
        basis=basis,
        coefficients=found,
        constant=constant(people, cause, values @ found),
        reference=_reference(people, basis, values),
    ), chosen


def beside(people: Completed, cause: str, recipe: Mapping[str, Any]) -> CoxHazard | None:
    """The regression that trees and networks learn on top of, by their ``beside``.

    None where there is no evidence under it.
    """
    if not recipe["anchored"]:
        return None
    return regression(people, cause, recipe["beside"])[0]


def f_of(under: CoxHazard | None, rows: Floats) -> Floats:
    """What is said beside trees or networks, shape (n,), of rows of shape (n, p)."""
    return np.zeros(len(rows)) if under is None else under.log_hazard_ratio(rows)


def _candidates(basis: Basis, recipe: Mapping[str, Any]) -> list[Candidate]:
    """The priors that are averaged; the first is the evidence itself."""
    further = recipe["ridge"] if basis.further.names else [HELD]
    found = []
    for trust, ridge in product(recipe["trust"], further):
        # Where a column says nothing at all, it says nothing of one kind of fracture.
        says = ridge < HELD
        for apart, bend in product(
            recipe["apart"] if says else [HELD], recipe["bend"] if says and basis.bending else [0.0]
        ):
            found.append({"trust": trust, "ridge": ridge, "apart": apart, "bend": bend})
    return found


def _freed(basis: Basis, recipe: Mapping[str, Any]) -> list[Candidate]:
    """With many events columns are let go, and what the evidence holds at least by its doubts."""
    trusts = [trust for trust in recipe["trust"] if trust <= recipe["free"]["trust"]]
    bends = recipe["bend"] if basis.bending else [0.0]
    return [
        {**recipe["free"], "trust": trust, "bend": bend} for trust, bend in product(trusts, bends)
    ]


def _belief(candidate: Candidate, recipe: Mapping[str, Any], columns: int) -> float:
    """Before anything was seen: half in holding each part, the rest in equal shares."""
    belief = 1.0
    any_says = 0.5 * min(1.0, recipe["alike"] / max(1, columns))
    for name, value in candidate.items():
        if name in ("apart", "bend") and candidate["ridge"] >= HELD:
            continue  # said already
        none = 0.0 if name == "bend" else HELD
        free = sum(each != none for each in recipe[name])
        let_go = any_says if name == "ridge" else 0.5
        belief *= 1 - let_go if value == none else let_go / max(1, free)
    return belief


def _told(candidates: list[Candidate], shares: Floats) -> dict[str, Any]:
    """The share of the evidence itself, and the likeliest of the rest."""
    if candidates[0]["trust"] < HELD:
        return dict(candidates[int(np.argmax(shares))])
    return {"evidence": round(float(shares[0]), 3), **candidates[1 + int(np.argmax(shares[1:]))]}


def _averaged(
    people: Completed,
    basis: Basis,
    cause: str,
    candidates: list[Candidate],
    recipe: Mapping[str, Any],
) -> tuple[Floats, Floats]:
    """Coefficients of one cause, shape (q,), and how far each candidate is believed.

    The other kind of fracture has a say in what a column does, and in whether the evidence is right
    about these people, though its doubts are about each kind. A coefficient that would go against
    what the site declared is 0.
    """
    causes = [cause]
    if cause in FRACTURES:
        causes += [each for each in FRACTURES if each in people.taught.follow_up and each != cause]
    # A fold may hold no event of the other kind, or none of this one.
    causes = [each for each in causes if people.taught.follow_up[each].event.any()]
    if cause not in causes:
        return np.zeros(len(basis.names)), np.eye(len(candidates))[0]
    seen = side_by_side([_parabola(people, basis, each, recipe["free"]) for each in causes])
    beliefs = [_belief(each, recipe, len(basis.further.names)) for each in candidates]
    wanted = np.tile(_wanted(people, basis, cause), len(causes))
    kept = np.ones(len(wanted))
    while True:
        priors = [_prior(basis, causes, each) * np.outer(kept, kept) for each in candidates]
        shares, means = averaged(seen, priors, beliefs)
        found = shares @ means
        against = found * wanted < 0
        if not against.any():
            return found[: len(basis.names)], shares
        kept[against] = 0.0


def _prior(basis: Basis, causes: list[str], candidate: Candidate) -> Floats:
    """Covariance of all causes' coefficients, one cause after the other."""
    size, terms, number = len(basis.names), len(basis.terms), len(causes)
    bends = terms + len(basis.further.names)
    found = np.zeros((number, size, number, size))
    of_all, apart = (_variance(candidate[name]) for name in ("ridge", "apart"))
    for first, cause in enumerate(causes):
        trust = candidate["trust"]
        own = 0.0 if trust >= HELD else 1 / precision(basis, cause, trust, 1.0)[:terms]
        found[first, range(terms), first, range(terms)] = own
        for second in range(number):
            both = of_all + (apart if first == second else 0.0)
            found[first, range(terms, bends), second, range(terms, bends)] = both
            found[first, range(bends, size), second, range(bends, size)] = both * candidate["bend"]
    return found.reshape(number * size, number * size)


def _variance(precision: float) -> float:
    return 0.0 if precision >= HELD else 1 / precision


def _parabola(people: Completed, basis: Basis, cause: str, free: Candidate) -> Parabola:
    """The partial likelihood about where it is highest with hardly anything held."""
    prior = precision(basis, cause, free["trust"], free["ridge"])
    fitted = _newton(people, cause, basis.values(people.rows), prior)
    return Parabola(fitted.information - np.diag(prior), fitted.information @ fitted.coefficients)


def _alone(people: Completed, basis: Basis, cause: str, recipe: Mapping[str, Any]) -> Floats:
    """Coefficients without evidence to start from, shape (q,)."""
    values = basis.values(people.rows)
    # A term that hardly varies (one sex only, say) has nothing to tell.
    prior = recipe["alone_precision"] * np.maximum(values.std(axis=0), 1e-3) ** 2
    wanted = _wanted(people, basis, cause)
    kept = np.ones(len(wanted), dtype=np.bool_)
    while True:
        found = _newton(people, cause, values, np.where(kept, prior, HELD)).coefficients * kept
        against = found * wanted < 0
        if not against.any():
            return found
        kept &= ~against


def _wanted(people: Completed, basis: Basis, cause: str) -> Floats:
    """1 or -1 where a site declared that its column makes for more or less risk, shape (q,)."""
    directions = directions_of(people, cause, ())
    further = [float(directions[people.columns.index(name)]) for name in basis.further.names]
    bends = np.zeros(len(basis.names) - len(basis.terms) - len(further))
    return np.concatenate([np.zeros(len(basis.terms)), further, bends])


def _newton(people: Completed, cause: str, values: Floats, prior: Floats) -> CoxFit:
    seen = people.of_rows(cause)
    return newton_cox(
        values,
        seen.years,
        seen.event,
        # A Cox regression's offset cannot change with time: the mean over ten years stands for it,
        # as evidence hazards of two people rise nearly alike with age. The level takes the exact.
        offset=people.exposures[cause].log_hazard,
        weights=people.weights,
        precision=prior,
        ties="breslow",  # the draws of one person are not tied events
    )


def _reference(people: Completed, basis: Basis, values: Floats) -> Floats:
    """Mean of each term as a line in age and sex, shape (terms, 4)."""
    x = reference_terms(people.rows, people.columns)
    own = values[:, : len(basis.terms)]
    weighted = x * people.weights[:, None]
    return np.asarray(np.linalg.lstsq(weighted.T @ x, weighted.T @ own, rcond=None)[0].T)
