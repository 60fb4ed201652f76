"""Real answers of every JSON door, held against what the OpenAPI description promises."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from riskapp.actions import queueing, run_queue
from riskapp.actions.measuring import measure_next
from riskapp.models import Patient, RegisteredModel, Scan
from tests.api.conftest import caller
from tests.drawn import spine_file

ANN = {"population": "gb", "age_years": 70, "sex": "female"}
QUICK = {"explain": False, "interval": False}
NOWHERE = "00000000-0000-0000-0000-000000000000"
V1 = "/api/v1/"
Holds = Callable[..., None]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The description as a JSON schema in which nothing may be said that is not described."""
    described: dict[str, Any] = json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))
    for shape in described["components"]["schemas"].values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    return described


@pytest.fixture
def holds(description: dict[str, Any]) -> Holds:
    def check(reply: Any, status: int, address: str) -> None:
        assert reply.status_code == status, reply.content
        method = reply.request["REQUEST_METHOD"].lower()
        responses = description["paths"][f"{V1}{address}"][method]["responses"]
        content = responses[str(status)]["content"]
        (schema,) = [content[reply["Content-Type"]]["schema"]]
        rules = schema | {"components": description["components"]}
        Draft202012Validator(rules).validate(reply.json())

    return check


def test_scores(holds: Holds, as_owner: Any) -> None:
    every = {"engines": ["evidence", "cox", "xgboost", "lightgbm"]}
    holds(as_owner.post(f"{V1}scores/", every | {"profile": ANN}), 200, "scores/")
    bare = every | QUICK
    holds(as_owner.post(f"{V1}scores/", bare | {"profile": ANN}), 200, "scores/")
    holds(as_owner.post(f"{V1}scores/", bare | {"profile": {"age_years": 3}}), 200, "scores/")
    holds(as_owner.post(f"{V1}scores/", {}), 400, "scores/")
    holds(as_owner.post(f"{V1}scores/", every | {"profiles": [{}] * 251}), 413, "scores/")
    holds(as_owner.generic("POST", f"{V1}scores/", b"<a/>", "text/xml"), 415, "scores/")
    holds(APIClient().post(f"{V1}scores/", {}), 401, "scores/")


@pytest.mark.parametrize("row", ["7a", "", 7, 10**30, None, "=cmd|calc!A1"])
def test_an_id_is_given_back_as_it_was_sent(holds: Holds, as_owner: Any, row: Any) -> None:
    reply = as_owner.post(f"{V1}scores/", QUICK | {"profile": ANN | {"id": row}})
    holds(reply, 200, "scores/")
    assert reply.json()["results"][0]["id"] == row


@pytest.mark.parametrize("odd", [True, False, 1.5, [], {}])
def test_an_id_that_is_no_text_and_no_whole_number_is_refused(as_owner: Any, odd: Any) -> None:
    (result,) = as_owner.post(f"{V1}scores/", {"profile": ANN | {"id": odd}}).json()["results"]
    assert result["id"] is None
    assert "text or a whole number" in result["refused"]


def test_lists(holds: Holds, as_owner: Any, owner: User, patient: Patient) -> None:
    as_owner.post(f"{V1}patients/{patient.id}/fractures/", {"site": "hip", "happened_on": "2024"})
    asked = {"patient": patient.id, "profile": {"population": "gb"}} | QUICK
    as_owner.post(f"{V1}assessments/", asked, format="json")
    for name, wrong in (("worklist", "waits=x"), ("recall", "within=x")):
        reply = as_owner.get(f"{V1}{name}/")
        assert reply.json()["results"]
        holds(reply, 200, f"{name}/")
        holds(as_owner.get(f"{V1}{name}/?{wrong}"), 400, f"{name}/")


