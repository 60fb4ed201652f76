"""Devices are found without going through every assessment, and are those that all of them name."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from riskapp.actions.assessing import assess
from riskapp.actions.registering import register_patient
from riskapp.actions.restricting import restrict
from riskapp.exchange.fhir.writing.device import device_id
from riskapp.models import Assessment, Patient
from tests.fhir.calls import ANSWERS, FHIR, QUICK, found, ids, is_refused

EVIDENCE = "evidence-frax-2008-0-0"
# Of each release the models that answered, in the order of time.
ANSWERED = (
    ("0.2", {"evidence": EVIDENCE}),
    ("0.10", {"evidence": EVIDENCE}),
    ("0.2", {"evidence": "evidence-frax-2008-1-1", "cox": "cox-simulated-3"}),
    ("0.10", {"evidence": EVIDENCE}),
    ("0.2", {"evidence": EVIDENCE}),
)


@pytest.fixture
def answered(owner: User, patient: Patient) -> list[Assessment]:
    first = assess(by=owner, patient=patient, answers=ANSWERS, options=QUICK)
    made = [first]
    for hours, (version, models) in enumerate(ANSWERED):
        one = first if hours == 0 else _copy(first)
        one.created_at = first.created_at + timedelta(hours=hours)
        one.software_version, one.model_ids = version, models
        one.save()
        made[hours:] = [one]
    return made


def _copy(one: Assessment) -> Assessment:
    made = Assessment.objects.get(pk=one.pk)
    told = {name: getattr(made, name) for name in ("profile", "provenance", "estimates")}
    return Assessment.objects.create(
        patient=made.patient,
        created_by=made.created_by,
        warnings=[],
        evidence_set=made.evidence_set,
        model_ids={},
        options=made.options,
        **told,
    )


def _device(place: int) -> str:
    version, models = ANSWERED[place]
    return device_id(version, "evidence", models["evidence"])


def test_each_release_and_model_is_a_device_since_it_first_answered(
    as_owner: Any, as_stranger: Any, answered: list[Assessment]
) -> None:
    assert ids(found(as_owner, "Device")) == [_device(2), _device(1), _device(0)]
    later = answered[1].created_at.isoformat().replace("+00:00", "Z")
    assert ids(found(as_owner, f"Device?_lastUpdated=ge{later}")) == [_device(2), _device(1)]
    assert as_owner.get(f"{FHIR}/Device/{_device(1)}").json()["id"] == _device(1)
    assert ids(found(as_stranger, "Device")) == []
    is_refused(as_stranger.get(f"{FHIR}/Device/{_device(1)}"), 404)


def test_what_is_closed_tells_of_no_device(
    as_owner: Any, owner: User, colleague: User, answered: list[Assessment]
) -> None:
    other = register_patient(
        by=owner, name="B", record_number="A-2", date_of_birth=date(1960, 2, 3), sex="male"
    )
    Assessment.objects.filter(pk=answered[4].pk).update(patient=other)
    restrict(by=colleague, patient=answered[0].patient, team=[])
    assert ids(found(as_owner, "Device")) == [_device(0)]
    before = answered[4].created_at.isoformat().replace("+00:00", "Z")
    assert ids(found(as_owner, f"Device?_lastUpdated=lt{before}")) == []


def test_more_answers_are_no_more_questions(as_owner: Any, answered: list[Assessment]) -> None:
    found(as_owner, "Device")  # fills caches
    with CaptureQueriesContext(connection) as few:
        found(as_owner, "Device")
    for _ in range(10):
        one = _copy(answered[0])
        one.software_version, one.model_ids = answered[0].software_version, answered[0].model_ids
        one.save()
    with CaptureQueriesContext(connection) as many:
        assert ids(found(as_owner, "Device")) == [_device(2), _device(1), _device(0)]
    assert len(many) == len(few)
