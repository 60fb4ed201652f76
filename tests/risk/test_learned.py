"""The learned engines that ship: what they answer, what they refuse, and why."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp import modelstore
from riskapp.risk.design_row import ALWAYS_KNOWN, COLUMNS
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import Cause, EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.learned import HAZARDS, LearnedEngine
from riskapp.risk.profile import FACTORS, RiskProfile, Sex, Treatment

LEARNED = tuple(modelstore.SHIPPED)
OPTIONS = EstimateOptions()
KNOWN = RiskProfile(
    population="gb",
    age_years=72,
    sex=Sex.FEMALE,
    body_mass_index=23.5,
    prior_fragility_fracture=True,
    parent_hip_fracture=False,
    current_smoker=False,
    glucocorticoids=False,
    rheumatoid_arthritis=False,
    secondary_osteoporosis=False,
    alcohol_3_or_more_units_daily=False,
    femoral_neck_t_score=-2.6,
    lumbar_texture_score=0.947,
    l1_attenuation_hu=101,
)
NOTHING_ELSE = RiskProfile(population="gb", age_years=72, sex=Sex.FEMALE)
WITHOUT_BONE = replace(
    KNOWN, femoral_neck_t_score=None, lumbar_texture_score=None, l1_attenuation_hu=None
)


@cache
def engine(name: str) -> LearnedEngine:
    found = modelstore.engine_named(name)
    assert isinstance(found, LearnedEngine)
    return found


def major(estimate: RiskEstimate) -> float:
    return estimate.outcomes[Outcome.MAJOR_OSTEOPOROTIC].probability_10y


def hip(estimate: RiskEstimate) -> float:
    return estimate.outcomes[Outcome.HIP].probability_10y


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("profile", [KNOWN, WITHOUT_BONE, NOTHING_ELSE])
def test_contributions_and_baseline_sum_to_the_average_log_hazard(
    name: str, profile: RiskProfile
) -> None:
    answering = engine(name)
    explained = answering.estimate(profile, OPTIONS).explanation
    assert explained is not None
    rows = answering.completed_rows(profile)
    for cause in Cause:
        shown = answering.hazards[cause].log_hazard_ratio(rows).mean()
        shown += np.log(answering.baseline_per_year[cause][0])
        told = sum(each.log_hazard[cause] for each in explained.contributions)
        assert explained.baseline_log_hazard[cause] + told == pytest.approx(shown, abs=1e-6)


@pytest.mark.parametrize("name", LEARNED)
def test_unknown_inputs_age_and_sex_are_in_the_baseline_and_it_says_so(name: str) -> None:
    explained = engine(name).estimate(WITHOUT_BONE, OPTIONS).explanation
    assert explained is not None
    told = {each.field for each in explained.contributions}
    assert told == {"body_mass_index", *FACTORS}
    assert "femoral_neck_t_score, lumbar_texture_score" in explained.baseline_means
    assert "age and sex" in explained.baseline_means


@pytest.mark.parametrize("name", LEARNED)
def test_learned_engines_agree_with_the_evidence_that_made_their_people(name: str) -> None:
    published = modelstore.engine_named("evidence").estimate(WITHOUT_BONE, OPTIONS)
    learned = engine(name).estimate(WITHOUT_BONE, OPTIONS)
    assert major(learned) == pytest.approx(major(published), abs=0.025)
    assert hip(learned) == pytest.approx(hip(published), abs=0.015)


@pytest.mark.parametrize("name", LEARNED)
def test_probability_is_the_average_of_the_probability_over_what_is_not_known(name: str) -> None:
    answering = engine(name)
    curves = answering.probabilities(answering.completed_rows(WITHOUT_BONE))
    assert hip(answering.estimate(WITHOUT_BONE, OPTIONS)) == pytest.approx(
        curves[Outcome.HIP][:, -1].mean()
    )


@pytest.mark.parametrize("name", LEARNED)
def test_not_known_is_not_read_as_no(name: str) -> None:
    unknown = replace(KNOWN, prior_fragility_fracture=None)
    answering = engine(name)
    no = major(answering.estimate(replace(KNOWN, prior_fragility_fracture=False), OPTIONS))
    yes = major(answering.estimate(KNOWN, OPTIONS))
    between = answering.estimate(unknown, OPTIONS)
    assert no < major(between) < yes
    assert between.unknown == ("prior_fragility_fracture",)
    as_no = answering.estimate(unknown, replace(OPTIONS, unknown_as_no=True))
    assert major(as_no) == pytest.approx(no)
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
def test_each_outcome_competes_with_death_only(name: str) -> None:
    # Worked from the hazards: other fractures do not shorten the wait for a hip fracture.
    answering = engine(name)
    row = answering.completed_rows(KNOWN)
    yearly = {
        cause: np.exp(answering.hazards[cause].log_hazard_ratio(row)[0])
        * answering.baseline_per_year[cause]
        for cause in HAZARDS
    }
    alive, expected = 1.0, 0.0
    for year in range(10):
        out = yearly["hip"][year] + yearly["death"][year]
        expected += alive * (1 - np.exp(-out)) * yearly["hip"][year] / out
        alive *= np.exp(-out)
    assert hip(answering.estimate(KNOWN, OPTIONS)) == pytest.approx(expected)


def test_cox_gives_both_parts_of_the_interval_and_they_hold_the_number() -> None:
    for outcome in engine("cox").estimate(WITHOUT_BONE, OPTIONS).outcomes.values():
        assert outcome.interval_95 is not None
        assert outcome.interval_95_model is not None
        assert outcome.interval_95_unknown is not None
        for interval in (outcome.interval_95, outcome.interval_95_model):
            assert interval.lower < outcome.probability_10y < interval.upper
        width = outcome.interval_95.upper - outcome.interval_95.lower
        assert width > outcome.interval_95_model.upper - outcome.interval_95_model.lower


@pytest.mark.parametrize("name", ["xgboost", "lightgbm"])
def test_boosted_engines_claim_no_interval_over_their_parameters(name: str) -> None:
    for outcome in engine(name).estimate(WITHOUT_BONE, OPTIONS).outcomes.values():
        assert outcome.interval_95 is None
        assert outcome.interval_95_model is None
        assert outcome.interval_95_unknown is not None


@pytest.mark.parametrize("name", LEARNED)
def test_people_unlike_those_trained_on_are_refused(name: str) -> None:
    with pytest.raises(OutsideModelRange, match="population gb only"):
        engine(name).estimate(replace(KNOWN, population="us"), OPTIONS)
    older = replace(engine(name), age_years=(60.0, 70.0))
    with pytest.raises(OutsideModelRange, match="aged 60 to 70"):
        older.estimate(KNOWN, OPTIONS)
    assert older.estimate(replace(KNOWN, age_years=70), OPTIONS)


@pytest.mark.parametrize("name", LEARNED)
def test_warnings_mark_simulation_treatment_and_values_never_seen(name: str) -> None:
    odd = replace(KNOWN, lumbar_texture_score=0.2, osteoporosis_treatment=Treatment.DENOSUMAB)
    warnings = " ".join(engine(name).estimate(odd, OPTIONS).warnings)
    assert "simulated people" in warnings
    assert "On osteoporosis treatment" in warnings
    assert "lumbar_texture_score is 0.2" in warnings
    assert "Given but not used by the engine" in " ".join(
        engine(name).estimate(replace(KNOWN, falls_last_year=2), OPTIONS).warnings
    )
    usual = " ".join(engine(name).estimate(KNOWN, OPTIONS).warnings)
    assert "trained on ranged" not in usual
    assert "not used" not in usual


def test_every_column_but_age_and_sex_can_be_a_contribution_under_its_contract_name() -> None:
    players = [column for name, column in COLUMNS.items() if name not in ALWAYS_KNOWN]
    assert len(players) == 11
    assert all(hasattr(KNOWN, column.field) for column in players)
