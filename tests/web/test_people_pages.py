"""Sign-in, worklist, new patient, scans: who sees what and waits for what."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.confirming import confirm
from riskapp.actions.looking import look_again
from riskapp.actions.registering import register_patient
from riskapp.models import Patient
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
PERSON = {
    "name": "Bea Example",
    "record_number": "B-2",
    "date_of_birth": "1950-02-03",
    "sex": "female",
}


@pytest.mark.parametrize("address", ["/", "/patients/new/", "/models/"])
def test_nothing_is_shown_before_signing_in(client: Client, db: None, address: str) -> None:
    reply = client.get(address)
    assert reply.status_code == 302
    assert reply.headers["Location"].startswith("/sign-in/")


def test_a_wrong_password_is_said_without_saying_which_part(client: Client, owner: User) -> None:
    reply = client.post("/sign-in/", {"username": owner.username, "password": "nonsense"})
    assert "do not belong together" in reply.content.decode()


def test_signing_out_needs_a_form(pages: Client) -> None:
    assert pages.get("/sign-out/").status_code == 405
    assert pages.post("/sign-out/").status_code == 302


def test_an_empty_worklist_leads_to_the_first_patient(pages: Client) -> None:
    assert "Nobody here yet" in text_of(pages, "/")


def test_a_new_patient_is_registered_and_found_by_name_and_number(pages: Client) -> None:
    reply = pages.post("/patients/new/", PERSON, follow=True)
    assert "Add a scan" in reply.content.decode()
    for sought in ("bea", "B-2"):
        assert "Bea Example" in text_of(pages, f"/?q={sought}")
    assert "Nobody found" in text_of(pages, "/?q=zzz")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"record_number": "A-1"}, "already registered"),
        ({"date_of_birth": "2999-01-01"}, "in the future"),
        ({"name": " "}, "Name is missing"),
        ({"date_of_birth": "soon"}, "should be a date"),
        ({"sex": ""}, "Sex at birth is missing"),
    ],
)
def test_a_patient_that_cannot_be_registered_is_answered_beside_the_field(
    pages: Client, patient: Patient, change: dict[str, str], sentence: str
) -> None:
    reply = pages.post("/patients/new/", PERSON | change)
    assert reply.status_code == 400
    assert reply.content.decode().count(sentence) == 2  # summary and field
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "words", "next_step"),
    [
        ("queued", "Scan being measured", "See scan"),
        ("measuring", "Scan being measured", "See scan"),
        ("refused", "Scan not measured", "See why"),
        ("measured", "Regions to confirm", "Confirm regions"),
    ],
)
def test_the_worklist_says_what_each_patient_waits_for(
    pages: Client, patient: Patient, owner: User, status: str, words: str, next_step: str
) -> None:
    stored_scan(patient, owner, status=status, reason="A knee." if status == "refused" else "")
    page = text_of(pages, "/")
    assert words in page
    assert next_step in page


def test_a_confirmed_scan_waits_for_its_assessment(
    pages: Client, patient: Patient, owner: User
) -> None:
    confirm(by=owner, scan=stored_scan(patient, owner), number=1)
    assert ">Assess<" in text_of(pages, "/")


def test_regions_wait_to_be_confirmed_even_after_an_assessment(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    assess(by=owner, patient=patient, answers={"population": "gb"})
    assert "Regions to confirm" in text_of(pages, "/")
    confirm(by=owner, scan=scan, number=1)
    assert "Inputs missing" in text_of(pages, "/")


def test_a_refused_scan_is_no_news_after_an_assessment(
    pages: Client, patient: Patient, owner: User
) -> None:
    stored_scan(patient, owner, status="refused", reason="A knee.")
    assess(by=owner, patient=patient, answers={"population": "gb"})
    assert "Inputs missing" in text_of(pages, "/")


def test_who_was_active_last_comes_first(pages: Client, owner: User, patient: Patient) -> None:
    register_patient(
        by=owner,
        name="Later Example",
        record_number="L-1",
        date_of_birth=date(1950, 1, 1),
        sex="male",
    )
    page = text_of(pages, "/?order=latest")
    assert page.index("Later Example") < page.index(patient.name)
    stored_scan(patient, owner)
    page = text_of(pages, "/?order=latest")
    assert page.index(patient.name) < page.index("Later Example")


def test_the_worklist_asks_the_database_equally_often_for_many(
    pages: Client, owner: User, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        somebody = register_patient(
            by=owner,
            name=f"P {number}",
            record_number=f"N-{number}",
            date_of_birth=date(1950, 1, 1),
            sex="male",
        )
        stored_scan(somebody, owner)
    # Five of them write down that the list was read, one asks for the reader's roles, and one whom
    # the counts of the whole organisation hold that are closed to the reader.
    with django_assert_max_num_queries(18):
        text_of(pages, "/")


def test_a_stranger_finds_no_patient_and_no_scan(
    browser_of: Any, patient: Patient, owner: User, stranger: User
) -> None:
    scan = stored_scan(patient, owner)
    other = browser_of(stranger)
    for address in (
        f"/patients/{patient.pk}/",
        f"/scans/{scan.pk}/",
        f"/scans/{scan.pk}/status/",
        f"/scans/{scan.pk}/versions/1/pictures/image.png",
    ):
        assert other.get(address).status_code == 404
    for address in ("regions/", "confirm/", "again/"):
        assert other.post(f"/scans/{scan.pk}/{address}", {"version": "1"}).status_code == 404
    assert patient.name not in text_of(other, "/")


def test_every_page_carries_the_policy_and_no_inline_style_or_script(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    for address in (
        "/",
        "/models/",
        "/patients/new/",
        f"/patients/{patient.pk}/",
        f"/scans/{scan.pk}/",
        f"/patients/{patient.pk}/assessments/new/",
    ):
        reply = pages.get(address)
        page = reply.content.decode()
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["Cache-Control"] == "private, no-store"
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert page.count("not a cleared medical device") == 1
        assert len(page) < 150_000


def test_what_is_not_there_is_answered_in_style(pages: Client) -> None:
    reply = pages.get("/nowhere/")
    assert reply.status_code == 404
    assert "This page is not here" in reply.content.decode()


def test_a_form_without_its_token_is_answered_in_style(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    reply = strict.post("/patients/new/", PERSON)
    assert reply.status_code == 403
    assert "That is not allowed" in reply.content.decode()


def test_a_scan_to_confirm_waits_whatever_was_uploaded_after_it(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    stored_scan(patient, owner, status="refused", reason="A knee.")
    queued = stored_scan(patient, owner, status="queued")
    page = text_of(pages, "/")
    assert "Regions to confirm" in page
    assert f'href="/scans/{scan.pk}/"' in page
    assert f'href="/scans/{scan.pk}/">Scan<' in text_of(pages, f"/patients/{patient.pk}/")
    confirm(by=owner, scan=scan, number=1)
    assert "Scan being measured" in text_of(pages, "/")
    queued.status = "failed"
    queued.save()
    look_again(patient.id)
    assert ">Assess<" in text_of(pages, "/")


def test_a_scan_refused_after_the_assessment_is_news_beside_a_confirmed_one(
    pages: Client, patient: Patient, owner: User
) -> None:
    confirm(by=owner, scan=stored_scan(patient, owner), number=1)
    assess(by=owner, patient=patient, answers={"population": "gb"})
    stored_scan(patient, owner, status="refused", reason="A knee.")
    assert "Scan not measured" in text_of(pages, "/")


@pytest.mark.parametrize("sought", ["ödön", "odon", "ÖDÖN", "Strasse", "ű-1"])
def test_letters_are_found_whatever_their_size_and_accents(pages: Client, sought: str) -> None:
    person = PERSON | {"name": "Ödön Straße", "record_number": "Ű-1"}
    pages.post("/patients/new/", person)
    assert "Ödön Straße" in text_of(pages, f"/?q={sought}")


def test_everything_wrong_about_a_new_patient_is_said_at_once(
    pages: Client, patient: Patient
) -> None:
    wrong = {"name": "", "record_number": "A-1", "date_of_birth": "2999-01-01", "sex": "female"}
    page = pages.post("/patients/new/", wrong).content.decode()
    for sentence in ("Name is missing", "already registered", "in the future"):
        assert page.count(sentence) == 2


def test_the_same_files_of_the_same_patient_lead_to_the_scan_that_is_there(
    pages: Client, patient: Patient
) -> None:
    address = f"/patients/{patient.pk}/scans/"
    replies = [
        pages.post(address, {"files": [SimpleUploadedFile("a.dcm", b"same")]}, follow=True)
        for _ in range(2)
    ]
    assert replies[0].redirect_chain == replies[1].redirect_chain
    assert patient.scans.count() == 1
    assert "already here" in replies[1].content.decode()


def test_a_timeline_gives_the_first_clause_of_a_refusal(
    pages: Client, patient: Patient, owner: User
) -> None:
    reason = "This is a knee: send a spine. It shows no vertebra."
    stored_scan(patient, owner, status="refused", reason=reason)
    page = text_of(pages, f"/patients/{patient.pk}/")
    assert "This is a knee." in page
    assert "send a spine" not in page
