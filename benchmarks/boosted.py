"""Boosted hazards: fitting trees, growing them from sums, and their exact contributions."""

import time

import numpy as np
import numpy.typing as npt
import shap
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.timing import Comparison, medians
from riskapp.risk.boosting import xgboost_hazard
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
        _explained(by_library(), rows[:EXPLAINED], TREES, 2),
        _large(),
    ]


def _explained(booster: xgboost.Booster, rows: Floats, trees: int, depth: int) -> Comparison:
    hazard = xgboost_hazard(booster.save_raw("json").decode())
    explainer = shap.TreeExplainer(hazard.booster, feature_perturbation="tree_path_dependent")
    apart = float(np.abs(hazard.shares(rows) - explainer.shap_values(rows)).max())
    if apart > AGREEMENT:
        raise ArithmeticError(f"Contributions and shap disagree: {apart:.1e}.")
    ours, theirs = medians(
        lambda: hazard.contributions(rows), lambda: explainer.shap_values(rows), rounds=ROUNDS
    )
    return Comparison(
        f"exact contributions of {len(rows):,} rows, {trees} trees of depth {depth}",
        ours,
        "shap, which is XGBoost's own",
        theirs,
        f"{len(rows) / ours:,.0f} rows a second on one thread; equal to {apart:.0e}",
    )


def _large() -> Comparison:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(PEOPLE // 5, LARGE["columns"]))
    event = rng.random(len(rows)) < 0.1 * np.exp(0.5 * rows[:, 0] + 0.4 * rows[:, 1])
    settings = SETTINGS | {"max_depth": LARGE["depth"]}
    booster = xgboost.train(settings, xgboost.DMatrix(rows, label=event), LARGE["trees"])
    return _explained(booster, rows[: LARGE["explained"]], LARGE["trees"], LARGE["depth"])


def _made_up() -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(PEOPLE, COLUMNS))
    offset = np.log(rng.uniform(0.01, 0.2, PEOPLE))
    rate = np.exp(offset - 0.5 * rows[:, 0] + 0.4 * rows[:, 1] * (rows[:, 2] > 0))
    return rows, (rng.random(PEOPLE) < rate).astype(np.float64), offset
