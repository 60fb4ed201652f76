"""A service says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0)."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.models import SignInSession, UsedLogout
from tests.signing import private_key
from tests.stub_provider import StubProvider
from tests.trail import done
from tests.web.signing_in import attempt, service, site

__all__ = ["attempt", "service", "site"]
pytestmark = pytest.mark.django_db
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def say(service: StubProvider, site: Any) -> Callable[..., Any]:
    """Send a logout token, with one thing said otherwise; ``None`` leaves a claim out."""

    def said(
        key: str = "rs384",
        header: Any = (),
        algorithm: str = "RS256",
        ago: int = 0,
        lasts: int = 120,
        **other: Any,
    ) -> Any:
        now = int(time.time()) - ago
        claims = {
            "iss": service.issuer,
            "aud": "trabecula",
            "iat": now,
            "exp": now + lasts,
            "jti": str(uuid.uuid4()),
            "sub": "person-1",
            "events": {EVENT: {}},
        } | other
        token = jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            "" if algorithm == "none" else private_key(key),
            algorithm=algorithm,
            headers={"kid": key, "typ": "logout+jwt", **dict(header)},
        )
        return send(token)

    return said


def send(token: str) -> Any:
    return Client().post("/sign-in/with/hospital/logout/", {"logout_token": token})


def is_in(browser: Client) -> bool:
    return bool(browser.get("/account/").status_code == 200)


@pytest.fixture
def hers(attempt: Any, service: StubProvider) -> Client:
    """Somebody who signed in with the service, in a session that it calls s-1."""
    client = Client()
    service.claims = {"sid": "s-1"}
    assert attempt(client).status_code == 302
    return client


def test_all_sessions_of_a_person_end_where_the_service_names_the_person(
    hers: Client, attempt: Any, service: StubProvider, say: Any, owner: User
) -> None:
    second, other, local = Client(), Client(), Client()
    service.claims = {"sid": "s-2"}
    attempt(second)
    service.claims = {"sub": "person-2", "sid": "s-3", "preferred_username": "ben"}
    attempt(other)
    local.force_login(owner)
    reply = say()
    assert (reply.status_code, reply["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert [is_in(one) for one in (hers, second, other, local)] == [False, False, True, True]
    ended = SignInSession.objects.filter(why_ended="by_service")
    assert ended.count() == len(done(action="session.end_by_service")) == 2


def test_one_session_ends_where_the_service_names_the_session(
    hers: Client, attempt: Any, service: StubProvider, say: Any
) -> None:
    second = Client()
    service.claims = {"sid": "s-2"}
    attempt(second)
    assert say(sub=None, sid="s-1").status_code == 200
    assert [is_in(hers), is_in(second)] == [False, True]
    # Somebody else's session is not ended under this name.
    assert say(sub="person-2", sid="s-2").status_code == 200
    assert is_in(second)
    assert say(sid="s-2").status_code == 200
    assert not is_in(second)


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": None},
        {"iat": None},
        {"exp": None},
        {"jti": None},
        {"jti": 7},
        {"jti": ""},
        {"sub": None},
        {"sub": ["person-1"]},
        {"sub": "x" * 256},
        {"sub": "\ud800"},
        {"sid": "\ud800"},
        {"sid": 7},
        {"events": None},
        {"events": EVENT},
        {"events": {EVENT: True}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "x"},
        {"nonce": ""},
        {"ago": -600},
        {"ago": 182, "lasts": 600},
        {"ago": 62, "lasts": 0},
        {"header": {"typ": "at+jwt"}},
        {"header": {"kid": "unknown"}},
        {"header": {"kid": "es384"}},
        {"key": "another", "header": {"kid": "rs384"}},
        {"algorithm": "none"},
    ],
)
def test_a_word_that_is_not_the_services_or_not_of_now_ends_nothing(
    hers: Client, say: Any, other: dict[str, Any]
) -> None:
    reply = say(**other)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert is_in(hers)


@pytest.mark.parametrize(
    "other",
    [
        {"aud": ["trabecula", "another"]},
        {"ago": 100},
        {"header": {"typ": "JWT"}},
        {"events": {EVENT: {}, "http://schemas.openid.net/event/other": {}}},
    ],
)
def test_what_the_standard_leaves_open_is_taken(
    hers: Client, say: Any, other: dict[str, Any]
) -> None:
    assert say(**other).status_code == 200
    assert not is_in(hers)


def test_a_word_counts_once(hers: Client, attempt: Any, say: Any) -> None:
    used = str(uuid.uuid4())
    assert say(jti=used).status_code == 200
    assert attempt(hers).status_code == 302
    assert say(jti=used).status_code == 400
    assert is_in(hers)
    UsedLogout.objects.update(until="2020-01-01T00:00Z")
    say()
    assert UsedLogout.objects.count() == 1


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 9_000, "\0"])
def test_what_is_no_token_is_refused(site: Any, token: str) -> None:
    assert send(token).status_code == 400


def test_a_service_whose_keys_cannot_be_had_ends_nothing(hers: Client, say: Any, site: Any) -> None:
    site(issuer='"http://127.0.0.1:9"')
    assert say().status_code == 400
    assert is_in(hers)


def test_who_signed_in_there_is_no_logout(hers: Client, service: StubProvider) -> None:
    """The token of a sign-in, which is signed by the same key, has no event and a nonce."""
    assert send(hers.session["signed_in_by"]).status_code == 400
    assert Client().get("/sign-in/with/hospital/logout/").status_code == 405
    assert Client().post("/sign-in/with/other/logout/").status_code == 404
