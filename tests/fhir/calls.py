"""Calls of FHIR's doors, and a record to send."""

import json
from datetime import date, timedelta
from typing import Any

from riskapp.risk.estimate import EstimateOptions
from tests.fhir.validating import check

QUICK = EstimateOptions(explain=False, interval=False)
FHIR, NOWHERE = "/fhir", "00000000-0000-0000-0000-000000000000"
ANSWERS = {"population": "gb", "weight_kg": 61, "femoral_neck_t_score": -2.5}
ASSESS = "/fhir/RiskAssessment/$assess"
TODAY = date.today()  # noqa: DTZ011
OUR_EXTENSIONS = "https://trabecula.example/fhir/StructureDefinition/"


def found(client: Any, address: str, **headers: str) -> dict[str, Any]:
    reply = client.get(f"{FHIR}/{address}", headers=headers)
    assert reply.status_code == 200, reply.content
    bundle: dict[str, Any] = reply.json()
    assert bundle["resourceType"] == "Bundle"
    return bundle


def ids(bundle: dict[str, Any]) -> list[str]:
    entries = bundle.get("entry", [])
    return [one["resource"]["id"] for one in entries if one["search"]["mode"] == "match"]


def is_refused(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.content
    assert reply["Content-Type"].startswith("application/fhir+json")
    told: dict[str, Any] = reply.json()
    check(told)
    assert told["issue"][0]["diagnostics"].endswith((".", "?"))
    return told["issue"][0]


def born(age: int) -> str:
    return (TODAY - timedelta(days=round(365.25 * age + 100))).isoformat()


def person(**changes: Any) -> dict[str, Any]:
    told = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"type": {"coding": [{"system": "http://x", "code": "MR"}]}, "value": "H-77"}
        ],
        "name": [{"family": "Muster", "given": ["Erika"]}],
        "gender": "female",
        "birthDate": born(70),
        "address": [{"country": "GB"}],
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def t_score(value: float = -2.7, id: str = "o1", days: int = 40) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "38263-0"}]},
        "bodySite": {"coding": [{"system": "http://snomed.info/sct", "code": "29627003"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": (TODAY - timedelta(days=days)).isoformat(),
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "1"},
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }


ERIKA = bundle(person(), t_score(), t_score(-1.0, "o0", 900))


def sent(client: Any, body: Any, asked: str = "", **headers: str) -> Any:
    return client.generic(
        "POST", f"{ASSESS}{asked}", json.dumps(body), "application/fhir+json", headers=headers
    )


def assessed(client: Any, body: Any, asked: str = "", **headers: str) -> dict[str, Any]:
    reply = sent(client, body, asked, **headers)
    assert reply.status_code == 200, reply.content
    made: dict[str, Any] = reply.json()
    check(made)
    return made


def refusal(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.content
    check(reply.json())
    issue: dict[str, Any] = reply.json()["issue"][0]
    return issue


def percentages(made: dict[str, Any]) -> list[float]:
    return [one["probabilityDecimal"] for one in made["prediction"][:2]]


def parameters(**given: Any) -> dict[str, Any]:
    listed = [{"name": "record", "resource": ERIKA}]
    listed += [{"name": name.replace("_", "-"), **value} for name, value in given.items()]
    return {"resourceType": "Parameters", "parameter": listed}
