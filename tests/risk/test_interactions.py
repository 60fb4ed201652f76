"""Interactions of boosted hazards: they add up, and the pair that was planted comes first."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp.risk.boosting import READERS
from riskapp.risk.interactions import interaction_values, strongest

COLUMNS = ("age_years", "femoral_neck_t_score", "grip", "sway")


def lightgbm_text(rows, counts):
    import lightgbm

    settings = {"objective": "poisson", "num_leaves": 4, "max_depth": 2, "verbosity": -1}
    settings |= {"num_threads": 1, "learning_rate": 0.2}
    return lightgbm.train(settings, lightgbm.Dataset(rows, counts), 60).model_to_string()


def xgboost_text(rows, counts):
    import xgboost

    settings = {"objective": "count:poisson", "max_depth": 2, "eta": 0.2, "nthread": 1}
    return xgboost.train(settings, xgboost.DMatrix(rows, counts), 60).save_raw("json").decode()


def booster_of(engine, text):
    """The library's own, read back from its text."""
    if engine == "lightgbm":
        import lightgbm

        return lightgbm.Booster(model_str=text)
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(bytearray(text, "utf-8"))
    return booster


def halved(rows):
    """What trees read need not be the rows: here it is half of them."""
    return rows / 2


FITS = {"lightgbm": lightgbm_text, "xgboost": xgboost_text}


@pytest.mark.parametrize("engine", FITS)
def test_interactions_and_contributions_are_shaps_own_and_name_the_planted_pair(engine):
    import shap

    rng = np.random.default_rng(1)
    rows = rng.normal(size=(1500, 4))
    text = FITS[engine](
        rows, rng.poisson(np.exp(0.8 * rows[:, 1] * rows[:, 2] + 0.3 * rows[:, 0])) * 1.0
    )
    hazard = replace(READERS[engine](text), reads=halved, slope=0.5, constant=0.1)
    asked = 2 * rows[:200]
    values, contributions = interaction_values(hazard, asked), hazard.contributions(asked)
    own = shap.TreeExplainer(booster_of(engine, text), feature_perturbation="tree_path_dependent")
    np.testing.assert_allclose(contributions[:, :-1], 0.5 * own.shap_values(rows[:200]), atol=1e-6)
    np.testing.assert_allclose(contributions.sum(axis=1), hazard.log_hazard_ratio(asked), atol=1e-6)
    np.testing.assert_allclose(values.sum(axis=2), contributions[:, :-1], atol=1e-6)
    between = 0.5 * own.shap_interaction_values(rows[:200])
    apart = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(values[:, apart], between[:, apart], atol=1e-6)
    pairs = strongest(values, COLUMNS, 2)
    assert {pairs[0].first, pairs[0].second} == {"femoral_neck_t_score", "grip"}
    assert len(pairs) == 2
    assert pairs[0].strength > 3 * pairs[1].strength


def test_columns_that_do_not_interact_are_no_pairs():
    alone = np.zeros((3, 4, 4))
    alone[:, 1, 1] = 2.0
    assert strongest(alone, COLUMNS, 5) == ()
