"""What a cohort can teach: published examples, limits, and simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from riskapp.laboratory.power import gain
from riskapp.laboratory.power.criteria import (
    SHRINKAGE,
    c_error,
    development,
    expected_shrinkage,
    largest_r2,
    normal_predictor,
    people_needed,
    slope_error,
    validation,
)
from riskapp.laboratory.power.detectable import detectable, events_needed, power_of
from riskapp.laboratory.power.told import CannotPlan, Plan, learnable, sentences
from riskapp.training.newton_cox import newton_cox


@pytest.mark.parametrize(
    ("r2", "parameters", "people"),
    [
        # Recurrent venous thromboembolism: the numbers stored with the authors' own program
        # (pmsampsize for R, its tests of time-to-event outcomes).
        (0.051, 25, 4286),
        (0.065, 25, 3335),
        (0.051, 50, 8572),
        # 30 parameters: Riley 2020, doi:10.1136/bmj.m441 (recalled, to be confirmed).
        (0.051, 30, 5143),
    ],
)
def test_people_needed_are_those_of_the_published_examples(
    r2: float, parameters: int, people: int
) -> None:
    assert people_needed(parameters, r2, SHRINKAGE) == people
    # And so many people give just that shrinkage.
    assert expected_shrinkage(people, parameters, r2) == pytest.approx(SHRINKAGE, abs=1e-4)


def test_the_second_criterion_is_that_of_the_published_example() -> None:
    # The same program: 866 people; events are 0.065 a year over 2.07 years.
    limit = largest_r2(10_000, np.ceil(0.065 * 2.07 * 10_000))
    assert people_needed(25, 0.051, 0.051 / (0.051 + 0.05 * limit)) == 866


def test_events_of_each_parameter_are_those_of_the_published_example() -> None:
    # Riley 2019, doi:10.1002/sim.7992: at least 23 for recurrent venous thromboembolism (seen).
    found = development(4286, round(4286 * 0.065 * 2.07), 25, 2.0, 2.07, 0.051)
    assert found.events_per_parameter == pytest.approx(23.07, abs=0.05)
    assert found.most_parameters == 25
    assert found.shrinkage == pytest.approx(0.9, abs=1e-4)


def test_events_are_those_of_published_examples() -> None:
    # Schoenfeld 1983: two equal groups, ratio 2, 80 % power: 66 events (recalled).
    assert np.ceil(events_needed(2.0, sd=0.5)) == 66
    # Hsieh and Lavori 2000, multiple myeloma (recalled): one-sided, 64 events.
    assert np.ceil(events_needed(np.e, sd=0.3126, sides=1)) == 64
    # With 73.8 % dead and 18.37 % explained by the others: 107 people.
    assert events_needed(np.e, sd=0.3126, sides=1, explained=0.1837) / 0.738 == pytest.approx(
        107, rel=0.02
    )


def test_c_is_known_as_in_the_published_example() -> None:
    # Riley 2021, doi:10.1002/sim.9025: 4,252 people for a width of 0.1 at C 0.8, 1.8 % with the
    # event (recalled, to be confirmed).
    assert 2 * 1.96 * c_error(4252, 0.018, 0.8) == pytest.approx(0.1, abs=1e-4)


def test_the_calibration_slope_is_known_as_well_as_refits_show() -> None:
    mean, sd = normal_predictor(0.1, 0.75)
    rng = np.random.default_rng(1)
    slopes = []
    for _ in range(150):
        predictor = mean + sd * rng.standard_normal(1500)
        event = rng.random(1500) < expit(predictor)
        x, beta = np.column_stack([np.ones(1500), predictor]), np.array([0.0, 1.0])
        for _ in range(6):
            risk = expit(x @ beta)
            weighted = x * (risk * (1 - risk))[:, None]
            beta = beta + np.linalg.solve(weighted.T @ x, x.T @ (event - risk))
        slopes.append(beta[1])
    assert np.std(slopes) == pytest.approx(slope_error(1500, mean, sd), rel=0.15)


def test_power_is_that_of_simulated_cohorts() -> None:
    rng, found = np.random.default_rng(3), 0
    ratio, cohorts, people = 1.35, 200, 400
    events = 0
    for _ in range(cohorts):
        x = rng.standard_normal((people, 1))
        years = rng.standard_exponential(people) / np.exp(x[:, 0] * np.log(ratio))
        event = years < 0.3
        fit = newton_cox(x, np.minimum(years, 0.3), event)
        found += bool(abs(fit.coefficients[0]) * np.sqrt(fit.information[0, 0]) > 1.96)
        events += int(event.sum())
    assert found / cohorts == pytest.approx(power_of(ratio, events / cohorts), abs=0.07)


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 5000), st.floats(0, 0.9))
def test_what_is_detectable_is_found_with_four_chances_in_five(
    events: int, explained: float
) -> None:
    ratio = detectable(events, explained=explained)
    assert power_of(ratio, events, explained=explained) == pytest.approx(0.8, abs=1e-6)
    assert events_needed(ratio, explained=explained) == pytest.approx(events)
    assert power_of(1 / ratio, events, explained=explained) == pytest.approx(0.8, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(200, 100_000), st.integers(1, 60), st.floats(0.01, 0.3))
def test_more_people_never_need_more_shrinkage(people: int, parameters: int, r2: float) -> None:
    less = expected_shrinkage(people, parameters, r2)
    assert 0 < less <= expected_shrinkage(2 * people, parameters, r2) < 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"events": 0}, "1 or more"),
        ({"events": 1000}, "fewer than people"),
        ({"columns": 0}, "1 column"),
        ({"hazard_ratio": 1.0}, "not 1"),
        ({"hazard_ratio": 100.1}, "0.01 to 100"),
        ({"hazard_ratio": float("nan")}, "0.01 to 100"),
        ({"explained": 1.0}, "below 1"),
        ({"mean_years": 0.0}, "above 0"),
        ({"years": float("nan")}, "above 0"),
        ({"c": 0.5}, "between 0.5"),
        ({"r2": 0.9}, "R2 should"),
    ],
)
def test_numbers_that_describe_no_cohort_are_refused(change: dict[str, float], why: str) -> None:
    with pytest.raises(CannotPlan, match=why):
        Plan(**{"people": 1000, "events": 100} | change)  # type: ignore[arg-type]


def test_a_small_cohort_is_told_so_and_a_large_one_too() -> None:
    small = sentences(learnable(Plan(people=300, events=20, columns=10)))
    assert "too small" in small[2]
    assert "beyond the table" in small[3]
    large = sentences(learnable(Plan(people=20_000, events=2_000, columns=5, hazard_ratio=1.2)))
    assert "large enough" in large[2]
    assert "too small" not in large[2]


def test_a_row_of_the_table_comes_out_of_simulation_again() -> None:
    rng = np.random.default_rng(5)
    fresh = gain.drawn(10_000, 5, 0.3, rng)
    assert gain.concordance(fresh.evidence, fresh) == pytest.approx(0.75, abs=0.015)
    found = [gain.gained(500, fresh, 0.3, rng) for _ in range(8)]
    stored = gain.expected_gain(500, 5, float(np.exp(0.3 / np.sqrt(5))))
    assert np.mean(found) == pytest.approx(stored.gain, abs=0.003)
    assert stored.gain < stored.at_most


def test_the_gain_of_the_table_grows_with_events_and_is_none_where_nothing_is_there() -> None:
    rows = json.loads(gain.TABLE.read_text(encoding="utf-8"))["rows"]
    assert len(rows) == len(gain.EVENTS) * len(gain.COLUMNS) * len(gain.SPREADS)
    for row in rows:
        if row["spread"] == 0 and row["events"] >= 100:
            assert abs(row["gain"]) < 0.003
        if row["spread"] >= 0.3 and row["events"] >= 500:
            assert 0.6 * row["at_most"] < row["gain"] < 1.1 * row["at_most"]


def test_validation_of_a_rare_outcome_is_less_sharp() -> None:
    rare, common = validation(5000, 0.01, 0.75), validation(5000, 0.2, 0.75)
    assert rare.c > common.c
    assert rare.slope > common.slope
    assert rare.observed_over_expected > common.observed_over_expected > 1


def test_the_command_says_it_and_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    call_command("power", people=1207, events=256, columns=3, effect=1.25, json=out)
    told = capsys.readouterr().out
    assert "at least 1.19 per SD" in told
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["detectable"] == pytest.approx(np.exp(2.8016 / 16), rel=1e-4)
    assert found["sentences"] == told.strip().split("\n")
    with pytest.raises(CommandError, match="Give --people and --events"):
        call_command("power", people=100)
    with pytest.raises(CommandError, match="fewer than people"):
        call_command("power", people=100, events=100)
