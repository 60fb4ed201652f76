"""Networks and ensembles learn what is there, go as demanded, and else are the Cox regression."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.cohorts.follow_up import Flags
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.design_row import Floats
from riskapp.risk.neural import NeuralHazard
from riskapp.risk.site_columns import Direction
from riskapp.training.choosing import cautious, likely
from riskapp.training.completing import Completed, completed
from riskapp.training.demanded import DEMANDED, against
from riskapp.training.fit_cox import fit_cox
from riskapp.training.fit_ensemble import fit_ensemble, stacked, usual_weights
from riskapp.training.fit_neural import RECIPE, fit_neural, offered, reads_of
from riskapp.training.fitting import LEARNED, engine_of, fit_completed, recipe_for, stored
from riskapp.training.learned_cause import LearnedCause
from tests.training.people import small_cohort

HALVES = np.array([0.5, 0.5])
QUICKER = {
    "folds": 2,
    "decay": [1e6, 16.0, 11.0, 7.0],
    "offered_from": [0, 20, 20, 100],
    "starts": 1,
    "last_starts": 2,
}
QUICK = RECIPE | QUICKER


@cache
def some() -> Completed:
    return completed(small_cohort().part(np.arange(2500)), 3)


@cache
def others() -> Completed:
    """People whom no network here has seen."""
    return completed(small_cohort().part(np.arange(2500, 4000)), 3)


def texture_beyond(people: Completed) -> Floats:
    """In standard deviations from what is usual for age, sex and T-score."""
    return reads_of(people)(people.rows)[:, people.columns.index("lumbar_texture_score")]


def with_hips(people: Completed, ratio: Floats, seed: int) -> Completed:
    """The same people, whose hip fractures are so many times what the evidence expects."""
    chance = 1 - np.exp(-people.exposures["hip"].expected * ratio)
    event = np.random.default_rng(seed).random(len(chance)) < chance
    changed = replace(people.taught.follow_up["hip"], event=event)
    only_hip = replace(people.taught, follow_up={"hip": changed}, level_learned=frozenset({"hip"}))
    return replace(people, taught=only_hip)


def low_texture(people: Completed) -> Flags:
    """Who has less of it than is usual for age, sex and T-score: two in five."""
    beyond = texture_beyond(people)
    return beyond < np.quantile(beyond, 0.4)


@pytest.fixture(scope="module")
def texture_matters() -> Completed:
    """People whose hip fractures follow their texture strongly, and bend there."""
    people = some()
    ratio = np.where(low_texture(people), 8.0, 1.0)
    assert len(people.rows) == len(people.people)
    return with_hips(people, ratio, 1)


def test_a_network_bends() -> None:
    """The weakest and the strongest break more: no line says so, the network does."""
    straight = QUICK["beside"] | {"bend": [0.0]}
    bent = with_hips(some(), 0.6 * np.exp(1.5 * np.abs(texture_beyond(some()))), 1)
    learned = fit_neural(bent, "hip", QUICK | {"beside": straight, "starts": 2}, 1)
    line = fit_cox(bent, "hip", straight, 1)
    assert learned.hazard is not None
    assert line.hazard is not None
    truth = np.abs(texture_beyond(others()))
    by_line = line.hazard.log_hazard_ratio(others().rows)
    assert np.corrcoef(by_line, truth)[0, 1] < 0.3
    assert np.corrcoef(learned.hazard.log_hazard_ratio(others().rows), truth)[0, 1] > 0.6


def test_among_few_events_a_bend_is_not_believed() -> None:
    bent = with_hips(some(), 0.1 * np.exp(1.5 * np.abs(texture_beyond(some()))), 1)
    assert 20 <= bent.taught.follow_up["hip"].event.sum() < 60
    assert fit_neural(bent, "hip", QUICK, 1).chosen == {"networks": 0}


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


def test_where_networks_find_nothing_the_regression_stays() -> None:
    people = some()
    learned = fit_neural(people, "death", QUICK, 1)
    assert learned.chosen == {"networks": 0}
    under = fit_cox(people, "death", QUICK["beside"], 1)
    assert learned.hazard is not None
    assert under.hazard is not None
    told = learned.hazard.log_hazard_ratio(people.rows)
    np.testing.assert_allclose(told, under.hazard.log_hazard_ratio(people.rows), atol=1e-9)
    assert learned.stored == {"beside": under.stored}
    assert not learned.blobs


def test_below_twenty_events_the_evidence_stays() -> None:
    people = some()
    seen = people.taught.follow_up["hip"]
    for number, stays in ((19, True), (20, False)):
        few = np.zeros_like(seen.event)
        few[np.flatnonzero(seen.event)[:number]] = True
        follow_up = {"hip": replace(seen, event=few)}
        taught = replace(people.taught, follow_up=follow_up)
        learned = fit_neural(replace(people, taught=taught), "hip", QUICK, 1)
        assert (learned.hazard is None) is stays
        assert (not learned.unseen.any()) is stays


def test_a_network_comes_back_with_the_regression_it_was_fitted_on(
    texture_matters: Completed,
) -> None:
    recipe = recipe_for("neural", 4)
    recipe["settings"] |= QUICK
    fitted = fit_completed(texture_matters, recipe)
    part = fitted.parameters["hazards"]["hip"]
    under = fit_cox(texture_matters, "hip", QUICK["beside"], 4)
    assert part["beside"] == under.stored
    rows = texture_matters.rows[:200]
    learned = engine_of(fitted, "simulated").hazards["hip"]
    assert under.hazard is not None
    f, line = learned.log_hazard_ratio(rows), under.hazard.log_hazard_ratio(rows)
    assert 0.1 < (f - line).std()
    shares = learned.contributions(rows)
    np.testing.assert_allclose(shares.sum(axis=1), f, atol=1e-9)
    # What remains is what a person usual for age and sex has.
    networks = replace(learned, beside=None).contributions(rows)  # type: ignore[type-var]
    np.testing.assert_allclose(shares, networks + under.hazard.contributions(rows), atol=1e-9)
    # Without a network the regression alone is the engine.
    bare = {**fitted.parameters, "hazards": {"hip": {"beside": part["beside"]}}}
    alone = engine_of(replace(fitted, parameters=bare), "simulated").hazards["hip"]
    np.testing.assert_allclose(alone.log_hazard_ratio(rows), line, atol=1e-9)


def test_a_network_goes_as_demanded(texture_matters: Completed) -> None:
    weak = QUICK | {"decay": [1e6, 5.0], "offered_from": [0, 0]}
    learned = fit_neural(texture_matters, "hip", weak, 2)
    assert isinstance(learned.hazard, NeuralHazard)
    assert learned.hazard.beside is not None
    # Of what the regression itself turns, nothing is made good.
    before = set(against(learned.hazard.beside, texture_matters, "hip"))
    assert set(against(learned.hazard, texture_matters, "hip")) <= before
    assert set(DEMANDED) > before


def test_without_many_events_no_weak_prior_is_offered() -> None:
    assert offered(RECIPE, 200) == [1e6, 40.0, 24.0, 16.0, 11.0, 7.0, 5.0]
    assert offered(RECIPE, 199) == [1e6, 40.0, 24.0, 16.0, 11.0, 7.0]
    assert offered(RECIPE, 99) == [1e6, 40.0, 24.0, 16.0, 11.0]
    assert offered(RECIPE, 59) == [1e6, 40.0, 24.0, 16.0]
    assert offered(RECIPE, 39) == [1e6, 40.0, 24.0]
    assert offered(RECIPE, 19) == [1e6]


def test_a_gain_within_its_error_is_not_believed() -> None:
    gained = np.random.default_rng(2).normal(0, 0.1, 1000)
    gained += 0.8 * 0.1 / np.sqrt(1000) - gained.mean()  # eight tenths of its standard error
    scores = np.column_stack([np.zeros(1000), gained])
    assert likely(scores)[1] > 0.9
    assert likely(cautious(scores))[1] < 0.5
    np.testing.assert_array_equal(cautious(scores)[:, 0], scores[:, 0])


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
    found = stacked(event, expected, np.column_stack([truth, noise]), weights, HALVES)
    assert found[0] == pytest.approx(0.95, abs=0.08)
    assert found[1] == pytest.approx(0.0, abs=0.05)
    few = slice(0, 200)
    held = stacked(
        event[few], expected[few], np.column_stack([truth, noise])[few], weights[few], HALVES
    )
    # Ten events cannot tell one from the other.
    assert held == pytest.approx([0.5, 0.5], abs=0.25)
    assert found.sum() <= 1 + 1e-9


def test_members_that_add_nothing_do_not_count_beside_the_regression() -> None:
    people = some()
    line = fit_cox(people, "hip", QUICK["beside"], 1)
    assert line.hazard is not None
    chance = np.random.default_rng(3).normal(0, 0.1, len(people.rows))
    same = replace(line, unseen=line.unseen + chance, stored={"beside": line.stored})
    found = fit_ensemble({"cox": line, "xgboost": same, "neural": same}, people, "hip")
    alone = fit_ensemble({"cox": line}, people, "hip")
    assert set(found.chosen) == {"cox"}
    assert found.chosen == alone.chosen
    np.testing.assert_array_equal(found.unseen, alone.unseen)


def test_before_anything_is_known_half_is_the_regression_and_the_rest_shared() -> None:
    plain = LearnedCause(hazard=None, unseen=np.zeros(1))
    grown = replace(plain, stored={"beside": {}})
    told = usual_weights({"cox": plain, "xgboost": grown, "neural": grown})
    assert told.tolist() == [0.5, 0.25, 0.25]
    assert usual_weights({"cox": plain}).tolist() == [1.0]
    # Without evidence none is grown on another.
    assert usual_weights({"cox": plain, "neural": plain}).tolist() == [0.5, 0.5]


def test_an_ensemble_comes_back_from_its_files_with_the_same_numbers(
    texture_matters: Completed,
) -> None:
    recipe = recipe_for("ensemble", 4)
    recipe["settings"]["members"]["neural"] |= QUICKER
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
