"""A hospital's program is told what happened, once and signed, and never a value of a patient."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from riskapp.actions import queueing, sending_webhooks
from riskapp.actions.announcing import EVENTS
from riskapp.actions.delivering import deliver_next
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import register_patient
from riskapp.actions.webhooks import BOTH_VALID, MOST
from riskapp.exchange.outgoing import NotCallable, Unreachable
from riskapp.models import AuditEvent, Delivery, Patient, Role, Webhook

HERE = "/api/v1/webhooks/"
URL = "https://hooks.example.org/in"
ALL = {"url": URL, "events": list(EVENTS)}
WORKER = "host-a:1:1"


class Peer:
    """Stands where the network would be."""

    def __init__(self) -> None:
        self.answer: Any = 204
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def post(self, url: str, body: bytes, headers: dict[str, str], own: Any) -> int:
        self.got.append((url, body, dict(headers)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return int(self.answer)


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Peer:
    stand_in = Peer()
    monkeypatch.setattr(sending_webhooks, "post", stand_in.post)
    return stand_in


@pytest.fixture(autouse=True)
def administrators(owner: User) -> None:
    """Webhooks are an administrator's."""
    set_roles(by=owner, user=owner, roles=[Role.CLINICIAN, Role.ADMINISTRATOR])


def is_signed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    """As a receiver checks it, written anew."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join(
        (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
    )
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{mine}" in headers["webhook-signature"].split(" ")


def registered(owner: User, number: str = "9") -> Patient:
    return register_patient(
        by=owner, name="Secret Name", record_number=number, sex="male",
        date_of_birth=timezone.localdate() - timedelta(days=20_000),
    )  # fmt: skip


def test_what_happens_is_told_once_and_signed(as_owner: Any, owner: User, peer: Peer) -> None:
    made = as_owner.post(HERE, ALL)
    patient = registered(owner)
    assert deliver_next(WORKER)
    assert not deliver_next(WORKER)
    ((url, body, headers),) = peer.got
    assert url == URL
    assert is_signed(made.json()["secret"], body, headers)
    assert not is_signed(made.json()["secret"], body + b" ", headers)
    told = json.loads(body)
    assert told["type"] == "patient.registered"
    assert told["data"] == {"patient": str(patient.id)}
    assert headers["webhook-id"] == str(Delivery.objects.get().id)
    assert "Secret" not in str(list(Delivery.objects.values()))


def test_every_event_is_told_with_identifiers_only(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    as_owner.post(HERE, ALL)
    sent = {"patient": str(patient.id), "profile": {"population": "gb"}}
    as_owner.post("/api/v1/assessments/", sent | {"explain": False, "interval": False})
    told = [one.payload["message"] for one in Delivery.objects.all()]
    assert [one["type"] for one in told] == ["assessment.created"]
    assert set(told[0]["data"]) == {"assessment", "patient"}


def test_what_did_not_happen_is_not_told(as_owner: Any, owner: User) -> None:
    as_owner.post(HERE, ALL)
    with transaction.atomic():
        registered(owner)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_only_who_asked_is_told_and_of_what_they_asked(
    as_owner: Any, as_stranger: Any, owner: User
) -> None:
    as_stranger.post(HERE, ALL)
    as_owner.post(HERE, {"url": URL, "events": ["scan.measured"]})
    registered(owner)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (500, "It answered 500."),
        (302, "redirects are not followed"),
        (Unreachable("It did not answer in time."), "in time"),
    ],
)
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    as_owner: Any, owner: User, peer: Peer, answer: Any, says: str
) -> None:
    made = as_owner.post(HERE, ALL).json()
    registered(owner)
    peer.answer = answer
    deliver_next(WORKER)
    assert says in Delivery.objects.get().problem
    assert as_owner.get(f"{HERE}{made['id']}/").json()["failing_since"]
    Delivery.objects.update(run_after=timezone.now())
    peer.answer = 200
    deliver_next(WORKER)
    (_, first, one), (_, second, other) = peer.got
    assert (first, one["webhook-id"]) == (second, other["webhook-id"])
    assert as_owner.get(f"{HERE}{made['id']}/").json()["failing_since"] is None
    assert Delivery.objects.get().state == "confirmed"


@pytest.mark.parametrize("answer", [410, NotCallable("This address lies within.")])
def test_who_wants_no_more_is_disabled(as_owner: Any, owner: User, peer: Peer, answer: Any) -> None:
    made = as_owner.post(HERE, ALL).json()
    registered(owner)
    peer.answer = answer
    deliver_next(WORKER)
    shown = as_owner.get(f"{HERE}{made['id']}/").json()
    assert shown["disabled_at"]
    assert shown["disabled_because"]
    assert Delivery.objects.get().state == "given up"
    registered(owner, "10")
    assert Delivery.objects.count() == 1
    enabled = as_owner.post(f"{HERE}{made['id']}/enable/").json()
    assert (enabled["disabled_at"], enabled["disabled_because"]) == (None, "")
    registered(owner, "11")
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    ("less", "is_disabled"), [(timedelta(minutes=1), False), (timedelta(0), True)]
)
def test_days_of_failure_disable(
    as_owner: Any, owner: User, peer: Peer, less: timedelta, is_disabled: bool
) -> None:
    as_owner.post(HERE, ALL)
    registered(owner)
    peer.answer = 500
    Webhook.objects.update(failing_since=timezone.now() - sending_webhooks.PATIENCE + less)
    deliver_next(WORKER)
    found = Webhook.objects.get()
    assert bool(found.disabled_at) == is_disabled
    assert ("4 days" in found.disabled_because) == is_disabled


@pytest.mark.parametrize(("less", "count"), [(timedelta(minutes=1), 2), (timedelta(0), 1)])
def test_after_renewing_both_secrets_are_valid_for_a_day(
    as_owner: Any, owner: User, peer: Peer, less: timedelta, count: int
) -> None:
    old = as_owner.post(HERE, ALL).json()
    new = as_owner.post(f"{HERE}{old['id']}/secret/").json()
    assert new["secret"] != old["secret"]
    Webhook.objects.update(renewed_at=timezone.now() - BOTH_VALID + less)
    registered(owner)
    deliver_next(WORKER)
    ((_, body, headers),) = peer.got
    assert is_signed(new["secret"], body, headers)
    assert is_signed(old["secret"], body, headers) == (count == 2)
    assert len(headers["webhook-signature"].split()) == count


def test_the_secret_is_told_once_and_stored_nowhere(as_owner: Any) -> None:
    headers = {"Idempotency-Key": "one"}
    first, again = (as_owner.post(HERE, ALL, headers=headers) for _ in range(2))
    assert again.json() == first.json() | {"secret": None}
    assert first["Cache-Control"] == "no-store"
    assert Webhook.objects.count() == 1
    secret = first.json()["secret"]
    assert "secret" not in as_owner.get(first["Location"]).json()
    assert secret.removeprefix("whsec_") not in str(list(Webhook.objects.values()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://hooks.example.org/"}, {"url": "https://10.0.0.1/"}, {"url": ""},
        {"events": []}, {"events": ["scan.lost"]}, {"events": ["scan.measured"] * 2},
        {"secret": "mine"},
    ],
)  # fmt: skip
def test_what_cannot_be_called_is_not_registered(as_owner: Any, wrong: Any) -> None:
    assert as_owner.post(HERE, ALL | wrong).status_code == 400
    assert not Webhook.objects.exists()


def test_an_address_is_registered_once_and_only_so_many(as_owner: Any) -> None:
    assert as_owner.post(HERE, ALL).status_code == 201
    assert as_owner.post(HERE, ALL).status_code == 400
    for number in range(1, MOST):
        assert as_owner.post(HERE, ALL | {"url": f"{URL}/{number}"}).status_code == 201
    assert "at most 20" in as_owner.post(HERE, ALL | {"url": f"{URL}/x"}).json()["detail"]


def test_a_site_may_let_its_own_hosts_be_called(as_owner: Any, settings: Settings) -> None:
    settings.WEBHOOK_HOSTS = frozenset({"127.0.0.1"})
    assert as_owner.post(HERE, ALL | {"url": "http://127.0.0.1:9/"}).status_code == 201


def test_a_test_message_is_sent_and_a_deleted_webhook_gets_nothing(
    as_owner: Any, peer: Peer
) -> None:
    made = as_owner.post(HERE, ALL).json()
    asked = [as_owner.post(f"{HERE}{made['id']}/test/") for _ in range(2)]
    assert [one.status_code for one in asked] == [202, 202]
    deliver_next(WORKER)
    assert json.loads(peer.got[0][1])["type"] == "webhook.test"
    assert as_owner.delete(f"{HERE}{made['id']}/").status_code == 204
    deliver_next(WORKER)
    assert len(peer.got) == 1
    assert AuditEvent.objects.filter(action__startswith="webhook.").count() == 4


def test_a_measured_and_a_failed_scan_are_told(
    as_owner: Any, patient: Patient, measured_scan: Any
) -> None:
    as_owner.post(HERE, ALL)
    job = queueing.ask_for_measurement(
        by=measured_scan.uploaded_by, scan=measured_scan, regions=None
    )
    queueing._bury(job, "It failed.")
    (told,) = Delivery.objects.all()
    assert told.payload["message"]["type"] == "scan.failed"
    assert told.payload["message"]["data"] == {
        "scan": str(measured_scan.id), "patient": str(patient.id)
    }  # fmt: skip
