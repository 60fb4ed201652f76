"""Administrators erase and hold records knowing whose they are, and see what each night found."""

import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from riskapp.actions import nightly
from riskapp.actions.erasing import ask_to_erase, confirm_erasure
from riskapp.models import (
    AuditEvent,
    Erasure,
    LegalHold,
    NightlyRun,
    Patient,
    SignInSession,
)
from tests.actions.erased import administrator, data_folder

__all__ = ["data_folder"]
pytestmark = pytest.mark.django_db
NUMBER = "MRN-1"
WHY = "A court asks for this record."


@pytest.fixture
def person(patient: Patient) -> Patient:
    Patient.objects.filter(pk=patient.pk).update(number_hash="")
    patient.name, patient.record_number = "Grace Example", NUMBER
    patient.save()
    return patient


@pytest.fixture
def first() -> User:
    return administrator("first")


@pytest.fixture
def desk(first: User, browser_of: Any) -> Client:
    return browser_of(first)


def text(reply: Any) -> str:
    return str(reply.content.decode())


def deeds(patient: Patient) -> list[str]:
    told = AuditEvent.objects.filter(patient_id=patient.pk).order_by("number")
    return list(told.values_list("action", flat=True))


def test_who_is_to_be_erased_is_shown_before_it_is_asked_and_before_it_is_confirmed(
    desk: Client, person: Patient, browser_of: Any
) -> None:
    sent = {"record_number": NUMBER, "because": "asked"}
    shown = desk.post("/erasures/new/", sent)
    assert shown.status_code == 200
    for words in ("Grace Example", NUMBER, "What would go"):
        assert words in text(shown)
    assert not Erasure.objects.exists()
    wrong = desk.post("/erasures/new/", sent | {"repeat": "MRN-2"})
    assert wrong.status_code == 400
    assert "not the record number" in text(wrong)
    assert not Erasure.objects.exists()
    asked = desk.post("/erasures/new/", sent | {"repeat": f" {NUMBER} "})
    erasure = Erasure.objects.get()
    assert (asked.status_code, asked["Location"]) == (302, f"/erasures/{erasure.pk}/")

    own = text(desk.get(f"/erasures/{erasure.pk}/"))
    assert "another administrator has to confirm" in own
    assert "/confirm/" not in own
    refused = desk.post(f"/erasures/{erasure.pk}/confirm/", {"repeat": NUMBER})
    assert refused.status_code == 400
    other = browser_of(administrator("second"))
    assert "Grace Example" in text(other.get(f"/erasures/{erasure.pk}/"))
    refused = other.post(f"/erasures/{erasure.pk}/confirm/", {"repeat": "MRN-2"})
    assert refused.status_code == 400
    assert Patient.objects.filter(pk=person.pk).exists()
    assert "read.erasure_new" in deeds(person)
    assert "read.erasure" in deeds(person)

    done = other.post(f"/erasures/{erasure.pk}/confirm/", {"repeat": NUMBER})
    assert done.status_code == 302
    assert not Patient.objects.filter(pk=person.pk).exists()
    page = text(other.get(f"/erasures/{erasure.pk}/"))
    assert "nothing that it names is there" in page
    assert "Asked by first, confirmed by second" in page
    assert "Grace Example" not in page
    assert NUMBER not in page
    saved = other.get(f"/erasures/{erasure.pk}/certificate/")
    assert saved.json() == Erasure.objects.get().certificate
    assert other.post(f"/erasures/{erasure.pk}/confirm/", {"repeat": NUMBER}).status_code == 200


def test_what_was_asked_is_taken_back_from_the_page(
    desk: Client, first: User, person: Patient
) -> None:
    asked = ask_to_erase(by=first, record_number=NUMBER, because="asked")
    assert desk.post(f"/erasures/{asked.pk}/withdraw/")["Location"] == "/erasures/"
    assert not Erasure.objects.exists()
    assert desk.post(f"/erasures/{asked.pk}/withdraw/").status_code == 404


def test_a_record_is_held_for_a_reason_once_it_is_seen_whose_it_is_and_lifted_likewise(
    desk: Client, person: Patient
) -> None:
    sent = {"record_number": NUMBER, "because": WHY}
    assert "Grace Example" in text(desk.post("/holds/new/", sent))
    assert desk.post("/holds/new/", sent | {"repeat": "x"}).status_code == 400
    assert desk.post("/holds/new/", sent | {"repeat": NUMBER, "because": "so"}).status_code == 400
    assert not LegalHold.objects.exists()
    assert desk.post("/holds/new/", sent | {"repeat": NUMBER}).status_code == 302
    again = desk.post("/holds/new/", sent | {"repeat": NUMBER})
    assert "under a legal hold already" in text(again)
    hold = LegalHold.objects.get()
    assert WHY in text(desk.get("/holds/"))

    asked = {"record_number": NUMBER, "because": "asked"}
    assert "under a legal hold" in text(desk.post("/erasures/new/", asked))
    lift = f"/holds/{hold.pk}/lift/"
    assert desk.post(lift, {"repeat": "x", "because": WHY}).status_code == 400
    assert desk.post(lift, {"repeat": NUMBER, "because": ""}).status_code == 400
    assert desk.post(lift, {"repeat": NUMBER, "because": "The case is over."}).status_code == 302
    assert "The case is over." in text(desk.get(f"/holds/{hold.pk}/"))
    assert desk.post(lift, {"repeat": NUMBER, "because": "The case is over."}).status_code == 400
    assert {"hold.put", "hold.lift", "read.holds", "read.hold"} <= set(deeds(person))


