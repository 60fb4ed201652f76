"""The OpenAPI description is complete, valid, and shown without a foreign script."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client


def test_the_description_generates_without_a_warning_and_is_valid(tmp_path: Path) -> None:
    written = tmp_path / "schema.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(written))
    described = written.read_text(encoding="utf-8")
    for address in ("scores", "patients", "scans", "assessments", "models", "populations"):
        assert f"/api/v1/{address}/:" in described


def test_the_description_is_served_to_anyone(client: Client) -> None:
    reply = client.get("/api/schema/")
    assert reply.status_code == 200
    assert b"openapi: 3" in reply.content


@pytest.mark.parametrize(
    ("address", "headers"),
    [("/api/schema/", {"Accept": "application/json"}), ("/api/schema/?format=json", {})],
)
def test_the_description_comes_as_json_where_it_is_asked(
    client: Client, address: str, headers: dict[str, str]
) -> None:
    reply = client.get(address, headers=headers)
    assert reply["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert reply.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    "address",
    ["/health/live", "/oauth/jwks.json", "/fhir/.well-known/smart-configuration"],
)
def test_a_method_that_is_not_offered_is_no_forged_form(address: str) -> None:
    reply = Client(enforce_csrf_checks=True).post(address)
    assert (reply.status_code, reply["Allow"]) == (405, "GET, HEAD")


def test_the_page_holds_no_inline_script_and_nothing_from_elsewhere(client: Client) -> None:
    reply = client.get("/api/docs/")
    page = reply.content.decode()
    assert reply.status_code == 200
    assert not re.findall(r"<script(?![^>]*src=)", page)
    assert "//" not in page.replace("<!doctype html>", "")
    assert "'unsafe-inline'" not in reply["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_is_answered_without_a_sign_in(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200
