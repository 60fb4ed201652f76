"""A form that was made for one patient is never saved for another."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.changing_patient import change_patient
from riskapp.actions.registering import register_patient
from riskapp.models import Assessment, Fracture, Patient, Scan
from riskapp.web.shown_patient import shown_patient
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
REFUSED = "The page that you sent this from was showing another patient"


@pytest.fixture
def namesake(owner: User, patient: Patient) -> Patient:
    """Somebody of the same name and sex: one digit of the record number is another."""
    return register_patient(
        by=owner,
        name=patient.name,
        record_number=f"{patient.record_number}1",
        date_of_birth=patient.date_of_birth,
        sex=patient.sex,
    )


def shown_by(pages: Client, address: str) -> set[str]:
    return set(re.findall(r'name="shown_patient" value="(\w+)"', text_of(pages, address)))


def answers(patient: Patient) -> dict[str, str]:
    age = patient.age_years_on(patient.registered_at.date())
    return {"population": "gb", "age_years": str(age)}


def test_every_form_about_a_patient_says_whom_it_was_showing(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    whose = f"/patients/{patient.pk}/"
    for page in (
        whose,
        f"{whose}assessments/new/",
        f"{whose}fractures/new/",
        f"{whose}treatments/new/",
        f"/scans/{scan.pk}/",
    ):
        assert shown_by(pages, page) == {shown_patient(patient)}, page


def test_an_assessment_from_a_tab_that_showed_a_namesake_is_not_saved(
    pages: Client, patient: Patient, namesake: Patient
) -> None:
    (shown,) = shown_by(pages, f"/patients/{namesake.pk}/assessments/new/")
    address = f"/patients/{patient.pk}/assessments/new/"
    reply = pages.post(address, answers(patient) | {"shown_patient": shown, "save": "1"})
    assert reply.status_code == 409
    assert REFUSED in reply.content.decode()
    assert not Assessment.objects.exists()
    (shown,) = shown_by(pages, address)
    reply = pages.post(address, answers(patient) | {"shown_patient": shown, "save": "1"})
    assert reply.status_code == 302
    assert Assessment.objects.get().patient == patient


def test_a_record_that_was_corrected_since_the_page_was_opened_is_compared_again(
    pages: Client, patient: Patient, owner: User
) -> None:
    address = f"/patients/{patient.pk}/fractures/new/"
    (shown,) = shown_by(pages, address)
    change_patient(by=owner, patient=patient, date_of_birth=date(1950, 1, 2))
    reply = pages.post(address, {"shown_patient": shown, "site": "hip", "day-year": "2020"})
    assert reply.status_code == 409
    assert "2 January 1950" in reply.content.decode()
    assert not Fracture.objects.exists()


def test_a_scan_is_confirmed_for_the_patient_that_was_shown(
    pages: Client, patient: Patient, namesake: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    sent = {"version": "1", "shown_patient": shown_patient(namesake)}
    assert pages.post(f"/scans/{scan.pk}/confirm/", sent).status_code == 409
    assert Scan.objects.get().confirmed_version is None
    sent["shown_patient"] = shown_patient(patient)
    assert pages.post(f"/scans/{scan.pk}/confirm/", sent).status_code == 302
    assert Scan.objects.get().confirmed_version is not None


def test_a_stranger_learns_nothing_by_what_a_form_was_showing(
    browser_of: object, stranger: User, patient: Patient
) -> None:
    client = browser_of(stranger)
    for sent in ("x", shown_patient(patient)):
        address = f"/patients/{patient.pk}/assessments/new/"
        assert client.post(address, {"shown_patient": sent}).status_code == 404


def test_the_name_of_a_tab_tells_two_patients_apart(
    pages: Client, patient: Patient, namesake: Patient
) -> None:
    titles = {
        re.search("<title>(.*)</title>", text_of(pages, f"/patients/{one.pk}/{page}")).group(1)
        for one in (patient, namesake)
        for page in ("", "assessments/new/")
    }
    assert len(titles) == 4
    assert all(patient.record_number in title for title in titles)
