"""Another person like this one: which answers, and what they make untrue."""

from typing import Any

import pytest

from riskapp.exchange.another_wording import person_with, with_answer
from riskapp.risk.neighbours import another, has_neighbours, neighbours, usual_neck
from riskapp.risk.profile import FACTORS, RiskProfile, Sex


def woman(**known: Any) -> RiskProfile:
    return RiskProfile(population="gb", age_years=71, sex=Sex.FEMALE, **known)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("answer", [True, False])
def test_of_a_yes_no_question_the_other_answer_is_shown(factor: str, answer: bool) -> None:
    (other,) = neighbours(woman(**{factor: answer}), factor)
    assert other.value is not answer
    assert neighbours(woman(), factor) == ()


@pytest.mark.parametrize(("falls", "other"), [(0, 2), (1, 2), (2, 0), (5, 0)])
def test_falls_are_shown_on_the_other_side_of_where_they_count(falls: int, other: int) -> None:
    assert [one.value for one in neighbours(woman(falls_last_year=falls), "falls_last_year")] == [
        other
    ]


def test_a_t_score_is_shown_one_higher_and_as_is_usual_at_the_age() -> None:
    person = woman(femoral_neck_t_score=-2.2)
    shown = {one.why: one.value for one in neighbours(person, "femoral_neck_t_score")}
    assert shown == {"one SD higher": -1.2, "usual": round(usual_neck(person), 1)}
    # The mean of women in their seventies lies in the range of osteopenia.
    assert -2.0 < usual_neck(person) < -1.0
    at_the_end = neighbours(woman(femoral_neck_t_score=5.5), "femoral_neck_t_score")
    assert [one.why for one in at_the_end] == ["usual"]


def test_a_measurement_elsewhere_is_shown_as_the_femoral_neck_lets_expect() -> None:
    person = woman(femoral_neck_t_score=-2.0, trabecular_bone_score=1.15)
    higher, usual = neighbours(person, "trabecular_bone_score")
    assert higher.value == pytest.approx(1.15 + 0.077, abs=0.005)
    assert 1.2 < usual.value < 1.3
    assert neighbours(woman(lumbar_texture_score=0.7), "lumbar_texture_score") == ()
    assert not has_neighbours("lumbar_texture_score")


def test_body_mass_indexes_near_ones_own_are_left_out() -> None:
    shown = neighbours(woman(weight_kg=64, height_cm=160), "body_mass_index")
    assert [one.value for one in shown] == [20, 30]


def test_what_an_answer_contradicts_goes_with_it() -> None:
    fractured = {"prior_fragility_fracture": True, "prior_fracture_months_ago": 12, "sex": "female"}
    assert another(fractured, {"prior_fragility_fracture": False}) == {
        "prior_fragility_fracture": False,
        "sex": "female",
    }
    measured = {"femoral_neck_bmd_g_cm2": 0.6, "dxa_manufacturer": "hologic"}
    assert another(measured, {"femoral_neck_t_score": -1}) == {
        "dxa_manufacturer": "hologic",
        "femoral_neck_t_score": -1,
    }
    assert another({"weight_kg": 60, "height_cm": 160}, {"body_mass_index": 25}) == {
        "body_mass_index": 25
    }
    on_steroids = {"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 10}
    assert another(on_steroids, {"glucocorticoids": None}) == {"glucocorticoids": None}
    assert another(on_steroids, {"glucocorticoids": True}) == on_steroids


def test_another_person_is_told_in_words() -> None:
    assert person_with({}, True) == "A woman like this one"
    changes = {"current_smoker": False, "weight_kg": 80, "falls_last_year": 2}
    assert person_with(changes, False) == (
        "A man like this one who does not smoke, who weighs 80\u00a0kg and "
        "with 2 falls in the last year"
    )
    assert with_answer("femoral_neck_t_score", -1.2, "one SD higher") == (
        "with femoral neck T-score \u22121.2, one standard deviation higher"
    )
    assert with_answer("falls_last_year", 0) == "with no fall in the last year"
    assert with_answer("type_2_diabetes_years", 10) == "with type 2 diabetes"
    assert with_answer("current_smoker", None) == "of whom it is not known: current smoking"
