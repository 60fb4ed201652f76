"""When trees are believed, and on which draws they are grown."""

from typing import Any

import numpy as np
import pytest

from riskapp.training import fit_boosting
from riskapp.training.completing import completed
from riskapp.training.fitting import Workshop, recipe_for
from tests.training.made import made_cohort

PEOPLE = 300
RECIPE = fit_boosting.RECIPES["xgboost"]


def rounds_by(scores: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """What is chosen where the people left out say this of each number of trees."""
    people = completed(made_cohort(PEOPLE, per_year=0.03, outcomes=("hip",)), 1)

    def told(*_: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        rows = np.random.default_rng(1).normal(0, 0.1, (len(people.rows), len(RECIPE["rounds"])))
        return rows, scores

    monkeypatch.setattr(fit_boosting, "out_of_fold", told)
    return int(fit_boosting.fit_boosting("xgboost", people, "hip", RECIPE, 1).chosen["rounds"])


def gains(total: float, error: float) -> np.ndarray[Any, Any]:
    """Scores, none for the regression alone; every number of trees gains so much, so surely."""
    found = np.zeros((PEOPLE, len(RECIPE["rounds"])))
    noise = np.random.default_rng(2).normal(size=PEOPLE)
    noise = (noise - noise.mean()) / noise.std() * error / np.sqrt(PEOPLE)
    found[:, 1:] = (total / PEOPLE + noise)[:, None]
    return found


def test_a_gain_within_its_error_grows_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    # As 450 people with five columns of noise showed: 2.6, uncertain by 6.5.
    assert rounds_by(gains(2.6, 6.5), monkeypatch) == 0


def test_a_gain_beyond_its_error_grows_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rounds_by(gains(2.6, 1.0), monkeypatch) > 0


def test_where_something_is_blank_the_regression_below_is_that_of_the_cox() -> None:
    workshop = Workshop(made_cohort(PEOPLE, grip_effect=-0.4, per_year=0.03, outcomes=("hip",)))
    trees, line = (
        workshop.fit(recipe_for(name, 1)).parameters["hazards"]["hip"]
        for name in ("xgboost", "cox")
    )
    assert trees["beside"] == line
