"""SMART Backend Services: a program proves who it is, is given a token, and reaches so far."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient

from riskapp.actions.api_clients import add_client, revoke_client
from riskapp.models import ApiClient, AuditEvent, Patient, UsedAssertion
from tests.signing import assertion, form, key_set, private_key

SCOPES = ["system/Patient.rs", "system/RiskAssessment.crs"]
NEW = {"name": "Eva", "record_number": "7", "date_of_birth": "1950-01-01", "sex": "female"}


FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def backend(db: None) -> ApiClient:
    """A program of the owner's organisation with both kinds of key."""
    made = add_client(
        name="ehr", organisation="Clinic A", scopes=SCOPES, keys=key_set("rs384", "es384")
    )
    return made.client


@pytest.fixture
def ask(client: Client, backend: ApiClient) -> Callable[..., Any]:
    """Ask for a token as that program, with one thing done otherwise."""

    def asked(scope: str = "system/Patient.rs", key: str = "rs384", **claims: Any) -> Any:
        header = claims.pop("header", ())
        signed = assertion(backend.application.client_id, key, header, **claims)
        return client.post("/oauth/token", urlencode(form("", scope, signed)), FORM)

    return asked


def bearer(token: str) -> APIClient:
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return caller


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


def test_a_backend_reads_its_own_organisation(ask: Any, patient: Patient, stranger: Any) -> None:
    caller = bearer(ask().json()["access_token"])
    found = caller.get("/api/v1/patients/").json()
    assert [one["id"] for one in found["results"]] == [str(patient.id)]
    assert caller.get(f"/api/v1/patients/{patient.id}/").status_code == 200


def test_what_it_may_not_is_refused_with_what_it_would_need(ask: Any, patient: Patient) -> None:
    caller = bearer(ask().json()["access_token"])
    for reply, needed in (
        (caller.post("/api/v1/patients/", NEW), "system/Patient.c"),
        (caller.post("/api/v1/scores/", {}), "system/RiskAssessment.c"),
        (caller.get(f"/api/v1/patients/{patient.id}/fractures/"), "system/Condition.rs"),
    ):
        assert reply.status_code == 403
        assert reply["Content-Type"] == "application/problem+json"
        assert 'error="insufficient_scope"' in reply["WWW-Authenticate"]
        assert needed in reply["WWW-Authenticate"]
    # A method that there is not is answered as such, and what describes is open to all.
    assert caller.delete("/api/v1/patients/").status_code == 405
    assert caller.get("/api/v1/populations/").status_code == 200


def test_more_is_granted_as_far_as_allowed(ask: Any) -> None:
    assert ask("system/*.cruds").json()["scope"] == "system/Patient.rs system/RiskAssessment.crs"
    assert ask("system/Patient.read system/Foo.r").json()["scope"] == "system/Patient.rs"
    for nothing in ("system/Condition.r", "user/Patient.r", "system/Patient.r?name=x", "", "x"):
        reply = ask(nothing)
        assert reply.status_code == 400
        assert reply.json()["error"] == "invalid_scope"


def test_the_audit_names_the_program(ask: Any, backend: ApiClient, patient: Patient) -> None:
    caller = bearer(ask("system/RiskAssessment.c").json()["access_token"])
    reply = caller.post(
        "/api/v1/assessments/",
        {"patient": str(patient.id), "profile": {"population": "gb"}},
    )
    assert reply.status_code == 201, reply.content
    done = AuditEvent.objects.filter(by="client:ehr").values_list("action", flat=True)
    assert list(done) == ["account.register", "client.register", "assessment.create"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "http://testserver/oauth/other"}, "aud"),
        ({"aud": None}, "iss, sub, aud, exp and jti"),
        ({"iss": "somebody"}, "iss and sub"),
        ({"sub": "somebody"}, "iss and sub"),
        ({"iss": "nobody", "sub": "nobody"}, "registered keys"),
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


