"""Boosted hazards: fitting trees, growing them from sums, and their exact contributions."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import shap
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.timing import Comparison, medians
from riskapp.risk.boosting import READERS
from riskapp.training.fit_boosting import TEXTS
from riskapp.training.sums.tree_sums import (
    Growth,
    TreePeople,
    binned,
    counted,
    edges_from_counts,
    grow,
)

Floats = npt.NDArray[np.float64]

PEOPLE, COLUMNS, TREES, EXPLAINED = 50_000, 13, 100, 5_000
# Larger than any that we fit, for comparison with what is published of such libraries.
LARGE = {"trees": 300, "depth": 5, "columns": 25, "explained": 2_000}
BINS = 48
SETTINGS = {
    "objective": "count:poisson",
    "tree_method": "hist",
    "max_depth": 2,
    "eta": 0.1,
    "min_child_weight": 10.0,
    "lambda": 1.0,
    "base_score": 1.0,
    "nthread": 1,
}
LIGHTGBM = {
    "objective": "poisson",
    "learning_rate": 0.1,
    "min_data_in_leaf": 1,
    "min_sum_hessian_in_leaf": 10.0,
    "lambda_l2": 1.0,
    "use_missing": False,
    "boost_from_average": False,
    "num_threads": 1,
    "verbosity": -1,
}
# XGBoost adds up its contributions in single precision.
AGREEMENT = 5e-6
ROUNDS = 3


def compare() -> list[Comparison]:
    """Time fitting and explaining."""
    rows, event, offset = _made_up()
    edges, grid = [], np.linspace(-4, 4, 241)
    for own in rows.T:
        edges.append(edges_from_counts(grid, counted(grid, own, np.ones(PEOPLE)), BINS, 10))
    bins = binned(rows, edges)

    def by_library() -> xgboost.Booster:
        data = xgboost.DMatrix(rows, label=event, base_margin=offset, nthread=1)
        return xgboost.train(SETTINGS, data, TREES)

    def by_sums() -> Floats:
        people = TreePeople(bins=bins, event=event, weights=np.ones(PEOPLE), margin=offset.copy())
        growth = Growth(0.1, 1.0, 10.0, (0,) * COLUMNS)
        for _ in range(TREES):
            grow(people, growth, BINS)
        return people.margin

    def by_scikit_learn() -> object:
        return HistGradientBoostingRegressor(
            loss="poisson", max_iter=TREES, max_depth=2, learning_rate=0.1, early_stopping=False
        ).fit(rows, event)

    library, scikit = medians(by_library, by_scikit_learn, rounds=ROUNDS, clock=time.process_time)
    library_again, sums = medians(by_library, by_sums, rounds=ROUNDS, clock=time.process_time)
    size = f"{TREES} trees of depth 2, {PEOPLE:,} people, {COLUMNS} columns"
    return [
        Comparison(
            f"fit of {size}, with offset",
            library,
            "scikit-learn's histogram boosting, without",
            scikit,
            "XGBoost does the work; one thread each",
        ),
        Comparison(
            "the same trees from sums, as sites that train together grow them",
            sums,
            "XGBoost",
            library_again,
            f"{BINS} bins; without what travels",
        ),
        *_explained("xgboost", by_library(), rows[:EXPLAINED], TREES, 2),
        *_large(),
    ]


def _explained(
    engine: str, booster: Any, rows: Floats, trees: int, depth: int
) -> Iterator[Comparison]:
    """Hold the engine's exact contributions against shap's and against its library's own."""
    hazard = READERS[engine](TEXTS[engine](booster))
    explainer = shap.TreeExplainer(hazard.booster(), feature_perturbation="tree_path_dependent")
    peers: dict[str, Callable[[], Floats]] = {
        "shap.TreeExplainer": lambda: explainer.shap_values(rows),
        f"{engine}'s own": partial(OWN[engine], booster, rows),
    }
    for name, peer in peers.items():
        apart = float(np.abs(hazard.shares(rows) - peer()).max())
        if apart > AGREEMENT:
            raise ArithmeticError(f"Contributions and {name} disagree: {apart:.1e}.")
        ours, theirs = medians(
            lambda: hazard.contributions(rows), peer, rounds=ROUNDS, clock=time.process_time
        )
        yield Comparison(
            f"exact contributions of {len(rows):,} rows, {engine}, {trees} trees of depth {depth}",
            ours,
            name,
            theirs,
            f"{len(rows) / ours:,.0f} rows a second on one thread; equal to {apart:.0e}",
        )


def _large() -> Iterator[Comparison]:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(PEOPLE // 5, LARGE["columns"]))
    event = rng.random(len(rows)) < 0.1 * np.exp(0.5 * rows[:, 0] + 0.4 * rows[:, 1])
    depth, trees = LARGE["depth"], LARGE["trees"]
    by_xgboost = xgboost.train(
        SETTINGS | {"max_depth": depth}, xgboost.DMatrix(rows, label=event), trees
    )
    by_lightgbm = lightgbm.train(
        LIGHTGBM | {"max_depth": depth, "num_leaves": 2**depth},
        lightgbm.Dataset(rows, label=event),
        trees,
    )
    for engine, booster in (("xgboost", by_xgboost), ("lightgbm", by_lightgbm)):
        yield from _explained(engine, booster, rows[: LARGE["explained"]], trees, depth)


def _by_xgboost(booster: xgboost.Booster, rows: Floats) -> Floats:
    told = booster.predict(xgboost.DMatrix(rows, nthread=1), pred_contribs=True)
    return np.asarray(told[:, :-1], dtype=np.float64)


def _by_lightgbm(booster: lightgbm.Booster, rows: Floats) -> Floats:
    told = np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1), dtype=np.float64)
    return told[:, :-1]


OWN: dict[str, Callable[[Any, Floats], Floats]] = {
    "xgboost": _by_xgboost,
    "lightgbm": _by_lightgbm,
}


def _made_up() -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(PEOPLE, COLUMNS))
    offset = np.log(rng.uniform(0.01, 0.2, PEOPLE))
    rate = np.exp(offset - 0.5 * rows[:, 0] + 0.4 * rows[:, 1] * (rows[:, 2] > 0))
    return rows, (rng.random(PEOPLE) < rate).astype(np.float64), offset
