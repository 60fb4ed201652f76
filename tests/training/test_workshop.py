"""What is made once for several engines gives each of them the numbers it has alone."""

from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost

from riskapp.risk.boosting import READERS
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.learned_person import ExactCurves
from riskapp.risk.profile import with_unknown_as_no
from riskapp.training.fit_boosting import TEXTS, sums_by_round
from riskapp.training.fitting import KEPT_PARTS, Workshop, engine_of, fit, recipe_for
from riskapp.training.storing import ten_years
from tests.training.made import made_cohort

BARE = EstimateOptions(explain=False, interval=False, verdicts=False)
ROWS = np.random.default_rng(4).normal(size=(400, 3))
COUNTS = np.random.default_rng(5).poisson(0.2 * np.exp(ROWS[:, 0])).astype(float)


def boosted(engine: str, rounds: int) -> Any:
    if engine == "xgboost":
        settings = {"objective": "count:poisson", "base_score": 1.0, "nthread": 1}
        return xgboost.train(settings, xgboost.DMatrix(ROWS, COUNTS), rounds)
    quick = {"objective": "poisson", "verbosity": -1, "num_threads": 1}
    offset = np.zeros(len(ROWS))
    return lightgbm.train(quick, lightgbm.Dataset(ROWS, COUNTS, init_score=offset), rounds)


@pytest.mark.parametrize("engine", READERS)
@pytest.mark.parametrize("rounds", [[0, 1, 3, 12], [12]])
def test_sums_after_so_many_rounds_are_those_of_a_booster_that_stops_there(
    engine: str, rounds: list[int]
) -> None:
    found = sums_by_round(engine, boosted(engine, 12), ROWS, rounds)
    assert found.shape == (400, len(rounds))
    for column, number in zip(found.T, rounds, strict=True):
        stops = READERS[engine](TEXTS[engine](boosted(engine, number))).margin if number else None
        told = np.zeros(400) if stops is None else stops(ROWS)
        np.testing.assert_allclose(column, told, atol=1e-6)


def test_curves_alone_are_those_of_whole_answers() -> None:
    cohort = made_cohort(300, per_year=0.03, outcomes=("hip",))
    engine, exact = engine_of(fit(cohort, recipe_for("cox", 1)), "cohort made"), ExactCurves()
    few = cohort.profiles[:20]
    whole = engine.estimate_many(few, BARE)
    for _ in range(2):  # the second time the evidence is not asked again
        for curves, answer in zip(engine.curves_many(few, BARE, exact), whole, strict=True):
            assert not isinstance(curves, RiskError)
            assert not isinstance(answer, RiskError)
            for outcome in Outcome:
                told = [p for _, p in answer.outcomes[outcome].curve]
                np.testing.assert_array_equal(curves[outcome], told)


def test_engines_fitted_one_after_the_other_are_those_fitted_alone() -> None:
    cohort = made_cohort(400, grip_effect=-0.6, per_year=0.03, outcomes=("hip",))
    workshop = Workshop(cohort)
    together = {name: workshop.fit(recipe_for(name, 1)) for name in ("cox", "xgboost")}
    some = cohort.part(np.arange(30))
    for name, fitted in together.items():
        alone = fit(cohort, recipe_for(name, 1))
        assert fitted.texts == alone.texts
        assert fitted.parameters["level_per_year"] == alone.parameters["level_per_year"]
        told = ten_years(engine_of(fitted, "cohort made"), some, workshop.exact)
        own = ten_years(engine_of(alone, "cohort made"), some)
        for outcome in Outcome:
            np.testing.assert_array_equal(told[outcome], own[outcome])


def test_a_part_is_made_once_and_forgotten_after_a_while() -> None:
    workshop = Workshop(made_cohort(KEPT_PARTS + 5))
    first = workshop.part(np.array([0, 1]))
    assert workshop.part(np.array([0, 1])) is first
    assert first.cohort.people.tolist() == ["0", "1"]
    for last in range(KEPT_PARTS):
        workshop.part(np.array([last + 2]))
    assert workshop.part(np.array([0, 1])) is not first


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_trees_grow_on_a_regression_and_come_back_with_it(engine: str) -> None:
    # Up and down several times along the column: no line with three bends says that.
    cohort = made_cohort(
        1_500, grip_effect=0.8, per_year=0.03, outcomes=("hip",), shape=lambda z: np.cos(4 * z)
    )
    # Nothing to draw: one pass over one row of each.
    cohort = replace(cohort, profiles=tuple(map(with_unknown_as_no, cohort.profiles)))
    workshop = Workshop(cohort)
    bent, line = (workshop.fit(recipe_for(name, 1)) for name in (engine, "cox"))
    stored = bent.parameters["hazards"]["hip"]
    assert stored["beside"] == line.parameters["hazards"]["hip"]
    learned, under = (engine_of(each, "cohort made") for each in (bent, line))
    rows = np.concatenate([learned.completed_rows(one) for one in cohort.profiles[:50]])
    f = learned.hazards["hip"].log_hazard_ratio(rows)
    trees = f - under.hazards["hip"].log_hazard_ratio(rows)
    assert 0.01 < trees.std() < f.std()
    shares = learned.hazards["hip"].contributions(rows)
    np.testing.assert_allclose(shares.sum(axis=1), f, atol=1e-9)
    # With no tree the regression alone is the engine.
    hazards = {"hip": {"beside": stored["beside"]}}
    bare = engine_of(replace(bent, parameters={**bent.parameters, "hazards": hazards}), "made")
    np.testing.assert_array_equal(
        bare.log_hazard_ratios("hip", rows), under.log_hazard_ratios("hip", rows)
    )
