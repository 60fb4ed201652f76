"""Baselines, incidence and calibration: by hand, then on people with a known truth."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.estimate import Outcome
from riskapp.risk.learned import LearnedEngine
from riskapp.training.calibrate import (
    baseline_per_year,
    calibration_by_fifths,
    concordance,
    judge,
    observed_incidence,
    slope,
)
from riskapp.training.fitting import LEARNED, fit, recipe_for, stored
from tests.training.people import fresh_people, small_cohort


def follow_up(event: list[int], years: list[float]) -> FollowUp:
    return FollowUp(event=np.array(event, dtype=bool), years=np.array(years, dtype=float))


def test_observed_incidence_worked_by_hand() -> None:
    # Fracture at 1, death at 2, left at 3, fracture at 4:
    # 1/4 + (3/4)(2/3) (at 4: 1 of 1) = 0.25 + 0.5 = 0.75.
    seen = follow_up([1, 0, 0, 1], [1, 2, 3, 4])
    death = follow_up([0, 1, 0, 0], [9, 2, 3, 9])
    assert observed_incidence(seen, death) == pytest.approx(0.75)


def test_observed_incidence_without_censoring_is_a_share() -> None:
    seen = follow_up([1, 0, 0, 1, 0], [1, 2, 10, 4, 10])
    death = follow_up([0, 1, 0, 0, 0], [9, 2, 10, 9, 10])
    assert observed_incidence(seen, death) == pytest.approx(2 / 5)


def test_baseline_recovers_a_known_hazard() -> None:
    rng = np.random.default_rng(1)
    ratio = rng.normal(0, 0.7, 200_000)
    years = rng.exponential(1 / (0.02 * np.exp(ratio)))
    seen = FollowUp(event=years < 10, years=np.minimum(years, 10))
    np.testing.assert_allclose(baseline_per_year("hip", seen, ratio), 0.02, rtol=0.08)


def test_a_year_without_events_still_has_some_hazard() -> None:
    seen = follow_up([1, 0, 0], [0.5, 10, 10])
    baseline = baseline_per_year("hip", seen, np.zeros(3))
    assert (baseline > 0).all()
    assert baseline[0] > baseline[5]
    with pytest.raises(UnusableCohort, match="no event of the kind hip"):
        baseline_per_year("hip", follow_up([0], [3.0]), np.zeros(1))


def test_events_past_ten_years_do_not_raise_the_baseline() -> None:
    early = follow_up([1, 0, 0], [5, 10, 10])
    late = follow_up([1, 1, 1], [5, 14, 15])
    np.testing.assert_allclose(
        baseline_per_year("hip", late, np.zeros(3)), baseline_per_year("hip", early, np.zeros(3))
    )


def test_slope_says_how_much_of_the_predicted_spread_came_true() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(0, 0.7, 100_000)
    years = rng.exponential(1 / (0.02 * np.exp(truth)))
    seen = FollowUp(event=years < 10, years=np.minimum(years, 10))
    assert slope(seen, truth) == pytest.approx(1.0, abs=0.03)
    assert slope(seen, 2 * truth) == pytest.approx(0.5, abs=0.02)
    assert slope(seen, rng.normal(size=truth.size)) == pytest.approx(0.0, abs=0.03)


def test_concordance_keeps_the_dead_as_people_who_never_fracture() -> None:
    # The fracture at 5 outranks the death at 1, though that ended earlier.
    seen, death = follow_up([1, 0], [5, 1]), follow_up([0, 1], [9, 1])
    assert concordance(np.array([0.9, 0.1]), seen, death) == 1.0
    assert concordance(np.array([0.1, 0.9]), seen, death) == 0.0


def test_fifths_hold_everybody_once_and_rise() -> None:
    seen = follow_up([0] * 23, [10.0] * 23)
    fifths = calibration_by_fifths(np.linspace(0, 1, 23), seen, seen)
    assert sum(each["people"] for each in fifths) == 23
    predicted = [each["predicted"] for each in fifths]
    assert predicted == sorted(predicted)


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_the_top_fifth_of_a_small_cohort_is_not_over_stated(engine: str) -> None:
    # The known trap: trees over-fit 4,000 people, and an in-sample baseline makes it worse.
    cohort, fresh = small_cohort(), fresh_people()
    careful = engine_from(stored(fit(cohort, recipe_for(engine, 1)), "being-judged", "simulated"))
    naive_hazards = {cause: replace(hazard, slope=1.0) for cause, hazard in careful.hazards.items()}
    in_sample = {
        cause: baseline_per_year(
            cause, cohort.follow_up[cause], hazard.log_hazard_ratio(cohort.rows)
        )
        for cause, hazard in naive_hazards.items()
    }
    naive = replace(careful, hazards=naive_hazards, baseline_per_year=in_sample)

    def over_statement(each: LearnedEngine) -> float:
        predicted = {o: curve[:, -1] for o, curve in each.probabilities(fresh.rows).items()}
        top = judge(predicted, fresh)[Outcome.MAJOR_OSTEOPOROTIC]["fifths"][-1]
        return float(top["predicted"] / top["observed"])

    assert over_statement(careful) < 1.10
    assert over_statement(naive) > 1.12


def test_a_recipe_is_not_shared_between_runs() -> None:
    first = recipe_for("xgboost", 1)
    before = deepcopy(first)
    recipe_for("xgboost", 2)["settings"]["library"]["eta"] = 9
    assert first == before


@pytest.mark.parametrize("engine", LEARNED)
@pytest.mark.parametrize("events", [0, 1])
def test_a_cohort_with_hardly_an_event_is_refused_in_a_sentence(engine: str, events: int) -> None:
    # One event: the people outside its fold hold none.
    cohort = small_cohort().part(np.arange(400))
    hip = FollowUp(event=np.arange(400) < events, years=cohort.follow_up["hip"].years)
    few = replace(cohort, follow_up=dict(cohort.follow_up) | {"hip": hip})
    if engine == "cox" and events:
        assert fit(few, recipe_for(engine, 1)).engine == "cox"
        return
    with pytest.raises(UnusableCohort, match=r"events? of the kind hip.*nothing to learn"):
        fit(few, recipe_for(engine, 1))
