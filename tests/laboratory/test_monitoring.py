"""Drift: said where there is some, and not where there is none, on both sides of each limit."""

import numpy as np
import pytest

from riskapp.evaluation.course import Course
from riskapp.laboratory.monitoring import (
    ACT,
    ALARMS_BY_CHANCE,
    FEWEST_ASSESSMENTS,
    LIMITS,
    NO_MORE_THAN_CHANCE,
    STABLE,
    TOO_FEW,
    WATCH,
    chance_of_each,
    compared_by_year,
    compared_inputs,
    compared_predictions,
    compared_with_outcomes,
    gravest,
)
from riskapp.training.reference import as_people, described, known_columns

RNG = np.random.default_rng(20261121)
AGE = RNG.normal(68, 9, 3000).round()
ONE = 0.002  # of 25 comparisons


def verdicts(then: np.ndarray, now: np.ndarray) -> list[str]:
    told = {"columns": {"age_years": described(then)}}
    return [one.verdict for one in compared_inputs(told, {"age_years": now}, {}, ONE)]


def test_people_like_those_of_the_cohort_are_stable() -> None:
    assert verdicts(AGE, RNG.normal(68, 9, 1000).round()) == [STABLE, STABLE]


@pytest.mark.parametrize(("older_by", "verdict"), [(4.0, WATCH), (7.0, ACT)])
def test_older_people_are_noticed(older_by: float, verdict: str) -> None:
    assert verdicts(AGE, RNG.normal(68 + older_by, 9, 1000).round()) == [STABLE, verdict]


@pytest.mark.parametrize(
    ("missing", "verdict"), [(0.09, STABLE), (0.11, WATCH), (0.24, WATCH), (0.26, ACT)]
)
def test_what_is_asked_less_often_is_noticed(missing: float, verdict: str) -> None:
    now = RNG.choice(AGE, 1000)
    now[: round(1000 * missing)] = np.nan
    assert verdicts(AGE, now) == [verdict, STABLE]


def test_few_are_not_judged() -> None:
    assert verdicts(AGE, AGE[: FEWEST_ASSESSMENTS - 1]) == [TOO_FEW, TOO_FEW]
    assert TOO_FEW not in verdicts(AGE, AGE[:FEWEST_ASSESSMENTS])


def test_a_description_holds_the_distribution_and_nobody_of_a_small_one() -> None:
    for column in (AGE, RNG.normal(size=3000), RNG.poisson(0.3, 3000).astype(float)):
        again = as_people(described(np.append(column, [np.nan] * 50)))
        assert again is not None
        assert np.isnan(again).sum() == 50
        at = [0.1, 0.25, 0.5, 0.75, 0.9]
        known = again[~np.isnan(again)]
        spread = np.ptp(np.quantile(column, [0.01, 0.99]))
        assert np.abs(np.quantile(known, at) - np.quantile(column, at)).max() < 0.03 * spread
    yes = described(np.array([1.0] * 30 + [0.0] * 70 + [np.nan] * 10))
    assert yes == {"people": 110, "known": 100, "share_of_yes": 0.3}
    again = as_people(yes)
    assert again is not None
    assert (np.nansum(again), again.size) == (30, 110)
    assert described(AGE[:199]) == {"people": 199, "known": 199}
    assert described(np.array([1.0] * 19)) == {"people": 19, "known": 19}
    assert as_people(described(AGE[:199])) is None


def test_answers_that_moved_are_noticed() -> None:
    then, now = RNG.beta(2, 20, 3000), RNG.beta(2, 10, 1000)
    told = {"predictions": {"hip": described(then)}}
    (moved,) = compared_predictions(told, {"hip": now}, {}, ONE)
    (same,) = compared_predictions(told, {"hip": RNG.beta(2, 20, 1000)}, {}, ONE)
    assert (moved.verdict, same.verdict) == (ACT, STABLE)


def seen(n: int, hazard: float, years: float = 3.5) -> Course:
    time = np.random.default_rng(7).exponential(1 / hazard, n)
    return Course(
        years=np.minimum(time, years),
        event=time < years,
        died=np.zeros(n, dtype=bool),
        weights=np.ones(n),
        competing=True,
    )


@pytest.mark.parametrize(
    ("says", "verdict"), [(1.0, STABLE), (1.15, WATCH), (0.5, ACT), (2.0, ACT)]
)
def test_what_came_true_is_held_against_what_was_said(says: float, verdict: str) -> None:
    n, hazard = 8000, 0.05
    curves = np.tile(1 - np.exp(-says * hazard * np.arange(1, 11)), (n, 1))
    found = compared_with_outcomes("Hip", curves, seen(n, hazard), ONE)
    assert found.verdict == verdict
    assert "3 years" in found.value  # the longest whole year that was seen
    if says != 1.0:
        assert ("too little" if says < 1 else "too much") in found.sentence


