"""Arrived scans: a person says whose they are, registers somebody new, or discards them."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.finding import numbered
from riskapp.actions.registering import register_patient
from riskapp.models import Arrival, Patient, Scan
from tests.web.arrived_stories import tell_of_arrivals

WAITING, STRANGER, FILED = "1.2.70.0", "1.2.70.1", "1.2.70.3"


@pytest.fixture
def arrived(owner: User, patient: Patient) -> dict[str, str]:
    """Study -> its page."""
    tell_of_arrivals(owner, patient)
    return {uid: f"/arrived/{id}/" for uid, id in Arrival.objects.values_list("study_uid", "id")}


def test_the_list_says_why_each_waits_and_what_has_not_come(
    pages: Client, arrived: dict[str, str]
) -> None:
    page = pages.get("/arrived/").content.decode()
    for words in ("Ursula Unknown", "another name", "More of it may be coming", "DXA of the hip"):
        assert words in page
    assert "wrong place" not in page


def test_the_patient_of_its_number_is_offered_with_what_differs(
    pages: Client, arrived: dict[str, str], patient: Patient
) -> None:
    page = pages.get(arrived[WAITING]).content.decode()
    assert patient.name in page
    assert "Another name" in page
    found = pages.get(f"{arrived[STRANGER]}?q=ada").content.decode()
    assert "Another name, another date of birth, another record number" in found


def test_assigned_it_is_a_scan_of_the_patient(
    pages: Client, arrived: dict[str, str], patient: Patient
) -> None:
    before = Scan.objects.count()
    reply = pages.post(f"{arrived[WAITING]}assign/", {"patient": patient.pk})
    assert reply["Location"] == f"/patients/{patient.pk}/"
    assert Scan.objects.count() == before + 1
    again = pages.post(f"{arrived[WAITING]}assign/", {"patient": patient.pk})
    assert again.status_code == 400
    assert "dealt with meanwhile" in again.content.decode()
    assert f'Filed under <a href="/patients/{patient.pk}/"' in again.content.decode()


def test_somebody_new_is_registered_from_it(pages: Client, arrived: dict[str, str]) -> None:
    address = f"{arrived[STRANGER]}new-patient/"
    form = pages.get(address).context["form"]
    told = {name: form[name].value() for name in form.fields}
    assert told == {
        "name": "Ursula Unknown",
        "record_number": "X-99",
        "date_of_birth": "1948-02-03",
        "sex": "female",
    }
    wrong = pages.post(address, told | {"record_number": ""})
    assert wrong.status_code == 400
    assert "Record number is missing." in wrong.content.decode()
    pages.post(address, told)
    new = Patient.objects.get(numbered("X-99"))
    assert new.scans.count() == 1
    assert Arrival.objects.get(study_uid=STRANGER).status == "filed"
    assert "dealt with" in pages.post(address, told | {"record_number": "X-100"}).content.decode()
    assert not Patient.objects.filter(numbered("X-100")).exists()


def test_discarded_it_asks_why(pages: Client, arrived: dict[str, str]) -> None:
    without = pages.post(f"{arrived[WAITING]}discard/", {"because": ""})
    assert without.status_code == 400
    assert "Say why" in without.content.decode()
    pages.post(f"{arrived[WAITING]}discard/", {"because": "a test"})
    assert "because: a test" in pages.get(arrived[WAITING]).content.decode()


def test_a_stranger_finds_nothing(
    browser_of: Any, stranger: User, arrived: dict[str, str], patient: Patient
) -> None:
    theirs = browser_of(stranger)
    assert "Ursula" not in theirs.get("/arrived/").content.decode()
    for ending in ("", "new-patient/"):
        assert theirs.get(f"{arrived[WAITING]}{ending}").status_code == 404
    for ending in ("assign/", "discard/", "new-patient/"):
        sent = {"patient": patient.pk, "because": "x"}
        assert theirs.post(f"{arrived[WAITING]}{ending}", sent).status_code == 404
    assert Arrival.objects.get(study_uid=WAITING).status == "waiting"


def test_the_patient_of_another_organisation_is_not_found(
    pages: Client, arrived: dict[str, str], stranger: User
) -> None:
    theirs = register_patient(
        by=stranger, name="B", record_number="B-1", date_of_birth=date(1950, 1, 1), sex="male"
    )
    reply = pages.post(f"{arrived[WAITING]}assign/", {"patient": theirs.pk})
    assert reply.status_code == 404
