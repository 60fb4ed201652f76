"""Interactions of boosted hazards: they add up, and the pair that was planted comes first."""

import numpy as np
import pytest

from riskapp.risk.interactions import interaction_values, strongest

COLUMNS = ("age_years", "femoral_neck_t_score", "grip", "sway")


def lightgbm_booster(rows, counts):
    import lightgbm

    settings = {"objective": "poisson", "num_leaves": 4, "max_depth": 2, "verbosity": -1}
    settings |= {"num_threads": 1, "learning_rate": 0.2}
    return lightgbm.train(settings, lightgbm.Dataset(rows, counts), 60)


def xgboost_booster(rows, counts):
    import xgboost

    settings = {"objective": "count:poisson", "max_depth": 2, "eta": 0.2, "nthread": 1}
    return xgboost.train(settings, xgboost.DMatrix(rows, counts), 60)


@pytest.mark.parametrize("fit", [lightgbm_booster, xgboost_booster])
def test_interactions_sum_to_contributions_and_name_the_planted_pair(fit):
    import shap

    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1500, 4))
    booster = fit(rows, rng.poisson(np.exp(0.8 * rows[:, 1] * rows[:, 2] + 0.3 * rows[:, 0])) * 1.0)
    values = interaction_values(booster, rows[:200], 0.5)
    contributions = shap.TreeExplainer(booster).shap_values(rows[:200])
    np.testing.assert_allclose(values.sum(axis=2), 0.5 * contributions, atol=1e-4)
    np.testing.assert_allclose(values, values.transpose(0, 2, 1), atol=1e-4)
    pairs = strongest(values, COLUMNS, 2)
    assert {pairs[0].first, pairs[0].second} == {"femoral_neck_t_score", "grip"}
    assert len(pairs) == 2
    assert pairs[0].strength > 3 * pairs[1].strength


def test_columns_that_do_not_interact_are_no_pairs():
    alone = np.zeros((3, 4, 4))
    alone[:, 1, 1] = 2.0
    assert strongest(alone, COLUMNS, 5) == ()
