"""Columns that know the future are refused; what is known at baseline is not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.leak_statistics import (
    discrimination,
    immortal,
    odds_ratio,
    rank_correlation,
    ranks,
)
from riskapp.cohorts.leakage import find_leaks
from tests.cohorts.real import read_real
from tests.cohorts.tables import END, made_up, read

Leaky = Callable[[pd.DataFrame, np.random.Generator], object]


def _visits(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return rng.poisson(table["any_time_years"]) + 1


def _treated_after_fracture(table: pd.DataFrame, rng: np.random.Generator) -> object:
    often = np.where(table["any_event"], 0.6, 0.05)
    return (rng.random(len(table)) < often).astype(float)


def _noisy_time(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return table["any_time_years"] + rng.normal(0, 1.5, len(table))


def _noisy_event(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return table["hip_event"] + rng.normal(0, 0.4, len(table))


def _only_after_the_event(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return np.where(table["any_event"], rng.normal(0, 1, len(table)), np.nan)


def _mostly_after_the_event(table: pd.DataFrame, rng: np.random.Generator) -> object:
    known = rng.random(len(table)) < np.where(table["any_event"], 0.9, 0.1)
    return np.where(known, rng.normal(0, 1, len(table)), np.nan)


def _seen_at_six_years(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return np.where(table["death_time_years"] > 6, rng.normal(0, 1, len(table)), np.nan)


def _took_it_for_six_years(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return ((table["death_time_years"] > 6) & (rng.random(len(table)) < 0.4)).astype(float)


@pytest.mark.parametrize(
    ("leak", "why"),
    [
        (_visits, "goes with the time|were followed"),
        (_treated_after_fracture, "is yes far more or less often"),
        (_noisy_time, "goes with the time|were followed"),
        (_noisy_event, "nearly determines who has the outcome hip"),
        (_only_after_the_event, "is known (far more|only for people)"),
        (_mostly_after_the_event, "is known far more"),
        (_seen_at_six_years, "immortal time"),
        (_took_it_for_six_years, "immortal time"),
    ],
)
def test_a_made_leak_is_refused_in_one_sentence(leak: Leaky, why: str) -> None:
    table = made_up(1500)
    table["lab"] = leak(table, np.random.default_rng(3))
    with pytest.raises(UnusableCohort, match=why) as refused:
        read(table, "lab")
    assert "the column lab" in str(refused.value)
    assert "strength" not in str(refused.value)
    # Not declared, it is not used, and that is said.
    assert any("not used: lab." in remark for remark in read(table).remarks)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_suspected_where_nothing_leaks(seed: int) -> None:
    table = made_up(1200, seed)
    rng = np.random.default_rng(seed)
    table["marker"] = -0.9 * table["femoral_neck_t_score"] + rng.normal(0, 0.5, 1200)
    table["frail"] = (rng.random(1200) < 1 / (1 + np.exp(-(table["age_years"] - 75) / 4))) * 1.0
    # Weaker people come to fewer examinations.
    seen = rng.random(1200) < 1 / (1 + np.exp((table["age_years"] - 88) / 4))
    table["dose"] = rng.lognormal(0, 1, 1200)
    table.loc[~seen, "dose"] = np.nan
    assert list(find_leaks(read(table, "marker", "frail", "dose"))) == []


def _filled_more_often(table: pd.DataFrame, rng: np.random.Generator) -> object:
    known = rng.random(len(table)) < np.where(table["any_event"], 0.85, 0.15)
    return np.where(known, 1.0, np.nan)


@pytest.mark.parametrize(
    "leak", [_visits, _treated_after_fracture, _noisy_time, _filled_more_often]
)
def test_leaks_are_found_among_as_few_people_as_a_real_cohort_has(leak: Leaky) -> None:
    real = read_real("longitudinal", clamp_age=True)
    table = pd.DataFrame(
        {
            "any_time_years": real.follow_up["any"].years,
            "any_event": real.follow_up["any"].event,
        }
    )
    values = np.asarray(leak(table, np.random.default_rng(2)), dtype=float)
    profiles = tuple(
        replace(each, site_values={"lab": value} if np.isfinite(value) else {})
        for each, value in zip(real.profiles, values, strict=True)
    )
    assert {leak.column for leak in find_leaks(replace(real, profiles=profiles))} == {"lab"}


@pytest.mark.parametrize("name", ["longitudinal", "glow", "nhanes"])
def test_nothing_is_suspected_in_the_real_cohorts(name: str) -> None:
    assert list(find_leaks(read_real(name, clamp_age=True))) == []


def test_a_suspicion_is_answered_by_a_reason_that_is_repeated_and_a_certainty_is_not() -> None:
    table = made_up()
    # The year of enrolment decides how long a study that ended on one day followed people.
    table["enrolled"] = END - table["death_time_years"].where(~table["death_event"], 5.0)
    table["enrolled"] += np.random.default_rng(1).normal(0, 0.3, len(table))
    with pytest.raises(UnusableCohort, match="say in the JSON under allow"):
        read(table, "enrolled")
    reason = "the date of enrolment is known at baseline"
    remarks = read(table, "enrolled", allow={"enrolled": reason}).remarks
    assert any(f"the site says of it: {reason}." in remark for remark in remarks)
    table["copy"] = table["any_time_years"]
    with pytest.raises(UnusableCohort, match="goes with the time"):
        read(table, "copy", allow={"copy": reason})


@pytest.mark.parametrize(
    ("name", "suspected"),
    [
        ("death_year", True),
        ("fracture_date", True),
        ("daysToEvent_fx_days", True),
        ("bonemed_fu", True),
        ("time_to_fall_s", True),
        ("prior_fracture_years", False),
        ("parent_death_age", False),
        ("futile", False),
        ("sway", False),
    ],
)
def test_names_of_what_is_known_only_later_are_suspected(name: str, suspected: bool) -> None:
    table = made_up(300)
    table[name] = np.random.default_rng(1).normal(0, 1, 300)
    if not suspected:
        read(table, name)
        return
    with pytest.raises(UnusableCohort, match="known only later"):
        read(table, name)
    read(table, name, allow={name: "measured at the first visit"})


def test_an_outcome_cannot_be_declared_as_a_predictor() -> None:
    table = made_up(300).rename(columns={"any_event": "broke", "any_time_years": "when"})
    outcomes = {"any": {"event": "broke", "time": "when"}}
    read(table, outcomes=outcomes)
    with pytest.raises(UnusableCohort, match="column when is an outcome or its time itself"):
        read(table, "when", outcomes=outcomes, allow={"when": "we would like to"})


def test_statistics_against_values_by_hand() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]
    event = np.arange(40) >= 20
    # Every event above every other value but for two pairs of 400 that are swapped.
    values = np.arange(40.0)
    values[[19, 20]] = values[[20, 19]]
    assert discrimination(values, event).figure == pytest.approx(399 / 400)
    assert discrimination(-values, event).figure == pytest.approx(399 / 400)
    group = np.zeros(40, dtype=bool)
    group[[0, 1, 20, 21, 22, 23]] = True
    # (4.5 * 18.5) / (2.5 * 16.5) with a half added to each cell
    assert odds_ratio(group, event).figure == pytest.approx(4.5 * 18.5 / (2.5 * 16.5))
    nothing_held = np.zeros((40, 0))
    assert rank_correlation(values, values**3, nothing_held).figure == pytest.approx(1.0)
    swapped = rank_correlation(values, np.arange(40.0), nothing_held).figure
    assert swapped == pytest.approx(1 - 6 * 2 / (40 * (40**2 - 1)))  # Spearman's formula
    # Five of ten stay to the end; the chance that the first five to leave are the others.
    first, log10_chance = immortal(np.arange(10) >= 5, np.arange(10.0))
    assert first == 5.0
    assert 10**log10_chance == pytest.approx(1 / 252)


def test_what_only_says_that_somebody_is_old_knows_no_future() -> None:
    rng = np.random.default_rng(5)
    age = rng.uniform(50, 90, 400)
    years = 20 - age / 5 + rng.normal(0, 0.5, 400)
    weak = age + rng.normal(0, 1, 400)
    assert rank_correlation(weak, years, np.zeros((400, 0))).at_least > 0.9
    assert rank_correlation(weak, years, age[:, None]).at_least < 0.3