def test_a_record_that_is_not_here_is_not_told_from_one_of_another_organisation(
    person: Patient, browser_of: Any
) -> None:
    stranger = browser_of(administrator("stranger", "Clinic B"))
    told = []
    for number in (NUMBER, "no such number"):
        for address, sent in (("/erasures/new/", "asked"), ("/holds/new/", WHY)):
            reply = stranger.post(address, {"record_number": number, "because": sent})
            assert reply.status_code == 400
            told.append("There is no record of this number in your organisation." in text(reply))
            assert "Grace Example" not in text(reply)
    assert all(told)


def test_three_users_meet_one_erasure_and_one_hold(
    owner: User, first: User, person: Patient, browser_of: Any
) -> None:
    asked = ask_to_erase(by=first, record_number=NUMBER, because="asked")
    hold = LegalHold.objects.create(patient=person, because=WHY, by=first)
    pages = (f"/erasures/{asked.pk}/", f"/holds/{hold.pk}/")
    told = {
        "administrator": first,
        "clinician": owner,
        "stranger": administrator("stranger", "Clinic B"),
    }
    wanted = {"administrator": 200, "clinician": 403, "stranger": 404}
    for who, user in told.items():
        client = browser_of(user)
        for page in pages:
            assert client.get(page).status_code == wanted[who], (who, page)
    stranger = browser_of(told["stranger"])
    for address in (f"{pages[0]}confirm/", f"{pages[0]}withdraw/", f"{pages[1]}lift/"):
        assert stranger.post(address, {"repeat": NUMBER, "because": WHY}).status_code == 404
    assert stranger.get(f"{pages[0]}certificate/").status_code == 404
    for page in ("/erasures/", "/holds/"):
        assert NUMBER not in text(stranger.get(page))


@pytest.mark.parametrize("address", ["/erasures/new/", "/holds/new/", "/patients/{patient}/copy/"])
def test_who_signed_in_long_ago_proves_anew_who_they_are(
    owner: User, person: Patient, browser_of: Any, address: str
) -> None:
    client = browser_of(owner if "copy" in address else administrator("first"))
    there = address.format(patient=person.pk)
    assert client.get(there).status_code == 200
    SignInSession.objects.update(confirmed_at=timezone.now() - timedelta(minutes=11))
    reply = client.get(there)
    assert (reply.status_code, reply["Location"].startswith("/account/confirm/")) == (302, True)


def test_a_copy_for_the_patient_needs_the_typed_number_and_leaves_a_row(
    owner: User, stranger: User, person: Patient, browser_of: Any
) -> None:
    client, there = browser_of(owner), f"/patients/{person.pk}/copy/"
    assert "Grace Example" in text(client.get(there))
    assert client.post(there, {"repeat": "MRN-2"}).status_code == 400
    assert "patient.export" not in deeds(person)
    reply = client.post(there, {"repeat": NUMBER})
    assert reply["Content-Disposition"] == 'attachment; filename="record.zip"'
    with zipfile.ZipFile(BytesIO(b"".join(reply.streaming_content))) as archive:
        assert "Grace Example" in archive.read("record.json").decode()
    assert deeds(person).count("patient.export") == 1
    assert browser_of(stranger).post(there, {"repeat": NUMBER}).status_code == 404


def test_periods_and_nights_are_seen_and_what_was_found_stands_on_every_page(
    desk: Client, owner: User, browser_of: Any, settings: Any
) -> None:
    settings.RETENTION = settings.RETENTION | {"sessions": timedelta(days=40)}
    call_command("retain", stdout=StringIO())
    nightly.run_tonight("a:1:1")
    page = text(desk.get("/kept/"))
    for words in ("8 years", "40 days", "set by this site", "The database is whole", "35 days"):
        assert words in page
    assert "Last night something was found" not in page
    NightlyRun.objects.filter(task="database").update(is_well=False, sentence="It is damaged.")
    assert "It is damaged." in text(desk.get("/holds/"))
    assert "It is damaged." not in text(browser_of(owner).get("/"))


def test_a_certificate_that_does_not_hold_says_so(
    desk: Client, first: User, owner: User, person: Patient
) -> None:
    asked = ask_to_erase(by=first, record_number=NUMBER, because="asked")
    done = confirm_erasure(by=administrator("second"), id=asked.pk, record_number=NUMBER)
    Erasure.objects.update(certificate=done.certificate | {"because": "ordered"})
    page = text(desk.get(f"/erasures/{done.pk}/"))
    assert "was changed" in page
