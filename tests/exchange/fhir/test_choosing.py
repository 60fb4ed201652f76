"""Of all that a record says, the newest that can be believed; and nothing is read into silence."""

from datetime import date
from typing import Any

import pytest

from riskapp.exchange.clinical_codes import standard_codes
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import UnreadableRecord
from tests.exchange.fhir.resources import (
    ICD,
    LOINC,
    NECK,
    TODAY,
    concept,
    condition,
    measured,
    medicine,
    observed,
    person,
    read,
    why,
)

WEIGHT, HEIGHT, BMI = "29463-7", "8302-2", "39156-5"


def test_an_empty_record_says_nothing_of_anything() -> None:
    record = read()
    assert record.answers == {"age_years": 76, "sex": "female"}


# UCUM, https://ucum.org: the pound, ounce, stone, inch and foot are exact.
@pytest.mark.parametrize(
    ("value", "unit", "kg"),
    [
        (61.5, "kg", 61.5),
        (61500, "g", 61.5),
        (150, "[lb_av]", 68.0388555),
        (2400, "[oz_av]", 68.0388555),
        (10, "[stone_av]", 63.5029318),
    ],
)
def test_weights_are_converted_exactly(value: float, unit: str, kg: float) -> None:
    assert read(measured(WEIGHT, value, unit)).answers["weight_kg"] == kg


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ({"value": 61.5}, "It has no unit, and kg is not guessed."),
        ({"value": 61.5, "unit": "cm"}, "The unit cm measures length, and kg mass."),
        ({"value": 61.5, "unit": "furlongs"}, "is not one that is converted here"),
        ({"value": "61.5", "code": "kg"}, "no JSON number"),
        ({"value": True, "code": "kg"}, "no JSON number"),
        ({"code": "kg"}, "There is no number."),
        ({"value": 61.5, "code": "kg", "comparator": ">"}, "Only a bound is told (> 61.5)."),
        ({"value": 24.9, "code": "kg"}, "Weight is 24.9 kg; expected 25 to 250 kg."),
        ({"value": 250.1, "code": "kg"}, "expected 25 to 250 kg."),
        ({"value": 1e308, "code": "g"}, "expected 25 to 250 kg."),
        ({}, "There is no quantity."),
    ],
)
def test_a_quantity_that_cannot_be_used_is_passed_over_with_its_reason(
    quantity: dict[str, Any], reason: str
) -> None:
    record = read(observed(WEIGHT, valueQuantity=quantity))
    assert "weight_kg" not in record.answers
    assert reason in why(record, "Observation/o")


@pytest.mark.parametrize("edge", [25, 250])
def test_the_ends_of_the_range_are_taken(edge: float) -> None:
    assert read(measured(WEIGHT, edge, "kg")).answers["weight_kg"] == edge


@pytest.mark.parametrize(
    ("unit", "code", "kilograms"),
    [
        ("pounds, as shown", "[lb_av]", 68.0388555),  # the code counts before its words
        ("lbs", "", 68.0388555),
        ("KG", "", 150),
        ("lb", "[lb_av]", 68.0388555),
        ("kg", "[lb_av]", None),  # but not where a person is shown another unit
    ],
)
def test_a_unit_is_read_by_its_code_and_never_against_its_words(
    unit: str, code: str, kilograms: float | None
) -> None:
    quantity = {"value": 150, "unit": unit}
    quantity |= {"code": code, "system": "http://unitsofmeasure.org"} if code else {}
    record = read(observed(WEIGHT, valueQuantity=quantity))
    assert record.answers.get("weight_kg") == kilograms
    assert kilograms or "by its words and" in why(record, "Observation/o")


