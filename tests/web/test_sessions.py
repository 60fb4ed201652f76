"""Sessions end: left alone, after twelve hours, by their person, by who looks after accounts."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions import sessions
from riskapp.models import Assessment, Patient, SignInSession
from riskapp.web.sessions import ASKED_BY_PAGES
from tests.kept import ROOT

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-walk-in-the-park"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let time go by: the moment is so far from the beginning of the test."""
    began = datetime.now(UTC)

    def go_by(**passed: float) -> None:
        there = began + timedelta(**passed)
        monkeypatch.setattr(timezone, "now", lambda: there)

    go_by()
    return go_by


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def sign_in(client: Client, user: User, **more: Any) -> Any:
    user.set_password(PASSWORD)
    user.save()
    sent = {"username": user.username, "password": PASSWORD}
    return client.post("/sign-in/", sent, **more)


def test_a_session_ends_after_fifteen_minutes_alone(
    pages: Client, passes: Callable[..., None]
) -> None:
    passes(minutes=14, seconds=59)
    assert is_signed_in(pages)
    passes(minutes=29, seconds=58)
    assert is_signed_in(pages)
    passes(minutes=44, seconds=58)
    reply = pages.get("/recall/")
    assert reply["Location"] == "/sign-in/?next=/recall/"
    assert SignInSession.objects.get().why_ended == "idle"


def test_a_session_ends_after_twelve_hours_however_busy(
    pages: Client, passes: Callable[..., None]
) -> None:
    for minutes in range(10, 12 * 60, 10):
        passes(minutes=minutes)
        sessions.see(SignInSession.objects.get())
    passes(hours=11, minutes=59, seconds=59)
    assert is_signed_in(pages)
    passes(hours=12)
    assert not is_signed_in(pages)
    assert SignInSession.objects.get().why_ended == "too_long"


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    pages: Client, passes: Callable[..., None]
) -> None:
    passes(minutes=10)
    assert pages.get("/account/session/").json()["seconds"] in (299, 300)
    passes(minutes=14)
    assert pages.get("/account/session/").json()["seconds"] in (59, 60)
    assert pages.post("/account/session/").json()["seconds"] == 900
    passes(minutes=29)
    assert pages.get("/account/session/").status_code == 302


def test_every_address_that_a_page_asks_again_and_again_is_known_as_such() -> None:
    """Else an open page would keep its session for ever, whether anybody is there or not."""
    asked = {
        name
        for page in (ROOT / "templates").rglob("*.html")
        for name in re.findall(
            r"""hx-get="{% url '(\w+)'[^>]*hx-trigger="[^"]*every""", page.read_text("utf-8")
        )
    }
    assert asked == ASKED_BY_PAGES - {"session_left"}  # which a script asks for


