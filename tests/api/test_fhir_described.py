"""The description of FHIR's doors is true to the tables they obey, with examples that are real."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from riskapp.api.fhir.examples import FILE
from riskapp.api.fhir.served import DEFINED, SERVED
from riskapp.exchange.fhir.writing.bundle import containing, searchset, versioned
from riskapp.exchange.fhir.writing.capability import capability_statement
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.definitions import definitions
from riskapp.exchange.fhir.writing.patient import Person, patient
from riskapp.exchange.fhir.writing.report import binary
from riskapp.exchange.fhir.writing.risk_assessment import risk_assessment
from tests.fhir.answers import AT, ID, PEOPLE, all_resources, assessed
from tests.fhir.calls import ERIKA
from tests.fhir.validating import check

BASE = "https://trabecula.example/fhir"
FEW = 3
NOT_SHORT = ("coding", "link", "issue", "contained")


def shortened(value: Any, name: str = "") -> Any:
    """The first few of each list: an example shows the shape."""
    if isinstance(value, dict):
        return {key: shortened(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        most = len(value) if name in NOT_SHORT else FEW
        return [shortened(inner) for inner in value[:most]]
    return value


def told() -> dict[str, Any]:
    about = assessed(PEOPLE["treated"], is_stored=True, subject={"reference": "Patient/pat-1"})
    ada = Person(
        id="pat-1",
        name="Ada Example",
        record_number="A-100",
        born_on=AT.date().replace(year=1956),
        sex="female",
        changed_at=AT,
        organisation="Demo clinic",
        numbers_of="urn:uuid:00000000-0000-4000-8000-000000000001",
    )
    made = [*all_resources(about), patient(ada), binary(ID, b"%PDF-1.7 (and so on)")]
    made += definitions("0.1.0")
    first: dict[str, Json] = {}
    for one in made:
        first.setdefault(one["resourceType"], versioned(shortened(one)))
    stated = capability_statement(
        base=BASE, software_version="0.1.0", served={**SERVED, **DEFINED}, oauth={}
    )
    fresh = assessed(PEOPLE["treated"])
    device = all_resources(fresh)[-1]
    answer = containing(risk_assessment(fresh, with_observations=False), [device])
    request = json.loads(json.dumps(ERIKA))
    request["entry"][0]["resource"]["birthDate"] = "1953-05-14"
    for number, entry in enumerate(request["entry"][1:]):
        entry["resource"]["effectiveDateTime"] = f"202{5 - number}-02-03"
    return {
        "read": first,
        "search": {
            kind: searchset(
                [one],
                base=BASE,
                total=1,
                links={"self": f"{BASE}/{kind}?_count=20"},
                at=AT,
            )
            for kind, one in first.items()
            if kind != "Binary"
        },
        "fhir_assess_all": {
            "request": {
                "resourceType": "Parameters",
                "parameter": [
                    {"name": "patient", "valueReference": {"reference": f"Patient/{ID}"}},
                    {"name": "population", "valueCode": "gb"},
                ],
            }
        },
        "fhir_all_answers": {
            "answer": {
                "transactionTime": AT.isoformat(timespec="seconds"),
                "request": f"{BASE}/RiskAssessment/$assess-all",
                "requiresAccessToken": True,
                "output": [
                    {
                        "type": "RiskAssessment",
                        "url": f"{BASE}/RiskAssessment/$assess-all/{ID}/RiskAssessment.ndjson",
                        "count": 412,
                    }
                ],
                "error": [],
            }
        },
        "fhir_answers_file": {"answer": json.dumps(versioned(first["Device"])) + "\n"},
        "fhir_capabilities": {"answer": versioned(shortened(stated))},
        "fhir_assess": {"request": request, "answer": versioned(shortened(answer))},
    }


def described() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))
    plain = "/fhir/.well-known/"
    return {
        path: one
        for path, one in read["paths"].items()
        if path.startswith("/fhir/") and not path.startswith(plain)
    }


def test_the_examples_are_what_is_written() -> None:
    fresh = json.dumps(told(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("TRABECULA_DESCRIBE"):
        FILE.write_text(fresh, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == fresh, "Run: make describe-api"


def resources(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if "resourceType" in value:
            yield value
        else:
            for inner in value.values():
                yield from resources(inner)


def test_the_examples_are_sound() -> None:
    seen = list(resources(told()))
    for one in seen:
        if one != told()["fhir_assess"]["request"]:
            check(one)
    assert len(seen) > 20


@pytest.mark.parametrize("kind", [*SERVED, *DEFINED])
def test_every_kind_is_described_with_the_parameters_that_it_is_searched_by(kind: str) -> None:
    paths = described()
    assert "get" in paths[f"/fhir/{kind}/{{id}}"]
    one = SERVED.get(kind)
    if one is not None and "search-type" in one.interactions:
        named = {each["name"] for each in paths[f"/fhir/{kind}"]["get"]["parameters"]}
        assert set(one.parameters) <= named


def test_every_door_that_is_described_is_there_with_its_method_and_scope() -> None:
    for path, operations in described().items():
        view = resolve(path.format(id=ID, name="RiskAssessment")).func.cls
        for method, operation in operations.items():
            assert hasattr(view, method), path
            scopes = getattr(view, "scopes", None)
            if scopes is None:
                assert operation["security"] == [{}], path
                continue
            kind = path.split("/")[2]
            needed = scopes[method.upper()].format(resource_type=kind).split()
            assert operation["security"][0]["oauth2"] == [f"system/{one}" for one in needed]
            for status, response in operation["responses"].items():
                if not status.startswith(("2", "304")):
                    assert list(response["content"]) == [
                        "application/fhir+json",
                        "application/json",
                    ]
