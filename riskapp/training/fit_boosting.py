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

from riskapp.risk.anchor import Anchored, evidence_hazards
from riskapp.risk.boosting import READERS, BoostedHazard
from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats
from riskapp.risk.modifiers import NONE
from riskapp.risk.profile import FACTORS
from riskapp.risk.site_columns import Direction
from riskapp.training.choosing import constant, out_of_fold, simplest_good
from riskapp.training.completing import Completed
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.level import slope

# Trees of depth two, that is effects of pairs: on simulated people deeper ones come no nearer to
# the true probabilities, and they are harder to read.
RECIPES: dict[str, dict[str, Any]] = {
    "xgboost": {
        "anchored": True,
        "folds": 4,
        "rounds": [0, 5, 10, 20, 40, 80, 120, 160, 200],
        "standard_errors": 1.0,
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
        "standard_errors": 1.0,
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
# Where the hazard is looked at to see whether it rises and falls as it should.
LOOKED_AT, STEPS_LOOKED_AT = 200, 12


def fit_boosting(
    engine: str, people: Completed, cause: str, recipe: Mapping[str, Any], seed: int
) -> LearnedCause:
    """Fit one cause with one library."""
    if people.taught.follow_up[cause].event.sum() < recipe["least_events"]:
        nothing = np.zeros(len(people.rows))
        return LearnedCause(hazard=None, unseen=nothing, chosen={"rounds": 0})
    rounds = recipe["rounds"]
    directions = _directions(people, cause, anchored=recipe["anchored"])
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
    pick = simplest_good(scores, recipe["standard_errors"])
    if rounds[pick] == 0:
        return LearnedCause(hazard=None, unseen=ratios[:, pick], chosen={"rounds": 0})
    event = people.taught.follow_up[cause].event[people.owners].astype(np.float64)
    expected = people.exposures[cause].expected
    factor = slope(event, expected, ratios[:, pick], people.weights)
    text = _text(engine, people, cause, recipe, directions, rounds[pick], seed)
    hazard = _scaled(READERS[engine](text), basis, factor, people, cause)
    if recipe["anchored"] and not _falls_and_rises(hazard, people, cause):
        # Held in f alone, which is more than is needed: the sum is then sure to be.
        directions = _directions(people, cause, anchored=False)
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


def _directions(people: Completed, cause: str, *, anchored: bool) -> list[int]:
    """1 where f may only rise as the column rises, -1 where it may only fall, else 0.

    What science demands it demands of the whole hazard, and beside the evidence f is only what is
    added to its logarithm. Of a column that the evidence does not hold, such as a site's own, f is
    all there is, so f is held. Of one that it holds f may well go the other way, where the
    evidence's effect is too strong for this cohort: f is left free, and the sum is looked at
    (``_falls_and_rises``). Age is held by nothing.
    """
    found = dict.fromkeys(people.columns, 0)
    if cause == "death":
        return list(found.values())
    signs = {Direction.RISKIER: 1, Direction.SAFER: -1, Direction.NOT_SAID: 0}
    found |= {column.name: signs[column.direction] for column in people.further.columns}
    if not anchored:
        found |= dict.fromkeys(FACTORS, 1) | {"femoral_neck_t_score": -1}
    return list(found.values())


def _falls_and_rises(hazard: BoostedHazard, people: Completed, cause: str) -> bool:
    """Whether the whole hazard at present falls with the T-score and rises with risk factors."""
    if cause == "death":
        return True
    rows = people.rows[:: max(1, len(people.rows) // LOOKED_AT)]
    t_score = people.columns.index("femoral_neck_t_score")
    low, high = np.quantile(people.rows[:, t_score], [0.01, 0.99])
    moved = [(t_score, np.linspace(low, high, STEPS_LOOKED_AT)[::-1])]
    moved += [(people.columns.index(name), np.array([0.0, 1.0])) for name in FACTORS]
    return all(_rises(hazard, people, cause, rows, *each) for each in moved)


def _rises(
    hazard: BoostedHazard,
    people: Completed,
    cause: str,
    rows: Floats,
    column: int,
    values: Floats,
) -> bool:
    logs = []
    for value in values:
        changed = rows.copy()
        changed[:, column] = value
        logs.append(_log_evidence(people, cause, changed) + hazard.log_hazard_ratio(changed))
    return bool((np.diff(np.array(logs), axis=0) >= -1e-9).all())


def _log_evidence(people: Completed, cause: str, rows: Floats) -> Floats:
    """At present, in the population of the first person: its level does not matter here."""
    whose = Anchored((people.populations[0],), (NONE,))
    everybody = np.zeros(len(rows), dtype=np.intp)
    return np.asarray(np.log(evidence_hazards(rows, everybody, whose, np.zeros(1))[cause][:, 0]))


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
