"""The models that ship: made by their recipe, calibrated, carded, small and all text."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from riskapp import modelstore
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Outcome
from riskapp.risk.learned import HAZARDS
from riskapp.training.calibrate import judge
from riskapp.training.card import cards_page
from riskapp.training.cohort import Cohort
from riskapp.training.fitting import describe, fit, recipe_for, simulated_cohort, stored
from riskapp.training.simulate import STEP_YEARS, true_hazards
from tests.training.people import fresh_people

LEARNED = tuple(modelstore.SHIPPED)
ROOT = Path(__file__).parents[2]
RETRAIN = "the code no longer makes this model: retrain it as docs/adr/0012 says"


def shipped(engine: str) -> modelstore.StoredModel:
    return modelstore.load(modelstore.SHIPPED[engine])


def probabilities(engine: str) -> dict[Outcome, Floats]:
    curves = engine_from(shipped(engine)).probabilities(fresh_people().rows)
    return {outcome: curve[:, -1] for outcome, curve in curves.items()}


@cache
def training_people() -> Cohort:
    made = shipped("cox").manifest["cohort"]["made_by"]["simulated"]
    return simulated_cohort(made["people"], made["seed"], made["population"])


@pytest.mark.parametrize("engine", LEARNED)
def test_the_recipe_makes_the_stored_model_again(engine: str) -> None:
    model = shipped(engine)
    recipe = model.manifest["recipe"]
    assert recipe == recipe_for(engine, recipe["seed"]), RETRAIN
    assert describe(training_people()) == model.manifest["cohort"], RETRAIN
    again = fit(training_people(), recipe)
    rebuilt = engine_from(stored(again, model.model_id, model.trained_on))
    kept = engine_from(model)
    for cause in HAZARDS:
        # Yearly hazards to a ten-thousandth of themselves: room for another machine's sums.
        np.testing.assert_allclose(
            rebuilt.baseline_per_year[cause], kept.baseline_per_year[cause], rtol=1e-4
        )
    rows = fresh_people().rows[:5000]
    for outcome, curve in kept.probabilities(rows).items():
        # Within 0.01 percentage points for everybody, at every horizon.
        np.testing.assert_allclose(rebuilt.probabilities(rows)[outcome], curve, atol=1e-4)


@pytest.mark.parametrize("engine", LEARNED)
def test_fresh_people_fracture_as_often_as_predicted_in_each_fifth_of_risk(engine: str) -> None:
    for found in judge(probabilities(engine), fresh_people()).values():
        assert found["observed_over_expected"] == pytest.approx(1.0, abs=0.06)
        for fifth in found["fifths"]:
            chance = np.sqrt(fifth["predicted"] / fifth["people"])
            allowed = 3 * chance + 0.05 * fifth["predicted"]
            assert fifth["predicted"] == pytest.approx(fifth["observed"], abs=allowed)


@pytest.mark.parametrize("engine", LEARNED)
def test_predictions_come_near_the_probabilities_that_made_the_people(engine: str) -> None:
    cohort = fresh_people()
    columns = {name: cohort.rows[:, i] for i, name in enumerate(cohort.columns)}
    truth = true_hazards(columns, "gb")
    hip = cumulative_incidence(truth.hip, truth.death, STEP_YEARS)[:, -1]
    error = np.abs(probabilities(engine)[Outcome.HIP] - hip).mean()
    assert error < (0.005 if engine == "cox" else 0.01)


@pytest.mark.parametrize("engine", LEARNED)
def test_fresh_people_are_told_apart(engine: str) -> None:
    found = judge(probabilities(engine), fresh_people())
    assert found["hip"]["concordance"] > 0.86
    assert found["major_osteoporotic"]["concordance"] > 0.73


@pytest.mark.parametrize("engine", LEARNED)
def test_the_card_says_simulated_first_and_how_well_the_model_does(engine: str) -> None:
    card = shipped(engine).card
    assert "**Simulated.**" in card.splitlines()[2]
    assert shipped(engine).trained_on == "simulated"
    for part in ("How well it does", "fifth of predicted risk", "assumption", "## Limits"):
        assert part in card


@pytest.mark.parametrize("engine", LEARNED)
def test_a_model_is_small_and_all_text(engine: str) -> None:
    folder = ROOT / "riskapp" / "modelstore" / modelstore.SHIPPED[engine]
    files = list(folder.iterdir())
    assert sum(path.stat().st_size for path in files) < 1_000_000
    for path in files:
        assert path.suffix in {".json", ".txt", ".md"}
        path.read_text(encoding="utf-8")


def test_the_cards_in_the_documentation_are_those_of_the_models() -> None:
    page = (ROOT / "docs" / "model-cards.md").read_text(encoding="utf-8")
    models = tuple(sorted((shipped(name) for name in LEARNED), key=lambda m: m.model_id))
    assert page == cards_page(models), "run: python manage.py models --write-docs"
