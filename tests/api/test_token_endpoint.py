"""The token endpoint: who proves who it is gets a token, once; anything else, a refusal."""

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from django.test import Client
from oauth2_provider.models import AccessToken

from riskapp.actions.api_clients import add_client
from riskapp.models import ApiClient, Patient, UsedAssertion
from tests.api.backends import ask, backend
from tests.signing import FORM, assertion, form, private_key

__all__ = ["ask", "backend"]


@pytest.mark.parametrize("key", ["rs384", "es384"])
def test_a_signed_statement_gives_a_token_of_five_minutes(ask: Any, key: str) -> None:
    reply = ask(key=key)
    assert reply.status_code == 200, reply.content
    told = reply.json()
    assert told["token_type"] == "Bearer"
    assert told["expires_in"] == 300
    assert told["scope"] == "system/Patient.rs"
    assert "refresh_token" not in told
    assert reply["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "http://testserver/oauth/other"}, "aud"),
        ({"aud": None}, "iss, sub, aud, exp and jti"),
        ({"iss": "somebody"}, "iss and sub"),
        ({"sub": "somebody"}, "iss and sub"),
        ({"iss": "nobody", "sub": "nobody"}, "registered keys"),
        ({"iss": "\x00", "sub": "\x00"}, "iss and sub"),
        ({"iss": "\ud800", "sub": "\ud800"}, "iss and sub"),
        ({"exp": lambda: int(time.time()) - 11}, "expired"),
        ({"exp": lambda: int(time.time()) + 312}, "300 seconds"),
        ({"exp": None}, "iss, sub, aud, exp and jti"),
        ({"exp": "soon"}, "since 1970"),
        ({"exp": float("inf")}, "since 1970"),
        ({"exp": True}, "since 1970"),
        ({"nbf": lambda: int(time.time()) + 60}, "clocks"),
        ({"jti": None}, "iss, sub, aud, exp and jti"),
        ({"jti": ""}, "jti"),
        ({"jti": "x" * 256}, "jti"),
        ({"header": {"kid": "another"}}, "not among"),
        ({"header": {"kid": ""}}, "kid"),
        ({"header": {"typ": "other"}}, "typ"),
        ({"header": {"jku": "https://evil.example/keys"}}, "jku"),
        ({"key": "another", "header": {"kid": "rs384"}}, "signature"),
        ({"key": "p256", "header": {"kid": "es384"}}, "RS384 or ES384"),
    ],
)
def test_a_statement_that_proves_nothing_is_refused(ask: Any, claims: Any, why: str) -> None:
    given = {name: one() if callable(one) else one for name, one in claims.items()}
    reply = ask(**given)
    assert reply.status_code == 401
    told = reply.json()
    assert told["error"] == "invalid_client"
    assert why in told["error_description"]
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": lambda: int(time.time()) + 308},
        {"exp": lambda: int(time.time()) - 7},
        {"jti": "x" * 255},
        {"aud": ["https://other.example", "http://testserver/oauth/token"]},
    ],
)
def test_a_statement_just_inside_the_limits_is_taken(ask: Any, claims: Any) -> None:
    given = {name: one() if callable(one) else one for name, one in claims.items()}
    assert ask(**given).status_code == 200


def test_a_statement_is_used_once(client: Client, backend: ApiClient) -> None:
    signed = assertion(backend.application.client_id)
    body = urlencode(form("", "system/Patient.r", signed))
    assert client.post("/oauth/token", body, FORM).status_code == 200
    again = client.post("/oauth/token", body, FORM)
    assert again.status_code == 401
    assert "used before" in again.json()["error_description"]
    # Also where the first use ended in another refusal.
    for status, signed in ((400, "first"), (401, "second")):
        signed = assertion(backend.application.client_id, jti="one") if status == 400 else signed
        body = body if status == 401 else urlencode(form("", "system/Condition.r", signed))
        assert client.post("/oauth/token", body, FORM).status_code == status
    assert UsedAssertion.objects.count() == 2