def test_shares(holds: Holds, as_owner: Any, patient: Patient) -> None:
    asked = {"patient": patient.id, "profile": {"population": "gb"}} | QUICK
    made = as_owner.post(f"{V1}assessments/", asked, format="json").json()
    shares, described = f"{V1}assessments/{made['id']}/shares/", "assessments/{id}/shares/"
    holds(as_owner.post(shares, {"days": 2}), 201, described)
    holds(as_owner.get(shares), 200, described)
    holds(as_owner.post(shares, {"days": 0}), 400, described)
    holds(as_owner.delete(f"{shares}{NOWHERE}/"), 404, f"{described}{{link_id}}/")


def test_patients(holds: Holds, as_owner: Any, patient: Patient) -> None:
    one = {"name": "G", "record_number": "2", "date_of_birth": "1950-01-01", "sex": "male"}
    holds(as_owner.post(f"{V1}patients/", one), 201, "patients/")
    holds(as_owner.post(f"{V1}patients/", one), 400, "patients/")
    holds(as_owner.get(f"{V1}patients/?limit=1"), 200, "patients/")
    holds(as_owner.get(f"{V1}patients/?limit=1&offset=1"), 200, "patients/")
    holds(as_owner.get(f"{V1}patients/?limit=0"), 400, "patients/")
    holds(as_owner.get(f"{V1}patients/{patient.id}/"), 200, "patients/{id}/")
    holds(as_owner.get(f"{V1}patients/{NOWHERE}/"), 404, "patients/{id}/")


def test_events(holds: Holds, as_owner: Any, patient: Patient) -> None:
    here = f"{V1}patients/{patient.id}/"
    wrist = {"site": "forearm", "happened_on": "2024-09"}
    made = as_owner.post(f"{here}fractures/", wrist)
    holds(made, 201, "patients/{id}/fractures/")
    holds(as_owner.post(f"{here}fractures/", {}), 400, "patients/{id}/fractures/")
    holds(as_owner.get(f"{here}fractures/"), 200, "patients/{id}/fractures/")
    strike_out = "patients/{id}/fractures/{fracture_id}/strike-out/"
    struck = as_owner.post(f"{here}fractures/{made.json()['id']}/strike-out/")
    holds(struck, 200, strike_out)
    holds(as_owner.post(f"{here}fractures/{NOWHERE}/strike-out/"), 404, strike_out)
    course = as_owner.post(f"{here}treatments/", {"agent": "denosumab", "started_on": "2024"})
    holds(course, 201, "patients/{id}/treatments/")
    holds(as_owner.get(f"{here}treatments/"), 200, "patients/{id}/treatments/")
    end = {"ended_on": "2025", "why_ended": "other"}
    ended = as_owner.post(f"{here}treatments/{course.json()['id']}/end/", end)
    holds(ended, 200, "patients/{id}/treatments/{treatment_id}/end/")
    sent = {"patient": str(patient.id), "profile": {"population": "gb"}} | QUICK
    there = as_owner.post(f"{V1}assessments/", sent)["Location"]
    talked = as_owner.post(f"{there}discussions/", {"decided": "refer"})
    holds(talked, 201, "assessments/{id}/discussions/")
    holds(as_owner.get(f"{there}discussions/"), 200, "assessments/{id}/discussions/")


@pytest.mark.usefixtures("answered_here")
def test_scans(holds: Holds, as_owner: Any, patient: Patient) -> None:
    file = SimpleUploadedFile("a.dcm", spine_file(7))
    sent = {"patient": str(patient.id), "files": [file]}
    accepted = as_owner.post(f"{V1}scans/", sent, format="multipart")
    holds(accepted, 202, "scans/")
    holds(as_owner.post(f"{V1}scans/", {}, format="multipart"), 400, "scans/")
    holds(as_owner.post(f"{V1}scans/", {}), 415, "scans/")
    here = accepted["Location"]
    holds(as_owner.get(here), 200, "scans/{id}/")
    assert measure_next(queueing.this_process())
    measured = as_owner.get(here)
    holds(measured, 200, "scans/{id}/")
    confirmation = "scans/{id}/versions/{number}/confirmation/"
    holds(as_owner.post(f"{here}versions/1/confirmation/"), 200, confirmation)
    holds(as_owner.post(f"{here}versions/2/confirmation/"), 404, confirmation)
    holds(as_owner.get(f"{here}pictures/none"), 404, "scans/{id}/pictures/{name}")
    holds(as_owner.get(f"{here}pictures/none?version=x"), 400, "scans/{id}/pictures/{name}")
    holds(as_owner.post(f"{here}regions/", {"regions": []}), 400, "scans/{id}/regions/")
    regions = [{"id": "L1", "polygon": measured.json()["regions"][0]["polygon"]}]
    holds(as_owner.post(f"{here}regions/", {"regions": regions}), 202, "scans/{id}/regions/")
    holds(as_owner.post(f"{here}again/"), 400, "scans/{id}/again/")
    Scan.objects.update(status=Scan.Status.FAILED)
    holds(as_owner.post(f"{here}again/"), 202, "scans/{id}/again/")


