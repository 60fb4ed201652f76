"""A scan that names somebody else: what its page and its JSON say, and to whom."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.identifying import HELD
from riskapp.models import Job, Patient, Scan, ScanIdentity
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(patient: Patient, owner: User) -> Scan:
    scan = stored_scan(patient, owner, status="queued")
    Scan.objects.update(status=Scan.Status.MISMATCH, reason=HELD)
    ScanIdentity.objects.create(
        scan=scan, identifier="ZZ-9", name="Other^Person", birth_date=date(1940, 2, 3), sex="female"
    )
    scan.refresh_from_db()
    return scan


def test_the_page_shows_both_sides_and_asks(pages: Client, held: Scan) -> None:
    page = text_of(pages, f"/scans/{held.pk}/")
    assert "The scan names another person" in page
    for told in ("ZZ-9", "Person Other", "3 February 1940", held.patient.record_number):
        assert told in page
    assert "measure it</button>" in page
    assert "hx-trigger" not in page


def test_confirming_on_the_page_queues_the_measuring(pages: Client, held: Scan) -> None:
    reply = pages.post(f"/scans/{held.pk}/identity/", follow=True)
    assert "Waiting to be measured" in reply.content.decode()
    assert Job.objects.get().scan == held
    assert pages.post(f"/scans/{held.pk}/identity/").status_code == 400
    assert Job.objects.count() == 1


def test_a_measured_scan_says_whose_it_is(pages: Client, patient: Patient, owner: User) -> None:
    scan = stored_scan(patient, owner)
    assert "were not compared with the record" in text_of(pages, f"/scans/{scan.pk}/")
    ScanIdentity.objects.create(scan=scan, identifier=patient.record_number)
    assert "The files name this patient." in text_of(pages, f"/scans/{scan.pk}/")


def test_the_worklist_names_nobody_else(pages: Client, held: Scan) -> None:
    assert "ZZ-9" not in text_of(pages, "/")
    assert "The scan names another person" in text_of(pages, f"/patients/{held.patient_id}/")


def test_json_tells_it_to_the_organisation_and_to_nobody_else(
    owner: User, stranger: User, held: Scan
) -> None:
    where = f"/api/v1/scans/{held.pk}/"
    ours, theirs = Client(), Client()
    ours.force_login(owner)
    theirs.force_login(stranger)
    told = ours.get(where).json()
    assert (told["status"], told["reason"]) == ("mismatch", HELD)
    assert told["identity"]["differences"][0] == {
        "field": "record_number", "scan": "ZZ-9", "record": held.patient.record_number
    }  # fmt: skip
    assert theirs.get(where).status_code == 404
    assert theirs.post(f"{where}identity/").status_code == 404
    assert ours.post(f"{where}identity/").status_code == 202
    confirmed = ours.get(where).json()
    assert (confirmed["status"], confirmed["identity"]["confirmed_by"]) == ("queued", "owner")
