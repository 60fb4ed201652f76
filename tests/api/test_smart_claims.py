"""What we say of ourselves to programs is so (SMART App Launch 2.2, "Conformance")."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from riskapp.actions.api_clients import add_client
from riskapp.exchange.smart_scopes import granted
from tests.signing import assertion, form, key_set

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
# "Capabilities", "Capability Sets": every one that there is in version 2.2.
KNOWN = {
    "launch-ehr", "launch-standalone", "authorize-post", "client-public",
    "client-confidential-symmetric", "client-confidential-asymmetric", "sso-openid-connect",
    "context-banner", "context-style", "context-ehr-patient", "context-ehr-encounter",
    "context-standalone-patient", "context-standalone-encounter", "permission-offline",
    "permission-online", "permission-patient", "permission-user", "permission-v1", "permission-v2",
    "smart-app-state",
}  # fmt: skip
REQUIRED = {
    "issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "grant_types_supported",
    "capabilities", "code_challenge_methods_supported",
}  # fmt: skip


@pytest.fixture
def told(client: Client) -> dict[str, Any]:
    reply = client.get("/fhir/.well-known/smart-configuration", headers={"Origin": "https://x"})
    assert reply["Content-Type"] == "application/json"
    assert reply["Access-Control-Allow-Origin"] == "*"
    return dict(reply.json())


def test_the_configuration_is_whole_and_names_what_is_there(
    client: Client, told: dict[str, Any]
) -> None:
    assert set(told) >= REQUIRED
    assert set(told["capabilities"]) <= KNOWN
    assert told["code_challenge_methods_supported"] == ["S256"]
    for name in told:
        if name.endswith(("_endpoint", "_uri")):
            resolve(told[name].removeprefix("http://testserver"))
    with pytest.raises(Resolver404):
        resolve("/oauth/register")
    assert client.get(told["jwks_uri"]).json()["keys"]
    assert client.get("/oauth/.well-known/openid-configuration").json()["issuer"] == told["issuer"]
    security = client.get("/fhir/metadata").json()["rest"][0]["security"]
    assert security["cors"] is True
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    uris = {one["url"]: one["valueUri"] for one in security["extension"][0]["extension"]}
    assert (uris["authorize"], uris["token"]) == (
        told["authorization_endpoint"],
        told["token_endpoint"],
    )


def test_every_scope_that_is_named_can_be_granted(told: dict[str, Any]) -> None:
    everything = [*told["scopes_supported"]]
    assert granted(everything, everything) == everything
    for claimed, scope in (
        ("permission-offline", "offline_access"),
        ("permission-online", "online_access"),
        ("sso-openid-connect", "fhirUser"),
        ("launch-ehr", "launch"),
        ("context-standalone-patient", "launch/patient"),
        ("context-standalone-encounter", "launch/encounter"),
    ):
        assert (claimed in told["capabilities"]) == (scope in everything), claimed


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    made = add_client(
        name="judge",
        organisation="Clinic A",
        scopes=["system/*.rs"],
        keys=key_set("rs384", "es384"),
    )

    def asked(where: str = "token", key: str = "rs384", **other: str) -> Any:
        signed = assertion(made.client.application.client_id, key)
        told = form("", "system/Patient.rs", signed) | other
        return client.post(f"/oauth/{where}", urlencode(told), FORM)

    return asked


def test_no_answer_with_a_token_or_about_one_is_kept_on_the_way(ask: Any) -> None:
    given = ask()
    asked = {"token": given.json()["access_token"], "grant_type": "", "scope": ""}
    for reply in (given, ask(scope="x"), ask(key="another"), ask("introspect", **asked)):
        assert reply["Cache-Control"] == "no-store"
        assert reply["Pragma"] == "no-cache"
        assert reply["Content-Type"] == "application/json"


def test_a_refusal_at_the_fhir_server_says_how_to_get_in(client: Client) -> None:
    refused = client.get("/fhir/Patient/x", headers={"Authorization": "Bearer gone"})
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert 'error="invalid_token"' in refused["WWW-Authenticate"]
    assert refused.json()["resourceType"] == "OperationOutcome"
