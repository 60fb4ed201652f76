"""NOGG and ESCEO: both sides of every threshold at every age."""

from typing import Any

import pytest

from riskapp.risk.guideline_data import guideline
from riskapp.risk.profile import FractureSite
from tests.risk.guideline_cases import NO_FRACTURE, T, around, says

# NOGG 2024, table 5 (as transcribed): age, then lower, intervention, upper, very high.
NOGG_MAJOR = [
    (50, 3.4, 7.3, 8.8, 11.7),
    (54.9, 3.4, 7.3, 8.8, 11.7),
    (55, 4.5, 9.5, 11.4, 15.2),
    (60, 6.0, 12.2, 14.6, 19.5),
    (65, 8.6, 16.5, 19.8, 26.4),
    (70, 11.1, 20.3, 24.4, 32.5),
    (90, 11.1, 20.3, 24.4, 32.5),
]
NOGG_HIP = [
    (50, 0.91, 1.46),
    (55, 1.5, 2.4),
    (60, 2.3, 3.68),
    (65, 3.5, 5.6),
    (70, 5.4, 8.64),
    (90, 5.4, 8.64),
]
LOW, MIDDLE = "low risk", "intermediate risk: measure bone density"
HIGH, VERY_HIGH = "high risk", "very high risk"


@pytest.mark.parametrize(("age", "lower", "intervention", "upper", "very_high"), NOGG_MAJOR)
def test_nogg_major_at_every_age(
    age: float, lower: float, intervention: float, upper: float, very_high: float
) -> None:
    who = NO_FRACTURE | {"age_years": age, "postmenopausal": True}
    assert around("nogg-2024", "major", lower, **who) == [LOW, MIDDLE]
    assert around("nogg-2024", "major", upper, **who) == [MIDDLE, HIGH]
    assert around("nogg-2024", "major", very_high, **who) == [HIGH, VERY_HIGH]
    # With bone density there is one line, and nothing in between.
    assert around("nogg-2024", "major", intervention, **who | {T: -1}) == [LOW, HIGH]
    assert around("nogg-2024", "major", very_high, **who | {T: -1}) == [HIGH, VERY_HIGH]


@pytest.mark.parametrize(("age", "intervention", "very_high"), NOGG_HIP)
def test_nogg_takes_the_higher_of_hip_and_major_once_bone_density_is_in(
    age: float, intervention: float, very_high: float
) -> None:
    who = NO_FRACTURE | {"age_years": age, "postmenopausal": True, T: -1}
    assert around("nogg-2024", "hip", intervention, **who) == [LOW, HIGH]
    assert around("nogg-2024", "hip", very_high, **who) == [HIGH, VERY_HIGH]
    without = {name: value for name, value in who.items() if name != T}
    assert around("nogg-2024", "hip", very_high, **without) == [LOW, LOW]


def test_nogg_very_high_risk_is_a_fixed_multiple_of_the_intervention_threshold() -> None:
    tables = guideline("nogg-2024").tables
    for outcome in ("major", "hip"):
        both = zip(tables[f"{outcome}_intervention"], tables[f"{outcome}_very_high"], strict=True)
        for (age, limit), (same, very_high) in both:
            assert (age, 1.6 * limit) == (same, pytest.approx(very_high, abs=0.06))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({T: -3.5}, VERY_HIGH),
        ({T: -3.4}, LOW),
        ({T: -1, "lumbar_spine_t_score": -3.5}, VERY_HIGH),
        (
            {
                "prior_fragility_fracture": True,
                "prior_fracture_site": FractureSite.VERTEBRA,
                "prior_fracture_months_ago": 23,
            },
            VERY_HIGH,
        ),
        (
            {
                "prior_fragility_fracture": True,
                "prior_fracture_site": FractureSite.VERTEBRA,
                "prior_fracture_months_ago": 24,
                "number_of_prior_fractures": 1,
            },
            LOW,
        ),
        (
            {
                "glucocorticoids": True,
                "glucocorticoid_dose_mg_daily": 7.5,
                "glucocorticoid_duration_months": 3,
            },
            VERY_HIGH,
        ),
        (
            {
                "glucocorticoids": True,
                "glucocorticoid_dose_mg_daily": 7.4,
                "glucocorticoid_duration_months": 3,
            },
            LOW,
        ),
        (
            {
                "glucocorticoids": True,
                "glucocorticoid_dose_mg_daily": 7.5,
                "glucocorticoid_duration_months": 2.9,
            },
            LOW,
        ),
        (
            {
                "prior_fragility_fracture": True,
                "prior_fracture_site": FractureSite.FOREARM,
                "number_of_prior_fractures": 1,
                "prior_fracture_months_ago": 6,
                "parent_hip_fracture": True,
                "current_smoker": True,
            },
            VERY_HIGH,
        ),
    ],
)
def test_nogg_clinical_rules_of_very_high_risk(answers: dict[str, Any], expected: str) -> None:
    assert says("nogg-2024", **NO_FRACTURE | answers).category == expected


def test_nogg_offers_treatment_where_density_cannot_be_measured_at_the_intervention_line() -> None:
    told = says("nogg-2024", major=0.203, **NO_FRACTURE)
    assert told.category == MIDDLE
    assert told.asks_for == "bone density"
    assert any("cannot be measured" in one.says for one in told.remarks)
    assert not says("nogg-2024", major=0.2029, **NO_FRACTURE).remarks


# Kanis 2013 (ESCEO, IOF), mean of five countries: age, lower, intervention, upper.
ESCEO = [
    (45, 2.4, 5.4, 6.5),
    (50, 2.9, 6.3, 7.6),
    (55, 3.6, 7.6, 9.1),
    (60, 4.9, 9.9, 11.9),
    (65, 6.9, 13.4, 16.1),
    (70, 9.7, 17.6, 21.5),
    (75, 13.7, 23.0, 27.6),
    (80, 18.7, 29.1, 34.9),
    (85, 20.9, 31.8, 38.2),
    (90, 20.8, 31.7, 38.0),
]


@pytest.mark.parametrize(("age", "lower", "intervention", "upper"), ESCEO)
def test_esceo_at_every_age(age: float, lower: float, intervention: float, upper: float) -> None:
    who = NO_FRACTURE | {"age_years": age, "postmenopausal": True}
    assert around("esceo-2013", "major", lower, **who) == [LOW, MIDDLE]
    assert around("esceo-2013", "major", upper, **who) == [MIDDLE, HIGH]
    assert around("esceo-2013", "major", intervention, **who | {T: -1}) == [LOW, HIGH]