def test_signing_in_gives_the_session_a_new_name(owner: User) -> None:
    client = Client()
    client.get("/sign-in/with/nobody/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    assert sign_in(client, owner)["Location"] == "/"
    assert client.session.session_key != before


def test_signing_out_ends_the_session_on_the_server_too(pages: Client) -> None:
    kept = pages.cookies["sessionid"].value
    reply = pages.post("/sign-out/")
    assert reply["Clear-Site-Data"] == '"cache", "storage"'
    assert SignInSession.objects.get().why_ended == "signed_out"
    pages.cookies["sessionid"] = kept
    assert not is_signed_in(pages)


def test_a_person_sees_their_sessions_and_ends_one_or_all_others(
    owner: User, stranger: User
) -> None:
    pages, phone, library, theirs = (Client() for _ in range(4))
    words = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
    sign_in(phone, owner, HTTP_USER_AGENT=words, REMOTE_ADDR="203.0.113.9")
    pages.force_login(owner)
    library.force_login(owner)
    theirs.force_login(stranger)
    page = pages.get("/account/").content.decode()
    assert "Safari on iPhone" in page
    assert "203.0.113.0/24" in page
    assert "203.0.113.9" not in page
    one = SignInSession.objects.get(device="Safari on iPhone")
    other = SignInSession.objects.get(user=stranger)
    assert pages.post(f"/account/sessions/{other.pk}/end/").status_code == 404
    assert pages.post(f"/account/sessions/{one.pk}/end/").status_code == 302
    assert (is_signed_in(phone), is_signed_in(library), is_signed_in(theirs)) == (False, True, True)
    pages.post("/account/sessions/end-others/")
    assert (is_signed_in(pages), is_signed_in(library), is_signed_in(theirs)) == (True, False, True)


def test_what_an_administrator_ends_is_over_at_the_next_request(
    pages: Client, owner: User, colleague: User
) -> None:
    assert is_signed_in(pages)
    sessions.end_all(by=colleague, user=owner)
    assert pages.get("/api/v1/patients/").status_code in (401, 403)
    assert not is_signed_in(pages)


def test_what_was_typed_when_the_session_had_ended_comes_back_to_the_same_person(
    owner: User, colleague: User, patient: Patient, passes: Callable[..., None]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    there = f"/patients/{patient.pk}/assessments/new/"
    token = _token_in(client.get(there))
    passes(minutes=20)
    sent = {"csrfmiddlewaretoken": token, "weight_kg": "61.5", "population": "gb", "save": "1"}
    reply = client.post(there, urlencode(sent), content_type=FORM)
    assert reply["Location"] == "/sign-in/?next=/account/kept/"
    asked = client.get(reply["Location"])
    assert "What you typed is kept" in asked.content.decode()
    owner.set_password(PASSWORD)
    owner.save()
    named = {"username": "owner", "password": PASSWORD, "next": "/account/kept/"}
    reply = client.post("/sign-in/", named | {"csrfmiddlewaretoken": _token_in(asked)})
    offered = client.get(reply["Location"]).content.decode()
    assert 'name="weight_kg" value="61.5"' in offered
    again = sent | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, "kept": "1"}
    form = client.post(there, again).content.decode()
    assert 'value="61.5"' in form
    assert not Assessment.objects.exists()
    assert client.get("/account/kept/").status_code == 302  # gone once it was sent


def test_nobody_else_is_offered_what_somebody_typed(
    owner: User, colleague: User, patient: Patient, passes: Callable[..., None]
) -> None:
    client = Client()
    client.force_login(owner)
    passes(minutes=20)
    client.post(f"/patients/{patient.pk}/assessments/new/", _encoded(), content_type=FORM)
    assert "61.5" not in str(dict(client.session))
    sign_in(client, colleague)
    assert client.get("/account/kept/")["Location"] == "/"


@pytest.mark.parametrize("path", ["/account/password/", "/api/v1/scores/", "/sign-out/"])
def test_passwords_and_what_programs_send_are_not_kept(
    pages: Client, passes: Callable[..., None], path: str
) -> None:
    passes(minutes=20)
    reply = pages.post(path, _encoded(), content_type=FORM)
    assert "kept" not in reply.get("Location", "")
    assert "kept_form" not in pages.session


def test_what_an_administrator_ended_keeps_nothing(
    pages: Client, owner: User, colleague: User, patient: Patient
) -> None:
    sessions.end_all(by=colleague, user=owner)
    pages.post(f"/patients/{patient.pk}/assessments/new/", _encoded(), content_type=FORM)
    assert "kept_form" not in pages.session


def test_a_session_of_another_account_or_of_none_is_no_session(
    pages: Client, owner: User, stranger: User
) -> None:
    SignInSession.objects.update(user=stranger)
    assert not is_signed_in(pages)
    client = Client()
    client.force_login(owner)
    SignInSession.objects.all().delete()
    assert not is_signed_in(client)


FORM = "application/x-www-form-urlencoded"


def _encoded() -> str:
    return f"weight_kg=61.5&today={date(2026, 1, 1)}"


def _token_in(reply: Any) -> str:
    text = reply.content.decode()
    return str(text.split('csrfmiddlewaretoken" value="')[1].split('"')[0])
