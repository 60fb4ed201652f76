"""Networks and ensembles learn what is there, go as demanded, and else are the evidence."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.cohorts.follow_up import Flags
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.site_columns import Direction
from riskapp.training.completing import Completed, completed
from riskapp.training.demanded import DEMANDED, against
from riskapp.training.fit_ensemble import stacked
from riskapp.training.fit_neural import RECIPE, fit_neural, reads_of
from riskapp.training.fitting import LEARNED, fit_completed, recipe_for, stored
from tests.training.people import small_cohort

QUICK = RECIPE | {"networks": 2, "steps": 15, "folds": 2}


@cache
def some() -> Completed:
    return completed(small_cohort().part(np.arange(2500)), 3)


def low_texture(people: Completed) -> Flags:
    """Who has less of it than is usual for age, sex and T-score: two in five."""
    texture = people.columns.index("lumbar_texture_score")
    beyond = reads_of(people)(people.rows)[:, texture]
    return beyond < np.quantile(beyond, 0.4)


@pytest.fixture(scope="module")
def texture_matters() -> Completed:
    """People whose hip fractures follow their texture strongly, and bend there."""
    people = some()
    ratio = np.where(low_texture(people), 8.0, 1.0)
    assert len(people.rows) == len(people.people)
    chance = 1 - np.exp(-people.exposures["hip"].expected * ratio)
    event = np.random.default_rng(1).random(len(chance)) < chance
    changed = replace(people.taught.follow_up["hip"], event=event)
    only_hip = replace(people.taught, follow_up={"hip": changed}, level_learned=frozenset({"hip"}))
    return replace(people, taught=only_hip)


def test_a_network_finds_what_is_there(texture_matters: Completed) -> None:
    learned = fit_neural(texture_matters, "hip", QUICK, 1)
    assert learned.hazard is not None
    texture = texture_matters.columns.index("lumbar_texture_score")
    rows = texture_matters.rows
    low = low_texture(texture_matters)
    f = learned.hazard.log_hazard_ratio(rows)
    # The truth is log(8) = 2.1 apart, of which the prior takes some.
    assert 0.7 < f[low].mean() - f[~low].mean() < 2.4
    shares = learned.hazard.contributions(rows[:100])
    assert np.abs(shares[:, :-1]).mean(axis=0).argmax() == texture


def test_where_nothing_is_to_be_learned_the_evidence_stays() -> None:
    people = some()
    learned = fit_neural(people, "death", QUICK, 1)
    assert learned.hazard is None
    assert learned.chosen == {"decay": RECIPE["decay"][0]}
    assert not learned.unseen.any()


def test_a_network_goes_as_demanded(texture_matters: Completed) -> None:
    weak = QUICK | {"decay": [1e6, 1.0], "standard_errors": -100.0}
    learned = fit_neural(texture_matters, "hip", weak, 2)
    assert learned.hazard is not None
    assert against(learned.hazard, texture_matters, "hip") == ()
    assert set(DEMANDED) > {"femoral_neck_t_score"}


def test_a_column_that_a_site_holds_is_held(texture_matters: Completed) -> None:
    columns = tuple(
        replace(each, direction=Direction.RISKIER) if each.name == "lumbar_texture_score" else each
        for each in texture_matters.further.columns
    )
    further = replace(texture_matters.further, columns=columns)
    learned = fit_neural(replace(texture_matters, further=further), "hip", QUICK, 1)
    if learned.hazard is not None:
        texture = texture_matters.columns.index("lumbar_texture_score")
        rows = texture_matters.rows[:50].copy()
        before = learned.hazard.log_hazard_ratio(rows)
        rows[:, texture] += 0.02
        assert (learned.hazard.log_hazard_ratio(rows) >= before - 1e-9).all()


def test_stacking_gives_the_weight_to_what_came_true() -> None:
    random = np.random.default_rng(8)
    truth, noise = random.normal(0, 0.8, 20_000), random.normal(0, 0.8, 20_000)
    expected = np.full(20_000, 0.05)
    event = (random.random(20_000) < 1 - np.exp(-expected * np.exp(truth))).astype(float)
    weights = np.ones(20_000)
    found = stacked(event, expected, np.column_stack([truth, noise]), weights, 0.5)
    assert found[0] == pytest.approx(0.95, abs=0.08)
    assert found[1] == pytest.approx(0.0, abs=0.05)
    few = slice(0, 200)
    held = stacked(
        event[few], expected[few], np.column_stack([truth, noise])[few], weights[few], 0.5
    )
    # Ten events cannot tell one from the other.
    assert held == pytest.approx([0.5, 0.5], abs=0.25)
    assert found.sum() <= 1 + 1e-9


def test_an_ensemble_comes_back_from_its_files_with_the_same_numbers(
    texture_matters: Completed,
) -> None:
    recipe = recipe_for("ensemble", 4)
    recipe["settings"]["members"] = {
        name: each | ({"networks": 1, "steps": 8, "folds": 2} if name == "neural" else {})
        for name, each in recipe["settings"]["members"].items()
    }
    fitted = fit_completed(texture_matters, recipe)
    chosen = fitted.parameters["chosen"]["hip"]
    assert set(chosen) <= {"cox", "xgboost", "lightgbm", "neural"}
    assert 0.3 < sum(chosen.values()) <= 1 + 1e-9
    engine = engine_from(stored(fitted, "being-tried", "simulated"))
    rows = texture_matters.rows
    told = engine.hazards["hip"].log_hazard_ratio(rows)
    low = low_texture(texture_matters)
    assert told[low].mean() > told[~low].mean() + 0.5
    shares = engine.hazards["hip"].contributions(rows[:50])
    assert shares.sum(axis=1) == pytest.approx(told[:50], abs=1e-9)
    assert {"neural", "ensemble"} < set(LEARNED)
