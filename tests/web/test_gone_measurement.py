"""A measurement that is gone when the form comes back is said; nothing typed is lost."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.confirming import confirm
from riskapp.models import Assessment, Patient
from tests.web.record import ANSWERS, answer, new
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
GONE = {"was-lumbar_texture": "00000000-0000-4000-8000-000000000000/1/0"}


def test_a_measurement_that_is_gone_is_said_at_every_door_of_the_form(
    pages: Client, patient: Patient, owner: User
) -> None:
    confirm(by=owner, scan=stored_scan(patient, owner), number=1)
    sent = ANSWERS | GONE | {"lumbar_texture_score": "0.713"}
    saved = pages.post(new(patient), sent)
    assert saved.status_code == 400
    assert "cannot be taken" in saved.content.decode()
    assert 'value="61.5"' in saved.content.decode()
    assert not Assessment.objects.exists()
    for address in (answer(patient), f"/patients/{patient.pk}/assessments/engines/"):
        reply = pages.post(address, sent)
        assert reply.status_code == 200
        assert "cannot be taken" in reply.content.decode()
