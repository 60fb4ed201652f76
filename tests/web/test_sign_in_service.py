"""Sign-in with the organisation's own service, against one on this machine that may lie."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.permitting import is_statistician, make_statistician
from riskapp.actions.registering import register_clinician
from riskapp.exchange.sign_in import provider
from riskapp.models import AuditEvent, ExternalIdentity, Membership, Organisation
from tests.stub_provider import StubProvider, stub_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Iterator[StubProvider]:
    with stub_provider() as provider:
        yield provider


@pytest.fixture
def site(service: StubProvider, settings: Any, tmp_path: Path) -> Callable[..., None]:
    """Write the file of connections, with one thing said otherwise."""
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    secret = tmp_path / "secret"
    secret.write_text("s3cret")

    def write(**other: str) -> None:
        told = {
            "name": '"hospital"',
            "organisation": '"Clinic A"',
            "issuer": f'"{service.issuer}"',
            "client_id": '"trabecula"',
            "shown_as": '"City Hospital"',
            "secret": f'{{ file = "{secret}" }}',
        } | other
        lines = [f"{name} = {value}" for name, value in told.items() if value]
        text = "\n".join(["[[identity_provider]]", *lines, ""])
        settings.CONNECTIONS_FILE.write_text(text)

    write()
    return write


@pytest.fixture
def attempt(client: Client, service: StubProvider, site: Any) -> Callable[..., Any]:
    """Go to the service and come back, with one thing done otherwise."""

    def made(browser: Client = client, start: str = "", **other: str) -> Any:
        sent = browser.get(f"/sign-in/with/hospital/{start}")
        assert sent.status_code == 302, sent.content
        brought = service.goes_there(sent["Location"])
        answer = {"code": "abc", "state": brought["state"]} | other
        return browser.get("/sign-in/with/hospital/back/", answer)

    return made


def said(reply: Any) -> str:
    """The sentence of a refusal."""
    text: str = reply.content.decode()
    return text.partition('role="alert">')[2].partition("</p>")[0]


def test_the_page_offers_what_the_site_has_configured(client: Client, site: Any) -> None:
    page = client.get("/sign-in/?next=/recall/").content.decode()
    assert "Sign in with City Hospital" in page
    assert 'href="/sign-in/with/hospital/?next=%2Frecall%2F"' in page
    assert client.get("/sign-in/with/other/").status_code == 404
    site(name='"no good"')
    assert "Sign in with" not in client.get("/sign-in/").content.decode()
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


def test_the_first_sign_in_makes_an_account_of_that_organisation(
    client: Client, attempt: Any, service: StubProvider
) -> None:
    client.get("/sign-in/")
    reply = attempt(start="?next=/recall/")
    assert (reply.status_code, reply["Location"]) == (302, "/recall/")
    user = User.objects.get(username="anna")
    assert user.membership.organisation.name == "Clinic A"
    assert not user.has_usable_password()
    assert client.get("/recall/").status_code == 200
    assert "Anna Example" in client.get("/").content.decode()
    # The secret travels in the header, never in an address.
    assert service.authorization[0].startswith("Basic ")
    done = list(AuditEvent.objects.filter(by="anna").values_list("action", flat=True))
    assert done == ["account.register", "account.sign_in"]
    # The second time it is the same account, whatever it is called by then.
    service.claims = {"preferred_username": "anna.new", "family_name": "Married"}
    attempt(Client())
    user.refresh_from_db()
    assert (User.objects.count(), user.username, user.last_name) == (1, "anna", "Married")


def test_the_session_gets_a_new_name(client: Client, attempt: Any) -> None:
    client.get("/sign-in/with/hospital/")
    before = client.session.session_key
    attempt()
    assert before
    assert client.session.session_key != before


def test_nobody_takes_over_an_account_of_the_same_name_or_address(
    attempt: Any, service: StubProvider, client: Client
) -> None:
    local = register_clinician(username="anna", password="p" * 14, organisation="Clinic A")
    local.email = "anna@hospital.example"
    local.save()
    service.claims = {"email": "anna@hospital.example", "email_verified": True}
    assert attempt().status_code == 302
    mine = ExternalIdentity.objects.get().user
    assert mine != local
    assert mine.username.startswith("anna-")
    assert local.external_identities.count() == 0
    assert local.check_password("p" * 14)


def test_the_same_subject_of_another_issuer_is_another_person(
    attempt: Any, service: StubProvider
) -> None:
    user = register_clinician(username="x", password=None, organisation="Clinic A")
    ExternalIdentity.objects.create(user=user, issuer="https://other.example", subject="person-1")
    attempt()
    assert ExternalIdentity.objects.count() == 2
    assert User.objects.filter(username="anna").exists()


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


def test_a_closed_account_stays_out(attempt: Any) -> None:
    attempt()
    User.objects.update(is_active=False)
    assert "closed" in said(attempt(Client()))


def test_an_account_of_another_organisation_stays_out(attempt: Any, site: Any) -> None:
    attempt()
    elsewhere = Organisation.objects.create(name="Clinic B")
    Membership.objects.update(organisation=elsewhere)
    assert "another organisation" in said(attempt(Client()))
    assert Membership.objects.get().organisation == elsewhere


def test_only_members_of_the_required_group_come_in(
    attempt: Any, service: StubProvider, site: Any
) -> None:
    site(required_group='"bone clinic"')
    assert "does not list you" in said(attempt())
    service.claims = {"groups": ["bone"]}
    assert "does not list you" in said(attempt())
    assert not User.objects.exists()
    service.claims = {"groups": ["other", "bone clinic"]}
    assert attempt().status_code == 302
    # Who has left the group is out, though the account is there.
    service.claims = {"groups": "other"}
    assert "does not list you" in said(attempt(Client()))


def test_only_verified_addresses_of_the_domain_come_in(
    attempt: Any, service: StubProvider, site: Any
) -> None:
    site(email_domains='["hospital.example"]')
    for claims in (
        {},
        {"email": "a@hospital.example"},
        {"email": "a@hospital.example", "email_verified": "true"},
        {"email": "a@hospital.example.evil.example", "email_verified": True},
        {"email": "hospital.example", "email_verified": True},
    ):
        service.claims = claims
        assert "no confirmed e-mail address" in said(attempt()), claims
    service.claims = {"email": "a@Hospital.example", "email_verified": True}
    assert attempt().status_code == 302


def test_a_role_follows_the_group(attempt: Any, service: StubProvider, site: Any) -> None:
    site(roles='{ "stats" = "statistician" }')
    service.claims = {"groups": ["stats"]}
    attempt()
    assert is_statistician(User.objects.get())
    service.claims = {"groups": []}
    attempt(Client())
    assert not is_statistician(User.objects.get())


def test_a_right_that_the_service_does_not_speak_of_stays(attempt: Any) -> None:
    attempt()
    make_statistician(User.objects.get())
    attempt(Client())
    assert is_statistician(User.objects.get())


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
