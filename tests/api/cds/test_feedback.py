"""What became of cards is kept once, counted, and told to the people of the organisation."""

from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from riskapp.exchange.cds_codes import OVERRIDES
from riskapp.exchange.fhir.writing.codes import system
from riskapp.models import CdsFeedback
from riskapp.models.cds_card import fill_feedback
from tests.api.cds import people
from tests.api.cds.record_system import RecordSystem

pytestmark = pytest.mark.django_db
VIEW = "patient-view"


@pytest.fixture
def card(ward: RecordSystem) -> dict[str, Any]:
    """A card that offers a scan."""
    (made,) = ward.call(VIEW, [people.patient()])
    return made


def of_kind(as_owner: Any, kind: str) -> dict[str, Any]:
    report = as_owner.get("/api/v1/cds-feedback/").json()
    (found,) = (one for one in report["kinds"] if one["kind"] == kind)
    return dict(found)


def test_an_accepted_suggestion_is_counted(
    ward: RecordSystem, card: dict[str, Any], as_owner: Any
) -> None:
    accepted = [{"id": card["suggestions"][0]["uuid"]}]
    told = {"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": accepted}
    assert ward.tell(VIEW, **told).json() == {"received": 1, "new": 1}
    assert ward.tell(VIEW, **told).json() == {"received": 1, "new": 0}
    found = of_kind(as_owner, "missing-input")
    assert (found["shown"], found["accepted"], found["ignored"]) == (1, 1, 0)


def test_why_a_card_was_set_aside_is_told(
    ward: RecordSystem, card: dict[str, Any], as_owner: Any, client: Client, owner: Any
) -> None:
    reason = {"system": system(OVERRIDES), "code": "patient-declined"}
    told = {"reason": reason, "userComment": "Not <b>now</b>"}
    ward.tell(VIEW, card=card["uuid"], outcome="overridden", overrideReason=told)
    found = of_kind(as_owner, "missing-input")
    assert found["reasons"] == [{"reason": "The patient declines", "count": 1}]
    client.force_login(owner)
    page = client.get("/connections/advice/").content.decode()
    assert "The patient declines: 1" in page
    assert "Not &lt;b&gt;now&lt;/b&gt;" in page


def test_a_reason_of_the_record_system_is_told_in_its_words(
    ward: RecordSystem, card: dict[str, Any], as_owner: Any
) -> None:
    reason = {"system": "https://ehr.example.com", "code": "7", "display": "Seen last week"}
    ward.tell(VIEW, card=card["uuid"], outcome="overridden", overrideReason={"reason": reason})
    ward.tell(
        VIEW, card=card["uuid"], outcome="overridden", outcomeTimestamp="2026-01-03T00:00:00Z"
    )
    # The later one counts.
    assert of_kind(as_owner, "missing-input")["reasons"] == [
        {"reason": "No reason given", "count": 1}
    ]
    assert CdsFeedback.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"card": "4e0a3a1e-3283-4575-ab82-028d55fe2719"}, "feedback.0.card"),
        ({"acceptedSuggestions": [{"id": "x"}]}, "feedback.0.acceptedSuggestions"),
        ({"outcome": "accepted"}, "feedback.0.acceptedSuggestions"),
        ({"outcomeTimestamp": "2999-01-01T00:00:00Z"}, "feedback.0.outcomeTimestamp"),
    ],
)
def test_what_does_not_fit_the_card_is_refused(
    ward: RecordSystem, card: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    one = {
        "card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-02T00:00:00Z",
    }  # fmt: skip
    reply = ward.post("fracture-risk-patient-view/feedback", {"feedback": [one | changes]})
    assert reply.status_code == 400
    assert field in reply.json()["errors"]
    assert not CdsFeedback.objects.exists()


def test_where_one_cannot_be_kept_none_is(ward: RecordSystem, card: dict[str, Any]) -> None:
    one = {
        "card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-01-02T00:00:00Z",
    }  # fmt: skip
    other = one | {"card": "4e0a3a1e-3283-4575-ab82-028d55fe2719"}
    reply = ward.post("fracture-risk-patient-view/feedback", {"feedback": [one, other]})
    assert reply.status_code == 400
    assert not CdsFeedback.objects.exists()


def test_a_card_of_another_service_is_none_of_this_one(
    ward: RecordSystem, card: dict[str, Any]
) -> None:
    assert ward.tell("order-sign", card=card["uuid"], outcome="overridden").status_code == 400


def test_another_organisation_sees_nothing_of_it(card: dict[str, Any], as_stranger: Any) -> None:
    assert of_kind(as_stranger, "missing-input")["shown"] == 0


def test_more_feedback_than_is_taken_is_refused_before_any_of_it_is_read(
    ward: RecordSystem,
) -> None:
    reply = ward.post("fracture-risk-patient-view/feedback", {"feedback": [{}] * 1_000})
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == ["feedback"]


def test_feedback_is_signed_too(ward: RecordSystem, card: dict[str, Any]) -> None:
    path = "fracture-risk-patient-view/feedback"
    assert ward.post(path, {"feedback": []}, "").status_code == 401


def test_what_was_kept_before_it_was_counted_is_counted_as_what_came_later(
    ward: RecordSystem, card: dict[str, Any], as_owner: Any
) -> None:
    for day, words in (("05", "Seen last week"), ("04", "Not now"), ("06", "Seen last week")):
        reason = {"system": "https://ehr.example.com", "code": "7", "display": words}
        told = {"reason": reason, "userComment": f"On day {day}."}
        at = f"2026-01-{day}T00:00:00Z"
        ward.tell(
            VIEW, card=card["uuid"], outcome="overridden", overrideReason=told, outcomeTimestamp=at
        )
    counted = ("organisation", "kind", "is_latest", "words_hash", "has_comment")
    after = list(CdsFeedback.objects.values(*counted))
    assert [one["is_latest"] for one in after] == [False, False, True]
    report = as_owner.get("/api/v1/cds-feedback/").json()
    assert [one["text"] for one in report["comments"]] == [
        f"On day {n}." for n in ("06", "05", "04")
    ]
    CdsFeedback.objects.update(
        organisation=None, kind="", is_latest=False, words_hash="", has_comment=False
    )
    assert fill_feedback(partial(apps.get_model, "riskapp")) == 3
    assert list(CdsFeedback.objects.values(*counted)) == after
    assert as_owner.get("/api/v1/cds-feedback/").json() == report


def test_of_those_who_give_one_reason_one_is_opened(
    ward: RecordSystem, as_owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = {"system": "https://ehr.example.com", "code": "7", "display": "Seen last week"}
    for _ in range(5):
        (card,) = ward.call(VIEW, [people.patient()])
        ward.tell(VIEW, card=card["uuid"], outcome="overridden", overrideReason={"reason": reason})
    opened = []
    field = CdsFeedback._meta.get_field("reason_words")
    monkeypatch.setattr(field, "opened", lambda *given: opened.append(1) or "Seen last week")
    found = of_kind(as_owner, "missing-input")
    assert found["reasons"] == [{"reason": "Seen last week", "count": 5}]
    assert len(opened) == 1
