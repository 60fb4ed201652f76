"""What the organisation's sign-in service answers is believed only if meant for this sign-in."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.stub_provider import StubProvider
from tests.web.signing_in import attempt, said, service, site

__all__ = ["attempt", "service", "site"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"iss": "https://evil.example"}, "could not be believed"),
        ({"aud": "another"}, "could not be believed"),
        ({"aud": ["trabecula", "another"]}, "could not be believed"),
        ({"azp": "another"}, "could not be believed"),
        ({"aud": ["trabecula", "another"], "azp": "another"}, "could not be believed"),
        ({"nonce": "replayed"}, "could not be believed"),
        ({"nonce": None}, "could not be believed"),
        ({"nonce": 1}, "could not be believed"),
        ({"sub": None}, "could not be believed"),
        ({"sub": ""}, "could not be believed"),
        ({"sub": "x" * 256}, "could not be believed"),
        ({"sub": "a\x00"}, "could not be believed"),
        ({"sub": "a\ud800"}, "could not be believed"),
        ({"at_hash": "\ud800"}, "could not be believed"),
        ({"sub": 7}, "could not be believed"),
        ({"exp": None}, "could not be believed"),
        ({"exp": float("inf")}, "could not be believed"),
        ({"iat": None}, "could not be believed"),
        ({"at_hash": "wrong"}, "could not be believed"),
        ({"exp": lambda: int(time.time()) - 62}, "clocks"),
        ({"iat": lambda: int(time.time()) + 65}, "clocks"),
        ({"nbf": lambda: int(time.time()) + 65}, "clocks"),
    ],
)
def test_an_answer_that_is_not_for_this_sign_in_is_refused(
    client: Client, attempt: Any, service: StubProvider, claims: Any, sentence: str
) -> None:
    service.claims = {name: one() if callable(one) else one for name, one in claims.items()}
    reply = attempt()
    assert reply.status_code == 403
    assert sentence in said(reply)
    assert not User.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["trabecula"]},
        {"aud": ["trabecula", "another"], "azp": "trabecula"},
        {"sub": "x" * 255},
        {"sid": "\ud800"},
        {"exp": lambda: int(time.time()) - 55},
        {"iat": lambda: int(time.time()) + 55},
    ],
)
def test_an_answer_just_inside_the_limits_is_believed(
    attempt: Any, service: StubProvider, claims: Any
) -> None:
    service.claims = {name: one() if callable(one) else one for name, one in claims.items()}
    assert attempt().status_code == 302
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "lie",
    [
        {"algorithm": "none"},
        {"key": "another", "header": {"kid": "rs384"}},
        {"header": {"kid": "unknown"}},
        {"algorithm": "PS256"},
        {"algorithm": "RS512"},
    ],
)
def test_a_signature_that_is_not_the_services_is_refused(
    attempt: Any, service: StubProvider, lie: dict[str, Any]
) -> None:
    for name, value in lie.items():
        setattr(service, name, value)
    assert "could not be believed" in said(attempt())
    assert not User.objects.exists()


def test_other_signatures_of_the_service_are_believed(attempt: Any, service: StubProvider) -> None:
    service.key, service.algorithm = "es384", "ES384"
    assert attempt().status_code == 302


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"state": "guessed"}, "took too long, or was started in another window"),
        ({"state": ""}, "took too long, or was started in another window"),
        ({"code": ""}, "took too long, or was started in another window"),
        ({"code": "x" * 5000}, "took too long, or was started in another window"),
        ({"iss": "https://evil.example"}, "another sign-in service"),
        ({"error": "access_denied"}, "City Hospital did not let you in"),
        ({"error": "<b>server_error"}, "City Hospital could not sign you in"),
        ({"error": "temporarily_unavailable"}, "not available just now"),
    ],
)
def test_an_answer_that_brings_nothing_says_why(
    attempt: Any, answer: dict[str, str], sentence: str
) -> None:
    reply = attempt(**answer)
    assert reply.status_code == 403
    assert sentence in said(reply)
    assert "<b>" not in reply.content.decode()


def test_an_attempt_is_used_once_by_the_browser_that_made_it(
    client: Client, attempt: Any, service: StubProvider
) -> None:
    brought = service.goes_there(client.get("/sign-in/with/hospital/")["Location"])
    answer = {"code": "abc", "state": brought["state"]}
    # Somebody else’s browser is made to end our attempt, or we theirs.
    assert Client().get("/sign-in/with/hospital/back/", answer).status_code == 403
    assert client.get("/sign-in/with/hospital/back/", answer).status_code == 302
    assert client.get("/sign-in/with/hospital/back/", answer).status_code == 403


def test_an_attempt_ends_after_ten_minutes(
    client: Client, service: StubProvider, site: Any
) -> None:
    brought = service.goes_there(client.get("/sign-in/with/hospital/")["Location"])
    session = client.session
    attempts = session["sign_in_attempts"]
    attempts[brought["state"]]["at"] -= 601
    session["sign_in_attempts"] = attempts
    session.save()
    answer = {"code": "abc", "state": brought["state"]}
    assert "took too long" in said(client.get("/sign-in/with/hospital/back/", answer))


def test_a_browser_that_starts_many_keeps_the_newest(client: Client, site: Any) -> None:
    for _ in range(7):
        client.get("/sign-in/with/hospital/")
    assert len(client.session["sign_in_attempts"]) == 5
