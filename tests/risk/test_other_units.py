"""A number in another unit is asked back with what it would be, and never turned by itself."""

from datetime import date

import pytest

from riskapp.risk.errors import InvalidProfile
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.other_units import would_be
from riskapp.risk.profile import RiskProfile, Sex
from riskapp.risk.unusual import unusual


@pytest.mark.parametrize(
    ("field", "value", "asked"),
    [
        # 1 in = 2.54 cm, 1 ft = 30.48 cm, 1 lb = 0.45359237 kg, 1 st = 14 lb, all exact.
        ("height_cm", 65, "65 inches would be 165.1 cm"),
        ("height_cm", 5.5, "5.5 feet would be 167.6 cm"),
        ("height_cm", 1.65, "1.65 metres would be 165 cm"),
        ("height_cm", 1650, "1650 millimetres would be 165 cm"),
        ("weight_kg", 300, "300 pounds would be 136.1 kg"),
        ("weight_kg", 10, "10 stones would be 63.5 kg"),
        ("femoral_neck_bmd_g_cm2", 712, "712 mg/cm² would be 0.712 g/cm²"),
        ("total_hip_bmd_g_cm2", -2.5, "a T-score belongs in Total hip T-score"),
        ("lumbar_spine_t_score", -25, "was −2.5 meant?"),
        ("glucocorticoid_dose_mg_daily", 5000, "5000 micrograms would be 5 mg/day"),
        ("hip_axis_length_mm", 10.5, "10.5 centimetres would be 105 mm"),
    ],
)
def test_what_it_would_be_is_asked_back(field: str, value: float, asked: str) -> None:
    more = {"dxa_manufacturer": "hologic"} if "_bmd_" in field else {}
    with pytest.raises(InvalidProfile) as refusal:
        RiskProfile(population="gb", age_years=70, sex=Sex.FEMALE, **{field: value}, **more)
    sentence = refusal.value.by_field[field]
    assert f"({asked})." in sentence


@pytest.mark.parametrize("value", [0, -1, 1000, float("nan"), float("inf")])
def test_what_no_unit_explains_is_only_refused(value: float) -> None:
    assert would_be("weight_kg", value) == ""


def test_a_weight_in_pounds_that_is_possible_in_kilograms_is_asked_about() -> None:
    told = unusual({"sex": "female", "age_years": 70, "weight_kg": 150, "height_cm": 160})
    assert told["weight_kg"].endswith("Check both: 150 pounds would be 68 kg.")
    told = unusual({"sex": "female", "age_years": 70, "weight_kg": 30, "height_cm": 180})
    assert told["weight_kg"].endswith("Check both.")


def test_what_most_people_weigh_in_pounds_is_asked_about_sooner() -> None:
    woman = {"sex": "female", "age_years": 70, "height_cm": 163}
    told = unusual(woman | {"weight_kg": 134})["weight_kg"]
    assert told == "Body mass index 50.4. Check the unit: 134 pounds would be 60.8 kg."
    assert unusual(woman | {"weight_kg": 115}) == {}


def test_a_density_that_was_typed_as_a_t_score_is_asked_about() -> None:
    told = unusual({"sex": "female", "age_years": 70, "femoral_neck_t_score": 0.712})
    assert told["femoral_neck_t_score"] == "Is 0.712 a BMD in g/cm²? T-scores have one decimal."
    assert "femoral_neck_t_score" not in unusual(
        {"sex": "female", "age_years": 50, "femoral_neck_t_score": 0.7}
    )


def test_a_density_without_its_day_is_a_warning_of_the_estimate() -> None:
    options = EstimateOptions(interval=False, explain=False, verdicts=False)
    person = {"population": "gb", "age_years": 70, "sex": Sex.FEMALE}
    undated = RiskProfile(**person, femoral_neck_t_score=-2.5)
    assert any("day of the DXA is not given" in one for one in warned(undated, options))
    dated = RiskProfile(**person, femoral_neck_t_score=-2.5, dxa_date=date(2026, 1, 1))
    for profile in (dated, RiskProfile(**person)):
        assert not any("day of the DXA" in one for one in warned(profile, options))


def warned(profile: RiskProfile, options: EstimateOptions) -> tuple[str, ...]:
    return EvidenceEngine().estimate(profile, options).warnings
