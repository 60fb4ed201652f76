"""Cause-specific boosted hazards beside the evidence: Poisson trees from what it expects on.

With events counted over a known time at risk, a Poisson loss is the likelihood of the hazard
(Holford 1980, Biometrics 36:299, doi:10.2307/2529982); both libraries offer it, and its offset is
the logarithm of the events expected of each person by the evidence and by a Cox regression beside
it: straight lines, for which trees need many leaves and many events, are drawn already, and trees
are for what bends and goes together. How many there are, none included, people decide who were
left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from riskapp.risk.boosting import READERS, BoostedHazard
from riskapp.risk.cox import Basis, CoxHazard
from riskapp.risk.design_row import Floats
from riskapp.training import fit_cox
from riskapp.training.choosing import cautious, constant, likely, out_of_fold
from riskapp.training.completing import Completed
from riskapp.training.demanded import DEMANDED, against, directions_of
from riskapp.training.fit_cox import beside, f_of, terms_of
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.level import slope

# Trees of depth two, that is effects of pairs: on simulated people deeper ones come no nearer to
# the true probabilities, and they are harder to read.
RECIPES: dict[str, dict[str, Any]] = {
    "xgboost": {
        "anchored": True,
        "beside": fit_cox.RECIPE,
        "folds": 4,
        "rounds": [0, 5, 10, 20, 40, 80, 120, 160, 200],
        # With fewer events a tree can tell nobody from anybody: f is 0.
        "least_events": 20,
        "library": {
            "objective": "count:poisson",
            "tree_method": "hist",
            "max_depth": 2,
            "eta": 0.1,
            # In expected events, not people: a leaf speaks for at least ten of them.
            "min_child_weight": 10.0,
            # Each leaf is drawn to no difference as by so many events seen where as many were due.
            "lambda": 5.0,
            # The offset carries the average; the trees start from a ratio of one.
            "base_score": 1.0,
            "nthread": 1,
        },
    },
    "lightgbm": {
        "anchored": True,
        "beside": fit_cox.RECIPE,
        "folds": 4,
        "rounds": [0, 5, 10, 20, 40, 80, 120, 160, 200],
        # With fewer events a tree can tell nobody from anybody: f is 0.
        "least_events": 20,
        "library": {
            "objective": "poisson",
            "num_leaves": 4,
            "max_depth": 2,
            "learning_rate": 0.1,
            "min_sum_hessian_in_leaf": 10.0,
            "min_data_in_leaf": 20,
            "lambda_l2": 5.0,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        },
    },
}
# Leaves of few expected events would be refused altogether in a small cohort.
LEAST_LEAF_EVENTS, LEAF_SHARE = 2.0, 0.05


def fit_boosting(
    engine: str, people: Completed, cause: str, recipe: Mapping[str, Any], seed: int
) -> LearnedCause:
    """Fit one cause with one library."""
    if people.taught.follow_up[cause].event.sum() < recipe["least_events"]:
        nothing = np.zeros(len(people.rows))
        return LearnedCause(hazard=None, unseen=nothing, chosen={"rounds": 0})
    rounds = recipe["rounds"]
    held = () if recipe["anchored"] else tuple(DEMANDED)
    directions = directions_of(people, cause, held)
    basis = terms_of(people, recipe)

    def fit(some: Completed, rows: Floats) -> Floats:
        under = beside(some, cause, recipe)
        booster = _booster(engine, some, cause, recipe, directions, max(rounds), seed, under)
        own, others = (
            sums_by_round(engine, booster, basis.surprising(each), rounds)
            + f_of(under, each)[:, None]
            for each in (some.rows, rows)
        )
        return others - [constant(some, cause, each) for each in own.T]

    ratios, scores = out_of_fold(people, cause, fit, recipe["folds"], seed, len(rounds))
    shares = likely(cautious(scores))
    # Trees of neighbouring numbers share the belief in trees.
    pick = 0 if shares[0] >= 0.5 else 1 + int(np.argmax(shares[1:]))
    under = beside(people, cause, recipe)
    below = {} if under is None else {"beside": under.stored()}
    if rounds[pick] == 0:
        learned = under if under is not None and under.coefficients.any() else None
        return LearnedCause(
            hazard=learned, unseen=ratios[:, pick], stored=below, chosen={"rounds": 0}
        )
    event = people.taught.follow_up[cause].event[people.owners].astype(np.float64)
    expected = people.exposures[cause].expected
    line, added = ratios[:, 0], ratios[:, pick] - ratios[:, 0]
    # As much of it as came true, and as sure as it is that any of it is.
    factor = slope(event, expected * np.exp(line), added, people.weights) * float(1 - shares[0])

    def whole() -> tuple[str, BoostedHazard]:
        booster = _booster(engine, people, cause, recipe, directions, rounds[pick], seed, under)
        text = TEXTS[engine](booster)
        bare = replace(READERS[engine](text), reads=basis.surprising, slope=factor, beside=under)
        level = constant(people, cause, bare.log_hazard_ratio(people.rows))
        return text, replace(bare, constant=level)

    text, hazard = whole()
    while broken := set(against(hazard, people, cause)) - set(held):
        held = (*held, *sorted(broken))
        directions = directions_of(people, cause, held)
        text, hazard = whole()
    trees = f"{cause}.{SUFFIXES[engine]}"
    return LearnedCause(
        hazard=hazard,
        unseen=line + factor * added,
        stored={"trees": trees, "slope": factor, "constant": hazard.constant, **below},
        texts={trees: text},
        chosen={"rounds": rounds[pick], "slope": round(factor, 3)},
    )


def sums_by_round(engine: str, booster: Any, read: Floats, rounds: Sequence[int]) -> Floats:
    """Sum of leaves after so many rounds each, shape (n, rounds), every tree asked once.

    Parameters
    ----------
    read : ndarray, shape (n, p)
        What the trees read.
    rounds : sequence of int
        Rising.
    """
    leaves = LEAVES[engine](booster, read)
    parts = [
        leaves(start, end) if end > start else np.zeros(len(read))
        for start, end in pairwise([0, *rounds])
    ]
    return np.cumsum(np.column_stack(parts), axis=1)


def _booster(
    engine: str,
    people: Completed,
    cause: str,
    recipe: Mapping[str, Any],
    directions: list[int],
    rounds: int,
    seed: int,
    under: CoxHazard | None,
) -> Any:
    event = people.taught.follow_up[cause].event[people.owners].astype(np.float64)
    expected = people.exposures[cause].expected * np.exp(f_of(under, people.rows))
    level = (people.weights @ event) / (people.weights @ expected)
    # Columns that few know have nothing to teach: as if everybody had the same.
    read = Basis(people.columns, (), people.further).surprising(people.rows)
    rows = np.where(np.isin(people.columns, people.learnable), read, 0.0)
    leaf = np.clip(LEAF_SHARE * event @ people.weights, LEAST_LEAF_EVENTS, np.inf)
    return FITS[engine](
        rows,
        event,
        np.log(level * expected),
        people.weights,
        directions,
        _library(engine, recipe["library"], float(leaf)),
        rounds,
        seed,
    )


def _library(engine: str, settings: Mapping[str, Any], leaf: float) -> dict[str, Any]:
    name = {"xgboost": "min_child_weight", "lightgbm": "min_sum_hessian_in_leaf"}[engine]
    return {**settings, name: min(settings[name], leaf)}


def _fit_xgboost(
    rows: Floats,
    event: Floats,
    offset: Floats,
    weights: Floats,
    monotone: list[int],
    library: dict[str, Any],
    rounds: int,
    seed: int,
) -> Any:
    import xgboost

    data = xgboost.DMatrix(rows, label=event, weight=weights, base_margin=offset, nthread=1)
    settings = library | {"monotone_constraints": tuple(monotone), "seed": seed}
    return xgboost.train(settings, data, rounds)


def _fit_lightgbm(
    rows: Floats,
    event: Floats,
    offset: Floats,
    weights: Floats,
    monotone: list[int],
    library: dict[str, Any],
    rounds: int,
    seed: int,
) -> Any:
    import lightgbm

    data = lightgbm.Dataset(rows, event, weight=weights, init_score=offset)
    settings = library | {"monotone_constraints": monotone, "seed": seed}
    return lightgbm.train(settings, data, rounds)


Leaves = Callable[[int, int], Floats]


def _xgboost_leaves(booster: Any, read: Floats) -> Leaves:
    import xgboost

    rows = xgboost.DMatrix(read, nthread=1)

    def between(start: int, end: int) -> Floats:
        found = booster.predict(rows, output_margin=True, iteration_range=(start, end))
        return np.asarray(found, dtype=np.float64)

    return between


def _lightgbm_leaves(booster: Any, read: Floats) -> Leaves:
    def between(start: int, end: int) -> Floats:
        found = booster.predict(
            read, raw_score=True, num_threads=1, start_iteration=start, num_iteration=end - start
        )
        return np.asarray(found, dtype=np.float64)

    return between


Fit = Callable[
    [Floats, Floats, Floats, Floats, list[int], dict[str, Any], int, int],
    Any,
]
FITS: dict[str, Fit] = {"xgboost": _fit_xgboost, "lightgbm": _fit_lightgbm}
# Sums of the leaves of some rounds of a booster.
LEAVES: dict[str, Callable[[Any, Floats], Leaves]] = {
    "xgboost": _xgboost_leaves,
    "lightgbm": _lightgbm_leaves,
}
TEXTS: dict[str, Callable[[Any], str]] = {
    "xgboost": lambda booster: booster.save_raw("json").decode(),
    "lightgbm": lambda booster: booster.model_to_string(),
}
SUFFIXES = {"xgboost": "json", "lightgbm": "txt"}
