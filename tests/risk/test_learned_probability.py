"""Contributions of learned engines in probability, and what is said of strangers."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.cohorts.cohort import Cohort
from riskapp.risk.anchor import CAUSES
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.reach import Flag
from riskapp.risk.site_people import AS_PUBLISHED
from riskapp.training.fitting import engine_of, fit, recipe_for
from riskapp.training.simulation.options import Options
from riskapp.training.storing import simulated_cohort

PLAIN = EstimateOptions(interval=False)


@cache
def people() -> Cohort:
    return simulated_cohort(Options(people=1_500, seed=5))


@cache
def engine(name: str, anchored: bool = True) -> LearnedEngine:
    recipe = recipe_for(name, 1, anchored=anchored)
    # No choice among candidates: the freest, so that there is something to explain.
    free = {"chosen_below_events": 0} if name == "cox" else {"rounds": [15]}
    recipe["settings"] |= free
    return engine_of(fit(people(), recipe), "simulated")


@cache
def fresh():
    return simulated_cohort(Options(people=3, seed=77, missing="routine")).profiles


def told(answer, outcome):
    shares = [each.probability[outcome] for each in answer.explanation.contributions]
    return answer.explanation.baseline[outcome] + sum(shares)


@pytest.mark.parametrize(("name", "anchored"), [("cox", True), ("lightgbm", True), ("cox", False)])
def test_contributions_sum_to_the_number_shown(name, anchored):
    for profile in fresh():
        answer = engine(name, anchored).estimate(profile, PLAIN)
        assert answer.explanation.contributions
        for outcome in Outcome:
            shown = answer.outcomes[outcome].probability_10y
            assert told(answer, outcome) == pytest.approx(shown, abs=1e-9)


def test_an_engine_that_learned_nothing_explains_as_the_evidence_does():
    nothing = replace(
        engine("cox"),
        hazards={},
        level_per_year=dict.fromkeys(CAUSES, np.ones(10)),
        people=AS_PUBLISHED,
    )
    for profile in fresh():
        ours = nothing.estimate(profile, PLAIN)
        theirs = EvidenceEngine().estimate(profile, PLAIN)
        for outcome in Outcome:
            baseline = theirs.explanation.baseline[outcome]
            assert ours.explanation.baseline[outcome] == pytest.approx(baseline, abs=1e-8)
        published = {each.field: each.probability for each in theirs.explanation.contributions}
        for each in ours.explanation.contributions:
            for outcome in Outcome:
                usual = published.get(each.field, dict.fromkeys(Outcome, 0.0))[outcome]
                assert each.probability[outcome] == pytest.approx(usual, abs=1e-8)


def test_a_level_alone_moves_the_baseline_and_no_contribution():
    learned = replace(engine("cox"), hazards={})
    twice = dict.fromkeys(CAUSES, np.full(10, 2.0)) | {"death": np.ones(10)}
    usual = replace(learned, level_per_year=dict.fromkeys(CAUSES, np.ones(10)))
    more = replace(learned, level_per_year=twice)
    profile = fresh()[0]
    before, after = usual.estimate(profile, PLAIN), more.estimate(profile, PLAIN)
    for one, other in zip(
        before.explanation.contributions, after.explanation.contributions, strict=True
    ):
        assert one.probability == pytest.approx(other.probability, abs=1e-12)
    assert told(after, Outcome.HIP) > 1.5 * told(before, Outcome.HIP)


def test_both_sides_of_what_was_seen():
    learned = engine("cox")
    complete = simulated_cohort(Options(people=1, seed=78)).profiles[0]
    _, highest = learned.seen["bmi_kg_m2"]
    inside = replace(complete, weight_kg=None, height_cm=None, body_mass_index=highest - 0.01)
    outside = replace(inside, body_mass_index=highest + 0.01)
    assert Flag.OUTSIDE_SEEN_RANGE not in learned.estimate(inside, PLAIN).flags
    answer = learned.estimate(outside, PLAIN)
    assert Flag.OUTSIDE_SEEN_RANGE in answer.flags
    assert any("body_mass_index is" in warning for warning in answer.warnings)


def test_another_population_is_flagged_and_answered():
    learned = engine("cox")
    complete = simulated_cohort(Options(people=1, seed=78)).profiles[0]
    assert Flag.OTHER_POPULATION not in learned.estimate(complete, PLAIN).flags
    answer = learned.estimate(replace(complete, population="us-white"), PLAIN)
    assert Flag.OTHER_POPULATION in answer.flags
    assert any("us-white" in warning for warning in answer.warnings)


def test_without_what_it_leans_on_an_engine_says_what_it_cannot_judge():
    learned = engine("cox")
    complete = simulated_cohort(Options(people=1, seed=78)).profiles[0]
    assert Flag.RESTS_ON_UNKNOWN not in learned.estimate(complete, PLAIN).flags
    bare = dict.fromkeys(("femoral_neck_t_score", "lumbar_texture_score", "l1_attenuation_hu"))
    bare |= {"total_hip_t_score": None, "lumbar_spine_t_score": None}
    answer = learned.estimate(replace(complete, **bare), PLAIN)
    assert Flag.RESTS_ON_UNKNOWN in answer.flags
    assert any(w.startswith("Most of what cox learned cannot be judged") for w in answer.warnings)
