"""Resources about one person, as short as FHIR lets them be."""

from datetime import date
from typing import Any

from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import FhirRecord

TODAY = date(2026, 11, 22)
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
ICD, ATC, UCUM = (
    "http://hl7.org/fhir/sid/icd-10",
    "http://www.whocc.no/atc",
    "http://unitsofmeasure.org",
)
WHO = {"reference": "Patient/p"}
NECK = {"coding": [{"system": SNOMED, "code": "29627003"}]}


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def person(**more: Any) -> dict[str, Any]:
    basis = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1950-06-15"}
    return {**basis, **more}


def observed(loinc: str, id: str = "o", day: Any = "2026-10-01", **more: Any) -> dict[str, Any]:
    basis = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": concept(LOINC, loinc),
        "subject": WHO,
        "effectiveDateTime": day,
    }
    return {name: value for name, value in {**basis, **more}.items() if value is not None}


def measured(
    code: str, value: Any, unit: str = "", id: str = "o", day: Any = "2026-10-01", **more: Any
) -> dict[str, Any]:
    quantity = {"value": value} | ({"system": UCUM, "code": unit} if unit else {})
    return observed(code, id, day, **{"valueQuantity": quantity, **more})


def condition(system: str, code: str, id: str = "c", **more: Any) -> dict[str, Any]:
    basis = {"resourceType": "Condition", "id": id, "code": concept(system, code), "subject": WHO}
    return {**basis, **more}


def medicine(code: str, id: str = "m", **more: Any) -> dict[str, Any]:
    basis = {
        "resourceType": "MedicationStatement",
        "id": id,
        "status": "active",
        "subject": WHO,
        "medicationCodeableConcept": concept(ATC, code),
    }
    return {**basis, **more}


def verified(code: str) -> dict[str, Any]:
    return {"verificationStatus": {"coding": [{"code": code}]}}


def read(*resources: Any, today: date = TODAY, **more: Any) -> FhirRecord:
    return read_record([person(), *resources], today=today, **more)


def why(record: FhirRecord, resource: str) -> str:
    """The reasons why a resource, or a part of it, is passed over."""
    return " ".join(one.why for one in record.passed_over if one.resource == resource)
