"""Columns that know the future are refused; what is known at baseline is not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.leak_statistics import (
    discrimination,
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
        (_only_after_the_event, "is known just where the outcome any came"),
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


def _grew_until_the_end(table: pd.DataFrame, rng: np.random.Generator) -> object:
    taken = table["death_time_years"] * rng.uniform(0.5, 1.5, len(table))
    return np.where(rng.random(len(table)) < 0.5, taken, 0.0)


def _years_of_treatment(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return np.where(table["any_event"] & (rng.random(len(table)) < 0.6), 3.0, 0.0)


def _copied_code(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return np.where(table["hip_event"], 7.0, 3.0)


def _known_after_the_event(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return np.where(table["hip_event"], rng.normal(0, 1, len(table)), np.nan)


def _time_of_event(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return np.where(table["hip_event"], 80 + 2 * table["hip_time_years"], np.nan)


def _marker_of_the_event(table: pd.DataFrame, rng: np.random.Generator) -> object:
    return rng.normal(2.0 * table["any_event"], 1.0)


def _one_of_six_codes(table: pd.DataFrame, rng: np.random.Generator) -> object:
    broke = table["any_event"] & (rng.random(len(table)) < 0.8)
    return np.where(broke, 5, rng.choice([1, 2, 3, 4, 6], len(table)))


def _mean_of_twenty(table: pd.DataFrame, rng: np.random.Generator) -> object:
    where = rng.permutation(len(table)) // 20
    return table["any_event"].groupby(where).transform("mean").round(2)


@pytest.mark.parametrize(
    ("leak", "people", "why", "certain"),
    [
        (_grew_until_the_end, 500, "those who have any were followed", False),
        (_years_of_treatment, 400, "is not 0 far more or less often", False),
        (_copied_code, 150, "copy of whether the outcome hip came", True),
        (_known_after_the_event, 150, "known just where the outcome hip came", True),
        (_time_of_event, 500, "copy of the time of the outcome hip|known just where", True),
        (_marker_of_the_event, 300, "nearly determines who has the outcome", False),
        (_one_of_six_codes, 400, "is 5 far more or less often", False),
        (_mean_of_twenty, 300, "holds the share of people with the outcome any", True),
    ],
)
def test_few_people_are_enough_for_what_is_a_copy_or_far_above_its_line(
    leak: Leaky, people: int, why: str, certain: bool
) -> None:
    table = made_up(people, seed=2)
    table["lab"] = leak(table, np.random.default_rng(4))
    with pytest.raises(UnusableCohort, match=why):
        read(table, "lab")
    allow = {"lab": "we measured it at the first visit"}
    if certain:
        with pytest.raises(UnusableCohort, match=why):
            read(table, "lab", allow=allow)
    else:
        assert any(allow["lab"] in remark for remark in read(table, "lab", allow=allow).remarks)


def test_a_mild_suspicion_is_told_and_does_not_refuse() -> None:
    table = made_up(1500)
    rng = np.random.default_rng(4)
    table["lab"] = (rng.random(1500) < np.where(table["any_event"], 0.35, 0.05)) * 1.0
    (told,) = [remark for remark in read(table, "lab").remarks if "column lab" in remark]
    assert "is yes far more or less often" in told
    assert told.endswith("so make sure that it was known then.")
    # A dose that was taken before baseline says nothing of what follows.
    table["lab"] = np.where(rng.random(1500) < 0.5, rng.lognormal(1, 1, 1500), 0.0)
    assert not any("column lab" in remark for remark in read(table, "lab").remarks)


def test_strong_baseline_measurements_over_all_ages_are_not_suspected() -> None:
    table = made_up(4000, seed=6)
    rng = np.random.default_rng(6)
    table["age_years"] = np.round(rng.uniform(40, 90, 4000), 1)
    risk = 0.12 * (table["age_years"] - 65)
    table["lab"] = risk + rng.normal(0, 0.3, 4000)
    when = np.round(rng.exponential(1 / (0.004 * np.exp(risk))), 3) + 0.001
    end = table["death_time_years"]
    for name in ("hip", "major", "any"):
        table[f"{name}_event"] = when <= end
        table[f"{name}_time_years"] = np.minimum(when, end)
    cohort = read(table, "lab")
    event = cohort.follow_up["hip"].event
    lab = np.array([each.site_values["lab"] for each in cohort.profiles])
    assert discrimination(lab, event, np.zeros(len(lab), dtype=int)).figure > 0.84
    assert list(find_leaks(cohort)) == []


@pytest.mark.parametrize("seed", range(2))
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
def test_nothing_is_suspected_in_the_real_cohorts_nor_in_halves_of_them(name: str) -> None:
    real = read_real(name, clamp_age=True)
    assert list(find_leaks(real)) == []
    half = np.random.default_rng(8).permutation(len(real.profiles))[: len(real.profiles) // 2]
    assert list(find_leaks(real.part(half))) == []


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
    with pytest.raises(UnusableCohort, match="copy of the time of the outcome any"):
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
        ("death_of_spouse", False),
        ("spouse_died_years", False),
        ("death_of_person", True),
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