def test_assessments(
    holds: Holds, as_owner: Any, patient: Patient, measured_scan: Scan, settings: Settings
) -> None:
    sent = {"patient": str(patient.id), "profile": {"population": "gb", "weight_kg": 60}}
    sent |= {"scans": [str(measured_scan.id)], "engines": ["evidence", "cox"]}
    made = as_owner.post(f"{V1}assessments/", sent)
    holds(made, 201, "assessments/")
    holds(as_owner.get(made["Location"]), 200, "assessments/{id}/")
    holds(as_owner.get(f"{made['Location']}explanation/"), 200, "assessments/{id}/explanation/")
    holds(as_owner.get(f"{made['Location']}reproduction/"), 200, "assessments/{id}/reproduction/")
    holds(as_owner.post(f"{V1}assessments/", sent | {"profile": {}}), 400, "assessments/")
    holds(as_owner.post(f"{V1}assessments/", sent | {"patient": NOWHERE}), 404, "assessments/")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    holds(as_owner.post(f"{V1}assessments/", sent), 413, "assessments/")


def test_catalogues(holds: Holds, as_owner: Any) -> None:
    holds(as_owner.get(f"{V1}models/"), 200, "models/")
    holds(as_owner.get(f"{V1}populations/"), 200, "populations/")
    holds(APIClient().get(f"{V1}models/"), 401, "models/")


def test_the_laboratory(
    holds: Holds, as_owner: Any, statistician: User, patient: Patient, model: RegisteredModel
) -> None:
    ours = caller(statistician)
    run = run_queue.promise(by=statistician, kind="train", engines=["cox"], model_id="clinic-1")
    RegisteredModel.objects.update(run=run)
    holds(ours.get(f"{V1}models/"), 200, "models/")
    holds(ours.get(f"{V1}trainings/"), 200, "trainings/")
    holds(ours.get(f"{V1}trainings/{run.id}/"), 200, "trainings/{id}/")
    holds(ours.get(f"{V1}trainings/{NOWHERE}/"), 404, "trainings/{id}/")
    holds(as_owner.get(f"{V1}trainings/"), 403, "trainings/")
    row = {"record_number": "A-1", "outcome": "hip", "date": "2026-01-02"}
    holds(ours.post(f"{V1}outcomes/", {"outcomes": [row, row]}), 200, "outcomes/")
    holds(ours.post(f"{V1}outcomes/", {"outcomes": [{}]}), 400, "outcomes/")


def test_every_refusal_is_described_as_problem_details(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        # test_fhir_described; what has words of its own is told in api.plain_doors.
        if not path.startswith(("/api/v1/", "/cds-services", "/dicomweb/")):
            continue
        for operation in operations.values():
            responses = operation["responses"]
            assert {"401", "403", "4XX"} <= set(responses)
            if "requestBody" in operation:
                assert {"400", "413", "415"} <= set(responses)
            for status, response in responses.items():
                if not status.startswith(("2", "304")):
                    is_stow = path.startswith("/dicomweb/") and status == "409"
                    kind = "application/dicom+json" if is_stow else "application/problem+json"
                    assert list(response["content"]) == [kind]
                    assert response["description"]
