"""What the patient is told, in words and whole people."""

from datetime import date
from typing import Any

import pytest

from riskapp.exchange.lay_questions import CLINIC_CAN_FIND_OUT
from riskapp.risk.design_row import ALWAYS_KNOWN, CLINICAL_COLUMNS
from riskapp.web.presenters.answer import answer
from riskapp.web.presenters.decide import DecideView, decide_view
from tests.web.estimates import estimate

NAMES = {"gb": "United Kingdom"}
PROFILE = {"sex": "female", "age_years": 72.0, "femoral_neck_t_score": -2.2}


MADE_ON = date(2026, 5, 1)


def told(profile: dict[str, Any], age_then: int = 72, **changes: Any) -> DecideView:
    return decide_view(estimate(**changes), profile, age_then, MADE_ON)


def test_bones_are_like_yours_only_where_the_numbers_rest_on_their_density() -> None:
    assert told({**PROFILE, "total_hip_t_score": -1.0}).bone_is_known
    beside = {
        "sex": "female",
        "age_years": 72.0,
        "total_hip_t_score": -1.0,
        "dxa_date": "2001-01-01",
    }
    averaged = told(beside, unknown=["femoral_neck_t_score"])
    assert not averaged.bone_is_known
    assert averaged.density_years_ago == 25  # it tells of the femoral neck, and is old
    del beside["total_hip_t_score"]
    averaged = told(beside, unknown=["femoral_neck_t_score"])
    assert averaged.density_years_ago is None  # a density that was not used cannot be too old


@pytest.mark.parametrize(("age_then", "own_age"), [(39, 39), (40, None), (90, None), (91, 91)])
def test_a_patient_of_another_age_than_the_numbers_is_told(age_then: int, own_age: object) -> None:
    assert told(PROFILE, age_then).own_age == own_age


@pytest.mark.parametrize(
    ("day", "years"), [("2021-05-02", None), ("2021-04-29", 5), ("2009-05-01", 17)]
)
def test_an_old_density_is_told(day: str, years: object) -> None:
    assert told({**PROFILE, "dxa_date": day}).density_years_ago == years


@pytest.mark.parametrize(("given", "known"), [({}, None), ("none", False), ("denosumab", True)])
def test_a_treatment_that_is_not_known_is_not_taken_for_none(given: Any, known: object) -> None:
    answered = {"osteoporosis_treatment": given} if given else {}
    assert told({**PROFILE, **answered}).treated is known


def test_what_is_described_but_does_not_count_is_told() -> None:
    described = {**PROFILE, "number_of_prior_fractures": 2, "glucocorticoid_dose_mg_daily": 5.0}
    assert len(told(described).left_out) == 2
    counted = described | {"prior_fragility_fracture": True, "glucocorticoids": True}
    assert told(counted).left_out == ()


def test_the_patient_reads_plain_words_and_no_field_names() -> None:
    view = told(PROFILE)
    assert view.woman
    assert view.bone_is_known
    assert view.higher == (
        "A bone broken easily in adult life",
        "Thinner bone at the hip than is usual at your age",
    )
    assert view.to_tell == ("Did your mother or father ever break a hip?",)
    assert view.to_find_out == ()
    assert view.lower == ()  # 0.4 points: less than half a person in a hundred
    assert (view.major.fewest, view.major.most) == (17, 27)


def test_a_patient_is_asked_what_they_can_tell_and_the_clinic_the_rest() -> None:
    asked = [each.field for each in CLINICAL_COLUMNS if each.name not in ALWAYS_KNOWN]
    view = told(PROFILE, unknown=asked)
    assert len(view.to_tell) + len(view.to_find_out) == len(asked)
    assert all(words.endswith("?") for words in view.to_tell)
    assert sorted(view.to_find_out) == sorted(CLINIC_CAN_FIND_OUT.values())


def test_what_would_help_is_told_with_its_change() -> None:
    shaped = answer(estimate(), PROFILE, NAMES, ["From the reader.", "A warning."])
    assert shaped.warnings == ("From the reader.", "A warning.")
    assert (shaped.is_woman, shaped.age) == (True, "72")
    assert shaped.population == "United Kingdom"
    assert shaped.width_now == "9.2"
    assert shaped.unknown[0].narrows == "a fifth"
    assert shaped.unknown[0].is_yes_no
    assert shaped.helps[0].width == "7.4"
    assert shaped.helps[0].change == "a fifth"
    assert shaped.helps[0].anchor == "parent_hip_fracture"
