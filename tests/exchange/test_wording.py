"""The words for results: exact where a sentence is promised, careful everywhere."""

import pytest

from riskapp.exchange.wording import SAFETY, contribution, lay_contribution, value_text
from riskapp.risk.estimate import Cause, Contribution, Outcome


def one(field: str, value: float | bool | str, major: float | None) -> Contribution:
    return Contribution(
        field=field,
        value=value,
        unit="1",
        log_hazard={Cause.HIP: 0.3, Cause.OTHER_MAJOR_OSTEOPOROTIC: 0.1},
        probability=None if major is None else {Outcome.MAJOR_OSTEOPOROTIC: major, Outcome.HIP: 0},
        source="",
    )


def test_the_safety_sentence() -> None:
    assert SAFETY == (
        "Decision support for clinicians; research use, not a cleared medical device; does not "
        "replace clinical judgement and cannot rule out osteoporosis or fracture."
    )


@pytest.mark.parametrize(
    ("contributed", "said"),
    [
        (
            one("prior_fragility_fracture", True, 0.083),
            "Prior fragility fracture: yes goes with 8.3 percentage points more risk of a major "
            "osteoporotic fracture.",
        ),
        (
            one("femoral_neck_t_score", 0.5, -0.02),
            "Femoral neck T-score: 0.5 goes with 2.0 percentage points less risk of a major "
            "osteoporotic fracture.",
        ),
        (
            one("current_smoker", False, 0.0001),
            "Current smoking: no hardly changes the risk of a major osteoporotic fracture.",
        ),
        (
            one("lumbar_texture_score", 0.4, None),
            "Lumbar texture score: 0.4 goes with a higher fracture hazard.",
        ),
    ],
)
def test_a_contribution_in_a_sentence(contributed: Contribution, said: str) -> None:
    assert contribution(contributed) == said


def test_a_contribution_in_plain_words() -> None:
    assert lay_contribution(one("parent_hip_fracture", False, -0.01)) == (
        "Neither parent broke a hip: goes with a lower risk."
    )
    assert "hardly any" in lay_contribution(one("current_smoker", True, 0.0001))


def test_nothing_is_said_to_cause() -> None:
    for value in (True, False):
        assert "cause" not in contribution(one("glucocorticoids", value, 0.1))


def test_values_as_a_clinician_reads_them() -> None:
    assert value_text("body_mass_index", 31.24) == "31.2 kg/m²"
    assert value_text("prior_fracture_site", "vertebra") == "Vertebra"
    assert value_text("age_years", 70.0) == "70 years"