@pytest.mark.parametrize(
    ("status", "used"),
    [
        ("final", True),
        ("amended", True),
        ("corrected", True),
        ("preliminary", True),
        ("registered", False),
        ("cancelled", False),
        ("entered-in-error", False),
        ("unknown", False),
        (None, False),
        (["final"], False),
    ],
)
def test_a_status_says_whether_an_observation_counts(status: Any, used: bool) -> None:
    record = read(measured(WEIGHT, 60, "kg", status=status))
    assert ("weight_kg" in record.answers) == used
    if status == "preliminary":
        assert "(preliminary)" in next(
            one.words for one in record.chosen if one.field == "weight_kg"
        )


def test_what_is_final_goes_before_what_is_newer_and_preliminary() -> None:
    record = read(
        measured(WEIGHT, 60, "kg", "old", "2026-01-01"),
        measured(WEIGHT, 70, "kg", "new", "2026-10-01", status="preliminary"),
    )
    assert record.answers["weight_kg"] == 60
    assert why(record, "Observation/new") == "Observation/old tells it for certain."


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2026-01-01", "2026-01-02"),
        ("2025", "2026-01"),
        ("2026-01-02T23:30:00-05:00", "2026-01-03T05:00:00Z"),  # 04:30 and 05:00 in UTC
        ("2026-01-02T08:00:00+09:00", "2026-01-02T00:30:00+00:00"),
        (None, "1995-01-01"),
    ],
)
def test_the_newest_counts_wherever_its_clock_stood(older: Any, newer: Any) -> None:
    for order in (1, -1):
        two = [measured(WEIGHT, 60, "kg", "a", older), measured(WEIGHT, 70, "kg", "b", newer)]
        record = read(*two[::order])
        assert record.answers["weight_kg"] == 70
        assert "Observation/b tells it" in why(record, "Observation/a")


@pytest.mark.parametrize(
    ("day", "used"),
    [
        ("2026-11-22", True),
        ("2026-11-23", False),
        ("2027", False),
        ("2026", True),
        ("2026-11-23T05:00:00+10:00", True),  # 22 November in UTC
        ("2026-11-22T23:00:00-05:00", True),
        ("9999-12-31", False),
    ],
)
def test_what_lies_in_the_future_is_passed_over(day: str, used: bool) -> None:
    record = read(measured(WEIGHT, 60, "kg", day=day))
    assert ("weight_kg" in record.answers) == used
    assert used or "lies in the future." in why(record, "Observation/o")


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ("effectivePeriod", {"start": "2026-01-01", "end": "2026-02-03"}),
        ("effectiveInstant", "2026-02-03T10:00:00Z"),
        ("effectiveTiming", {"event": ["2026-01-01", "2026-02-03"]}),
        ("issued", "2026-02-03T10:00:00.123+01:00"),
    ],
)
def test_every_way_of_telling_when_is_read(element: str, told: Any) -> None:
    record = read(measured(WEIGHT, 60, "kg", day=None, **{element: told}))
    found = next(one for one in record.chosen if one.field == "weight_kg")
    assert found.effective == "2026-02-03"


def test_weight_and_height_go_before_the_index_unless_it_is_newer_and_says_another() -> None:
    both = [
        measured(WEIGHT, 60, "kg", "w", "2026-01-01"),
        measured(HEIGHT, 160, "cm", "h", "2026-01-01"),
    ]
    same = read(*both, measured(BMI, 23.4, "kg/m2", "b", "2026-02-01"))
    assert "body_mass_index" not in same.answers
    newer = read(*both, measured(BMI, 27, "kg/m2", "b", "2026-02-01"))
    assert "weight_kg" not in newer.answers
    assert newer.answers["body_mass_index"] == 27
    impossible = read(measured(WEIGHT, 250, "kg", "w"), measured(HEIGHT, 100, "cm", "h"))
    assert not {"weight_kg", "height_cm"} & set(impossible.answers)


def test_a_child_was_measured_and_the_adult_was_not() -> None:
    record = read(measured(HEIGHT, 150, "cm", day="1962-05-05"))
    assert "height_cm" not in record.answers
    assert "when the person was a child." in why(record, "Observation/o")


