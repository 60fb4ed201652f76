"""Many people's answers at once: asked for, waited for, fetched, and nobody else's."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from riskapp.actions import leasing
from riskapp.actions.assessing import assess
from riskapp.actions.fhir import bulk_answering
from riskapp.actions.fhir.bulk_answering import KEPT_FOR, answer_next, folder_of
from riskapp.actions.importing_record import import_record
from riskapp.actions.registering import register_patient
from riskapp.exchange.fhir.reading import read_record
from riskapp.models import Assessment, AuditEvent, BulkAnswer, Patient
from tests.fhir.validating import check

pytestmark = pytest.mark.django_db
ADDRESS, WORKER = "/fhir/RiskAssessment/$assess-all", "host-a:1:1"
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(autouse=True)
def kept_here(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def three(owner: User, patient: Patient) -> list[Patient]:
    """One of whom nothing is known, one whose record was imported, and one who is too old."""
    imported = register_patient(
        by=owner, name="Im Ported", record_number="I1", date_of_birth=date(1955, 5, 5), sex="female"
    )
    told = {
        "resourceType": "Observation",
        "id": "w",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "39156-5"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-01-01",
        "valueQuantity": {"value": 21.5, "code": "kg/m2", "system": "http://unitsofmeasure.org"},
    }
    record = read_record([told], today=date(2026, 11, 22), patient="p")
    import_record(by=owner, patient=imported, source="ehr:ward", record=record)
    old = register_patient(
        by=owner, name="Very Old", record_number="O1", date_of_birth=date(1930, 5, 5), sex="male"
    )
    return [patient, imported, old]


def ask(client: Any, body: Any = None, query: str = "?population=gb", **headers: str) -> Any:
    return client.post(
        f"{ADDRESS}{query}",
        data=json.dumps(body) if body is not None else "",
        content_type="application/fhir+json",
        headers={**ASYNC, **headers},
    )


def lines(client: Any, address: str) -> list[dict[str, Any]]:
    reply = client.get(address)
    assert reply.status_code == 200
    assert reply["Content-Type"] == "application/fhir+ndjson"
    return [json.loads(line) for line in b"".join(reply.streaming_content).splitlines()]


def test_everybody_is_answered_for_as_alone(
    as_owner: Any, owner: User, three: list[Patient]
) -> None:
    started = ask(as_owner)
    assert started.status_code == 202
    place = started["Content-Location"]
    waiting = as_owner.get(place)
    assert (waiting.status_code, waiting["X-Progress"]) == (202, "0 of 3")
    assert int(waiting["Retry-After"]) > 0
    call_command("bulk", until_idle=True)
    manifest = as_owner.get(place)
    assert manifest.status_code == 200
    assert "Expires" in manifest.headers
    told = manifest.json()
    assert told["requiresAccessToken"] is True
    assert told["request"].endswith("population=gb")
    [output], [error] = told["output"], told["error"]
    assert (output["type"], output["count"], error["count"]) == ("RiskAssessment", 2, 1)
    found = {one["subject"]["reference"]: one for one in lines(as_owner, output["url"])}
    for who in three[:2]:
        alone = assess(by=owner, patient=who, answers={"population": "gb"})
        told_here = found[f"Patient/{who.id}"]
        check(told_here)
        percents = {one["probabilityDecimal"] for one in told_here["prediction"]}
        for one in alone.estimates[0]["outcomes"].values():
            # RiskAssessment tells per cent (ras-2).
            assert any(abs(p - 100 * one["probability_10y"]) < 0.05 for p in percents)
    [problem] = lines(as_owner, error["url"])
    check(problem)
    assert f"Patient/{three[2].id}" in problem["issue"][0]["diagnostics"]
    # What was asked for many is stored with nobody.
    assert Assessment.objects.count() == 2


def test_only_those_who_are_named_are_answered_for(as_owner: Any, three: list[Patient]) -> None:
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{three[1].id}"}},
            {"name": "population", "valueCode": "gb"},
        ],
    }
    place = ask(as_owner, body, query="")["Content-Location"]
    assert answer_next(WORKER)
    [output] = as_owner.get(place).json()["output"]
    [told] = lines(as_owner, output["url"])
    assert told["subject"]["reference"] == f"Patient/{three[1].id}"


def test_without_a_population_the_reason_is_told_for_each(
    as_owner: Any, three: list[Patient]
) -> None:
    place = ask(as_owner, query="")["Content-Location"]
    assert answer_next(WORKER)
    told = as_owner.get(place).json()
    assert told["output"] == []
    assert told["error"][0]["count"] == 3


def test_a_worker_that_dies_leaves_no_line_twice(
    as_owner: Any, three: list[Patient], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ask(as_owner)["Content-Location"]
    monkeypatch.setattr(bulk_answering, "PEOPLE_AT_ONCE", 1)
    keep, kept = bulk_answering._keep, []

    def dies(*given: Any) -> None:
        if kept:
            raise SystemExit  # after the line was written, before it counts
        kept.append(given)
        keep(*given)

    monkeypatch.setattr(bulk_answering, "_keep", dies)
    with pytest.raises(SystemExit):
        answer_next(WORKER)
    monkeypatch.setattr(bulk_answering, "_keep", keep)
    assert as_owner.get(place)["X-Progress"] == "1 of 3"
    assert answer_next("host-b:1:1")
    told = as_owner.get(place).json()
    rows = [row for one in (*told["output"], *told["error"]) for row in lines(as_owner, one["url"])]
    assert len(rows) == 3
    assert sum(one["count"] for one in (*told["output"], *told["error"])) == 3


def test_taking_it_away_stops_it_and_forgets_the_files(as_owner: Any, three: list[Patient]) -> None:
    place = ask(as_owner)["Content-Location"]
    assert answer_next(WORKER)
    folder = folder_of(BulkAnswer.objects.get())
    output = as_owner.get(place).json()["output"][0]["url"]
    assert as_owner.delete(place).status_code == 202
    assert as_owner.get(place).status_code == as_owner.get(output).status_code == 404
    assert not folder.exists()
    actions = AuditEvent.objects.filter(action__startswith="bulk_answer").order_by("at")
    told = [f"bulk_answer.{deed}" for deed in ("ask", "done", "cancel")]
    assert list(actions.values_list("action", flat=True)) == told


def test_what_is_taken_away_while_it_is_answered_ends(
    as_owner: Any, three: list[Patient], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ask(as_owner)["Content-Location"]
    resource_for = bulk_answering.resource_for

    def taken_away(work: BulkAnswer, patient: Patient) -> Any:
        as_owner.delete(place)
        return resource_for(work, patient)

    monkeypatch.setattr(bulk_answering, "resource_for", taken_away)
    assert answer_next(WORKER)
    assert not BulkAnswer.objects.exists()
    assert not list((bulk_answering.folder_of(BulkAnswer()).parent).glob("*"))


def test_what_is_old_is_forgotten(as_owner: Any, three: list[Patient]) -> None:
    place = ask(as_owner)["Content-Location"]
    assert answer_next(WORKER)
    BulkAnswer.objects.update(finished_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    assert as_owner.get(place).status_code == 404
    assert not answer_next(WORKER)
    assert not BulkAnswer.objects.exists()


def test_another_organisation_sees_nothing_of_it(
    as_owner: Any, three: list[Patient], stranger: User
) -> None:
    place = ask(as_owner)["Content-Location"]
    assert answer_next(WORKER)
    file = as_owner.get(place).json()["output"][0]["url"]
    other = Client()
    other.force_login(stranger)
    assert {other.get(place).status_code, other.get(file).status_code} == {404}
    assert other.delete(place).status_code in (403, 404)
    named = {"name": "patient", "valueReference": {"reference": f"Patient/{three[0].id}"}}
    body = {"resourceType": "Parameters", "parameter": [named]}
    assert ask(other, body).status_code in (403, 404)
    assert Client().get(place).status_code in (401, 403)


@pytest.mark.parametrize(
    ("body", "query", "sentence"),
    [
        (None, "?people=all", "There is no parameter 'people'"),
        (None, "?population=gb&population=us", "is given twice"),
        (None, "?population=atlantis", "is not available"),
        (None, "?clamp-age=perhaps", "is true or false"),
        (None, "?_outputFormat=application/fhir%2Bxml", "come as application/fhir+ndjson"),
        (None, "?patient=Patient/7", "with an id of ours"),
        ({"resourceType": "Bundle"}, "", "Send Parameters"),
        ({"resourceType": "Parameters", "parameter": 3}, "", "Send Parameters"),
        ({"resourceType": "Parameters", "parameter": [{"name": "population"}]}, "", "one value"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    as_owner: Any, patient: Patient, body: Any, query: str, sentence: str
) -> None:
    reply = ask(as_owner, body, query=query)
    assert reply.status_code in (400, 422), reply.content
    told = reply.json()
    check(told)
    assert sentence in told["issue"][0]["diagnostics"]
    assert not BulkAnswer.objects.exists()


def test_it_has_to_be_asked_for_as_work_that_takes_its_time(as_owner: Any) -> None:
    reply = ask(as_owner, Prefer="return=minimal")
    assert reply.status_code == 400
    assert "respond-async" in reply.json()["issue"][0]["diagnostics"]


def test_too_many_at_once_have_to_wait(as_owner: Any, patient: Patient) -> None:
    for _ in range(bulk_answering.MOST_OPEN):
        assert ask(as_owner).status_code == 202
    reply = ask(as_owner)
    assert reply.status_code == 429
    assert int(reply["Retry-After"]) > 0
    BulkAnswer.objects.first().delete()
    assert ask(as_owner).status_code == 202


def test_what_keeps_failing_is_told_as_an_error(
    as_owner: Any, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ask(as_owner)["Content-Location"]

    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bulk_answering, "resource_for", fails)
    for _ in range(len(leasing.BACK_OFF) + 1):
        BulkAnswer.objects.update(run_after=timezone.now() - timedelta(seconds=1))
        assert answer_next(WORKER)
    reply = as_owner.get(place)
    assert reply.status_code == 500
    assert "the log says where" in reply.json()["issue"][0]["diagnostics"]