def test_other_ways_of_signing_are_refused(client: Client, backend: ApiClient) -> None:
    client_id = backend.application.client_id
    claims = {"iss": client_id, "sub": client_id, "aud": "http://testserver/oauth/token"}
    claims |= {"exp": int(time.time()) + 100, "jti": "a"}
    head = {"kid": "rs384"}
    for signed in (
        jwt.encode(claims, "", algorithm="none", headers=head),
        jwt.encode(claims, "x" * 64, algorithm="HS384", headers=head),
        jwt.encode(claims, private_key("rs384"), algorithm="RS256", headers=head),
        "no.token.atall",
        "a.b",
        "",
        "x" * 9000,
    ):
        reply = client.post("/oauth/token", urlencode(form("", "system/Patient.r", signed)), FORM)
        assert reply.status_code == 401, signed
        assert reply.json()["error"] == "invalid_client"


@pytest.mark.parametrize("sent", ["Basic \xe9", "Basic é:é", "Basic x", "Basic", "Basic /w=="])
@pytest.mark.parametrize("door", ["token", "revoke", "introspect"])
def test_a_secret_that_cannot_be_read_is_refused(
    client: Client, db: None, door: str, sent: str
) -> None:
    reply = client.post(f"/oauth/{door}", "token=x", FORM, headers={"Authorization": sent})
    assert reply.status_code in (400, 401)
    assert reply.json()["error"] in ("invalid_client", "invalid_request", "unsupported_grant_type")


def test_a_client_with_keys_gets_nothing_by_a_secret(client: Client, backend: ApiClient) -> None:
    backend.application.client_secret = "known"
    backend.application.save()
    fields = {
        "grant_type": "client_credentials",
        "scope": "system/Patient.r",
        "client_id": backend.application.client_id,
        "client_secret": "known",
    }
    reply = client.post("/oauth/token", urlencode(fields), FORM)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


def test_a_client_without_keys_gets_its_token_by_its_secret(client: Client, db: None) -> None:
    made = add_client(name="old", organisation="Clinic A", scopes=["system/Patient.r"])
    fields = {
        "grant_type": "client_credentials",
        "scope": "system/Patient.r",
        "client_id": made.client.application.client_id,
        "client_secret": made.secret,
    }
    assert client.post("/oauth/token", urlencode(fields), FORM).status_code == 200
    wrong = fields | {"client_secret": "wrong"}
    assert client.post("/oauth/token", urlencode(wrong), FORM).status_code == 401
    assert made.secret not in made.client.application.client_secret


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (
            {"grant_type": "password", "username": "owner", "password": "x"},
            "unsupported_grant_type",
        ),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "system/Patient.r"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "\x00"}, "invalid_client"),
    ],
)
def test_a_grant_that_there_is_not_is_refused(
    client: Client, backend: ApiClient, fields: dict[str, str], error: str
) -> None:
    reply = client.post("/oauth/token", urlencode(fields), FORM)
    assert reply.status_code in (400, 401)
    assert reply.json()["error"] == error


def test_what_is_no_form_is_refused(client: Client, db: None) -> None:
    many = "&".join(f"a{number}=1" for number in range(1001))
    for body, kind in (("{}", "application/json"), ("scope=a&scope=b", FORM), (many, FORM)):
        reply = client.post("/oauth/token", body, kind)
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert client.get("/oauth/token").status_code == 405


def test_names_of_our_own_are_not_read_from_what_is_sent(
    client: Client, backend: ApiClient, patient: Patient
) -> None:
    signed = assertion(backend.application.client_id)
    strange = {"launched_patient_id": str(patient.id), "user": "1", "refresh_token_instance": "x"}
    body = urlencode(form("", "system/Patient.r", signed) | strange | {"scopes": "system/*.cruds"})
    reply = client.post("/oauth/token", body, FORM)
    assert reply.status_code == 200
    assert reply.json()["scope"] == "system/Patient.r"
    token = AccessToken.objects.get()
    assert token.user is None
    assert not hasattr(token, "launched")
