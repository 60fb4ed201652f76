"""SMART Backend Services: a program with a token reaches as far as it says, while it lasts."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from riskapp.actions.api_clients import add_client, revoke_client
from riskapp.models import ApiClient, Patient
from tests.api.backends import SCOPES, ask, backend
from tests.signing import FORM, assertion, bearer, form, key_set
from tests.trail import done

__all__ = ["ask", "backend"]
NEW = {"name": "Eva", "record_number": "7", "date_of_birth": "1950-01-01", "sex": "female"}


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
    told = [action for action, who in done() if who == "client:ehr"]
    assert told == ["account.register", "client.register", "assessment.create"]


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
