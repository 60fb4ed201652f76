"""Whoever reads a patient's data leaves a row, at every address there is, and at new ones too."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client

from riskapp import models
from riskapp.actions import auditing
from riskapp.actions.auditing import Actor
from riskapp.actions.registering import register_patient
from riskapp.actions.trail import accesses, chain
from riskapp.actions.trail.verifying import verify
from riskapp.recorded_access import SAY_NOTHING_OF_PATIENTS
from tests.web.every_door import ID, chosen, doors, ids_of_fhir
from tests.web.stories import Stories
from tests.web.test_separation import app, ours, text_of

__all__ = ["app", "ours"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sheets_laid_out_once")]
# An address that names one of these is about a patient, whatever it answers with.
OF_A_PATIENT = re.compile(r"\b(assessments|fractures|opened|patients|scans|treatments|fhir)/")
# Name of the address -> why it leaves no row although it is about a patient.
LEAVES_NONE = dict.fromkeys(SAY_NOTHING_OF_PATIENTS, "says how far something is") | {
    "fhir_read_Device": "tells of software",
}


def stranger(row: models.AuditEvent) -> bool:
    """Of a study that waits to be filed, whose person is not known yet."""
    return models.Arrival.objects.filter(pk=row.target).exists()


def rows_of(client: Client, address: str) -> tuple[Any, list[models.AuditEvent]]:
    before = models.AuditEvent.objects.count()
    reply = client.get(address)
    return reply, list(models.AuditEvent.objects.filter(number__gt=before))


def test_every_address_that_answers_with_a_patients_data_leaves_a_row(
    ours: Stories, app: Any, browser_of: Any
) -> None:
    client = browser_of(ours.statistician)
    client.raise_request_exception = False
    fhir = ids_of_fhir(client)
    told = [str(word) for one in ours.people for word in (one.name, one.pk)]
    silent, read = [], 0
    for pattern, door in doors():
        for address, _ in chosen(pattern, fhir):
            reply, rows = rows_of(client, address)
            text = text_of(reply)
            names = ID.search(address) and OF_A_PATIENT.search(pattern)
            about = bool(names) or any(word in text for word in told)
            if reply.status_code != 200 or not about or door.name in LEAVES_NONE:
                continue
            read += 1
            if not [row for row in rows if row.patient_id or row.target == "list" or stranger(row)]:
                silent.append(f"{address} ({door.name})")
            if len(rows) > accesses.MOST_SINGLY:
                silent.append(f"{address} leaves {[row.action for row in rows]}")
    assert not silent, "\n".join(silent)
    assert read > 50
    assert verify().is_sound


def test_one_request_leaves_one_row_for_a_patient_with_what_was_read(
    owner: User, patient: models.Patient, browser_of: Any
) -> None:
    client = browser_of(owner)
    _, (row,) = rows_of(client, f"/patients/{patient.pk}/")
    assert (row.by, row.action, row.target) == (str(owner.pk), "read.patient", str(patient.pk))
    assert (row.patient_id, row.organisation_id) == (patient.pk, patient.organisation_id)
    _, (row,) = rows_of(client, "/")
    assert (row.action, row.patient_id) == ("read.worklist", patient.pk)  # the only one there


def test_a_list_leaves_one_row_with_how_many_and_a_digest(
    owner: User, patient: models.Patient, browser_of: Any
) -> None:
    born, sex = patient.date_of_birth, patient.sex
    other = register_patient(by=owner, name="B", record_number="b", date_of_birth=born, sex=sex)
    _, (row,) = rows_of(browser_of(owner), "/")
    assert (row.target, row.patient_id, row.detail) == ("list", None, {"count": 2})
    assert chain.is_content(sorted([str(patient.pk), str(other.pk)]), row.content)


def test_a_change_leaves_its_own_row_and_no_second_one_for_reading(
    owner: User, patient: models.Patient, browser_of: Any
) -> None:
    before = models.AuditEvent.objects.count()
    address = f"/patients/{patient.pk}/assessments/new/"
    browser_of(owner).post(address, {"population": "gb"})
    rows = models.AuditEvent.objects.filter(number__gt=before)
    assert [row.action for row in rows] == ["assessment.create", "preference.change"]


def test_what_is_refused_is_recorded(
    owner: User, stranger: User, patient: models.Patient, browser_of: Any
) -> None:
    _, (row,) = rows_of(browser_of(stranger), f"/patients/{patient.pk}/")
    assert (row.by, row.action, row.target) == (str(stranger.pk), "refused.404", str(patient.pk))
    assert row.patient_id == patient.pk
    _, rows = rows_of(browser_of(stranger), f"/patients/{uuid4()}/")
    assert not rows  # nobody's record
    _, (row,) = rows_of(browser_of(owner), "/laboratory/")
    assert (row.action, row.target, row.by) == ("refused.403", "laboratory", str(owner.pk))


def test_a_wrong_key_is_recorded_and_does_not_fill_the_trail(
    patient: models.Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accesses, "MOST_UNSIGNED", 2)
    before = models.AuditEvent.objects.count()
    key = {"Authorization": "Token wrong"}
    for _ in range(4):
        reply = Client().get(f"/api/v1/patients/{patient.pk}/", headers=key)
        assert reply.status_code == 401
    rows = models.AuditEvent.objects.filter(number__gt=before)
    assert [(row.action, row.by) for row in rows] == [("refused.401", Actor.NOBODY)] * 2
    Client().get(f"/api/v1/patients/{patient.pk}/")  # nothing was tried
    assert models.AuditEvent.objects.count() == before + 2


def test_what_cannot_be_recorded_is_not_shown(
    owner: User, patient: models.Patient, browser_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise DatabaseError("disk is full")

    client = browser_of(owner)
    monkeypatch.setattr(auditing, "record", full)
    reply = client.get(f"/patients/{patient.pk}/")
    assert (reply.status_code, reply["Retry-After"]) == (503, "5")
    assert patient.name not in reply.content.decode()
    assert client.get("/models/").status_code == 200
