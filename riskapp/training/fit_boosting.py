"""Cause-specific boosted hazards beside the evidence: Poisson trees from what it expects on.

With events counted over a known time at risk, a Poisson loss is the likelihood of the hazard
(Holford 1980, Biometrics 36:299, doi:10.2307/2529982); both libraries offer it, and its offset is
the logarithm of the events that the evidence expects of each person. No tree at all is the
evidence, and how many trees there are people decide who were left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from riskapp.risk.boosting import READERS, BoostedHazard
from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats
from riskapp.training.choosing import constant, likely, out_of_fold
from riskapp.training.completing import Completed
from riskapp.training.demanded import DEMANDED, against, directions_of
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.level import slope

# Trees of depth two, that is effects of pairs: on simulated people deeper ones come no nearer to
# the true probabilities, and they are harder to read.
RECIPES: dict[str, dict[str, Any]] = {
    "xgboost": {
        "anchored": True,
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
    basis = Basis(people.columns, (), people.further)

    def fit(some: Completed, rows: Floats) -> Floats:
        text = _text(engine, some, cause, recipe, directions, max(rounds), seed)
        found = []
        for number in rounds:
            hazard = replace(READERS[engine](text, number), reads=basis.surprising)
            own = hazard.log_hazard_ratio(some.rows)
            f = hazard.log_hazard_ratio(rows) - constant(some, cause, own)
            found.append(f if number else np.zeros(len(rows)))
        return np.column_stack(found)

    ratios, scores = out_of_fold(people, cause, fit, recipe["folds"], seed, len(rounds))
    shares = likely(scores)
    pick = int(np.argmax(shares))
    if rounds[pick] == 0:
        return LearnedCause(hazard=None, unseen=ratios[:, pick], chosen={"rounds": 0})
    event = people.taught.follow_up[cause].event[people.owners].astype(np.float64)
    expected = people.exposures[cause].expected
    # As much of it as came true, and as sure as it is that any of it is.
    factor = slope(event, expected, ratios[:, pick], people.weights) * float(1 - shares[0])
    text = _text(engine, people, cause, recipe, directions, rounds[pick], seed)
    hazard = _scaled(READERS[engine](text), basis, factor, people, cause)
    while broken := set(against(hazard, people, cause)) - set(held):
        held = (*held, *sorted(broken))
        directions = directions_of(people, cause, held)
        text = _text(engine, people, cause, recipe, directions, rounds[pick], seed)
        hazard = _scaled(READERS[engine](text), basis, factor, people, cause)
    trees = f"{cause}.{SUFFIXES[engine]}"
    return LearnedCause(
        hazard=hazard,
        unseen=factor * ratios[:, pick],
        stored={"trees": trees, "slope": factor, "constant": hazard.constant},
        texts={trees: text},
        chosen={"rounds": rounds[pick], "slope": round(factor, 3)},
    )


def _scaled(
    hazard: BoostedHazard, basis: Basis, factor: float, people: Completed, cause: str
) -> BoostedHazard:
    whole = replace(hazard, reads=basis.surprising, slope=factor)
    return replace(whole, constant=constant(people, cause, whole.log_hazard_ratio(people.rows)))


def _text(
    engine: str,
    people: Completed,
    cause: str,
    recipe: Mapping[str, Any],
    directions: list[int],
    rounds: int,
    seed: int,
) -> str:
    event = people.taught.follow_up[cause].event[people.owners].astype(np.float64)
    expected = people.exposures[cause].expected
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
) -> str:
    import xgboost

    data = xgboost.DMatrix(rows, label=event, weight=weights, base_margin=offset, nthread=1)
    settings = library | {"monotone_constraints": tuple(monotone), "seed": seed}
    booster = xgboost.train(settings, data, rounds)
    return booster.save_raw("json").decode()


def _fit_lightgbm(
    rows: Floats,
    event: Floats,
    offset: Floats,
    weights: Floats,
    monotone: list[int],
    library: dict[str, Any],
    rounds: int,
    seed: int,
) -> str:
    import lightgbm

    data = lightgbm.Dataset(rows, event, weight=weights, init_score=offset)
    settings = library | {"monotone_constraints": monotone, "seed": seed}
    text: str = lightgbm.train(settings, data, rounds).model_to_string()
    return text


Fit = Callable[
    [Floats, Floats, Floats, Floats, list[int], dict[str, Any], int, int],
    str,
]
FITS: dict[str, Fit] = {"xgboost": _fit_xgboost, "lightgbm": _fit_lightgbm}
SUFFIXES = {"xgboost": "json", "lightgbm": "txt"}
