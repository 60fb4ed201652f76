"""Not known is averaged over: the tower property, and draws that agree with the sum."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.drawing import completions
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.hazards import Factors, hazards
from riskapp.risk.missing import INPUTS, Known, grid, known_inputs
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS, RiskProfile
from riskapp.risk.summation import incidence, mean

ENGINE = EvidenceEngine()
GB = population("gb")
PARAMETERS = evidence_set("frax-2008", "gb").parameters
POINT = EstimateOptions(explain=False, interval=False)
# How closely the mean of answers with more known must equal the answer with less .
TOWER = 1e-6


def profile(**answers: object) -> RiskProfile:
    return read_profile({"population": "gb", "age_years": 70, "sex": "female", **answers}).profile


def answered(one: RiskProfile) -> np.ndarray:
    found = ENGINE.estimate(one, POINT).outcomes
    return np.array([found[outcome].probability_10y for outcome in Outcome])


def chance_of(factor: str, **answers: object) -> float:
    """P(factor | what is known), from the engine's own joint weights."""
    weights = grid(known_inputs(profile(**answers)), GB, PARAMETERS, full=False).weights
    axis = INPUTS.index(factor)
    along = weights.sum(axis=tuple(other for other in range(len(INPUTS)) if other != axis))
    return float(along[1] / along.sum())


PEOPLE = st.fixed_dictionaries(
    {"age_years": st.integers(40, 90), "sex": st.sampled_from(["female", "male"])},
    optional={
        "body_mass_index": st.floats(16, 45),
        "femoral_neck_t_score": st.floats(-5, 3),
        **{name: st.booleans() for name in FACTORS},
    },
)


@settings(max_examples=40, deadline=None)
@given(PEOPLE, st.sampled_from(FACTORS))
def test_the_mean_over_an_answer_is_the_answer_without_it(
    answers: dict[str, object], factor: str
) -> None:
    answers.pop(factor, None)
    chance = chance_of(factor, **answers)
    means = chance * answered(profile(**answers, **{factor: True}))
    means += (1 - chance) * answered(profile(**answers, **{factor: False}))
    assert means == pytest.approx(answered(profile(**answers)), abs=TOWER)


WHO = [
    {"age_years": 40, "sex": "male"},
    {"age_years": 70, "sex": "female"},
    {"age_years": 90, "sex": "female", "prior_fragility_fracture": True, "glucocorticoids": True},
    # The largest error found in a search over ages, sexes and factors: 6e-7.
    {
        "age_years": 70,
        "sex": "female",
        "prior_fragility_fracture": True,
        "parent_hip_fracture": True,
        "glucocorticoids": True,
    },
]


def summed(known: Known) -> tuple[np.ndarray, float]:
    """Probabilities, and the total weight: with a known T-score, its density."""
    layout = grid(known, GB, PARAMETERS, full=False)
    values = incidence(known, GB, PARAMETERS, layout)[:, -1]
    return mean(values, layout), float(layout.weights.sum())


@pytest.mark.parametrize("answers", WHO)
def test_the_mean_over_t_scores_is_the_answer_without_one(answers: dict[str, object]) -> None:
    known = known_inputs(profile(**answers))
    nodes = np.arange(-14.0, 9.0, 0.21)  # not the engine's own nodes
    found = [summed(replace(known, t_score=float(t_score))) for t_score in nodes]
    density = np.array([weight for _, weight in found])
    means = density @ np.array([p for p, _ in found]) / density.sum()
    assert means == pytest.approx(summed(known)[0], abs=TOWER)


@pytest.mark.parametrize("answers", WHO)
def test_the_mean_over_body_mass_index_is_the_answer_without_it(
    answers: dict[str, object],
) -> None:
    known = known_inputs(profile(**answers))
    z = np.arange(-5.5, 5.51, 0.2)
    center = GB.people.mean_log_bmi[known.sex].at(known.age_years)
    bmi = np.exp(center + GB.people.sd_log_bmi[known.sex] * z)
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    found = [summed(replace(known, bmi_kg_m2=float(b))) for b in bmi]
    # With a known index the total weight says how much likelier than log-normal it is.
    weights = weights * [weight for _, weight in found]
    means = weights @ np.array([p for p, _ in found]) / weights.sum()
    assert means == pytest.approx(summed(known)[0], abs=TOWER)


@pytest.mark.parametrize(
    "answers",
    [{}, {"femoral_neck_t_score": -3.0}, {"body_mass_index": 20.0, "current_smoker": True}],
)
def test_draws_of_what_is_missing_agree_with_the_sum(answers: dict[str, object]) -> None:
    one = profile(**answers)
    drawn = completions(one, 40_000, seed=7)
    rows = Factors(**drawn)
    found = hazards(rows, GB, PARAMETERS)
    hip = cumulative_incidence(found.hip, found.death, STEP_YEARS)[:, -1]
    either = found.hip + found.other_major_osteoporotic
    major = cumulative_incidence(either, found.death, STEP_YEARS)[:, -1]
    shown = ENGINE.estimate(one, POINT).outcomes
    assert major.mean() == pytest.approx(
        shown[Outcome.MAJOR_OSTEOPOROTIC].probability_10y, rel=0.02
    )
    assert hip.mean() == pytest.approx(shown[Outcome.HIP].probability_10y, rel=0.03)


def test_draws_are_reproducible_and_repeat_what_is_known() -> None:
    one = profile(femoral_neck_t_score=-2.0, current_smoker=False)
    first, again = completions(one, 50, seed=3), completions(one, 50, seed=3)
    for name, values in first.items():
        assert (values == again[name]).all()
        assert values.shape == (50,)
    assert (first["femoral_neck_t_score"] == -2.0).all()
    assert (first["current_smoker"] == 0).all()
    assert set(first) == set(Factors.__dataclass_fields__)


@pytest.mark.parametrize("t_score", [-7.0, -2.0, 4.0])
def test_draws_given_a_t_score_agree_with_bayes_rule_on_the_grid(t_score: float) -> None:
    drawn = completions(profile(femoral_neck_t_score=t_score), 40_000, seed=11)
    for factor in ("prior_fragility_fracture", "secondary_osteoporosis", "current_smoker"):
        expected = chance_of(factor, femoral_neck_t_score=t_score)
        assert drawn[factor].mean() == pytest.approx(expected, abs=0.01)
    layout = grid(known_inputs(profile(femoral_neck_t_score=t_score)), GB, PARAMETERS, full=False)
    along = layout.weights.sum(axis=tuple(range(len(FACTORS)))).ravel()
    expected = np.average(np.log(layout.bmi_kg_m2), weights=along)
    assert np.log(drawn["bmi_kg_m2"]).mean() == pytest.approx(expected, abs=0.005)


def test_a_low_t_score_makes_a_prior_fracture_more_likely() -> None:
    factor = "prior_fragility_fracture"
    assert chance_of(factor, femoral_neck_t_score=-4.0) > chance_of(factor)
    assert chance_of(factor) > chance_of(factor, femoral_neck_t_score=1.0)
