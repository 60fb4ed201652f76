"""A made-up person's resources, FHIR R4, as a hospital's record sends them."""

from datetime import date
from typing import Any

from django.utils import timezone

from riskapp.exchange.fhir.writing.codes import LOINC, SNOMED, UCUM

Resource = dict[str, Any]
ID = "1288992"


def years_ago(years: float) -> date:
    return date.fromordinal(timezone.localdate().toordinal() - round(years * 365.25))


def patient(**changes: Any) -> Resource:
    """A woman of 72."""
    return {
        "resourceType": "Patient",
        "id": ID,
        "gender": "female",
        "birthDate": years_ago(72.5).isoformat(),
    } | changes


def observation(code: str, value: float, unit: str, *, years: float = 0.2, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"o-{code}",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": f"Patient/{ID}"},
        "effectiveDateTime": years_ago(years).isoformat(),
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    } | more


def femoral_neck_t_score(value: float, years: float = 2.0) -> Resource:
    neck = {"coding": [{"system": SNOMED, "code": "29627003"}]}
    return observation("38263-0", value, "1", years=years, bodySite=neck)


def condition(system: str, code: str, years: float = 3.0, id: str = "c-1") -> Resource:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verified = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return {
        "resourceType": "Condition",
        "id": id,
        "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": verified, "code": "confirmed"}]},
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": {"reference": f"Patient/{ID}"},
        "onsetDateTime": years_ago(years).isoformat(),
    }


def medicine(code: str, years: float = 1.0, status: str = "active") -> Resource:
    """A course by its ATC code."""
    return {
        "resourceType": "MedicationRequest",
        "id": f"m-{code}",
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": code}]
        },
        "subject": {"reference": f"Patient/{ID}"},
        "authoredOn": years_ago(years).isoformat(),
    }


def dxa_draft(id: str = "dxa-1") -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": LOINC, "code": "38269-7"}]},
        "subject": {"reference": f"Patient/{ID}"},
    }


def high_risk() -> list[Resource]:
    """A hip fracture five years ago and thin bone: above every threshold at 72."""
    return [
        patient(),
        observation("29463-7", 58.0, "kg"),
        observation("8302-2", 160.0, "cm"),
        femoral_neck_t_score(-3.2),
        condition("http://hl7.org/fhir/sid/icd-10", "S72.0", years=5.0),
    ]


def well() -> list[Resource]:
    """Good bone and nothing else told."""
    return [
        patient(),
        observation("29463-7", 70.0, "kg"),
        observation("8302-2", 165.0, "cm"),
        femoral_neck_t_score(0.5),
    ]
