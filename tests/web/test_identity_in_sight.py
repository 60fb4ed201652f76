"""Who it is stands on every page about a patient, and stays in sight."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.formats import date_format

from riskapp.actions.assessing import assess
from riskapp.models import Assessment, Patient, Scan
from riskapp.web.launched import PATIENT_OF_RECORD
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
STATIC = Path(__file__).parents[2] / "static"


def test_the_bar_names_the_patient_on_every_page_about_one(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    held = stored_scan(patient, owner, status="queued")
    Scan.objects.filter(pk=held.pk).update(status=Scan.Status.MISMATCH)
    stored = assess(by=owner, patient=patient, answers={"population": "gb"})
    whose, made = f"/patients/{patient.pk}/", f"/assessments/{stored.pk}/"
    for page in (
        whose,
        f"{whose}assessments/new/",
        f"{whose}fractures/new/",
        f"{whose}treatments/new/",
        f"{whose}changes/",
        made,
        f"{made}what-if/",
        f"/scans/{scan.pk}/",
        f"/scans/{held.pk}/",
    ):
        shown = text_of(pages, page)
        (bar,) = re.findall(r'<section class="patient-banner".*?</section>', shown, re.S)
        for told in (
            patient.name,
            patient.record_number,
            patient.sex,
            date_format(patient.date_of_birth, "j F Y"),
        ):
            assert told in bar, page


def test_the_bar_stays_in_sight_and_heads_each_printed_page() -> None:
    """In words of the style sheet; the browser's tests look at the pages themselves."""
    style = (STATIC / "pages.css").read_text(encoding="utf-8")
    assert ".patient-banner { position: sticky; top: 0" in style
    assert "body > .patient-banner { display: table-header-group" in style


def test_the_bar_says_when_the_hospitals_record_has_another_patient_open(
    pages: Client, patient: Patient
) -> None:
    said = "The hospital’s record has another patient open"
    page = f"/patients/{patient.pk}/"
    assert said not in text_of(pages, page)
    session = pages.session
    session[PATIENT_OF_RECORD] = str(patient.pk)
    session.save()
    assert said not in text_of(pages, page)
    session[PATIENT_OF_RECORD] = "another"
    session.save()
    assert said in text_of(pages, page)


def test_nothing_is_saved_while_the_hospitals_record_has_another_patient_open(
    pages: Client, patient: Patient
) -> None:
    session = pages.session
    session[PATIENT_OF_RECORD] = "another"
    session.save()
    address, typed = f"/patients/{patient.pk}/assessments/new/", {"population": "gb", "save": "1"}
    refused = pages.post(address, typed)
    assert refused.status_code == 409
    assert "has another patient open in this browser" in refused.content.decode()
    assert not Assessment.objects.exists()
    # What is typed is computed all the same, and nothing of it is kept.
    answered = pages.post(f"/patients/{patient.pk}/assessments/answer/", {"population": "gb"})
    assert answered.status_code == 200
    left = pages.post("/smart/left/", {"patient": str(patient.pk)})
    assert left["Location"] == f"/patients/{patient.pk}/"
    assert pages.post(address, typed).status_code == 302
    assert Assessment.objects.get().patient == patient


def test_who_was_opened_there_is_saved(pages: Client, patient: Patient) -> None:
    session = pages.session
    session[PATIENT_OF_RECORD] = str(patient.pk)
    session.save()
    sent = {"population": "gb", "save": "1"}
    assert pages.post(f"/patients/{patient.pk}/assessments/new/", sent).status_code == 302
