"""The way to the organisation's sign-in service and out of it again, and a service that fails."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.exchange.sign_in import provider
from tests.stub_provider import StubProvider
from tests.web.signing_in import attempt, said, service, site

__all__ = ["attempt", "service", "site"]
pytestmark = pytest.mark.django_db


def test_the_page_offers_what_the_site_has_configured(client: Client, site: Any) -> None:
    page = client.get("/sign-in/?next=/recall/").content.decode()
    assert "Sign in with City Hospital" in page
    assert 'href="/sign-in/with/hospital/?next=%2Frecall%2F"' in page
    assert client.get("/sign-in/with/other/").status_code == 404
    site(name='"no good"')
    assert "City Hospital" not in client.get("/sign-in/").content.decode()
    assert client.get("/sign-in/").status_code == 200


def test_the_way_there_carries_all_that_protects_it(
    client: Client, service: Any, site: Any
) -> None:
    address = client.get("/sign-in/with/hospital/")["Location"]
    brought = service.goes_there(address)
    assert address.startswith(f"{service.issuer}/authorize?")
    assert brought["response_type"] == "code"
    assert brought["code_challenge_method"] == "S256"
    assert brought["redirect_uri"] == "http://testserver/sign-in/with/hospital/back/"
    assert brought["scope"] == "openid profile email"
    assert len(brought["state"]) == len(brought["nonce"]) == 43
    again = service.goes_there(client.get("/sign-in/with/hospital/")["Location"])
    for name in ("state", "nonce", "code_challenge"):
        assert again[name] != brought[name]


def test_the_session_gets_a_new_name(client: Client, attempt: Any) -> None:
    client.get("/sign-in/with/hospital/")
    before = client.session.session_key
    attempt()
    assert before
    assert client.session.session_key != before


def test_nobody_is_sent_elsewhere_afterwards(attempt: Any) -> None:
    for then in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        reply = attempt(Client(), start=f"?next={then}")
        assert reply["Location"] == "/"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://127.0.0.1:1/token"},
        {"token_endpoint": "https://evil.example/token"},
        {"jwks_uri": "http://169.254.169.254/latest"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "https://evil.example/"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": ["x"]},
        {"padding": "x" * 300_000},
    ],
)
def test_a_service_that_names_other_addresses_is_not_used(
    client: Client, service: StubProvider, site: Any, metadata: dict[str, Any]
) -> None:
    service.metadata = metadata
    reply = client.get("/sign-in/with/hospital/")
    assert reply.status_code == 502
    assert said(reply)


def test_a_service_that_is_not_there_is_told_so(client: Client, site: Any) -> None:
    site(issuer='"http://127.0.0.1:9"')
    reply = client.get("/sign-in/with/hospital/")
    assert (reply.status_code, "did not answer" in said(reply)) == (502, True)


@pytest.mark.parametrize(
    ("status", "body", "answered"),
    [
        (400, None, 403),
        (302, b"{}", 502),
        (500, b"oops", 502),
        (200, b"[]", 502),
        (200, b"null", 502),
        (200, b"{}", 403),
        (200, b'{"access_token": "a", "token_type": "Bearer", "id_token": 7}', 502),
        (200, b'{"access_token": "a", "token_type": "Bearer", "id_token": "a.b.c"}', 403),
        (200, b'{"access_token": "a", "token_type": "Bearer", "id_token": "\\ud800"}', 502),
        (200, b'{"token_type": "Bearer", "id_token": "a", "expires_in": 1e999}', 502),
        (200, b" " * 300_000, 502),
    ],
)
def test_a_token_endpoint_that_gives_none_signs_nobody_in(
    client: Client, attempt: Any, service: Any, status: int, body: Any, answered: int
) -> None:
    service.token_status, service.token_body = status, body
    reply = attempt()
    assert reply.status_code == answered
    assert said(reply)
    assert not User.objects.exists()


def test_without_a_secret_the_request_is_signed(
    client: Client, attempt: Any, service: StubProvider, site: Any
) -> None:
    site(secret="")
    assert attempt().status_code == 302
    (asked,) = service.asked
    keys = jwt.PyJWKSet.from_dict(client.get("/oauth/jwks.json").json())
    head = jwt.get_unverified_header(asked["client_assertion"])
    claims = jwt.decode(
        asked["client_assertion"],
        keys[head["kid"]].key,
        algorithms=["RS256"],
        audience=f"{service.issuer}/token",
    )
    assert claims["iss"] == claims["sub"] == "trabecula"
    assert service.authorization == [""]


def test_signing_out_offers_to_sign_out_there_too(
    client: Client, attempt: Any, service: StubProvider
) -> None:
    attempt()
    reply = client.post("/sign-out/")
    page = reply.content.decode()
    assert "Sign out of City Hospital too" in page
    address = page.partition('is-main" href="')[2].partition('"')[0].replace("&amp;", "&")
    told = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{service.issuer}/logout?")
    assert told["post_logout_redirect_uri"] == "http://testserver/sign-in/"
    assert told["id_token_hint"].count(".") == 2
    assert client.get("/").status_code == 302
    assert "signed_in_by" not in client.session


def test_signing_out_works_where_the_service_is_gone(
    client: Client, attempt: Any, site: Any, owner: User
) -> None:
    attempt()
    site(name='"renamed"')
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    client.force_login(owner)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"


def test_a_slow_service_is_not_waited_for(
    client: Client, service: StubProvider, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "LIMITS", replace(provider.LIMITS, whole_s=-1))
    assert client.get("/sign-in/with/hospital/").status_code == 502


def test_a_service_that_breaks_off_is_told_so(
    client: Client, attempt: Any, service: StubProvider
) -> None:
    sent = client.get("/sign-in/with/hospital/")
    brought = service.goes_there(sent["Location"])
    service.breaks_off = True
    answer = {"code": "abc", "state": brought["state"]}
    assert client.get("/sign-in/with/hospital/back/", answer).status_code == 502


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": '"http://idp.example"'},
        {"issuer": '"https://user:word@idp.example"'},
        {"issuer": '"https://idp.example/?x=1"'},
        {"also_at": '["http://idp.example"]'},
        {"roles": '{ "stats" = "root" }'},
        {"name": '"a/b"'},
    ],
)
def test_a_slip_in_the_file_is_refused(site: Any, client: Client, other: dict[str, str]) -> None:
    site(**other)
    assert client.get("/sign-in/with/hospital/").status_code == 404
    site(issuer='"https://idp.example/realms/a"', also_at='["https://login.example"]')
    assert "City Hospital" in client.get("/sign-in/").content.decode()
