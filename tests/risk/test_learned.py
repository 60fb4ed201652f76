"""The learned engines that ship: what they answer, what they refuse, and why."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp import modelstore
from riskapp.risk.anchor import CAUSES, anchored, evidence_hazards, known_to_evidence
from riskapp.risk.design_row import ALWAYS_KNOWN, COLUMNS
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Cause, EstimateOptions
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.risk.site_people import AS_PUBLISHED
from tests.risk.shipped import (
    BARE,
    KNOWN,
    LEARNED,
    NOTHING_ELSE,
    OPTIONS,
    WITHOUT_BONE,
    engine,
    hip,
    major,
)


def silent(name: str = "cox") -> LearnedEngine:
    """An engine that was taught nothing: no f, levels of one, and people as published."""
    levels = dict.fromkeys(CAUSES, np.ones(10))
    return replace(engine(name), hazards={}, level_per_year=levels, people=AS_PUBLISHED)


@settings(max_examples=25, deadline=None)
@given(
    age=st.floats(40, 90),
    sex=st.sampled_from(list(Sex)),
    t_score=st.none() | st.floats(-8, 6),
    bmi=st.none() | st.floats(10, 80),
    prior=st.none() | st.booleans(),
    falls=st.none() | st.integers(0, 4),
    spine=st.none() | st.floats(-5, 3),
)
def test_an_engine_that_was_taught_nothing_is_the_evidence(
    age: float,
    sex: Sex,
    t_score: float | None,
    bmi: float | None,
    prior: bool | None,
    falls: int | None,
    spine: float | None,
) -> None:
    profile = RiskProfile(
        population="gb",
        age_years=age,
        sex=sex,
        femoral_neck_t_score=t_score,
        body_mass_index=bmi,
        prior_fragility_fracture=prior,
        falls_last_year=falls,
        lumbar_spine_t_score=spine,
    )
    assert_is_evidence(profile, BARE)


DESCRIBED = replace(
    KNOWN,
    glucocorticoids=True,
    glucocorticoid_dose_mg_daily=10.0,
    prior_fracture_months_ago=5.0,
    type_2_diabetes_years=6.0,
)


@pytest.mark.parametrize("profile", [KNOWN, WITHOUT_BONE, NOTHING_ELSE, DESCRIBED])
@pytest.mark.parametrize("unknown_as_no", [False, True])
def test_all_some_or_nothing_known_it_is_the_evidence(
    profile: RiskProfile, unknown_as_no: bool
) -> None:
    assert_is_evidence(profile, replace(BARE, unknown_as_no=unknown_as_no))
    assert_is_evidence(replace(profile, population="us"), replace(BARE, unknown_as_no=False))


def assert_is_evidence(profile: RiskProfile, options: EstimateOptions) -> None:
    published = modelstore.engine_named("evidence").estimate(profile, options).outcomes
    for outcome, answer in silent().estimate(profile, options).outcomes.items():
        expected = [p for _, p in published[outcome].curve]
        np.testing.assert_allclose([p for _, p in answer.curve], expected, atol=1e-9)


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("profile", [KNOWN, WITHOUT_BONE, NOTHING_ELSE, DESCRIBED])
def test_contributions_and_baseline_sum_to_the_log_hazard(name: str, profile: RiskProfile) -> None:
    answering = engine(name)
    explained = answering.estimate(profile, OPTIONS).explanation
    published = modelstore.engine_named("evidence").estimate(profile, OPTIONS).explanation
    assert explained is not None
    assert published is not None
    rows = answering.completed_rows(profile)
    for cause in Cause:
        shown = answering.log_hazard_ratios(cause, rows).mean()
        shown += np.log(answering.level_per_year[cause][0]) + published.baseline_log_hazard[cause]
        shown += sum(each.log_hazard[cause] for each in published.contributions)
        told = sum(each.log_hazard[cause] for each in explained.contributions)
        assert explained.baseline_log_hazard[cause] + told == pytest.approx(shown, abs=1e-6)


@pytest.mark.parametrize("name", LEARNED)
def test_unknown_inputs_age_and_sex_are_in_the_baseline_and_it_says_so(name: str) -> None:
    explained = engine(name).estimate(WITHOUT_BONE, OPTIONS).explanation
    assert explained is not None
    told = {each.field for each in explained.contributions}
    assert told == {"body_mass_index", *FACTORS}
    assert (
        "femoral_neck_t_score, lumbar_spine_t_score, lumbar_texture_score"
        in explained.baseline_means
    )
    assert "age and sex" in explained.baseline_means


@pytest.mark.parametrize("name", LEARNED)
def test_learned_engines_agree_with_the_evidence_that_made_their_people(name: str) -> None:
    published = modelstore.engine_named("evidence").estimate(WITHOUT_BONE, OPTIONS)
    learned = engine(name).estimate(WITHOUT_BONE, OPTIONS)
    assert major(learned) == pytest.approx(major(published), abs=0.025)
    assert hip(learned) == pytest.approx(hip(published), abs=0.015)


@pytest.mark.parametrize("name", LEARNED)
def test_many_together_are_answered_as_each_alone(name: str) -> None:
    people = [KNOWN, WITHOUT_BONE, replace(KNOWN, population="nowhere"), NOTHING_ELSE, DESCRIBED]
    together = engine(name).estimate_many(people, BARE)
    assert isinstance(together[2], RiskError)
    for profile, answer in zip(people, together, strict=True):
        if isinstance(answer, RiskError):
            continue
        alone = engine(name).estimate(profile, BARE)
        assert major(answer) == pytest.approx(major(alone), abs=1e-12)
        assert answer.warnings == alone.warnings


@pytest.mark.parametrize("name", LEARNED)
def test_not_known_is_not_read_as_no(name: str) -> None:
    unknown = replace(KNOWN, prior_fragility_fracture=None)
    answering = engine(name)
    no = major(answering.estimate(replace(KNOWN, prior_fragility_fracture=False), OPTIONS))
    yes = major(answering.estimate(KNOWN, OPTIONS))
    between = answering.estimate(unknown, OPTIONS)
    assert no < major(between) < yes
    assert set(between.unknown) == {"prior_fragility_fracture"} | set(
        answering.estimate(KNOWN, OPTIONS).unknown
    )
    as_no = answering.estimate(unknown, replace(OPTIONS, unknown_as_no=True))
    # In this convention further measurements are off in the evidence, known answer or not.
    same = answering.estimate(
        replace(KNOWN, prior_fragility_fracture=False), replace(OPTIONS, unknown_as_no=True)
    )
    assert major(as_no) == pytest.approx(major(same))
    assert as_no.unknown == between.unknown
    assert "Not known and taken as no: prior_fragility_fracture." in as_no.warnings


@pytest.mark.parametrize("name", LEARNED)
def test_a_low_attenuation_speaks_for_a_low_t_score_where_that_is_unknown(name: str) -> None:
    answering = engine(name)
    low, high = (
        hip(answering.estimate(replace(WITHOUT_BONE, l1_attenuation_hu=hu), OPTIONS))
        for hu in (60.0, 180.0)
    )
    assert low > 1.5 * high


@pytest.mark.parametrize("name", LEARNED)
@settings(max_examples=15, deadline=None)
@given(
    age=st.floats(40, 90),
    sex=st.sampled_from(list(Sex)),
    t_score=st.none() | st.floats(-8, 6),
    bmi=st.none() | st.floats(10, 80),
    prior=st.none() | st.booleans(),
    attenuation=st.none() | st.floats(-200, 600),
)
def test_every_answer_is_a_rising_curve_of_probabilities(
    name: str,
    age: float,
    sex: Sex,
    t_score: float | None,
    bmi: float | None,
    prior: bool | None,
    attenuation: float | None,
) -> None:
    profile = RiskProfile(
        population="gb",
        age_years=age,
        sex=sex,
        femoral_neck_t_score=t_score,
        body_mass_index=bmi,
        prior_fragility_fracture=prior,
        l1_attenuation_hu=attenuation,
    )
    estimate = engine(name).estimate(profile, OPTIONS)
    for outcome in estimate.outcomes.values():
        curve = np.array([p for _, p in outcome.curve])
        assert [year for year, _ in outcome.curve] == list(range(1, 11))
        assert (np.diff(curve) >= 0).all()
        assert (curve >= 0).all()
        assert (curve <= 1).all()
        assert outcome.curve[-1][1] == outcome.probability_10y
    assert hip(estimate) <= major(estimate) + 1e-12


@pytest.mark.parametrize("name", LEARNED)
def test_hazards_are_the_evidences_times_level_and_ratio(name: str) -> None:
    # Worked from the hazards: other fractures do not shorten the wait for a hip fracture.
    whole = replace(KNOWN, lumbar_spine_t_score=-2.0)
    answering = engine(name)
    rows = answering.completed_rows(whole)
    known = known_to_evidence(whole)
    published = evidence_hazards(rows, np.zeros(1, dtype=int), anchored(["gb"], [known]))
    factor = {
        cause: np.repeat(answering.level_per_year[cause], 2)
        * np.exp(answering.log_hazard_ratios(cause, rows)[0])
        for cause in CAUSES
    }
    fracture, death = (published[c][0] * factor[c] for c in ("hip", "death"))
    alive, expected = 1.0, 0.0
    for step in range(20):
        out = fracture[step] + death[step]
        expected += alive * (1 - np.exp(-0.5 * out)) * fracture[step] / out
        alive *= np.exp(-0.5 * out)
    assert hip(answering.estimate(whole, OPTIONS)) == pytest.approx(expected)


@pytest.mark.parametrize("name", LEARNED)
def test_every_engine_gives_both_parts_of_the_interval_and_they_hold_the_number(name: str) -> None:
    for outcome in engine(name).estimate(WITHOUT_BONE, OPTIONS).outcomes.values():
        assert outcome.interval_95 is not None
        assert outcome.interval_95_model is not None
        assert outcome.interval_95_unknown is not None
        for interval in (outcome.interval_95, outcome.interval_95_model):
            assert interval.lower < outcome.probability_10y < interval.upper
        width = outcome.interval_95.upper - outcome.interval_95.lower
        assert width > outcome.interval_95_model.upper - outcome.interval_95_model.lower


def test_every_column_but_age_and_sex_can_be_a_contribution_under_its_contract_name() -> None:
    players = [column for name, column in COLUMNS.items() if name not in ALWAYS_KNOWN]
    assert len(players) == 13
    assert all(hasattr(KNOWN, column.field) for column in players)
