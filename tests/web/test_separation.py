"""One organisation never meets another: every address, by every way in, with ids that exist.

Nor does a token for one patient of the same organisation reach anybody else's.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, set_token_value
from rest_framework.test import APIClient

from riskapp import models
from riskapp.actions.api_clients import add_client
from riskapp.actions.assessing import assess
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import register_patient
from riskapp.actions.sharing import share
from riskapp.models import Role
from tests.signing import form, key_set
from tests.web import stories
from tests.web.every_door import ID, chosen, doors, ids_of_fhir
from tests.web.scans import stored_scan
from tests.web.stories import Stories

pytestmark = pytest.mark.django_db
PROGRAMS = re.compile(r"^(api|fhir|dicomweb)\b")
QUESTIONS = (
    "/fhir/RiskAssessment?patient={patient}",
    "/fhir/RiskAssessment?subject=Patient/{patient}",
    "/fhir/RiskAssessment?_id={assessment}",
    "/fhir/Observation?patient={patient}",
    "/fhir/Observation?subject=Patient/{patient}",
    "/fhir/DiagnosticReport?patient={patient}",
    "/fhir/Provenance?target=RiskAssessment/{assessment}",
    "/fhir/Patient?_id={patient}",
    "/fhir/Patient?identifier={number}",
    "/fhir/Patient?name={name}",
    "/api/v1/patients/?search={name}",
    "/api/v1/scans/?patient={patient}",
    "/api/v1/assessments/?patient={patient}",
)


@pytest.fixture
def ours(
    owner: User,
    statistician: User,
    second_statistician: User,
    model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Stories:
    """Everything that can be there, of the one organisation; nobody looks at what scans show."""
    monkeypatch.setattr(stories, "phantom_scan", _undrawn)
    told = Stories(owner, statistician, second_statistician)
    told.tell(model_folder)
    share(by=owner, assessment=models.Assessment.objects.latest("created_at"))
    models.Webhook.objects.create(
        organisation=owner.membership.organisation, url="https://x.example", events=[],
        created_by=owner,
    )  # fmt: skip
    models.BulkAnswer.objects.create(
        organisation=owner.membership.organisation, asked_by=owner, run_after=timezone.now()
    )
    models.EmergencyAccess.objects.create(
        patient=told.people[0], user=owner, reason="other", words="why", opened_at=timezone.now(),
        ends_at=timezone.now(),
    )  # fmt: skip
    models.Fetch.objects.create(
        organisation=owner.membership.organisation, patient=told.people[0], archive="A",
        asked_by=owner, run_after=timezone.now(),
    )  # fmt: skip
    return told


def _undrawn(patient: models.Patient, by: User, _: str, **found: Any) -> models.Scan:
    return stored_scan(patient, by, "measured", **found)


@pytest.fixture
def ways_in(strange_statistician: User) -> dict[str, Any]:
    """Those of the other one: a person in every role, and a program that may do all."""
    set_roles(by=strange_statistician, user=strange_statistician, roles=Role)
    person = Client(raise_request_exception=False)
    person.force_login(strange_statistician)
    theirs = add_client(
        name="theirs", organisation="Clinic B", scopes=["system/*.cruds"], keys=key_set("rs384")
    )
    asked = form(theirs.client.application.client_id, "system/*.cruds")
    told = Client().post("/oauth/token", urlencode(asked), "application/x-www-form-urlencoded")
    program = APIClient(raise_request_exception=False)
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {told.json()['access_token']}")
    return {"person": person, "program": program}


@pytest.fixture
def app(ours: Stories) -> APIClient:
    """An app of our own organisation, which may do all, but with one other patient only."""
    solo = register_patient(
        by=ours.clinician,
        name="Solo",
        record_number="solo",
        date_of_birth=ours.people[0].date_of_birth,
        sex="female",
    )
    made = add_client(
        name="app",
        organisation=solo.organisation.name,
        scopes=["patient/*.cruds", "launch"],
        redirect_uris=["https://app.example/"],
        public=True,
        launch_url="https://app.example/launch",
    )
    token = AccessToken(
        user=ours.clinician,
        application=made.client.application,
        scope="patient/*.cruds",
        expires=timezone.now() + timedelta(hours=1),
    )
    set_token_value(token, "the-token-of-an-app")
    token.save()
    models.LaunchedPatient.objects.create(token=token, patient=solo)
    caller = APIClient(raise_request_exception=False)
    caller.credentials(HTTP_AUTHORIZATION="Bearer the-token-of-an-app")
    return caller


def text_of(reply: Any) -> str:
    told = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return str(told.decode(errors="replace"))


def plain(reply: Any) -> tuple[int, str]:
    """What was answered, less what differs from one request to the next."""
    told = ID.sub("ID", text_of(reply))
    told = re.sub(r'csrfmiddlewaretoken" value="\w+"', "TOKEN", told)
    # What an earlier request of the same person left to be told.
    told = re.sub(r'<div class="messages".*?</div>\s*</div>', "", told, flags=re.S)
    told = re.sub(r"\s+", " ", told)
    return reply.status_code, re.sub(r"\d{4}-\d\d-\d\dT[\d:.+Z-]+", "TIME", told)


def faults(ask: Any, there: str, nowhere: str, names: list[str]) -> Iterator[str]:
    """What one way of asking gives away of a thing, against how it answers about none."""
    reply = ask(there)
    if reply.status_code >= 500:
        yield f"{reply.status_code}, a fault"
    if any(name in text_of(reply) for name in names):
        yield f"{reply.status_code}, names our people"
    if there == nowhere:
        return
    if reply.status_code == 200:
        yield "answers"
    other = plain(ask(nowhere))
    if plain(reply) != other:
        yield f"{reply.status_code}, but {other[0]} where there is nothing"


def test_nothing_of_one_organisation_is_there_for_another(
    ours: Stories, ways_in: dict[str, Any], app: APIClient, browser_of: Any
) -> None:
    fhir = ids_of_fhir(browser_of(ours.clinician))
    assert all(fhir.values())
    names = [word for one in ours.people for word in (one.name, f'"{one.record_number}"')]
    ways = {**ways_in, "app": app}
    addresses = [(one, *both) for one, _ in doors() for both in chosen(one, fhir)]
    wrong, asked = [], 0
    for (pattern, there, nowhere), way, method in product(addresses, ways, ("get", "post")):
        if way == "person" or PROGRAMS.match(pattern):
            asked += 1
            found = faults(getattr(ways[way], method), there, nowhere, names)
            wrong += [f"{method} {there} by a {way}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)
    assert asked > 250


def test_no_question_finds_what_is_another_organisations(
    ways_in: dict[str, Any], owner: User, patient: models.Patient, browser_of: Any
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    told = {
        "patient": patient.id,
        "assessment": made.id,
        "number": patient.record_number,
        "name": patient.name,
    }
    nobody = {"patient": uuid4(), "assessment": uuid4(), "number": "zzz", "name": "zzz"}
    ours = browser_of(owner)
    for query, caller in product(QUESTIONS, ways_in.values()):
        assert ours.get(query.format(**told)).status_code == 200, query
        reply, other = caller.get(query.format(**told)), caller.get(query.format(**nobody))
        assert reply.status_code == other.status_code, query
        assert "entry" not in reply.json(), query
        assert not reply.json().get("results"), query
        assert not reply.json().get("total"), query


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/v1/assessments/", {"patient": "{patient}", "profile": {"population": "gb"}}),
        ("/api/v1/assessments/", {"patient": "{own}", "profile": {}, "scans": ["{scan}"]}),
    ],
)
def test_no_body_reaches_what_is_another_organisations(
    ways_in: dict[str, Any],
    owner: User,
    stranger: User,
    patient: models.Patient,
    address: str,
    body: dict[str, Any],
) -> None:
    scan = stored_scan(patient, owner, "measured")
    own = register_patient(
        by=stranger, name="O", record_number="1", date_of_birth=patient.date_of_birth, sex="female"
    )

    def sent(**ids: Any) -> str:
        text = json.dumps(body)
        for name, id in ids.items():
            text = text.replace(f"{{{name}}}", str(id))
        return text

    for caller in ways_in.values():
        told = {"own": own.id}
        reply = caller.post(
            address, sent(patient=patient.id, scan=scan.id, **told), content_type="application/json"
        )
        other = caller.post(
            address, sent(patient=uuid4(), scan=uuid4(), **told), content_type="application/json"
        )
        assert reply.status_code in (400, 404)
        assert plain(reply) == plain(other)
