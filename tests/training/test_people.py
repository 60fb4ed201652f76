"""How common risk factors are: regressions that find what was put in, and what the survey gives."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from riskapp.risk import published
from riskapp.training.survey.people import (
    GROUPS,
    SHIFT_SD,
    diabetes_lines,
    logistic,
    logistic_shift,
)

SURVEY = Path(__file__).parents[3] / "shared" / "data" / "cohorts" / "nhanes_2017_2018"


def drawn(intercept: float, slope: float, n: int = 40_000) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(5)
    decades = rng.uniform(-2.5, 2, n)
    weights = rng.uniform(0.2, 3, n)
    yes = rng.random(n) < 1 / (1 + np.exp(-(intercept + slope * decades)))
    return np.column_stack([np.ones(n), decades]), yes.astype(float), weights


def test_a_line_in_age_is_found_again() -> None:
    found = logistic(*drawn(-2.0, 0.4))
    assert found == pytest.approx([-2.0, 0.4], abs=0.05)


def test_the_weighted_share_is_the_fitted_share() -> None:
    x, yes, weights = drawn(-2.0, 0.4)
    fitted = 1 / (1 + np.exp(-x @ logistic(x, yes, weights)))
    assert np.average(fitted, weights=weights) == pytest.approx(np.average(yes, weights=weights))


def test_a_large_group_shifts_by_what_it_differs_and_a_tiny_one_is_pulled_to_none() -> None:
    x, yes, weights = drawn(-1.2, 0.4)
    everybody = -2.0 + 0.4 * x[:, 1]
    assert logistic_shift(everybody, yes, weights) == pytest.approx(0.8, abs=0.05)
    few = logistic_shift(everybody[:10], np.zeros(10), weights[:10])
    assert -2 * SHIFT_SD < few < 0


def test_a_folder_without_the_survey_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not hold"):
        call_command("fit_people", str(tmp_path), stdout=StringIO())


@pytest.mark.skipif(not SURVEY.exists(), reason="the survey's public files are not here")
def test_the_survey_gives_the_parameters_that_ship(tmp_path: Path) -> None:
    call_command("fit_people", str(SURVEY), output=tmp_path, stdout=StringIO())
    for group in GROUPS:
        made = json.loads((tmp_path / f"{group}.json").read_text(encoding="utf-8"))
        assert made == published.read(f"people/{group}")


@pytest.mark.skipif(not SURVEY.exists(), reason="the survey's public files are not here")
def test_the_survey_gives_how_common_diabetes_is() -> None:
    assert diabetes_lines(SURVEY) == published.read("modifiers/type-2-diabetes")["log_odds"]


# Counts of people aged 50 and over who answered, and of those who said yes, women then men.
COUNTED = {
    "prior_fragility_fracture": (1467, 205, 1429, 217),
    "glucocorticoids": (1455, 124, 1414, 97),
    "parent_hip_fracture": (1444, 171, 1405, 144),
}


@pytest.mark.parametrize("factor", COUNTED)
def test_the_file_says_how_many_people_it_rests_on(factor: str) -> None:
    women, men = (
        published.read("people/us")["prevalence"][factor][sex] for sex in ("female", "male")
    )
    assert (women["n"], women["yes"], men["n"], men["yes"]) == COUNTED[factor]
    # At 65 the line runs near the plain share of those asked.
    for found in (women, men):
        share = found["yes"] / found["n"]
        assert 1 / (1 + np.exp(-found["intercept"])) == pytest.approx(share, abs=0.06)