def test_a_token_is_kept_as_a_hash_and_ends(ask: Any, patient: Patient) -> None:
    raw = ask().json()["access_token"]
    token = AccessToken.objects.get()
    assert raw not in (token.token, token.token_checksum)
    token.expires = timezone.now() - timedelta(seconds=1)
    token.save()
    reply = bearer(raw).get("/api/v1/patients/")
    assert reply.status_code == 401
    assert 'error="invalid_token"' in reply["WWW-Authenticate"]
    assert bearer("x" * 600).get("/api/v1/patients/").status_code == 401


def test_a_revoked_client_is_out_at_once(ask: Any, backend: ApiClient, patient: Patient) -> None:
    caller = bearer(ask().json()["access_token"])
    assert caller.get("/api/v1/patients/").status_code == 200
    revoke_client(name="ehr")
    assert caller.get("/api/v1/patients/").status_code == 401
    assert ask().status_code == 401
    assert not backend.application.accesstoken_set.exists()
    # The name is free again, and the first registration stays what it was.
    add_client(name="ehr", organisation="Clinic A", scopes=SCOPES, keys=key_set("rs384"))
    assert caller.get("/api/v1/patients/").status_code == 401
    assert ask().status_code == 401


def test_a_token_is_told_of_and_given_back(
    client: Client, ask: Any, backend: ApiClient, patient: Patient
) -> None:
    raw = ask().json()["access_token"]

    def proof() -> dict[str, str]:
        signed = assertion(backend.application.client_id)
        return {k: v for k, v in form("", "", signed).items() if k.startswith("client_")}

    told = client.post("/oauth/introspect", urlencode({"token": raw, **proof()}), FORM)
    assert told.json() | {"exp": 0} == {
        "active": True,
        "scope": "system/Patient.rs",
        "client_id": backend.application.client_id,
        "exp": 0,
        "token_type": "Bearer",
    }
    assert client.post("/oauth/introspect", urlencode({"token": raw}), FORM).status_code == 401
    other = add_client(
        name="other", organisation="Clinic B", scopes=SCOPES, keys=key_set("rs384")
    ).client.application.client_id
    signed = {k: v for k, v in form(other, "").items() if k.startswith("client_")}
    reply = client.post("/oauth/introspect", urlencode({"token": raw, **signed}), FORM)
    assert reply.json() == {"active": False}
    # Another client cannot give it back, its own can.
    signed = {k: v for k, v in form(other, "").items() if k.startswith("client_")}
    assert (
        client.post("/oauth/revoke", urlencode({"token": raw, **signed}), FORM).status_code == 200
    )
    assert bearer(raw).get("/api/v1/patients/").status_code == 200
    own = client.post("/oauth/revoke", urlencode({"token": raw, **proof()}), FORM)
    assert own.status_code == 200
    assert bearer(raw).get("/api/v1/patients/").status_code == 401


def test_the_configuration_tells_how(client: Client, settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    told = client.get("/fhir/.well-known/smart-configuration").json()
    assert told == client.get("/.well-known/smart-configuration").json()
    assert told["token_endpoint"] == "http://testserver/oauth/token"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert "client_credentials" in told["grant_types_supported"]
    reply = client.get("/oauth/jwks.json")
    (key,) = reply.json()["keys"]
    assert (key["kty"], key["use"]) == ("RSA", "sig")
    assert not set(key) & {"d", "p", "q", "dp", "dq", "qi"}
    assert (tmp_path / "signing-key.pem").stat().st_mode & 0o777 == 0o600
    assert client.get("/oauth/jwks.json").json() == reply.json()


def test_the_commands_register_and_revoke(db: None, tmp_path: Any, capsys: Any) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(key_set("es384")))
    call_command(
        "add_api_client", "lab", organisation="Clinic A", scope=["system/Patient.r"], jwks=str(keys)
    )
    said = capsys.readouterr().out
    assert "client_secret" not in said
    assert ApiClient.objects.get(name="lab").application.client_id in said
    call_command("revoke_api_client", "lab")
    assert ApiClient.objects.get(name="lab").revoked_at is not None
