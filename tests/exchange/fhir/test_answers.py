"""Questions of yes and no, and how many: coded, in numbers, and by questionnaire."""

from typing import Any

import pytest

from tests.exchange.fhir.resources import (
    LOINC,
    SNOMED,
    WHO,
    concept,
    measured,
    observed,
    read,
    why,
)


def test_a_yes_and_a_no_of_the_same_day_are_not_known() -> None:
    code = concept(LOINC, "72166-2")
    yes = observed("", "y", code=code, valueCodeableConcept=concept(SNOMED, "449868002"))
    no = observed("", "n", code=code, valueCodeableConcept=concept(SNOMED, "266919005"))
    record = read(yes, no)
    assert "current_smoker" not in record.answers
    assert why(record, "Observation/y") == "Of the same day, the record says yes and no."
    later = {**no, "effectiveDateTime": "2026-10-02"}
    assert read(yes, later).answers["current_smoker"] is False


@pytest.mark.parametrize(
    ("answer", "smokes"),
    [
        (concept(SNOMED, "428041000124106"), True),
        (concept(LOINC, "LA18976-3"), True),
        (concept(LOINC, "LA15920-4"), False),
        (concept(SNOMED, "8392000"), False),
        (concept(SNOMED, "266927001"), None),  # tobacco smoking consumption unknown
        (concept(LOINC, "LA18979-7", "Smoker, current status unknown"), None),
        ({"text": "Never smoker"}, False),
        (
            {
                "coding": concept(LOINC, "LA18976-3")["coding"]
                + concept(LOINC, "LA15920-4")["coding"]
            },
            None,
        ),
        ({"text": "asked but unknown"}, None),
        ({}, None),
    ],
)
def test_smoking_is_read_of_every_usual_answer(answer: Any, smokes: bool | None) -> None:
    record = read(observed("72166-2", valueCodeableConcept=answer))
    assert record.answers.get("current_smoker") is smokes


@pytest.mark.parametrize(
    ("code", "value", "unit", "heavy"),
    [
        ("74013-4", 3, "{units}/d", True),
        ("74013-4", 2.9, "{units}/d", False),
        ("74013-4", 21, "{units}/wk", True),
        ("74013-4", 1, "{drinks}/d", False),
        ("74013-4", 2, "{drinks}/d", None),  # 16 to 28 g: under or over 24 g
        ("74013-4", 3, "{drinks}/d", True),
        ("74013-4", 24, "g/d", True),
        ("74013-4", 23, "g/d", False),
        ("74013-4", 3, "", None),
        ("74013-4", 0, "/d", False),
        ("74013-4", 35, "/wk", True),
        ("74013-4", 1, "{wine glasses}/d", False),  # HL7's patient summary has it so
        ("74013-4", 2, "{wine glasses}/d", None),
        ("11287-0", 1, "{drinks}", False),
        ("11287-0", 6, "{drinks}", None),  # on days of drinking
    ],
)
def test_alcohol_is_three_units_a_day_or_it_is_not_known(
    code: str, value: float, unit: str, heavy: bool | None
) -> None:
    record = read(measured(code, value, unit))
    assert record.answers.get("alcohol_3_or_more_units_daily") is heavy
    assert heavy is not None or why(record, "Observation/o")


@pytest.mark.parametrize(("value", "heavy"), [(21, True), (20, False)])
def test_a_code_may_say_what_its_number_counts(value: float, heavy: bool) -> None:
    weekly_units = concept(SNOMED, "1082641000000106")
    for unit in ("", "/wk", "{units}/wk"):
        quantity = {"value": value, "unit": unit}
        record = read(observed("", code=weekly_units, valueQuantity=quantity))
        assert record.answers["alcohol_3_or_more_units_daily"] is heavy


@pytest.mark.parametrize(
    ("code", "more", "smokes"),
    [
        ("266919005", {}, False),  # never smoked: British practices code the finding itself
        ("449868002", {}, True),
        ("266919005", {"valueBoolean": True}, False),
        ("449868002", {"valueBoolean": False}, False),
        ("8517006", {"valueBoolean": False}, None),  # no ex-smoker: which may be either
        ("449868002", {"dataAbsentReason": {"text": "not asked"}}, None),
    ],
)
def test_a_finding_may_be_the_answer(code: str, more: dict[str, Any], smokes: bool | None) -> None:
    record = read(observed("", code=concept(SNOMED, code), **more))
    assert record.answers.get("current_smoker") is smokes
    assert smokes is not None or why(record, "Observation/o")


def test_an_observation_with_a_focus_is_about_somebody_else() -> None:
    record = read(measured("29463-7", 70, "kg", focus=[{"reference": "RelatedPerson/1"}]))
    assert "weight_kg" not in record.answers
    assert "its focus names" in why(record, "Observation/o")


def test_falls_of_the_last_year_are_not_those_of_an_earlier_one() -> None:
    code = {"text": "Falls in the last year"}
    fresh = observed("", code=code, valueInteger=2)
    assert read(fresh).answers["falls_last_year"] == 2
    assert "falls_last_year" not in read({**fresh, "effectiveDateTime": "2025-10-01"}).answers
    asked = observed("52552-7", valueCodeableConcept=concept(LOINC, "LA32-8"))
    assert read(asked).answers["falls_last_year"] == 0
    yes = observed("52552-7", valueCodeableConcept=concept(LOINC, "LA33-6"))
    assert "but not how many." in why(read(yes), "Observation/o")


def test_answers_to_a_questionnaire_are_read_by_the_names_of_fields() -> None:
    form = {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "subject": WHO,
        "authored": "2026-05-05",
        "item": [
            {"linkId": "parent_hip_fracture", "answer": [{"valueBoolean": False}]},
            {
                "linkId": "1",
                "item": [
                    {
                        "linkId": "1.1",
                        "definition": "https://x.example/q#height_cm",
                        "answer": [{"valueQuantity": {"value": 64, "unit": "in"}}],
                    }
                ],
            },
            {"linkId": "falls_last_year", "answer": [{"valueInteger": 2}]},
            {"linkId": "current_smoker", "answer": [{"valueString": "perhaps"}]},
            {"linkId": "age_years", "answer": [{"valueInteger": 50}]},
        ],
    }
    record = read(form)
    assert record.answers == {
        "age_years": 76,
        "sex": "female",
        "parent_hip_fracture": False,
        "height_cm": 162.56,
        "falls_last_year": 2,
    }
    assert "neither yes nor no" in why(record, "QuestionnaireResponse/q")
    assert "falls_last_year" not in read({**form, "status": "in-progress"}).answers