def test_few_events_are_not_judged() -> None:
    curves = np.full((30, 10), 0.1)
    found = compared_with_outcomes("Hip", curves, seen(30, 0.01), ONE)
    assert found.verdict == TOO_FEW
    none = seen(1, 1.0).part(np.array([], int))
    nobody = compared_with_outcomes("Hip", np.empty((0, 10)), none, ONE)
    assert nobody.verdict == TOO_FEW


def test_the_gravest_verdict_is_that_of_the_look() -> None:
    told = {"columns": {"age_years": described(AGE)}}
    older = {"age_years": AGE + 10}
    assert gravest(compared_inputs(told, older, {}, ONE)) == ACT
    assert gravest([]) == TOO_FEW
    assert all(limit.watch < limit.act and limit.source for limit in LIMITS.values())


def test_columns_that_a_person_lacks_are_not_known() -> None:
    assert known_columns([], ["age_years"])["age_years"].size == 0


def course(rng: np.random.Generator, hazard: np.ndarray, years: float) -> Course:
    time = rng.exponential(1 / hazard)
    return Course(
        years=np.minimum(time, years),
        event=time < years,
        died=np.zeros(len(hazard), dtype=bool),
        weights=np.ones(len(hazard)),
        competing=True,
    )


@pytest.mark.parametrize("assessments", [110, 400])
def test_looks_at_people_who_did_not_change_seldom_alarm(assessments: int) -> None:
    """Looks, each at 12 inputs, 2 predictions and 2 outcomes of people like those before."""
    rng = np.random.default_rng(assessments)

    def people(n: int) -> dict[str, np.ndarray]:
        numbers = {f"number {i}": rng.normal(size=n) for i in range(4)}
        counts = {f"count {i}": rng.poisson(0.8, n).astype(float) for i in range(2)}
        answers = {
            f"answer {i}": (rng.random(n) < share).astype(float)
            for i, share in enumerate((0.03, 0.1, 0.1, 0.3, 0.3, 0.5))
        }
        found = numbers | counts | answers
        for column in found.values():
            column[rng.random(n) < 0.2] = np.nan
        return found

    def risks(n: int) -> dict[str, np.ndarray]:
        return {"hip": rng.beta(1, 30, n), "major": rng.beta(2, 20, n)}

    alarms, looks = 0, 120
    for _ in range(looks):
        told = {
            part: {name: described(column) for name, column in of(1200).items()}
            for part, of in (("columns", people), ("predictions", risks))
        }
        one = chance_of_each(told, 2)
        findings = compared_inputs(told, people(assessments), {}, one)
        findings += compared_predictions(told, risks(assessments), {}, one)
        hazard = np.full(2 * assessments, 0.08)
        curves = np.tile(1 - np.exp(-0.08 * np.arange(1, 11)), (2 * assessments, 1))
        years = np.repeat(["2024", "2025"], assessments)
        for _ in range(2):
            seen = course(rng, hazard, 2.5)
            findings.append(compared_with_outcomes("Hip", curves, seen, one))
            findings.append(compared_by_year("Hip by year", curves, seen, years, one))
        alarms += gravest(findings) in (WATCH, ACT)
    # Two standard errors above what is allowed.
    assert alarms / looks <= ALARMS_BY_CHANCE + 2 * np.sqrt(ALARMS_BY_CHANCE / looks)


def test_few_people_are_not_taken_for_others_by_chance() -> None:
    told = {"columns": {"age_years": described(AGE)}}
    rng = np.random.default_rng(8)
    sentences = [
        each.sentence
        for _ in range(30)
        for each in compared_inputs(told, {"age_years": rng.choice(AGE, 100)}, {}, ONE)
    ]
    # An index of a tenth is nothing of note in a hundred people.
    assert NO_MORE_THAN_CHANCE in sentences


@pytest.mark.parametrize(
    ("newest", "verdict"), [(1.0, STABLE), (1.15, WATCH), (0.5, ACT), (1.6, ACT)]
)
def test_a_year_that_went_otherwise_is_noticed(newest: float, verdict: str) -> None:
    rng, n = np.random.default_rng(9), 24_000
    years = np.repeat(["2024", "2025", "2026"], n // 3)
    hazard = 0.1 * np.where(years == "2026", newest, 1.0)
    curves = np.tile(1 - np.exp(-0.1 * np.arange(1, 11)), (n, 1))
    found = compared_by_year("Hip", curves, course(rng, hazard, 1.5), years, ONE)
    assert found.verdict == verdict
    assert found.value.endswith("; 1 year")
    assert "2026: " in found.value


def test_one_year_alone_is_not_compared() -> None:
    rng = np.random.default_rng(10)
    curves, years = np.full((500, 10), 0.1), np.repeat(["2025"], 500)
    alone = compared_by_year("Hip", curves, course(rng, np.full(500, 0.1), 3.0), years, ONE)
    assert alone.verdict == TOO_FEW
    # A year with few events is left out, and says nothing about the other.
    years = np.where(np.arange(500) < 20, "2024", "2025")
    few = compared_by_year("Hip", curves, course(rng, np.full(500, 0.1), 1.5), years, ONE)
    assert few.verdict == TOO_FEW
