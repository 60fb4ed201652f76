"""A restricted record opens to its care team, to others for a reason, and by no other door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions import finding
from riskapp.actions.assessing import assess
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import NotFound, RecordRestricted, Refused
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import register_patient
from riskapp.actions.restricting import open_for_reason, restrict
from riskapp.models import Assessment, AuditEvent, EmergencyAccess, Patient, Restriction, Scan
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
WHY = {"reason": "emergency", "words": "Fell on the ward; on call tonight."}


@pytest.fixture
def restricted(owner: User, colleague: User, patient: Patient) -> Patient:
    """Cared for by the owner; the colleague of the same clinic is not on the team."""
    restrict(by=owner, patient=patient, team=[])
    return patient


@pytest.fixture
def scan(restricted: Patient, owner: User) -> Scan:
    return stored_scan(restricted, owner, "measured")


@pytest.fixture
def assessment(restricted: Patient, owner: User) -> Assessment:
    return assess(by=owner, patient=restricted, answers={"population": "gb"})


@pytest.fixture
def auditor(colleague: User) -> User:
    user = User.objects.create_user("auditor")
    type(colleague.membership).objects.create(
        user=user, organisation=colleague.membership.organisation
    )
    set_roles(by=user, user=user, roles=["auditor"])
    return user


def test_the_care_team_goes_on_as_before(pages: Client, restricted: Patient) -> None:
    assert pages.get(f"/patients/{restricted.pk}/").status_code == 200
    assert restricted.name in pages.get("/?waits=everyone").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/patients/{patient}/",
        "/patients/{patient}/assessments/new/",
        "/patients/{patient}/changes/",
        "/patients/{patient}/care-team/",
        "/scans/{scan}/",
        "/assessments/{assessment}/",
        "/assessments/{assessment}/decide/",
        "/assessments/{assessment}/report.pdf",
    ],
)
def test_a_colleague_is_asked_for_a_reason_at_every_page(
    colleague: User,
    restricted: Patient,
    scan: Scan,
    assessment: Assessment,
    browser_of: Any,
    address: str,
) -> None:
    there = address.format(patient=restricted.pk, scan=scan.pk, assessment=assessment.pk)
    reply = browser_of(colleague).get(there)
    assert reply.status_code == 403
    page = reply.content.decode()
    assert "This record is open to its care team only." in page
    assert f'name="next" value="{there}"' in page


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/patients/{patient}/",
        "/api/v1/patients/{patient}/fractures/",
        "/api/v1/scans/{scan}/",
        "/api/v1/assessments/{assessment}/",
        "/api/v1/assessments/{assessment}/explanation/",
    ],
)
def test_programs_are_told_the_kind_of_problem_and_what_to_do(
    colleague: User,
    restricted: Patient,
    scan: Scan,
    assessment: Assessment,
    browser_of: Any,
    address: str,
) -> None:
    there = address.format(patient=restricted.pk, scan=scan.pk, assessment=assessment.pk)
    reply = browser_of(colleague).get(there)
    assert reply.status_code == 403
    assert reply.json()["type"] == "/api/problems/restricted-record/"
    assert f"/api/v1/patients/{restricted.pk}/emergency-access/" in reply.json()["detail"]


@pytest.mark.parametrize("kind", ["Patient", "RiskAssessment", "DiagnosticReport", "Provenance"])
def test_fhir_refuses_to_read_it_and_does_not_find_it(
    colleague: User, restricted: Patient, assessment: Assessment, browser_of: Any, kind: str
) -> None:
    client = browser_of(colleague)
    id = restricted.pk if kind == "Patient" else assessment.pk
    reply = client.get(f"/fhir/{kind}/{id}")
    assert reply.status_code == 403
    assert "care team" in reply.json()["issue"][0]["details"]["text"]
    assert client.get(f"/fhir/{kind}?_id={id}").json()["total"] == 0


def test_lists_hold_no_clinical_value_of_it(
    colleague: User, restricted: Patient, scan: Scan, assessment: Assessment, browser_of: Any
) -> None:
    client = browser_of(colleague)
    for address in ("/?waits=everyone", "/recall/", "/recall/ct/", "/api/v1/worklist/"):
        assert restricted.record_number not in client.get(address).content.decode()
    for address in ("patients", "scans", "assessments", "expected-scans"):
        assert client.get(f"/api/v1/{address}/").json()["results"] == []
    found = client.get("/", {"q": restricted.name}).content.decode()
    assert "Restricted records" in found
    assert found.count(restricted.record_number) == 1


def test_another_organisation_meets_nothing_at_all(
    stranger: User, restricted: Patient, browser_of: Any
) -> None:
    client = browser_of(stranger)
    assert client.get(f"/patients/{restricted.pk}/").status_code == 404
    assert client.post(f"/patients/{restricted.pk}/restricted/", WHY).status_code == 404
    assert client.get(f"/api/v1/patients/{restricted.pk}/").status_code == 404


def test_a_stated_reason_opens_it_to_that_person_for_four_hours(
    colleague: User,
    second_statistician: User,
    restricted: Patient,
    browser_of: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, there = browser_of(colleague), f"/patients/{restricted.pk}/"
    reply = client.post(f"{there}restricted/", WHY | {"next": f"{there}changes/"})
    assert reply["Location"] == f"{there}changes/"
    assert "open to you until" in client.get(there).content.decode()
    assert client.get(f"/api/v1/patients/{restricted.pk}/").status_code == 200
    assert browser_of(second_statistician).get(there).status_code == 403
    made = EmergencyAccess.objects.get()
    assert made.words == WHY["words"]
    assert AuditEvent.objects.filter(action="emergency.open", target=str(restricted.pk)).exists()
    ends = datetime.now(UTC) + timedelta(hours=4)
    monkeypatch.setattr(timezone, "now", lambda: ends - timedelta(minutes=1))
    assert finding.patient(by=colleague, id=restricted.pk)
    monkeypatch.setattr(timezone, "now", lambda: made.ends_at)
    with pytest.raises(RecordRestricted):
        finding.patient(by=colleague, id=restricted.pk)


@pytest.mark.parametrize(
    ("reason", "words", "field"),
    [
        ("curious", WHY["words"], "reason"),
        ("", WHY["words"], "reason"),
        ("emergency", "x" * 9, "words"),
        ("emergency", "x" * 1_001, "words"),
        ("emergency", "   ", "words"),
    ],
)
def test_a_reason_is_of_the_list_and_says_something(
    colleague: User, restricted: Patient, browser_of: Any, reason: str, words: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        open_for_reason(by=colleague, id=restricted.pk, reason=reason, words=words)
    assert set(refused.value.by_field) == {field}
    sent = {"reason": reason, "words": words}
    reply = browser_of(colleague).post(f"/patients/{restricted.pk}/restricted/", sent)
    assert reply.status_code == 400
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("words", ["x" * 10, "x" * 1_000])
def test_words_are_taken_up_to_both_ends(colleague: User, restricted: Patient, words: str) -> None:
    assert open_for_reason(by=colleague, id=restricted.pk, reason="other", words=words)


def test_a_program_states_the_reason_by_a_call(
    colleague: User, restricted: Patient, browser_of: Any
) -> None:
    client, there = browser_of(colleague), f"/api/v1/patients/{restricted.pk}/emergency-access/"
    assert client.post(there, {"reason": "curious"}, "application/json").status_code == 400
    reply = client.post(there, WHY, "application/json")
    assert (reply.status_code, reply.json()["reason"]) == (201, "emergency")
    assert client.post(there, WHY, "application/json").status_code == 404  # it is open already


def test_what_was_typed_is_not_lost_when_the_four_hours_end(
    colleague: User, restricted: Patient, browser_of: Any
) -> None:
    client, there = browser_of(colleague), f"/patients/{restricted.pk}/"
    form = "application/x-www-form-urlencoded"
    page = client.post(f"{there}assessments/new/", "weight_kg=61.5", content_type=form)
    assert page.status_code == 403
    client.post(f"{there}restricted/", WHY | {"next": "/account/kept/"})
    assert 'value="61.5"' in client.get("/account/kept/").content.decode()


def test_what_machines_bring_reaches_it_and_nobody_else_can_take_its_number(
    colleague: User, restricted: Patient
) -> None:
    bringing = service_account("hl7", "ward", restricted.organisation.name)
    assert finding.patient(by=bringing, id=restricted.pk)
    with pytest.raises(Refused, match="already registered"):
        register_patient(
            by=colleague,
            name="Another",
            record_number=restricted.record_number,
            date_of_birth=restricted.date_of_birth,
            sex="female",
        )


def test_who_opened_it_is_listed_and_reviewed_by_somebody_else(
    colleague: User, auditor: User, restricted: Patient, browser_of: Any
) -> None:
    made = open_for_reason(by=colleague, id=restricted.pk, **WHY)
    assert browser_of(colleague).get("/restricted/").status_code == 403
    client = browser_of(auditor)
    page = client.get("/restricted/").content.decode()
    assert WHY["words"] in page
    assert restricted.name not in page
    there = f"/restricted/{made.pk}/review/"
    client.post(there, {"verdict": "rubbish"})
    made.refresh_from_db()
    assert made.reviewed_at is None
    client.post(there, {"verdict": "follow_up"})
    made.refresh_from_db()
    assert (made.verdict, made.reviewed_by) == ("follow_up", auditor)
    assert client.post(there, {"verdict": "justified"}).status_code == 404
    assert AuditEvent.objects.filter(action="emergency.follow_up").count() == 1


def test_nobody_reviews_what_they_opened_themselves(
    colleague: User, restricted: Patient, browser_of: Any
) -> None:
    set_roles(by=colleague, user=colleague, roles=["clinician", "administrator"])
    made = open_for_reason(by=colleague, id=restricted.pk, **WHY)
    client = browser_of(colleague)
    assert (
        client.post(f"/restricted/{made.pk}/review/", {"verdict": "justified"}).status_code == 404
    )


def test_the_care_team_is_named_and_changed_by_itself(
    owner: User, colleague: User, stranger: User, patient: Patient, browser_of: Any
) -> None:
    mine, theirs = browser_of(owner), browser_of(colleague)
    there = f"/patients/{patient.pk}/care-team/"
    assert "Restrict the record" in mine.get(there).content.decode()
    assert mine.post(there, {"team": [stranger.pk]}).status_code == 400
    assert not Restriction.objects.exists()
    assert mine.post(there, {"team": [colleague.pk]}).status_code == 302
    assert theirs.get(f"/patients/{patient.pk}/").status_code == 200
    assert mine.post(there, {"team": []}).status_code == 302
    assert theirs.get(f"/patients/{patient.pk}/").status_code == 403
    open_for_reason(by=colleague, id=patient.pk, **WHY)
    assert "Only its care team changes" in theirs.get(there).content.decode()
    assert theirs.post(there, {"lift": "1"}).status_code == 404
    assert mine.post(there, {"lift": "1"}).status_code == 302
    assert not Restriction.objects.exists()
    done = AuditEvent.objects.filter(action__startswith="restriction.").values_list("action")
    assert {one for (one,) in done} == {
        "restriction.make", "restriction.add", "restriction.remove", "restriction.lift"
    }  # fmt: skip


def test_a_reason_is_asked_only_where_it_is_needed(owner: User, restricted: Patient) -> None:
    with pytest.raises(NotFound):
        open_for_reason(by=owner, id=restricted.pk, **WHY)


def test_a_patient_is_told_who_opened_it_in_an_emergency(
    owner: User, colleague: User, restricted: Patient, browser_of: Any
) -> None:
    open_for_reason(by=colleague, id=restricted.pk, **WHY)
    page = browser_of(owner).get(f"/patients/{restricted.pk}/accesses/").content.decode()
    assert "Restricted who may open the record" in page
    assert f'<td data-heading="Who">{colleague.username}</td>' in page
    assert "Opened the restricted record, with a reason" in page
