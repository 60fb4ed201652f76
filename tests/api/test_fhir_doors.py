"""FHIR's doors: what is read and refused, always as FHIR."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from riskapp.actions.assessing import assess
from riskapp.actions.changing_patient import change_patient
from riskapp.models import Assessment, AuditEvent, Patient, RegisteredModel
from tests.api.conftest import caller
from tests.fhir.calls import (
    ANSWERS,
    FHIR,
    NOWHERE,
    QUICK,
    found,
    ids,
    is_refused,
)
from tests.fhir.validating import by_definitions, check, has_definitions

pytestmark = pytest.mark.usefixtures("sheets_laid_out_once")


@pytest.fixture
def stored(owner: User, patient: Patient) -> Assessment:
    return assess(by=owner, patient=patient, answers=ANSWERS)


def test_every_kind_that_is_declared_can_be_read_and_searched(
    as_owner: Any, patient: Patient, stored: Assessment
) -> None:
    stated = as_owner.get(f"{FHIR}/metadata").json()
    resources: list[dict[str, Any]] = [stated]
    for one in stated["rest"][0]["resource"]:
        kind = one["type"]
        if kind == "Binary":
            continue
        whose = f"?patient={patient.id}" if kind == "Observation" else ""
        bundle = found(as_owner, f"{kind}{whose}")
        check(bundle)
        resources.append(bundle)
        assert bundle["total"] == len(bundle["entry"]) > 0, kind
        first = bundle["entry"][0]
        read = as_owner.get(first["fullUrl"])
        assert read.json() == first["resource"]
        assert read["ETag"] == f'W/"{first["resource"]["meta"]["versionId"]}"'
        check(read.json())
        for name, type_ in ((each["name"], each["type"]) for each in one["searchParam"]):
            value = {"date": "gt1900", "token": "x", "string": "x"}.get(type_, "x")
            given = f"{name}={value}"
            if kind == "Observation" and name not in ("_id", "patient", "subject"):
                given += f"&patient={patient.id}"
            searched = found(as_owner, f"{kind}?{given}", Prefer="handling=strict")
            assert name in searched["link"][0]["url"], (kind, name)
    if has_definitions():
        assert by_definitions(resources) == []


def test_anybody_may_ask_what_can_be_done_and_what_codes_mean(client: Client, db: None) -> None:
    stated = client.get(f"{FHIR}/metadata")
    assert stated.status_code == 200
    check(stated.json())
    assert stated.json()["rest"][0]["security"]["description"]
    for kind in ("CodeSystem", "ValueSet", "StructureDefinition", "OperationDefinition"):
        bundle = found(client, kind)
        check(bundle)
        one = bundle["entry"][0]["resource"]
        assert ids(found(client, f"{kind}?url={one['url']}")) == [one["id"]]
        assert client.get(f"{FHIR}/{kind}/{one['id']}").json() == one
        is_refused(client.get(f"{FHIR}/{kind}/nothing"), 404)
        is_refused(client.get(f"{FHIR}/{kind}?url:not={one['url']}"), 400)


def test_nobody_gets_in_without_a_key(client: Client, stored: Assessment) -> None:
    for address in ("RiskAssessment", f"RiskAssessment/{stored.id}", "Patient", "Device"):
        issue = is_refused(client.get(f"{FHIR}/{address}"), 401)
        assert issue["code"] == "login"
    is_refused(client.post(f"{FHIR}/RiskAssessment/$assess", {}), 401)
    is_refused(client.get(f"{FHIR}/Binary/{stored.id}"), 401)


def test_what_is_another_organisations_is_not_there(
    as_owner: Any, as_colleague: Any, as_stranger: Any, patient: Patient, stored: Assessment
) -> None:
    names = [
        f"Patient/{patient.id}",
        f"RiskAssessment/{stored.id}",
        f"DiagnosticReport/{stored.id}",
        f"Provenance/{stored.id}",
        f"Observation/{stored.id.hex}.weight-kg",
        f"Binary/{stored.id}",
    ]
    for name in names:
        assert as_colleague.get(f"{FHIR}/{name}").status_code == 200, name
        theirs = is_refused(as_stranger.get(f"{FHIR}/{name}"), 404)
        kind, _, id = name.partition("/")
        none = name.replace(str(stored.id), NOWHERE).replace(stored.id.hex, "0" * 32)
        none = none.replace(str(patient.id), NOWHERE)
        assert theirs == is_refused(as_stranger.get(f"{FHIR}/{none}"), 404)
        if kind != "Binary":
            whose = f"?patient={patient.id}" if kind == "Observation" else ""
            assert ids(found(as_stranger, f"{kind}{whose}")) == []
    device = ids(found(as_owner, "Device"))
    assert len(device) == 1
    assert ids(found(as_stranger, "Device")) == []


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "Medication", 404),
        ("get", "Medication/7", 404),
        ("get", "nothing/at/all", 404),
        ("get", "", 404),
        ("get", "Patient/17", 404),
        ("get", "Patient/" + 65 * "7", 404),
        ("get", "RiskAssessment/17.cox", 404),
        ("get", "Observation/17", 404),
        ("get", "Device/17", 404),
        ("get", "Binary/17", 404),
        ("delete", "Patient/17", 405),
        ("put", "RiskAssessment/17", 405),
        ("post", "RiskAssessment", 405),
        ("post", "metadata", 405),
        ("get", "RiskAssessment/$assess", 405),
        ("patch", "Binary/17", 405),
    ],
)
def test_what_is_not_there_or_not_done_is_told_as_fhir(
    as_owner: Any, method: str, address: str, status: int
) -> None:
    issue = is_refused(getattr(as_owner, method)(f"{FHIR}/{address}"), status)
    assert issue["code"] in ("not-found", "not-supported")


@pytest.mark.parametrize(
    ("accept", "status", "answered"),
    [
        ("application/fhir+json", 200, "application/fhir+json"),
        ("application/json", 200, "application/json"),
        ("application/fhir+json;fhirVersion=4.0", 200, "application/fhir+json"),
        ("text/html, */*;q=0.1", 200, "application/fhir+json"),
        ("application/*", 200, "application/fhir+json"),
        ("", 200, "application/fhir+json"),
        ("application/fhir+xml", 406, "application/fhir+json"),
        ("application/fhir+json;fhirVersion=3.0", 406, "application/fhir+json"),
        ("application/json;q=0", 406, "application/fhir+json"),
    ],
)
def test_fhir_is_spoken_as_json(
    as_owner: Any, patient: Patient, accept: str, status: int, answered: str
) -> None:
    reply = as_owner.get(f"{FHIR}/Patient", headers={"Accept": accept})
    assert reply.status_code == status
    assert reply["Content-Type"].partition(";")[0] == answered
    if status == 406:
        is_refused(reply, 406)


def test_the_format_may_stand_in_the_address(as_owner: Any, patient: Patient) -> None:
    asked = f"{FHIR}/Patient/{patient.id}?_format="
    for name in ("json", "application/json", "application/fhir%2Bjson", "application/fhir+json"):
        assert as_owner.get(asked + name, headers={"Accept": "text/html"}).status_code == 200
    is_refused(as_owner.get(f"{asked}xml"), 406)
    assert b"\n  " in as_owner.get(f"{asked}json&_pretty=true").content


def test_who_has_a_version_already_is_not_sent_it_again(as_owner: Any, stored: Assessment) -> None:
    address = f"{FHIR}/RiskAssessment/{stored.id}"
    first = as_owner.get(address)
    tag, changed = first["ETag"], first["Last-Modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"x", {tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": changed},
    ):
        again = as_owner.get(address, headers=headers)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    for headers in (
        {"If-None-Match": 'W/"x"'},
        {"If-None-Match": 'W/"x"', "If-Modified-Since": changed},
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert as_owner.get(address, headers=headers).status_code == 200
    assert as_owner.head(address).status_code == 200
    options = as_owner.options(address)
    assert (options.status_code, options["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_the_report_is_a_file_or_fhir_and_taking_it_leaves_a_trace(
    as_owner: Any, stored: Assessment
) -> None:
    report = as_owner.get(f"{FHIR}/DiagnosticReport/{stored.id}").json()
    address = f"{FHIR}/{report['presentedForm'][0]['url']}"
    file = as_owner.get(address)
    assert (file["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    wrapped = as_owner.get(address, headers={"Accept": "application/fhir+json"})
    check(wrapped.json())
    assert wrapped.json()["contentType"] == "application/pdf"
    assert AuditEvent.objects.filter(action="report.take", target=str(stored.id)).count() == 2
    is_refused(as_owner.get(address, headers={"Accept": "application/fhir+xml"}), 406)


def test_a_model_is_told_of_only_once_it_is_approved(
    as_owner: Any, owner: User, patient: Patient, model: RegisteredModel, second_statistician: User
) -> None:
    both = assess(
        by=owner,
        patient=patient,
        answers=ANSWERS,
        engines=["evidence", "cox"],
        options=QUICK,
    )
    assert "cox" in both.model_ids
    evidence = [str(both.id)]
    told = json.dumps(found(as_owner, "RiskAssessment"))
    assert ids(json.loads(told)) == evidence
    assert "imulated" not in told
    # As if what answered had met real people and a second person had approved it.
    estimates = [
        one | {"trained_on": "cohort clinic", "model_id": model.model_id}
        if one["engine"] == "cox"
        else one
        for one in both.estimates
    ]
    ids_then = both.model_ids | {"cox": model.model_id}
    for stored in Assessment.objects.all():
        stored.estimates, stored.model_ids = estimates, ids_then
        stored.save()
    assert ids(found(as_owner, "RiskAssessment")) == evidence
    RegisteredModel.objects.update(
        status="serving", approved_by=second_statistician, trained_on="cohort clinic"
    )
    both_ids = ids(found(as_owner, "RiskAssessment"))
    assert set(both_ids) == {*evidence, f"{both.id}.cox"}
    learned = as_owner.get(f"{FHIR}/RiskAssessment/{both.id}.cox").json()
    check(learned)
    assert learned["method"]["coding"][0]["code"] == "cox"
    RegisteredModel.objects.update(trained_on="simulated people")
    assert ids(found(as_owner, "RiskAssessment")) == evidence
    is_refused(as_owner.get(f"{FHIR}/RiskAssessment/{both.id}.cox"), 404)


def test_a_request_that_cannot_be_read_is_refused_as_fhir(owner: User) -> None:
    client = caller(owner)
    assess_address = f"{FHIR}/RiskAssessment/$assess"
    for body, kind, status in (
        (b"{", "application/fhir+json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/fhir+json", 400),
        (b'{"a": 1, "a": 2}', "application/fhir+json", 400),
        (b"<Bundle/>", "application/fhir+xml", 415),
        (b"{}", "text/plain", 415),
        (b"[" * 100_000, "application/fhir+json", 400),
        (b" " * (5 * 2**20 + 1), "application/fhir+json", 413),
    ):
        is_refused(client.generic("POST", assess_address, body, kind), status)
    is_refused(APIClient().generic("POST", assess_address, b"{}", "application/fhir+json"), 401)


def test_a_corrected_name_is_another_version_from_then_on(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    address = f"{FHIR}/Patient/{patient.id}"
    before = as_owner.get(address)
    tomorrow = timezone.now() + timedelta(days=1)
    with patch("django.utils.timezone.now", return_value=tomorrow):
        change_patient(by=owner, patient=patient, name="Ada Changed")
    after = as_owner.get(address, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.json()["name"][0]["text"] == "Ada Changed"
    assert after.json()["meta"]["lastUpdated"] > before.json()["meta"]["lastUpdated"]
    assert after["ETag"] != before["ETag"]


def test_what_django_itself_refuses_or_we_have_broken_is_told_as_fhir(
    as_owner: Any, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = as_owner.get(f"{FHIR}/metadata", headers={"Host": "elsewhere.example"})
    is_refused(strange, 400)

    def broken(**given: Any) -> None:
        raise RuntimeError(patient.name)

    monkeypatch.setattr("riskapp.api.fhir.resources.read", broken)
    as_owner.raise_request_exception = False
    fault = as_owner.get(f"{FHIR}/Patient/{patient.id}")
    issue = is_refused(fault, 500)
    assert issue["code"] == "exception"
    assert patient.name not in fault.content.decode()
