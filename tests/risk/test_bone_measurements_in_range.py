"""Measurements that are far from the usual, or outside the range in which they are valid."""

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk.bone_measurements import family
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import FACTORS

ENGINE = EvidenceEngine()

WHO = {"population": "gb", "age_years": 70, "sex": "female", "osteoporosis_treatment": "none"}

BUT_BONE = WHO | dict.fromkeys(FACTORS, False) | {"body_mass_index": 25}

COMPLETE = BUT_BONE | {"femoral_neck_t_score": -2.0, "dxa_date": "2026-01-01"}


def probability(answers: dict[str, object]) -> np.ndarray:
    options = EstimateOptions(explain=False, interval=False)
    found = ENGINE.estimate(read_profile(answers).profile, options).outcomes
    return np.array([found[o].probability_10y for o in (Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC)])


@pytest.mark.parametrize(("away", "warned"), [(3.9, False), (4.1, True), (-4.1, True)])
def test_a_measurement_far_from_the_usual_is_asked_to_be_checked(away: float, warned: bool) -> None:
    at_zero, per_t, sd = family().line("trabecular_bone_score", "female", 70.0)
    answers = COMPLETE | {"trabecular_bone_score": at_zero - 2.0 * per_t + away * sd}
    said = ENGINE.estimate(read_profile(answers).profile, EstimateOptions()).warnings
    assert ("check it" in " ".join(said)) == warned


@pytest.mark.parametrize("bmi", [14.9, 37.1, 40])
def test_a_trabecular_bone_score_outside_its_range_of_body_mass_index_is_left_out(
    bmi: float,
) -> None:
    who = COMPLETE | {"body_mass_index": bmi}
    options = EstimateOptions()
    plain = ENGINE.estimate(read_profile(who).profile, options)
    found = ENGINE.estimate(read_profile(who | {"trabecular_bone_score": 1.0}).profile, options)
    assert found.outcomes == plain.outcomes
    assert found.explanation == plain.explanation
    assert found.warnings == (
        "Trabecular bone score is given but not used: it is not considered valid at a body mass "
        "index below 15 or above 37 kg/m².",
    )
    assert plain.warnings == ()


@pytest.mark.parametrize("bmi", [15, 37, None])
def test_a_trabecular_bone_score_within_its_range_counts(bmi: float | None) -> None:
    who = COMPLETE | {"body_mass_index": bmi}
    low = who | {"trabecular_bone_score": 1.0}
    assert (probability(low) > 1.2 * probability(who)).all()
    said = ENGINE.estimate(read_profile(low).profile, EstimateOptions()).warnings
    assert "not considered valid" not in " ".join(said)


@pytest.mark.parametrize(
    ("name", "impossible", "possible"),
    [
        ("l1_attenuation_hu", -200, 60),
        ("trabecular_bone_score", 0.5, 1.1),
        ("total_hip_t_score", -8, -4),
        ("lumbar_spine_t_score", 6, 1),
        ("femoral_neck_t_score", -8, -4.5),
        ("femoral_neck_t_score", 6, 1.5),
    ],
)
def test_a_hardly_possible_measurement_is_told_with_nothing_else_known(
    name: str, impossible: float, possible: float
) -> None:
    def said(value: float) -> str:
        profile = read_profile(BUT_BONE | {name: value}).profile
        options = EstimateOptions(explain=False, interval=False)
        return " ".join(ENGINE.estimate(profile, options).warnings)

    assert "is usual at this age; check it" in said(impossible)
    assert "check it" not in said(possible)
    assert "T\u2212score" not in said(impossible)  # a hyphen is no minus sign
