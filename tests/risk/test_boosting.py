"""Boosted hazards: contributions equal the libraries' own and sum to the margin."""

from dataclasses import replace
from functools import cache

import lightgbm
import numpy as np
import pytest
import shap
import xgboost

from riskapp.risk.boosting import READERS

ROWS = np.random.default_rng(20261120).normal(size=(3000, 6))
EVENTS = (np.random.default_rng(1).random(3000) < 0.1 * np.exp(0.5 * ROWS[:, 0])).astype(float)


@cache
def model_text(engine: str) -> str:
    if engine == "xgboost":
        data = xgboost.DMatrix(ROWS, label=EVENTS)
        settings = {"objective": "count:poisson", "max_depth": 3, "nthread": 1, "base_score": 1.0}
        return xgboost.train(settings, data, 30).save_raw("json").decode()
    settings = {"objective": "poisson", "num_leaves": 8, "verbosity": -1, "num_threads": 1}
    text: str = lightgbm.train(settings, lightgbm.Dataset(ROWS, EVENTS), 30).model_to_string()
    return text


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_trees_read_from_text_sum_to_what_the_library_says(engine: str) -> None:
    hazard = READERS[engine](model_text(engine))
    # Rows that lie on thresholds too, where "at most" and "below" part.
    rows = np.vstack([ROWS, np.round(ROWS, 1), ROWS[:, ::-1]])
    if engine == "xgboost":
        theirs = hazard.booster().predict(xgboost.DMatrix(rows), output_margin=True)
    else:
        theirs = hazard.booster().predict(rows, raw_score=True)
    np.testing.assert_allclose(hazard.margin(rows), theirs, atol=1e-6)


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_contributions_equal_those_of_shap(engine: str) -> None:
    hazard = READERS[engine](model_text(engine))
    explainer = shap.TreeExplainer(hazard.booster(), feature_perturbation="tree_path_dependent")
    np.testing.assert_allclose(
        hazard.contributions(ROWS[:200])[:, :-1], explainer.shap_values(ROWS[:200]), atol=1e-6
    )


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_contributions_sum_to_the_log_hazard_ratio(engine: str) -> None:
    hazard = READERS[engine](model_text(engine))
    np.testing.assert_allclose(
        hazard.contributions(ROWS[:200]).sum(axis=1),
        hazard.log_hazard_ratio(ROWS[:200]),
        atol=1e-6,
    )


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_a_slope_shrinks_ratio_and_contributions_alike(engine: str) -> None:
    whole = READERS[engine](model_text(engine))
    shrunk = replace(whole, slope=0.8)
    np.testing.assert_allclose(
        shrunk.contributions(ROWS[:50]), 0.8 * whole.contributions(ROWS[:50]), atol=1e-12
    )
    np.testing.assert_allclose(
        shrunk.contributions(ROWS[:50]).sum(axis=1),
        shrunk.log_hazard_ratio(ROWS[:50]),
        atol=1e-6,
    )


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_reading_the_text_again_gives_the_same_numbers(engine: str) -> None:
    first, second = (READERS[engine](model_text(engine)) for _ in range(2))
    np.testing.assert_array_equal(
        first.log_hazard_ratio(ROWS[:50]), second.log_hazard_ratio(ROWS[:50])
    )


def test_trees_that_ask_more_than_numbers_are_refused() -> None:
    """With gaps in the rows LightGBM writes tests that say where a gap goes."""
    gaps = np.where(np.random.default_rng(4).random(ROWS.shape) < 0.2, np.nan, ROWS)
    settings = {"objective": "poisson", "num_leaves": 4, "verbosity": -1, "num_threads": 1}
    text = lightgbm.train(settings, lightgbm.Dataset(gaps, EVENTS), 3).model_to_string()
    with pytest.raises(ValueError, match="Only trees that compare numbers"):
        READERS["lightgbm"](text).margin(ROWS[:2])
