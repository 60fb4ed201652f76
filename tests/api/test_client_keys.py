"""Keys of programs: what can be registered, and those that are fetched where they are published."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from riskapp.actions.api_clients import add_client
from riskapp.actions.errors import Refused
from riskapp.exchange import json_web_keys, published_keys
from riskapp.models import ApiClient
from tests.signing import assertion, form, key_set, private_key
from tests.stub_provider import StubProvider, stub_provider

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
SCOPE = "system/Patient.r"
BACK = "https://app.example/back"


@pytest.fixture
def published() -> Iterator[StubProvider]:
    """Somebody’s keys at an address on this machine; nothing of another test is remembered."""
    published_keys._held.clear()
    with stub_provider() as server:
        yield server


def asked(client: Client, server: StubProvider, address: str = "/keys", **header: str) -> Any:
    made = add_client(
        name="remote", organisation="Clinic A", scopes=[SCOPE], keys_url=server.issuer + address
    )
    key = header.pop("key", "rs384")
    signed = assertion(made.client.application.client_id, key, header)
    return client.post("/oauth/token", urlencode(form("", SCOPE, signed)), FORM)


def test_keys_are_fetched_where_they_are_published(client: Client, published: StubProvider) -> None:
    assert asked(client, published, jku=f"{published.issuer}/keys").status_code == 200


@pytest.mark.parametrize(
    ("address", "header", "why"),
    [
        ("/keys", {"jku": "https://evil.example/keys"}, "jku"),
        ("/keys", {"key": "another"}, "not among those registered"),
        ("/gone", {}, "answered 404"),
        ("/.well-known/openid-configuration", {}, "keys"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    client: Client, published: StubProvider, address: str, header: dict[str, str], why: str
) -> None:
    reply = asked(client, published, address, **header)
    assert reply.status_code == 401
    assert why in reply.json()["error_description"]


def test_a_set_that_is_too_large_or_too_slow_is_not_read(
    client: Client, published: StubProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = json_web_keys.LIMITS
    monkeypatch.setattr(json_web_keys, "LIMITS", replace(limits, most_bytes=100))
    assert "too large" in asked(client, published).json()["error_description"]
    published_keys._held.clear()
    monkeypatch.setattr(json_web_keys, "LIMITS", replace(limits, whole_s=-1))
    made = ApiClient.objects.get()
    signed = assertion(made.application.client_id, "rs384", {})
    told = client.post("/oauth/token", urlencode(form("", SCOPE, signed)), FORM).json()
    assert "in time" in told["error_description"]


@pytest.mark.parametrize(
    ("headers", "fresh_s"),
    [
        # RFC 9111: "Cache-Control: max-age=30" (4.4), "no-cache" (5.2.1.4), Age (5.1).
        ({"Cache-Control": "max-age=30"}, 30),
        ({"Cache-Control": 'public, Max-Age="3600"', "Age": "600"}, 3_000),
        ({"Cache-Control": "max-age=30", "Age": "31"}, 0),
        ({"Cache-Control": "no-store, max-age=30"}, 0),
        ({"Cache-Control": "max-age=-5"}, 0),
        ({"Cache-Control": "max-age"}, 0),
        ({"Cache-Control": "max-age=" + "9" * 16}, 0),
        ({"Cache-Control": "max-age=30", "Age": "a while"}, 30),
        ({"Cache-Control": "public"}, None),
        ({}, None),
    ],
)
def test_how_long_keys_are_fresh_by_what_their_server_says(
    headers: dict[str, str], fresh_s: float | None
) -> None:
    assert json_web_keys.fresh_for_s(headers) == fresh_s


def test_an_address_that_does_not_answer_is_told(client: Client, published: StubProvider) -> None:
    published.breaks_off = True
    assert "did not answer" in asked(client, published).json()["error_description"]
    ApiClient.objects.all().delete()
    published.issuer = "http://127.0.0.1:9"
    assert "did not answer" in asked(client, published).json()["error_description"]


PRIVATE = {"keys": [{**RSAAlgorithm.to_jwk(private_key("rs384"), as_dict=True), "kid": "a"}]}
GOOD: dict[str, Any] = {"name": "x", "organisation": "A", "scopes": [SCOPE]}
APP: dict[str, Any] = {"redirect_uris": [BACK], "scopes": ["user/Patient.r"], "public": True}


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"keys": PRIVATE}, "jwks"),
        ({"keys": {"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]}}, "jwks"),
        ({"keys": key_set("weak")}, "jwks"),
        ({"keys": key_set("p256")}, "jwks"),
        ({"keys": key_set("rs384", "rs384")}, "jwks"),
        ({"keys": {"keys": []}}, "jwks"),
        ({"keys": {"keys": ["x"]}}, "jwks"),
        ({"keys": {}}, "jwks"),
        ({"keys": key_set("rs384"), "keys_url": "https://x.example/k"}, "jwks"),
        ({"keys_url": "http://x.example/k"}, "jwks"),
        ({"public": True}, "jwks"),
        ({**APP, "keys": key_set("rs384")}, "jwks"),
        ({"name": "a b"}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"scopes": []}, "scope"),
        ({"scopes": ["system/Patient.sr"]}, "scope"),
        ({"scopes": ["user/Patient.r"]}, "scope"),
        ({"scopes": ["openid"]}, "scope"),
        ({**APP, "scopes": [SCOPE]}, "scope"),
        ({**APP, "redirect_uris": ["http://app.example/back"]}, "redirect_uri"),
        ({**APP, "redirect_uris": ["https://u@app.example/back"]}, "redirect_uri"),
        ({**APP, "redirect_uris": ["https://app.example/back#x"]}, "redirect_uri"),
        ({**APP, "redirect_uris": ["https://app.example/a b"]}, "redirect_uri"),
        ({**APP, "redirect_uris": ["myapp://back"]}, "redirect_uri"),
    ],
)
def test_a_slip_in_a_registration_is_refused(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        add_client(**GOOD | other)
    assert list(refused.value.by_field) == [field]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "x" * 40},
        {"keys": key_set("rs384", "weak")},
        {"keys_url": "https://x.example/k"},
        {},
        APP,
        {**APP, "redirect_uris": ["http://127.0.0.1:8000/back"]},
    ],
)
def test_what_is_just_right_is_registered(other: dict[str, Any]) -> None:
    made = add_client(**GOOD | other)
    assert bool(made.secret) == (not made.client.has_keys and not other.get("public"))


def test_a_name_is_one_standing_clients_and_one_organisations() -> None:
    add_client(**GOOD)
    with pytest.raises(Refused, match="already"):
        add_client(**GOOD)
