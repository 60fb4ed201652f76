"""An app in a browser may read answers where it was registered, and without anybody's cookie."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.api_clients import add_client, revoke_client
from riskapp.models import ApiClient, Patient

APP = "https://app.example"


@pytest.fixture
def app(db: None) -> ApiClient:
    return add_client(
        name="app",
        organisation="Clinic A",
        scopes=["patient/*.rs"],
        redirect_uris=[f"{APP}/back"],
        public=True,
    ).client


def first(client: Client, origin: str, path: str = "/fhir/Patient") -> Any:
    return client.options(path, headers={"Origin": origin, "Access-Control-Request-Method": "GET"})


@pytest.mark.parametrize("path", ["/fhir/Patient", "/api/v1/patients/", "/oauth/token"])
def test_a_registered_app_may_ask(client: Client, app: ApiClient, path: str) -> None:
    reply = first(client, APP, path)
    assert reply.status_code == 204
    assert reply["Access-Control-Allow-Origin"] == APP
    assert "Authorization" in reply["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in reply
    assert "Origin" in reply["Vary"]
    refused = client.get("/fhir/Patient", headers={"Origin": APP})
    assert refused.status_code == 401
    assert refused["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null",
     "https://app.example:444"],
)  # fmt: skip
def test_nobody_else_may(client: Client, app: ApiClient, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in first(client, origin)
    reply = client.get("/fhir/metadata", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in reply


def test_a_revoked_app_may_no_more(client: Client, app: ApiClient) -> None:
    revoke_client(name="app")
    assert "Access-Control-Allow-Origin" not in first(client, APP)


def test_pages_are_not_read_from_elsewhere(
    client: Client, app: ApiClient, owner: User, patient: Patient
) -> None:
    client.force_login(owner)
    for page in ("/", f"/patients/{patient.id}/", "/oauth/authorize", "/sign-in/"):
        reply = client.get(page, headers={"Origin": APP})
        assert "Access-Control-Allow-Origin" not in reply
