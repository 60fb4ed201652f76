"""The models that ship: made by their recipe, calibrated, carded, small, text or plain numbers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskapp import modelstore
from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.summary import judge
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Outcome
from riskapp.training.card import cards_page
from riskapp.training.completing import Completed, completed
from riskapp.training.fit_ensemble import fit_ensemble
from riskapp.training.fitting import (
    FITTERS,
    Fitted,
    Made,
    engine_of,
    fit_completed,
    recipe_for,
)
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.simulation.options import from_note
from riskapp.training.storing import describe, simulated_cohort, ten_years
from tests.training.people import fresh_people, true_probabilities

LEARNED = tuple(modelstore.SHIPPED)
# All of their causes take minutes.
LONG = ("neural", "ensemble")
ROOT = Path(__file__).parents[2]
RETRAIN = "the code no longer makes this model: retrain it as docs/adr/0032 says"
TRUTH = {Outcome.HIP: "hip_10y", Outcome.MAJOR_OSTEOPOROTIC: "major_osteoporotic_10y"}
# What the short fits have learned: engines of their own, and members of the ensemble.
MADE: Made = {}


def shipped(engine: str) -> modelstore.StoredModel:
    return modelstore.load(modelstore.SHIPPED[engine])


@cache
def probabilities(engine: str) -> dict[Outcome, Floats]:
    return ten_years(engine_from(shipped(engine)), fresh_people())


@cache
def judged(engine: str) -> dict[str, Any]:
    return judge(probabilities(engine), fresh_people().follow_up)


@cache
def training_people() -> Cohort:
    return simulated_cohort(from_note(shipped("cox").manifest["cohort"]["made_by"]["simulated"]))


@cache
def completed_people() -> Completed:
    return completed(training_people(), shipped("cox").manifest["recipe"]["seed"])


@cache
def fitted(engine: str) -> Fitted:
    return fit_completed(completed_people(), shipped(engine).manifest["recipe"], MADE)


@cache
def learned_of_hips(engine: str, settings: str, seed: int) -> LearnedCause:
    """Once for an engine of its own and as a member of others."""
    if engine not in LONG:
        fitted(engine)
    for recipe, (_, learned) in MADE.items():
        made = json.loads(recipe)
        if (made["engine"], made["settings"], made["seed"]) == (engine, json.loads(settings), seed):
            return learned["hip"]
    return FITTERS[engine][0](completed_people(), "hip", json.loads(settings), seed)


def same_recipe(model: modelstore.StoredModel, engine: str) -> bool:
    recipe = model.manifest["recipe"]
    described = describe(training_people()) == model.manifest["cohort"]
    return described and bool(recipe == recipe_for(engine, recipe["seed"]))


@pytest.mark.parametrize("engine", [name for name in LEARNED if name not in LONG])
def test_the_recipe_makes_the_stored_model_again(engine: str) -> None:
    model = shipped(engine)
    assert same_recipe(model, engine), RETRAIN
    rebuilt = engine_of(fitted(engine), model.trained_on)
    some = np.arange(1000)
    for outcome, again in ten_years(rebuilt, fresh_people().part(some)).items():
        # Within 0.01 percentage points for everybody: room for another machine's sums.
        np.testing.assert_allclose(again, probabilities(engine)[outcome][some], atol=1e-4)


@pytest.mark.parametrize("engine", [name for name in LEARNED if name in LONG])
def test_the_recipe_makes_one_cause_of_a_long_fit_again(engine: str) -> None:
    model = shipped(engine)
    assert same_recipe(model, engine), RETRAIN
    people, recipe = completed_people(), model.manifest["recipe"]
    # Nothing was drawn, so that no cause has a say in what another learns.
    assert len(people.rows) == len(people.people)
    members = recipe["settings"].get("members", {engine: recipe["settings"]})
    learned = {
        name: learned_of_hips(name, json.dumps(settings), recipe["seed"])
        for name, settings in members.items()
    }
    again = learned[engine] if engine in learned else fit_ensemble(learned, people, "hip")
    kept = engine_from(model)
    rows = kept.within_seen(people.rows[:1000])
    found = np.zeros(len(rows)) if again.hazard is None else again.hazard.log_hazard_ratio(rows)
    np.testing.assert_allclose(found, kept.log_hazard_ratios("hip", rows), atol=1e-3)


@pytest.mark.parametrize("engine", LEARNED)
def test_fresh_people_fracture_as_often_as_predicted_in_each_fifth_of_risk(engine: str) -> None:
    for found in judged(engine).values():
        assert found["observed_over_expected"] == pytest.approx(1.0, abs=0.12)
        for fifth in found["fifths"]:
            chance = np.sqrt(fifth["predicted"] / fifth["people"])
            allowed = 3 * chance + 0.05 * fifth["predicted"]
            assert fifth["predicted"] == pytest.approx(fifth["observed"], abs=allowed)


@pytest.mark.parametrize("engine", LEARNED)
@pytest.mark.parametrize("outcome", list(Outcome))
def test_predictions_come_near_the_probabilities_that_made_the_people(
    engine: str, outcome: Outcome
) -> None:
    truth = true_probabilities()[TRUTH[outcome]].to_numpy()
    predicted = probabilities(engine)[outcome]
    assert np.abs(predicted - truth).mean() < 0.01
    assert truth.mean() / predicted.mean() == pytest.approx(1.0, abs=0.06)
    # Calibration slope on the scale of the hazard, free of chance as the truth is known.
    logs = [np.log(-np.log1p(-p)) for p in (predicted, truth)]
    assert 0.95 < np.polyfit(*logs, 1)[0] < 1.05


@pytest.mark.parametrize("engine", LEARNED)
def test_fresh_people_are_told_apart(engine: str) -> None:
    found = judged(engine)
    assert found["hip"]["concordance"] > 0.86
    assert found["major_osteoporotic"]["concordance"] > 0.73


@pytest.mark.parametrize("engine", LEARNED)
def test_the_card_says_simulated_first_and_how_well_the_model_does(engine: str) -> None:
    card = shipped(engine).card
    assert "**Simulated.**" in card.splitlines()[2]
    assert shipped(engine).trained_on == "simulated"
    for part in ("How well it does", "What was learned", "assumption", "## Limits"):
        assert part in card


@pytest.mark.parametrize("engine", LEARNED)
def test_a_model_is_small_and_all_text_or_plain_numbers(engine: str) -> None:
    folder = ROOT / "riskapp" / "modelstore" / modelstore.SHIPPED[engine]
    files = list(folder.iterdir())
    assert sum(path.stat().st_size for path in files) < 1_000_000
    for path in files:
        assert path.suffix in {".json", ".txt", ".md", ".safetensors"}
        if path.suffix != ".safetensors":
            path.read_text(encoding="utf-8")


def test_the_cards_in_the_documentation_are_those_of_the_models() -> None:
    page = (ROOT / "docs" / "model-cards.md").read_text(encoding="utf-8")
    models = tuple(sorted((shipped(name) for name in LEARNED), key=lambda m: m.model_id))
    assert page == cards_page(models), "run: python manage.py models --write-docs"
