"""Properties that hold with any further answers, however extreme."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.missing import grid, known_inputs
from riskapp.risk.modifier_reading import known_modifiers, players
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import incidence, mean
from tests.risk.test_modifiers import GB, HIP, MAJOR, PARAMETERS, adds_up, estimate

EXTREMES = st.fixed_dictionaries(
    {
        "population": st.just("gb"),
        "age_years": st.floats(40, 90),
        "sex": st.sampled_from(["female", "male"]),
    },
    optional={
        "femoral_neck_t_score": st.floats(-8, 6),
        "prior_fragility_fracture": st.just(True),
        "glucocorticoids": st.just(True),
        "prior_fracture_months_ago": st.floats(0, 480),
        "glucocorticoid_dose_mg_daily": st.floats(0, 100),
        "falls_last_year": st.integers(0, 50),
        "type_2_diabetes_years": st.floats(0, 40),
        "trabecular_bone_score": st.floats(0.5, 2.0),
        "lumbar_spine_t_score": st.floats(-8, 6),
        "total_hip_t_score": st.floats(-8, 6),
        "l1_attenuation_hu": st.floats(-200, 600),
        "l1_vbmd_mg_cm3": st.floats(-100, 500),
    },
)


@settings(max_examples=80, deadline=None)
@given(EXTREMES)
def test_probabilities_keep_their_order_with_any_further_answers(
    answers: dict[str, object],
) -> None:
    found = estimate(answers).outcomes
    hip = [p for _, p in found[HIP].curve]
    major = [p for _, p in found[MAJOR].curve]
    assert all(0 <= h <= m <= 1 for h, m in zip(hip, major, strict=True))
    assert sorted(hip) == hip
    assert sorted(major) == major


@settings(max_examples=40, deadline=None)
@given(EXTREMES)
def test_what_is_summed_with_and_without_is_known_before_it_is_calculated(
    answers: dict[str, object],
) -> None:
    profile = read_profile(answers).profile
    assert players(profile) == known_modifiers(profile, "frax-2008").players


@settings(max_examples=40, deadline=None)
@given(EXTREMES, st.sampled_from(FACTORS))
def test_the_mean_over_a_factor_is_the_answer_without_it_with_any_further_answers(
    answers: dict[str, object], factor: str
) -> None:
    answers.pop(factor, None)
    if factor in ("prior_fragility_fracture", "glucocorticoids"):
        answers.pop("prior_fracture_months_ago", None)
    profile = read_profile(answers).profile
    known = replace(known_inputs(profile), modifiers=known_modifiers(profile, "frax-2008"))

    def summed(answer: bool | None) -> np.ndarray:
        part = replace(known, factors=dict(known.factors) | {factor: answer})
        layout = grid(part, GB, PARAMETERS, full=False)
        return mean(incidence(part, GB, PARAMETERS, layout)[:, -1], layout)

    axis = FACTORS.index(factor)
    weights = grid(known, GB, PARAMETERS, full=False).weights
    chances = weights.sum(axis=tuple(a for a in range(weights.ndim) if a != axis))
    no, yes = chances / chances.sum()
    means = no * summed(False) + yes * summed(True)
    assert means == pytest.approx(summed(None), abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(EXTREMES)
def test_contributions_add_up_with_further_answers(answers: dict[str, object]) -> None:
    adds_up(estimate(answers, EstimateOptions(interval=False)))
