"""A million rows through boosted hazards, beside the libraries' own prediction of the same matrix.

The libraries are timed on what they are fastest with: XGBoost on a matrix of its own, made before.
"""

import time
from collections.abc import Callable

import lightgbm
import numpy as np
import numpy.typing as npt
import xgboost

from benchmarks.timing import Comparison
from riskapp.risk.boosting import BoostedHazard, lightgbm_hazard, xgboost_hazard

Floats = npt.NDArray[np.float64]

ROWS, COLUMNS, TREES, DEPTH = 1_000_000, 25, 300, 5
LEARNED_FROM = 20_000
SEED = 1
# XGBoost adds up in single precision.
AGREEMENT = 2e-5
ROUNDS = 3


def compare() -> list[Comparison]:
    rows = np.random.default_rng(SEED).normal(size=(ROWS, COLUMNS))
    return [_xgboost(rows), _lightgbm(rows)]


def learned(columns: int, trees: int, depth: int) -> BoostedHazard:
    """A hazard of XGBoost's."""
    return xgboost_hazard(_grown(columns, trees, depth).save_raw("json").decode())


def _grown(columns: int, trees: int, depth: int) -> xgboost.Booster:
    rows, event = _events(columns)
    settings = {"objective": "count:poisson", "max_depth": depth, "eta": 0.1, "nthread": 1}
    return xgboost.train(settings, xgboost.DMatrix(rows, label=event), trees)


def _events(columns: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(SEED)
    rows = rng.normal(size=(LEARNED_FROM, columns))
    rate = 0.1 * np.exp(0.5 * rows[:, 0] + 0.4 * rows[:, 1])
    return rows, (rng.random(LEARNED_FROM) < rate).astype(float)


def _xgboost(rows: Floats) -> Comparison:
    booster = _grown(COLUMNS, TREES, DEPTH)
    hazard = xgboost_hazard(booster.save_raw("json").decode())

    def theirs() -> Callable[[], Floats]:
        # Anew each time, as XGBoost remembers what it said of a matrix.
        prepared = xgboost.DMatrix(rows, nthread=1)
        return lambda: booster.predict(prepared, output_margin=True)

    return _compared("XGBoost", hazard, rows, theirs)


def _lightgbm(rows: Floats) -> Comparison:
    learned_from, event = _events(COLUMNS)
    settings = {"objective": "poisson", "max_depth": DEPTH, "num_threads": 1, "verbose": -1}
    booster = lightgbm.train(settings, lightgbm.Dataset(learned_from, event), TREES)
    hazard = lightgbm_hazard(booster.model_to_string())
    return _compared(
        "LightGBM",
        hazard,
        rows,
        lambda: lambda: np.asarray(booster.predict(rows, raw_score=True, num_threads=1)),
    )


def _compared(
    name: str, hazard: BoostedHazard, rows: Floats, peer: Callable[[], Callable[[], Floats]]
) -> Comparison:
    apart = float(np.abs(hazard.log_hazard_ratio(rows) - peer()()).max())
    if apart > AGREEMENT:
        raise ArithmeticError(f"{name} and its trees read from text disagree: {apart:.1e}.")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: hazard.log_hazard_ratio(rows)))
        theirs.append(_seconds(peer()))
    return Comparison(
        f"{ROWS:,} rows of {COLUMNS} columns through {TREES} trees of depth {DEPTH}",
        float(np.median(ours)),
        f"{name}, prediction only",
        float(np.median(theirs)),
        f"one thread each; equal to {apart:.0e}",
    )


def _seconds(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun
