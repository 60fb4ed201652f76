"""Whose record has been opened, and how it is read: whole, from nowhere else, for one patient."""

from collections.abc import Callable
from wsgiref.types import WSGIEnvironment

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.registering import register_patient
from riskapp.models import AuditEvent, EhrAccount, EhrLaunch, ImportedRecord, Patient
from tests.smart.conftest import PATIENT, Clinician, sentence
from tests.smart.serving import Way

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def test_less_granted_than_asked_is_said_on_the_form(clinician: Clinician, way: Way) -> None:
    way.ehr.withheld = {"patient/Condition.rs", "patient/RiskAssessment.crs"}
    form = clinician.opens()
    page = clinician.pages.get(form["Location"]).content.decode()
    assert "Mock hospital does not let Trabecula read Condition." in page
    assert "Mock hospital does not let results be sent back." in page


def test_without_everything_it_is_searched_page_by_page(clinician: Clinician, way: Way) -> None:
    clinician.opens()
    whole = ImportedRecord.objects.get()
    assert not [one for one in way.asked if one == ("GET", "/fhir/Condition")]
    way.ehr.tells_everything = False
    clinician.opens()
    assert [one for one in way.asked if one == ("GET", "/fhir/Condition")]
    assert ImportedRecord.objects.latest("received_at").answers == whole.answers


def test_another_person_under_the_same_number_waits_for_a_decision(clinician: Clinician) -> None:
    clinician.opens("maria-kovac")
    patient = Patient.objects.get()
    patient.name, patient.sex, patient.record_number = "Somebody Else", "male", "MH-1001"
    patient.save()
    held = clinician.opens()
    assert held.status_code == 200
    page = held.content.decode()
    assert "Is it the same person?" in page
    for words in ("Ines Albrecht", "Somebody Else", "1951-03-14", "1968-12-05"):
        assert words in page
    assert ImportedRecord.objects.count() == 1
    launch = EhrLaunch.objects.latest("asked_at")
    decided = clinician.pages.post(f"/smart/opened/{launch.id}/")
    assert decided["Location"].endswith("/assessments/new/")
    assert AuditEvent.objects.filter(action="ehr.same_person").count() == 1
    # The same differences are not asked about twice.
    assert clinician.opens()["Location"].endswith("/assessments/new/")
    assert Patient.objects.get().name == "Somebody Else"


def test_a_record_number_of_another_kind_is_not_taken_for_ours(
    clinician: Clinician, connect: Callable[..., None]
) -> None:
    connect('record_number_system = "urn:oid:1.2.3"')
    refused = clinician.opens()
    assert refused.status_code == 400
    assert "no record number of the kind that this site expects" in sentence(refused)
    connect('record_number_system = "urn:example:mock-hospital:record-number"')
    assert clinician.opens()["Location"].endswith("/assessments/new/")


def test_a_slow_or_broken_record_is_said_and_can_be_tried_again(
    clinician: Clinician, way: Way
) -> None:
    back = clinician.comes_back(clinician.answered(clinician.asks()))
    way.trouble = lambda environ, answer: None
    refused = clinician.pages.get(back["Location"])
    assert refused.status_code == 400
    assert sentence(refused) == "The record did not answer in time; try again."
    assert "Try again" in refused.content.decode()
    way.trouble = None
    assert clinician.pages.get(back["Location"])["Location"].endswith("/assessments/new/")


def test_pages_of_a_record_that_lead_elsewhere_are_not_followed(
    clinician: Clinician, way: Way
) -> None:
    def elsewhere(environ: WSGIEnvironment, answer: Callable[[], bytes]) -> bytes:
        told = answer()
        if "everything" in environ["PATH_INFO"]:
            return told.replace(way.address.encode() + b"/fhir/Patient", b"http://10.0.0.1/Patient")
        return told

    way.trouble = elsewhere
    # Read by searches in its place: they hold the same.
    assert clinician.opens()["Location"].endswith("/assessments/new/")


def test_a_patient_registered_here_before_is_found_and_not_made_twice(
    clinician: Clinician, owner: User
) -> None:
    clinician.opens("maria-kovac")
    by = EhrAccount.objects.get().user
    known = register_patient(
        by=by,
        name="Albrecht, Ines",
        record_number="MH-1001",
        date_of_birth=timezone.localdate().replace(year=1951, month=3, day=14),
        sex="female",
    )
    assert str(known.id) in clinician.opens(PATIENT)["Location"]