def test_a_value_that_is_told_to_be_absent_is_not_a_value() -> None:
    absent = observed(WEIGHT, dataAbsentReason=concept("x", "unknown", "Not asked"))
    assert why(read(absent), "Observation/o") == "Its value is absent: Not asked."


def test_what_must_not_be_ignored_is_not_read() -> None:
    """FHIR R4, extensibility: a modifier extension that is not known bars its resource."""
    barred = measured(WEIGHT, 60, "kg", modifierExtension=[{"url": "x", "valueBoolean": True}])
    record = read(barred)
    assert "weight_kg" not in record.answers
    assert "changes its meaning" in why(record, "Observation/o")
    assert "implicitRules" in why(
        read(measured(WEIGHT, 60, "kg", implicitRules="x")), "Observation/o"
    )


def test_a_modifier_of_a_part_bars_the_resource_too() -> None:
    turned = {"code": concept(LOINC, WEIGHT), "valueQuantity": {"value": 60, "unit": "kg"}}
    assert read(observed("85353-1", component=[turned])).answers["weight_kg"] == 60
    turned["modifierExtension"] = [{"url": "x", "valueBoolean": True}]
    record = read(observed("85353-1", component=[turned]))
    assert "weight_kg" not in record.answers
    assert "changes its meaning" in why(record, "Observation/o")
    with pytest.raises(UnreadableRecord, match="The Patient cannot be read"):
        read_record([person(modifierExtension=[{"url": "x"}])], today=TODAY)


@pytest.mark.parametrize(
    ("resource", "element"),
    [
        (medicine("H02AB06", taken="n"), "taken"),  # STU3: it was not taken
        (medicine("H02AB06", medication={"concept": {"text": "x"}}), "medication"),  # R5
        (medicine("H02AB06", wasNotTaken=True), "wasNotTaken"),  # DSTU2
    ],
)
def test_what_another_version_of_fhir_wrote_is_told_and_not_read(
    resource: dict[str, Any], element: str
) -> None:
    record = read(resource)
    assert "glucocorticoids" not in record.answers
    assert f"Its element {element} is of another version" in why(record, "MedicationStatement/m")


def test_the_same_resource_twice_is_read_once_and_of_two_versions_the_later() -> None:
    one = condition(ICD, "S52.5", onsetDateTime="2020-01-01")
    record = read(one, one)
    assert record.answers["number_of_prior_fractures"] == 1
    assert "It is here twice." in why(record, "Condition/c")
    old = measured(WEIGHT, 60, "kg", meta={"lastUpdated": "2026-01-01T00:00:00Z"})
    new = measured(WEIGHT, 61, "kg", meta={"lastUpdated": "2026-01-02T00:00:00Z"})
    assert read(old, new).answers["weight_kg"] == read(new, old).answers["weight_kg"] == 61


def test_a_site_may_have_codes_of_its_own() -> None:
    own = standard_codes().with_own({"falls_last_year": ["https://ehr.example/codes|FALLS"]})
    told = observed("", code=concept("https://ehr.example/codes", "FALLS"), valueInteger=1)
    assert read(told, codes=own).answers["falls_last_year"] == 1
    assert "falls_last_year" not in read(told).answers


def test_references_that_lead_in_a_circle_end() -> None:
    circle = [
        medicine("", "a", medicationCodeableConcept=None, medicationReference={"reference": "#a"}),
        {
            "resourceType": "Medication",
            "id": "x",
            "contained": [{"resourceType": "Medication", "id": "x"}],
        },
        measured("24701-5", 0.7, "g/cm2", bodySite=NECK, device={"reference": "Observation/o"}),
    ]
    assert read(*circle).answers == {"age_years": 76, "sex": "female"}


def test_an_index_may_be_all_that_is_known() -> None:
    assert read(measured(BMI, 21.5, "kg/m2")).answers["body_mass_index"] == 21.5


def test_the_day_that_ages_are_counted_to_is_the_callers() -> None:
    assert read(today=date(2020, 6, 14)).answers["age_years"] == 69
