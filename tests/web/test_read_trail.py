"""Whoever reads a patient's data leaves a row, at every address there is, and at new ones too."""

import re
from typing import Any

import pytest
from django.test import Client

from riskapp import models
from riskapp.actions.trail.verifying import verify
from riskapp.recorded_access import SAY_NOTHING_OF_PATIENTS
from tests.web.every_door import ID, chosen, doors, ids_of_fhir
from tests.web.stories import Stories
from tests.web.test_separation import app, ours, text_of

__all__ = ["app", "ours"]
pytestmark = pytest.mark.django_db
# An address that names one of these is about a patient, whatever it answers with.
OF_A_PATIENT = re.compile(r"\b(assessments|fractures|opened|patients|scans|treatments|fhir)/")
# Name of the address -> why it leaves no row although it is about a patient.
LEAVES_NONE = dict.fromkeys(SAY_NOTHING_OF_PATIENTS, "says how far something is") | {
    "api_assessment_shares": "",
}


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
            if not [row for row in rows if row.patient_id or row.detail.get("count")]:
                silent.append(f"{address} ({door.name})")
            if len(rows) > 2:
                silent.append(f"{address} leaves {[row.action for row in rows]}")
    assert not silent, "\n".join(silent)
    assert read > 60
    assert verify().is_sound
