"""A person of the record."""

from dataclasses import dataclass
from datetime import date, datetime

from riskapp.exchange.fhir.writing.codes import IDENTIFIER_TYPE, Json
from riskapp.exchange.fhir.writing.elements import instant, narrative, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a record belongs to; ``numbers_of`` is the organisation whose number it is."""

    id: str
    name: str
    record_number: str
    born_on: date
    sex: str
    changed_at: datetime
    organisation: str
    numbers_of: str


def patient(person: Person) -> Json:
    return {
        "resourceType": "Patient",
        "id": person.id,
        "meta": {"lastUpdated": instant(person.changed_at)},
        "text": narrative(person.name, f"Born {person.born_on}, {person.sex}."),
        "identifier": [record_number(person.numbers_of, person.record_number)],
        "name": [{"use": "usual", "text": said(person.name)}],
        "gender": person.sex,
        "birthDate": person.born_on.isoformat(),
        "managingOrganization": {"display": said(person.organisation)},
    }


def record_number(system: str, value: str) -> Json:
    """The number by which an organisation knows somebody."""
    medical = {"system": IDENTIFIER_TYPE, "code": "MR", "display": "Medical record number"}
    return {
        "use": "usual",
        "type": {"coding": [medical]},
        "system": system,
        "value": said(value),
    }
