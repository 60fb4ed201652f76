"""Requests that a program sends again under its key: done once, and answered as before."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from riskapp.actions.assessing import assess
from riskapp.actions.confining import confine
from riskapp.actions.errors import KeyOfAnother
from riskapp.actions.restricting import restrict
from riskapp.actions.sent_twice import KEPT_FOR, answered_once
from riskapp.models import AuditEvent, Fracture, KeptAnswer, Patient, SharedLink

WRIST = {"site": "forearm", "happened_on": "2024-09"}
COURSE = {"agent": "denosumab", "started_on": "2021"}
PROBLEM = "application/problem+json"


def sent(as_whom: Any, address: str, body: Any, key: str = "one") -> Any:
    return as_whom.post(address, body, headers={"Idempotency-Key": key})


@pytest.fixture
def fractures(patient: Patient) -> str:
    return f"/api/v1/patients/{patient.id}/fractures/"


def test_every_door_of_events_does_what_is_sent_again_once(
    as_owner: Any, owner: User, patient: Patient, fractures: str
) -> None:
    treatments = f"/api/v1/patients/{patient.id}/treatments/"
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    discussions = f"/api/v1/assessments/{made.id}/discussions/"
    deeds = [(fractures, WRIST), (treatments, COURSE), (discussions, {"decided": "refer"})]
    for number, (address, body) in enumerate(deeds):
        first, again = (sent(as_owner, address, body, f"key {number}") for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert as_owner.get(address).json()["count"] == 1
    course = as_owner.get(treatments).json()["treatments"][0]["id"]
    end = {"ended_on": "2023", "why_ended": "not_known"}
    first, again = (sent(as_owner, f"{treatments}{course}/end/", end, "end") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert AuditEvent.objects.filter(action__contains="record").count() == 2


def test_a_link_is_made_once_and_its_secret_told_once(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    address = f"/api/v1/assessments/{made.id}/shares/"
    first, again = (sent(as_owner, address, {"days": 3}) for _ in range(2))
    assert again.json() == first.json() | {"url": None}
    assert SharedLink.objects.count() == 1
    assert first.json()["url"].rsplit("/", 2)[1] not in str(list(KeptAnswer.objects.values()))


def test_the_body_counts_and_not_how_it_is_written(as_owner: Any, fractures: str) -> None:
    sent(as_owner, fractures, WRIST)
    turned = sent(as_owner, fractures, dict(reversed(WRIST.items())))
    assert turned.status_code == 201
    assert Fracture.objects.count() == 1


def test_a_key_that_came_with_another_request_is_refused(
    as_owner: Any, patient: Patient, fractures: str
) -> None:
    sent(as_owner, fractures, WRIST)
    elsewhere = f"/api/v1/patients/{patient.id}/treatments/"
    for address, body in ((fractures, WRIST | {"site": "hip"}), (elsewhere, WRIST)):
        reply = sent(as_owner, address, body)
        assert (reply.status_code, reply["Content-Type"]) == (422, PROBLEM)
        assert reply.json()["detail"] == (
            "This Idempotency-Key came with another request before; give each request its own."
        )
    assert Fracture.objects.count() == 1
    assert sent(as_owner, fractures, WRIST | {"site": "hip"}, "another").status_code == 201


@pytest.mark.parametrize(
    ("key", "status"),
    [("k", 201), ("k" * 255, 201), ("k" * 256, 400), ("", 400), (" ", 400), ("a\tb", 400),
     ("\u00fc", 400)],
)  # fmt: skip
def test_a_key_is_some_printable_characters(
    as_owner: Any, fractures: str, key: str, status: int
) -> None:
    reply = sent(as_owner, fractures, WRIST, key)
    assert reply.status_code == status
    assert Fracture.objects.count() == (status == 201)
    if status == 400:
        assert "1 to 255 printable ASCII characters" in reply.json()["detail"]


def test_what_was_refused_is_mended_under_the_same_key(as_owner: Any, fractures: str) -> None:
    assert sent(as_owner, fractures, WRIST | {"site": "skull"}).status_code == 400
    assert sent(as_owner, fractures, WRIST).status_code == 201


def test_without_a_key_the_same_twice_is_two(as_owner: Any, fractures: str) -> None:
    assert [as_owner.post(fractures, WRIST).status_code for _ in range(2)] == [201, 201]
    assert Fracture.objects.count() == 2


def test_keys_are_each_accounts_own(as_owner: Any, as_colleague: Any, fractures: str) -> None:
    replies = [sent(one, fractures, WRIST) for one in (as_owner, as_colleague)]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert Fracture.objects.count() == 2


@pytest.mark.parametrize(("less", "count"), [(timedelta(minutes=1), 1), (timedelta(0), 2)])
def test_an_answer_is_kept_for_a_day(
    as_owner: Any, fractures: str, less: timedelta, count: int
) -> None:
    sent(as_owner, fractures, WRIST)
    kept = KeptAnswer.objects.get()
    KeptAnswer.objects.update(at=kept.at - KEPT_FOR + less)
    sent(as_owner, fractures, WRIST)
    assert Fracture.objects.count() == count
    assert KeptAnswer.objects.count() == 1


def test_what_was_answered_is_told_again_while_the_record_is_open_and_is_a_reading(
    as_owner: Any, as_colleague: Any, owner: User, patient: Patient, fractures: str
) -> None:
    first = sent(as_colleague, fractures, WRIST)
    before = AuditEvent.objects.count()
    assert sent(as_colleague, fractures, WRIST).content == first.content
    assert AuditEvent.objects.count() == before + 1
    read = AuditEvent.objects.order_by("-number")[0]
    assert (read.action.split(".")[0], read.patient_id) == ("read", patient.id)
    restrict(by=owner, patient=patient, team=[])
    assert sent(as_colleague, fractures, WRIST).status_code == 403


def test_what_one_app_was_told_of_a_patient_is_not_told_to_another_app_of_the_same_person(
    owner: User, patient: Patient
) -> None:
    """They share an account, and so the space of its keys; each token is for one patient."""
    confine(owner, patient.id)
    told = {"key": "k", "asked": "the same", "answer": lambda: {"body": "hers"}}
    assert answered_once(by=owner, **told) == answered_once(by=owner, **told) == {"body": "hers"}
    another = User.objects.get(pk=owner.pk)
    confine(another, uuid4())
    with pytest.raises(KeyOfAnother):
        answered_once(by=another, **told)
