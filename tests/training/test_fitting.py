"""What a cohort teaches: nothing with few events, its own effect with many; and what it cannot."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.evaluation.summary import judge
from riskapp.modelstore import engine_named
from riskapp.risk.cox import KNOTS_SD
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.training.choosing import folds, likely, log_scores
from riskapp.training.completing import completed
from riskapp.training.fitting import LEARNED, Workshop, engine_of, fit, fit_completed, recipe_for
from riskapp.training.outcomes import taught
from riskapp.training.reweighting import reweighted
from riskapp.training.storing import cross_validated, ten_years
from tests.training.made import answered, made_cohort

BARE = EstimateOptions(explain=False, interval=False, verdicts=False)
NOBODY = FollowUp(event=np.zeros(4, dtype=bool), years=np.full(4, 5.0))
SOME = FollowUp(event=np.array([True, True, False, False]), years=np.array([2.0, 3.0, 5.0, 5.0]))
HIP = FollowUp(event=np.array([True, False, False, True]), years=np.array([2.0, 5.0, 5.0, 1.0]))


@cache
def few_events() -> Workshop:
    return Workshop(made_cohort(300, per_year=0.002, outcomes=("hip",)))


@cache
def many_events() -> Workshop:
    return Workshop(answered(made_cohort(1500, grip_effect=-0.6, per_year=0.03)))


@pytest.mark.parametrize("engine", LEARNED)
def test_with_a_handful_of_events_an_engine_is_the_evidence_at_another_level(engine: str) -> None:
    cohort = few_events().cohort
    assert 2 <= cohort.follow_up["hip"].event.sum() <= 9
    fitted = few_events().fit(recipe_for(engine, 1))
    some = cohort.part(np.arange(40))
    learned = ten_years(engine_of(fitted, "cohort made"), some)
    evidence = [engine_named("evidence").estimate(profile, BARE) for profile in some.profiles]
    for outcome in Outcome:
        published = np.array([each.outcomes[outcome].probability_10y for each in evidence])
        ratios = np.log(learned[outcome] / published)
        # The level moves a little, and everybody with it.
        assert np.abs(ratios).max() < 1.0
        assert ratios.std() < 0.1


@pytest.mark.parametrize("engine", LEARNED)
def test_with_many_events_an_engine_learns_what_the_evidence_does_not_know(engine: str) -> None:
    cohort = many_events().cohort
    answering = engine_of(many_events().fit(recipe_for(engine, 1)), "cohort made")
    person = replace(cohort.profiles[1], age_years=72.0)
    weak, usual, strong = (
        answering.completed_rows(replace(person, site_values={"grip": grip}))[:1]
        for grip in (16.0, 25.0, 34.0)
    )
    for cause in ("hip", "other_major_osteoporotic"):
        logs = [answering.log_hazard_ratios(cause, row)[0] for row in (weak, usual, strong)]
        assert 0.9 < logs[0] - logs[2] < 2.7  # 1.8 is true
        assert logs[0] > logs[1] > logs[2]
    assert answering.site_columns == cohort.site_columns


def test_an_effect_is_not_diluted_by_values_that_are_missing() -> None:
    whole, holed = (
        made_cohort(2000, grip_effect=-0.5, per_year=0.03, grip_known=known, outcomes=("hip",))
        for known in (1.0, 0.6)
    )
    found = []
    for cohort in (whole, holed):
        told = fit(answered(cohort), recipe_for("cox", 1)).parameters
        found.append(told["hazards"]["hip"]["coefficients"][len(told["terms"])])
    assert found[0] == pytest.approx(-0.5, abs=0.08)
    assert found[1] == pytest.approx(found[0], abs=0.1)


def test_a_threshold_is_found_and_a_line_stays_one() -> None:
    # Only those who are weaker than most break more.
    made = {
        "threshold": made_cohort(
            2000, grip_effect=1.0, per_year=0.03, shape=lambda z: np.maximum(-0.5 - z, 0.0)
        ),
        "line": made_cohort(2000, grip_effect=-0.4, per_year=0.03),
    }
    parts = {}
    for name, cohort in made.items():
        told = fit(answered(cohort), recipe_for("cox", 1)).parameters
        found = np.array(told["hazards"]["hip"]["coefficients"][len(told["terms"]) :])
        # Log hazard ratios of scores 0 and 2 beside that of -2.
        bent = np.maximum(np.array([-2.0, 0.0, 2.0])[:, None] - KNOTS_SD, 0.0) @ found[1:]
        parts[name] = np.diff(bent + found[0] * np.array([-2.0, 0.0, 2.0]))
    assert parts["threshold"][0] == pytest.approx(-1.5, abs=0.3)
    assert parts["threshold"][1] == pytest.approx(0.0, abs=0.3)
    np.testing.assert_allclose(parts["line"], -0.8, atol=0.2)


def test_draws_are_weighed_by_what_then_happened() -> None:
    cohort = made_cohort(600, per_year=0.03, outcomes=("hip",))
    people = completed(cohort, 1)
    np.testing.assert_allclose(np.bincount(people.owners, people.weights), 1.0)
    prior = people.rows[:, people.columns.index("parent_hip_fracture")]
    mean = np.bincount(people.owners, people.weights * prior)
    event = cohort.follow_up["hip"].event
    assert mean[event].mean() > mean[~event].mean() + 0.02
    grip = people.rows[:, people.columns.index("grip")]
    towards = reweighted(people, {"hip": -0.2 * (grip - 25)})
    # Who is left out of a fit is judged by draws that no fit has weighed.
    some = -0.05 * (grip - 25)
    np.testing.assert_array_equal(log_scores(towards, "hip", some), log_scores(people, "hip", some))
    np.testing.assert_allclose(np.bincount(towards.owners, towards.weights), 1.0)


def test_completing_the_same_people_twice_draws_the_same() -> None:
    cohort = made_cohort(200)
    np.testing.assert_array_equal(completed(cohort, 3).rows, completed(cohort, 3).rows)
    assert not np.array_equal(completed(cohort, 3).rows, completed(cohort, 4).rows)


def test_a_part_of_the_completed_people_is_those_people() -> None:
    people = completed(made_cohort(200), 1)
    some = people.part(np.array([3, 7, 150]))
    assert some.people.tolist() == ["3", "7", "150"]
    assert np.unique(some.owners).tolist() == [0, 1, 2]
    np.testing.assert_array_equal(some.rows, people.rows[np.isin(people.owners, [3, 7, 150])])
    assert some.exposures["hip"].expected.shape == some.weights.shape


def test_where_only_any_fracture_was_recorded_the_level_of_hip_fractures_serves_both() -> None:
    cohort = made_cohort(600, per_year=0.03, outcomes=("hip", "any"))
    level = fit(cohort, recipe_for("cox", 1)).parameters["level_per_year"]
    assert level["hip"] == level["other_major_osteoporotic"]
    assert level["hip"] != [1.0] * 10
    assert level["death"] == [1.0] * 10


def test_major_goes_before_any_and_a_broken_hip_is_no_other_fracture() -> None:
    both = taught({"hip": HIP, "major_osteoporotic": SOME, "any": SOME}, anchored=True)
    other = both.follow_up["other_major_osteoporotic"]
    assert other.event.tolist() == [False, True, False, False]
    assert both.level_learned == {"hip", "other_major_osteoporotic"}
    only_any = taught({"hip": HIP, "any": SOME}, anchored=True)
    assert only_any.level_learned == {"hip"}
    assert "any fracture that is not of the hip" in " ".join(only_any.notes)


def test_causes_without_an_event_stay_the_evidences_and_none_at_all_is_refused() -> None:
    some = taught({"hip": NOBODY, "major_osteoporotic": SOME, "death": NOBODY}, anchored=True)
    assert set(some.follow_up) == {"other_major_osteoporotic"}
    assert "Nobody had an event of the kind hip fracture" in " ".join(some.notes)
    with pytest.raises(UnusableCohort, match="no fracture after baseline"):
        taught({"hip": NOBODY, "any": NOBODY, "death": SOME}, anchored=True)
    none_major = {"hip": NOBODY, "major_osteoporotic": NOBODY, "any": SOME}
    with pytest.raises(UnusableCohort, match="holds 2 fractures after baseline, but none of the h"):
        taught(none_major, anchored=True)
    with pytest.raises(UnusableCohort, match="lacks other major fracture, death"):
        taught({"hip": HIP, "any": SOME}, anchored=False)


def test_hip_that_was_not_recorded_apart_stays_the_evidences() -> None:
    found = taught({"major_osteoporotic": SOME, "death": HIP}, anchored=True)
    assert set(found.follow_up) == {"other_major_osteoporotic", "death"}
    assert found.level_learned == {"death"}


def test_rows_of_one_person_never_lie_in_two_folds() -> None:
    whose = np.array([str(i // 3) for i in range(60)])
    parts = folds(whose, 4, 1)
    assert sorted(np.concatenate(parts).tolist()) == list(range(60))
    for part in parts:
        outside = np.setdiff1d(np.arange(60), part)
        assert not set(whose[part]) & set(whose[outside])


def test_candidates_count_as_likely_as_they_make_unseen_people() -> None:
    alike = likely(np.zeros((50, 4)))
    np.testing.assert_allclose(alike, [1 / 2, 1 / 6, 1 / 6, 1 / 6])
    # By Bayes' rule: e to the sum of 10 times 0.1 is e.
    np.testing.assert_allclose(
        likely(np.tile([0.0, 0.1], (10, 1))), np.array([1, np.e]) / (1 + np.e)
    )
    assert likely(np.tile([0.0, 1.0], (5000, 1)))[0] < 1e-12


def test_scores_are_the_likelihood_beside_the_evidences() -> None:
    people = completed(made_cohort(50, outcomes=("hip",)), 1)
    np.testing.assert_allclose(log_scores(people, "hip", np.zeros(len(people.rows))), 0, atol=1e-12)
    doubled = log_scores(people, "hip", np.full(len(people.rows), np.log(2)))
    event = people.taught.follow_up["hip"].event
    assert (doubled[event] > 0).mean() > 0.9
    assert (doubled[~event] < 0).all()


def test_an_engine_that_starts_from_nothing_learns_the_hazards_themselves() -> None:
    cohort = answered(
        made_cohort(3000, per_year=0.03, outcomes=("hip", "major_osteoporotic", "death"))
    )
    fitted = fit_completed(
        completed(cohort, 1, anchored_on_evidence=False), recipe_for("cox", 1, anchored=False)
    )
    np.testing.assert_allclose(fitted.parameters["level_per_year"]["hip"][:8], 0.03, rtol=0.25)
    answer = engine_of(fitted, "cohort made").estimate(cohort.profiles[0], BARE)
    # Two competing hazards of 0.03 for ten years.
    assert answer.outcomes[Outcome.HIP].probability_10y == pytest.approx(0.2256, abs=0.06)


def test_a_cohort_with_whichever_outcomes_is_judged_by_cross_validation() -> None:
    found = cross_validated(
        Workshop(answered(made_cohort(250, per_year=0.02))), recipe_for("cox", 1), judge
    )
    assert found["outcomes"]["hip"]["events"] > 20
    assert found["outcomes"]["major_osteoporotic"]["recorded"] == "any"
    assert "observed" not in found["outcomes"]["hip"]


def test_people_whom_the_evidence_cannot_answer_about_are_refused_in_a_sentence() -> None:
    cohort = made_cohort(60)
    stranger = replace(cohort.profiles[0], population="atlantis")
    with pytest.raises(RiskError):
        completed(replace(cohort, profiles=(stranger, *cohort.profiles[1:])), 1)
