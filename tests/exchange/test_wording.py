"""The words for results: exact where a sentence is promised, careful everywhere."""

from dataclasses import replace

import pytest

from riskapp.exchange.wording import (
    FIELDS,
    LESS_THIN,
    SAFETY,
    contribution,
    lay_contribution,
    value_text,
)
from riskapp.risk.design_row import ALWAYS_KNOWN, COLUMNS
from riskapp.risk.estimate import Cause, Contribution, Outcome
from riskapp.risk.profile import FACTORS


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
            "Prior fragility fracture, answered yes, goes with 8.3 percentage points more risk "
            "of a major osteoporotic fracture.",
        ),
        (
            one("femoral_neck_t_score", 0.5, -0.02),
            "Femoral neck T-score 0.5 goes with 2.0 percentage points less risk of a major "
            "osteoporotic fracture.",
        ),
        (
            one("current_smoker", False, 0.0001),
            "Current smoking, answered no, hardly changes the risk of a major "
            "osteoporotic fracture.",
        ),
        (
            one("lumbar_texture_score", 0.4, None),
            "Lumbar texture score 0.4 goes with a higher hazard of hip fracture and a higher "
            "hazard of other major osteoporotic fracture.",
        ),
    ],
)
def test_a_contribution_in_a_sentence(contributed: Contribution, said: str) -> None:
    assert contribution(contributed) == said


@pytest.mark.parametrize(
    ("field", "value", "major", "said"),
    [
        ("parent_hip_fracture", True, 0.01, "A parent who broke a hip"),
        ("parent_hip_fracture", False, -0.01, "Neither parent broke a hip"),
        ("femoral_neck_t_score", -2.5, 0.1, "Thinner bone at the hip than is usual at your age"),
        ("femoral_neck_t_score", -1.0, -0.1, "Denser bone at the hip than is usual at your age"),
        # Thin bone is never told as good news, though most people of that age have thinner.
        ("femoral_neck_t_score", -1.1, -0.1, LESS_THIN),
        # Light people may be better or worse off, depending on what else is known of them.
        ("body_mass_index", 19.0, 0.01, "A lower weight for your height than most people"),
        ("body_mass_index", 19.0, -0.01, "A lower weight for your height than most people"),
        ("body_mass_index", 35.0, 0.01, "A higher weight for your height than most people"),
        ("proteins", 3.0, 0.01, "Proteins"),
    ],
)
def test_a_contribution_in_plain_words(
    field: str, value: float | bool, major: float, said: str
) -> None:
    told = {"field": field, "value": value, "probability": {"major_osteoporotic": major}}
    assert lay_contribution(told) == said


def test_plain_words_do_not_take_sides_where_two_causes_disagree() -> None:
    told = {"field": "l1_attenuation_hu", "value": 90.0, "probability": None}
    assert lay_contribution(told | {"log_hazard": {"hip": 0.2, "other": 0.1}}).startswith("Thinner")
    assert lay_contribution(told | {"log_hazard": {"hip": 0.2, "other": -0.1}}) == (
        "Bone density on a CT scan"
    )


def test_every_measurement_that_an_engine_reads_has_words_for_low_and_high() -> None:
    measured = {
        each.field for each in COLUMNS.values() if each.name not in (*FACTORS, *ALWAYS_KNOWN)
    }
    assert len(measured) == 6
    # Of the others the low side is the one at more risk; what is usual of this differs by scanner.
    measured -= {"hip_axis_length_mm"}
    assert all(FIELDS[name].lay_low and FIELDS[name].lay_high for name in measured)
    for change in (0.02, -0.02):
        told = {
            "field": "hip_axis_length_mm",
            "value": 110.0,
            "probability": {Outcome.MAJOR_OSTEOPOROTIC: change},
        }
        assert lay_contribution(told) == "The length of the hip bone"


def test_each_cause_is_told_for_itself_where_no_probability_joins_them() -> None:
    told = replace(
        one("body_mass_index", 19.0, None),
        log_hazard={Cause.HIP: -0.3, Cause.OTHER_MAJOR_OSTEOPOROTIC: 0.1},
    )
    said = contribution(told)
    assert "a lower hazard of hip fracture and a higher hazard of other major" in said
    flat = replace(told, log_hazard=dict.fromkeys(Cause, 0.001))
    assert contribution(flat).count("hardly another hazard") == 2


def test_each_outcome_is_told_by_its_own_number() -> None:
    told = replace(
        one("parent_hip_fracture", True, 0.083),
        probability={Outcome.MAJOR_OSTEOPOROTIC: 0.083, Outcome.HIP: 0.021},
    )
    assert contribution(told, Outcome.HIP) == (
        "Parental hip fracture, answered yes, goes with 2.1 percentage points more risk of a hip "
        "fracture."
    )


@pytest.mark.parametrize(
    ("value", "major", "explained"),
    [(-1.1, -0.02, True), (-1.0, -0.02, False), (-1.1, 0.02, False)],
)
def test_a_low_density_that_lowers_the_number_is_explained(
    value: float, major: float, explained: bool
) -> None:
    said = contribution(one("femoral_neck_t_score", value, major))
    assert ("less low than expected" in said) is explained


def test_nothing_is_said_to_cause() -> None:
    for value in (True, False):
        assert "cause" not in contribution(one("glucocorticoids", value, 0.1))


def test_values_as_a_clinician_reads_them() -> None:
    assert value_text("body_mass_index", 31.24) == "31.2\u00a0kg/m²"
    assert value_text("prior_fracture_site", "vertebra") == "Vertebra"
    assert value_text("age_years", 70.0) == "70\u00a0years"
    assert value_text("femoral_neck_t_score", -2.2) == "\u22122.2"
