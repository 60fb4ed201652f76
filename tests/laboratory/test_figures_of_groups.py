"""Figures of groups, periods, blanks and parts of engines, worked out again from the people."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import proportional_hazard_test

from riskapp.laboratory.asking import Memory, ask
from riskapp.laboratory.blanks import MOST_OF_A_KIND, few_of
from riskapp.laboratory.candidates import evidence_candidates, learned_candidates
from riskapp.laboratory.explaining import rests_on_model
from riskapp.laboratory.groups import OVERALL, groups
from riskapp.laboratory.page.resting import on_inputs
from riskapp.laboratory.page.whole import explanation_page, report
from riskapp.risk.estimate import Outcome
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.profile import Sex
from tests.evaluation.stored import people as drawn_people
from tests.laboratory.people import PEOPLE, evaluated, hip_document, small_cohort

EVIDENCE = evidence_candidates(["gb"], "frax-2008")[0]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return hip_document()


@pytest.fixture(scope="module")
def by_ten() -> np.ndarray:
    return np.asarray(small_cohort().follow_up["hip"].event)


@pytest.fixture(scope="module")
def predicted() -> np.ndarray:
    return ask(EVIDENCE, small_cohort().profiles).curves[Outcome.HIP][:, 9]


def test_the_level_of_women_is_theirs_with_an_interval_of_their_share(
    document: Any, predicted: np.ndarray, by_ten: np.ndarray
) -> None:
    women = np.array([p.sex is Sex.FEMALE for p in small_cohort().profiles])
    row = next(
        row
        for row in document["subgroups"]
        if row["key"] == "evidence" and row["group"] == "female"
    )
    share, expected = by_ten[women].mean(), predicted[women].mean()
    assert row["observed"] == pytest.approx(share)
    assert row["observed_over_expected"]["value"] == pytest.approx(share / expected)
    error = np.sqrt((1 - share) / (share * women.sum()))
    low, high = row["observed_over_expected"]["interval"]
    assert low == pytest.approx(share / expected * np.exp(-1.959964 * error), rel=1e-6)
    assert high == pytest.approx(share / expected * np.exp(1.959964 * error), rel=1e-6)
    assert row["slope"]["interval"][0] < row["slope"]["value"] < row["slope"]["interval"][1]


def test_everybody_stands_beside_the_groups(document: Any) -> None:
    row = next(row for row in document["subgroups"] if row["by"] == OVERALL)
    told = document["results"]["evidence"]["calibration"]
    assert row["people"] == PEOPLE
    assert row["observed_over_expected"] == told["observed_over_expected"]
    assert row["slope"] == told["slope"]


def test_calendar_periods_divide_by_the_year_of_baseline() -> None:
    years = np.append(1998.0 + np.arange(PEOPLE - 1) % 8, np.nan)
    cohort = replace(small_cohort(), baseline_years=years)
    found = {name: inside for by, name, inside in groups(cohort) if by == "Baseline"}
    assert list(found) == ["1998 to 1999", "2000 to 2001", "2002 to 2003", "2004 to 2005"]
    assert sum(inside.sum() for inside in found.values()) == PEOPLE - 1
    assert set(years[found["2000 to 2001"]]) == {2000.0, 2001.0}
    assert not any(by == "Baseline" for by, _, _ in groups(small_cohort()))


def test_who_came_late_is_judged_by_the_years_that_were_seen() -> None:
    cohort = small_cohort()
    late = np.arange(PEOPLE) % 6 != 0
    follow_up = {
        name: replace(
            each,
            event=each.event & ~(late & (each.years > 8)),
            years=np.where(late, np.minimum(each.years, 8.0), each.years),
        )
        for name, each in cohort.follow_up.items()
    }
    cohort = replace(cohort, follow_up=follow_up, baseline_years=np.where(late, 2016.0, 2010.0))
    told = evaluated(cohort)
    rows = {
        row["group"]: row
        for row in told["subgroups"]
        if row["key"] == "evidence" and row["by"] == "Baseline"
    }
    assert {name: row["horizon"] for name, row in rows.items()} == {"2010 to 2011": 10, "2016": 8}
    by_eight = ask(EVIDENCE, cohort.part(np.flatnonzero(late)).profiles).curves[Outcome.HIP][:, 7]
    had = follow_up["hip"].event[late]
    assert rows["2016"]["predicted"] == pytest.approx(by_eight.mean())
    assert rows["2016"]["observed"] == pytest.approx(had.mean())
    assert "Baseline: 2016 (by 8 years)" in report(told)


def test_what_an_input_moves_is_a_mean_distance(document: Any, predicted: np.ndarray) -> None:
    profiles = small_cohort().profiles
    blank = [replace(p, current_smoker=None) for p in profiles]
    apart = np.abs(ask(EVIDENCE, blank).curves[Outcome.HIP][:, 9] - predicted)
    apart = apart[[p.current_smoker is not None for p in profiles]]
    row = next(
        row
        for row in document["missing_data"]
        if row["key"] == "evidence" and row["blank"] == "Current smoking"
    )
    assert row["moved"]["value"] == pytest.approx(apart.mean(), abs=1e-12)
    wide = 1.959964 * apart.std(ddof=1) / np.sqrt(apart.size)
    assert row["moved"]["interval"][1] == pytest.approx(apart.mean() + wide, rel=1e-2)
    assert "Current smoking" in on_inputs(document)


def test_hazards_that_cross_are_found_by_lifelines_too(
    document: Any, predicted: np.ndarray, by_ten: np.ndarray
) -> None:
    seen = small_cohort().follow_up["hip"]
    table = pd.DataFrame({
        "x": np.log(-np.log1p(-predicted)), "years": seen.years, "event": by_ten.astype(int),
    })  # fmt: skip
    fitted = CoxPHFitter().fit(table, "years", "event")
    wanted = proportional_hazard_test(fitted, table, time_transform="rank").summary
    told = document["results"]["evidence"]["proportional_hazards"]
    assert told["p"] == pytest.approx(float(wanted["p"].iloc[0]), rel=1e-6)


def test_nobody_is_asked_twice_for_what_an_engine_does_not_read() -> None:
    profiles = small_cohort().profiles
    memory, asked = Memory(), []

    class Counting:
        name, model_id, trained_on = "evidence", "x", "published"

        def estimate_many(self, some: Any, options: Any) -> Any:
            asked.append(len(some))
            return EVIDENCE.engine.estimate_many(some, options)  # type: ignore[attr-defined]

    counting = replace(EVIDENCE, engine=Counting())  # type: ignore[arg-type]
    first = memory.ask(counting, profiles)
    again = memory.ask(counting, [replace(p, site_values={}) for p in profiles])
    assert asked[0] <= PEOPLE
    assert asked[1] == 0
    np.testing.assert_array_equal(first.curves[Outcome.HIP], again.curves[Outcome.HIP])


def test_those_drawn_stand_for_everybody() -> None:
    seen = drawn_people(0, competing=True)
    many = seen.part(np.tile(np.arange(seen.people), 12))
    rows, weights = few_of(many, 1)
    assert weights.sum() == pytest.approx(many.people)
    assert rows.size <= 2 * MOST_OF_A_KIND
    assert weights[many.event[rows]].sum() == pytest.approx(many.event.sum())
    few, ones = few_of(seen.part(np.arange(100)), 1)
    assert few.size == ones.sum() == 100


@pytest.mark.parametrize(
    ("engine", "cause"), [("cox", "hip"), ("xgboost", "other_major_osteoporotic")]
)
def test_what_a_stored_model_rests_on_by_hand(engine: str, cause: str) -> None:
    model = learned_candidates([engine], [])[0].engine
    assert isinstance(model, LearnedEngine)
    cohort = small_cohort()
    told = rests_on_model(model, cohort, interactions=True)
    here = next(one for one in told if one["cause"] == cause)
    rows = model.within_seen(np.concatenate([model.completed_rows(p)[:1] for p in cohort.profiles]))
    parts = model.hazards[cause].contributions(rows)
    first = here["columns"][0]
    at = model.columns.index(first["column"])
    assert first["importance"] == pytest.approx(np.abs(parts[:, at]).mean())
    assert first["importance"] == max(np.abs(parts[:, :-1]).mean(axis=0))
    assert min(first["probability"].values()) > 0
    curve = here["curves"][0]
    changed = rows.copy()
    changed[:, at] = curve["values"][0]
    ratio = model.hazards[cause].log_hazard_ratio
    wanted = np.exp(ratio(changed).mean() - ratio(rows).mean())
    assert curve["hazard_ratio"][0] == pytest.approx(wanted)
    assert bool(here["interactions"]) == (engine == "xgboost")
    page = explanation_page(
        {"model": model.model_id, "engine": engine, "people": PEOPLE, "rests_on": told},
        "<small>", "words", "safety",
    )  # fmt: skip
    assert "&lt;small&gt;" in page
    assert first["label"] in page
