"""A clinic's people with thinner bone than the published: learned from, and answered, with gaps."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp
from riskapp.modelstore.parameters import people_from, people_stored
from riskapp.risk.anchor import known_to_evidence
from riskapp.risk.drawing import draw
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.risk.site_people import AS_PUBLISHED, Departure, SitePeople
from riskapp.training import draws
from riskapp.training.completing import completed
from riskapp.training.draws import how_many
from riskapp.training.fitting import Fitted, engine_of, fit, recipe_for
from riskapp.training.outcomes import taught
from riskapp.training.reweighting import reweighted
from tests.training.made import made_cohort

PEOPLE, BLANK = 2_000, 0.3
# Log hazard of a hip fracture per unit of T-score, and per year at a T-score of -2.
EFFECT, PER_YEAR = -0.6, 0.08
REFERRED = SitePeople(t_score=Departure((-0.8, 0.0, 0.0, 1.0), 0.8), ages_years=(60.0, 85.0))
ANSWERED = dict.fromkeys(FACTORS, False)
WITH_INTERVAL = EstimateOptions(explain=False, verdicts=False)


@cache
def referred(blank: float) -> Cohort:
    """People whose fractures follow the T-score alone."""
    rng = np.random.default_rng(7)
    t_score, lacks = np.zeros(PEOPLE), rng.random(PEOPLE) < blank
    profiles = []
    for i in range(PEOPLE):
        age, bmi = float(rng.uniform(60, 85)), float(np.exp(rng.normal(3.25, 0.17)))
        bare = RiskProfile(
            population="gb",
            age_years=age,
            sex=Sex.FEMALE if i % 2 else Sex.MALE,
            body_mass_index=bmi,
            **ANSWERED,
        )
        t_score[i] = drawn_t(bare, REFERRED, rng, 1)[0]
        profiles.append(bare if lacks[i] else replace(bare, femoral_neck_t_score=t_score[i]))
    due = rng.exponential(1 / (PER_YEAR * np.exp(EFFECT * (t_score + 2))))
    return Cohort(
        profiles=tuple(profiles),
        people=np.array([str(i) for i in range(PEOPLE)]),
        follow_up={"hip": FollowUp(event=due < 8, years=np.minimum(due, 8.0))},
        site_columns=(),
        left_out={},
        trained_on="cohort made",
        made_by={},
    )


def drawn_t(
    profile: RiskProfile, like: SitePeople, rng: np.random.Generator, n: int
) -> list[float]:
    known = known_to_evidence(profile)
    own = like.unknown("gb", known.sex, known.age_years)
    drawn = draw(known, own.people, own.parameters, n, rng, own.t_sd)["femoral_neck_t_score"]
    return [float(np.clip(each, -6.0, 4.0)) for each in drawn]


@cache
def fitted(blank: float) -> Fitted:
    return fit(referred(blank), recipe_for("cox", 1))


def engine(blank: float) -> LearnedEngine:
    return engine_of(fitted(blank), "cohort made")


def effect(asked: LearnedEngine) -> float:
    """Log hazard of hip fracture per unit of T-score around -2, in the mean of people."""
    found = []
    for profile in referred(0.0).profiles[:60]:
        logs = []
        for t_score in (-2.5, -1.5):
            rows = [asked._person(replace(profile, femoral_neck_t_score=t_score), WITH_INTERVAL)]
            logs.append(np.log(asked.hazards_of(rows)[0]["hip"].mean()))
        found.append(logs[1] - logs[0])
    return float(np.mean(found))


def test_gaps_leave_the_effect_of_the_t_score_as_complete_people_show_it() -> None:
    complete, holed = (effect(engine(blank)) for blank in (0.0, BLANK))
    assert complete == pytest.approx(EFFECT, abs=0.08)
    assert holed == pytest.approx(complete, abs=0.03)


def test_a_blank_t_score_is_averaged_over_people_like_the_cohorts() -> None:
    asked, rng = engine(BLANK), np.random.default_rng(3)
    blank = replace(referred(0.0).profiles[1], femoral_neck_t_score=None)
    answer = asked.estimate(blank, WITH_INTERVAL).outcomes[Outcome.HIP]
    whole = [
        replace(blank, femoral_neck_t_score=each) for each in drawn_t(blank, REFERRED, rng, 1_000)
    ]
    bare = EstimateOptions(explain=False, interval=False, verdicts=False)
    each = [
        told.outcomes[Outcome.HIP].probability_10y
        for told in asked.estimate_many(whole, bare)
        if not isinstance(told, Exception)
    ]
    assert answer.probability_10y == pytest.approx(np.mean(each), rel=0.05)
    unknown, joint = answer.interval_95_unknown, answer.interval_95
    assert unknown is not None
    assert joint is not None
    low, high = np.quantile(each, [0.025, 0.975])
    assert unknown.lower == pytest.approx(low, rel=0.2)
    assert unknown.upper == pytest.approx(high, rel=0.2)
    # The same model, had it forgotten who they were.
    kept = {name: each for name, each in fitted(BLANK).parameters.items() if name != "people"}
    forgot = engine_of(replace(fitted(BLANK), parameters=kept), "cohort made")
    assert forgot.people == AS_PUBLISHED
    other = forgot.estimate(blank, WITH_INTERVAL).outcomes[Outcome.HIP]
    assert other.probability_10y < 0.85 * answer.probability_10y
    assert other.interval_95 is not None
    assert other.interval_95.lower < joint.lower


def test_contributions_still_add_up_to_the_number_and_elsewhere_the_published_are_asked() -> None:
    asked = engine(BLANK)
    blank = replace(referred(0.0).profiles[1], femoral_neck_t_score=None)
    answer = asked.estimate(blank, EstimateOptions(interval=False, verdicts=False))
    reasons = answer.explanation
    assert reasons is not None
    assert reasons.baseline is not None
    parts = [each.probability[Outcome.HIP] for each in reasons.contributions if each.probability]
    number = answer.outcomes[Outcome.HIP].probability_10y
    assert reasons.baseline[Outcome.HIP] + sum(parts) == pytest.approx(number)
    assert asked.people_like("gb") != AS_PUBLISHED
    assert asked.people_like("us-caucasian") == AS_PUBLISHED


def test_the_card_says_how_they_differ_and_the_folder_keeps_it() -> None:
    parameters = fitted(BLANK).parameters
    (said,) = (note for note in parameters["notes"] if "T-scores of these people" in note)
    assert "lie 0.8 lower and spread 0.80 times as far" in said
    like = people_from(parameters["people"])
    assert people_stored(like) == parameters["people"]
    # Numbers are written to twelve digits.
    assert engine(BLANK).people.t_score.line == pytest.approx(like.t_score.line)
    assert like.t_score.line[0] == pytest.approx(-0.8, abs=0.06)


def test_a_fracture_has_more_draws_and_whoever_is_known_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = FollowUp(event=np.array([True, True, False, False]), years=np.ones(4))
    causes = taught({"hip": seen}, anchored=True)
    values = [{"a": 1.0}, {}, {}, {"a": 2.0}]
    assert how_many(values, ("a",), causes).tolist() == [1, 16, 8, 1]
    monkeypatch.setattr(draws, "MOST_ROWS", 5)
    assert how_many(values, ("a",), causes).tolist() == [1, 5, 5, 1]
    monkeypatch.setattr(draws, "MOST_ROWS", 1)
    assert how_many(values, ("a",), causes).tolist() == [1, 2, 2, 1]


def test_draws_are_weighed_at_the_level_that_was_seen() -> None:
    """Some times as many fractures as the evidence expects: as if it had said so."""
    cohort = made_cohort(400, per_year=0.06, outcomes=("hip",), grip_known=1.0)
    people = completed(cohort, 1)
    found = reweighted(people, {"hip": np.zeros(len(people.rows))})
    seen, expected = cohort.follow_up["hip"], people.exposures["hip"].expected
    level = (seen.event.sum() + 10) / (people.weights @ expected + 10)
    assert level > 1.5
    # From the evidence's likelihood to that of hazards so many times as high.
    told = people.weights * np.exp(-(level - 1) * expected)
    told /= np.bincount(people.owners, told)[people.owners]
    np.testing.assert_allclose(found.weights, told, rtol=1e-9)
    risk = np.bincount(people.owners, people.weights * expected)
    later = np.bincount(people.owners, found.weights * expected)
    assert later[~seen.event].mean() < risk[~seen.event].mean()
