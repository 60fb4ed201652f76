"""Whose record it is: nobody else’s resources, and what the Patient says of the person."""

from typing import Any

import pytest

from riskapp.exchange.fhir.limits import MOST_RESOURCES
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import UnreadableRecord
from tests.exchange.fhir.resources import (
    TODAY,
    measured,
    person,
    read,
    why,
)

WEIGHT, HEIGHT = "29463-7", "8302-2"


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/q"},
        {"reference": "https://elsewhere.example/fhir/Patient/q"},
        {"display": "somebody"},
        {"identifier": {"system": "urn:pid", "value": "2"}},
        {"reference": "urn:uuid:other"},
    ],
)
def test_another_patients_resources_are_passed_over(subject: Any) -> None:
    record = read(measured(WEIGHT, 60, "kg", subject=subject))
    assert "weight_kg" not in record.answers
    assert why(record, "Observation/o") == "It is about another patient."


def test_nobodys_resources_are_passed_over() -> None:
    record = read(measured(WEIGHT, 60, "kg", subject=None))
    assert why(record, "Observation/o") == "It does not say whom it is about."


def test_a_person_may_be_named_by_number_version_and_address() -> None:
    who = person(identifier=[{"system": "urn:pid", "value": "1"}])
    for subject in (
        {"identifier": {"system": "urn:pid", "value": "1"}},
        {"reference": "Patient/p/_history/3"},
        {"reference": "https://ehr.example/fhir/Patient/p"},
    ):
        told = read_record([who, measured(WEIGHT, 60, "kg", subject=subject)], today=TODAY)
        assert told.answers["weight_kg"] == 60


def test_of_several_patients_one_has_to_be_named() -> None:
    two = [person(), person(id="q", gender="male"), measured(WEIGHT, 60, "kg")]
    with pytest.raises(UnreadableRecord, match="holds 2 patients; say which"):
        read_record(two, today=TODAY)
    for name in ("q", "Patient/q"):
        record = read_record(two, today=TODAY, patient=name)
        assert record.person is not None
        assert (record.person.sex, "weight_kg" in record.answers) == ("male", False)
        assert why(record, "Patient/p") == "It is another patient."
    assert read_record(two, today=TODAY, patient="p").answers["weight_kg"] == 60


def test_without_a_patient_all_has_to_be_about_one() -> None:
    record = read_record(
        [
            measured(WEIGHT, 60, "kg", "a"),
            measured(HEIGHT, 160, "cm", "b", subject={"reference": "Patient/q"}),
        ],
        today=TODAY,
    )
    assert (record.person, record.answers) == (None, {"weight_kg": 60})
    assert "another patient" in why(record, "Observation/b")


@pytest.mark.parametrize("told", [{"deceasedBoolean": True}, {"deceasedDateTime": "2020"}])
def test_who_has_died_is_not_assessed(told: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord, match="has died; there is no risk to estimate"):
        read_record([person(**told)], today=TODAY)
    assert read_record([person(deceasedBoolean=False)], today=TODAY).answers["age_years"] == 76


def test_more_than_a_person_can_have_is_refused() -> None:
    many = [{"resourceType": "Basic", "id": str(number)} for number in range(MOST_RESOURCES + 1)]
    assert len(read_record(many[:-1], today=TODAY).passed_over) == MOST_RESOURCES
    with pytest.raises(UnreadableRecord, match="more than 20,000 resources"):
        read_record(many, today=TODAY)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1950-11-22", 76),
        ("1950-11-23", 75),
        ("1950-11", 76),
        ("1950", 76),
        ("1900-01-01", None),
        ("2027-01-01", None),
        ("yesterday", None),
        (None, None),
        (["1950-01-01"], None),
    ],
)
def test_age_is_counted_as_closely_as_the_birthday_is_told(born: Any, age: int | None) -> None:
    record = read_record([person(birthDate=born)], today=TODAY)
    assert record.answers.get("age_years") == age
    assert age is not None or any(one.field == "age_years" for one in record.passed_over)


def test_sex_at_birth_goes_before_the_administrative_gender() -> None:
    us = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    male = person(extension=[{"url": us, "valueCode": "M"}])
    assert read_record([male], today=TODAY).answers["sex"] == "male"
    unknown = person(extension=[{"url": us, "valueCode": "UNK"}])
    assert read_record([unknown], today=TODAY).answers["sex"] == "female"
    for gender in ("other", "unknown", None, 3):
        assert "sex" not in read_record([person(gender=gender)], today=TODAY).answers


@pytest.mark.parametrize(
    ("country", "population"),
    [
        ("GB", "gb"),
        ("GBR", "gb"),
        ("Scotland", "gb"),
        ("us", "us"),
        ("U.S.A.", "us"),
        ("Hong Kong", "hk"),
        ("Eesti", "ee"),
        ("CH", None),
        ("us-white", None),  # a code of ours, but no country
        ("", None),
        (7, None),
    ],
)
def test_the_population_is_the_country_of_the_address_or_not_known(
    country: Any, population: str | None
) -> None:
    record = read_record([person(address=[{"country": country}])], today=TODAY)
    assert record.answers.get("population") == population
    assert population or any(one.field == "population" for one in record.passed_over)


def test_the_population_is_never_taken_from_race() -> None:
    race = {
        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
        "extension": [{"url": "text", "valueString": "White"}],
    }
    record = read_record([person(extension=[race], address=[{"country": "US"}])], today=TODAY)
    assert record.answers["population"] == "us"


def test_where_somebody_lived_before_does_not_count() -> None:
    moved = [
        {"country": "JP", "use": "old"},
        {"country": "CN", "period": {"end": "2020"}},
        {"country": "GB", "use": "temp"},
        {"country": "US", "use": "home"},
    ]
    assert read_record([person(address=moved)], today=TODAY).answers["population"] == "us"
