"""A hook is answered to who signed for this very call, once, and to nobody else."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.models import User

from riskapp.actions import cds_proving
from riskapp.exchange import published_keys
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.json_web_keys import UnusableKeys
from riskapp.models import UsedCdsToken
from tests.api.cds import people
from tests.api.cds.record_system import BASE, ISSUER, KID, RecordSystem
from tests.key_address import URL, Keys

pytestmark = pytest.mark.django_db
SERVICE = "fracture-risk-patient-view"
Named = Callable[[str], None]


def asked(system: RecordSystem, token: str, **headers: str) -> Any:
    sent = system.request("patient-view", prefetch={"patient": people.patient()})
    return system.post(SERVICE, sent, token, **headers)


def refused(system: RecordSystem, token: str, words: str) -> None:
    reply = asked(system, token)
    assert reply.status_code == 401, reply.content
    assert words in reply.json()["detail"]
    assert reply["WWW-Authenticate"] == "Bearer"


def encoded(told: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["ES384", "RS384", "ES256", "RS256"])
def test_each_algorithm_that_is_taken(named: Named, owner: User, algorithm: str) -> None:
    system = RecordSystem(algorithm)
    named(system.entry())
    assert asked(system, system.token(f"{BASE}/{SERVICE}")).status_code == 200


def test_without_a_token_nobody_is_answered(ward: RecordSystem) -> None:
    assert asked(ward, "").status_code == 401


def test_a_key_of_the_json_doors_opens_no_hook(ward: RecordSystem) -> None:
    reply = asked(ward, "", Authorization="Token abc")
    assert reply.status_code == 401
    assert "Bearer" in reply.json()["detail"]


@pytest.mark.parametrize("text", ["x", "a.b.c", "....", "é.é.é", "e30.e30.e30", "A" * 9_000])
def test_what_is_no_token_is_refused(ward: RecordSystem, text: str) -> None:
    assert asked(ward, text).status_code == 401


def test_an_unsigned_token_is_refused(ward: RecordSystem) -> None:
    claims = jwt.decode(ward.token(f"{BASE}/{SERVICE}"), options={"verify_signature": False})
    token = f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': KID})}.{encoded(claims)}."
    refused(ward, token, "signed with one of")


def test_a_public_key_is_no_shared_secret(ward: RecordSystem) -> None:
    public = ward.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(ward.token(f"{BASE}/{SERVICE}"), options={"verify_signature": False})
    header = encoded({"alg": "HS384", "typ": "JWT", "kid": KID})
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA384).sign(
        f"{header}.{encoded(claims)}".encode(), public
    )
    token = f"{header}.{encoded(claims)}.{base64.urlsafe_b64encode(signature).decode()}"
    refused(ward, token, "signed with one of")


def test_another_algorithm_than_the_key_is_for_is_refused(named: Named, owner: User) -> None:
    signed_so, published = RecordSystem("ES256"), RecordSystem("ES384")
    named(published.entry())
    refused(signed_so, signed_so.token(f"{BASE}/{SERVICE}"), "not among the client’s")


def test_somebody_elses_signature_is_refused(ward: RecordSystem) -> None:
    refused(ward, RecordSystem().token(f"{BASE}/{SERVICE}"), "signature")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://other.example"}, "issuer"),
        ({"aud": f"{BASE}/other"}, "aud"),
        ({"aud": BASE}, "aud"),
        ({"aud": None}, "A token has"),
        ({"jti": None}, "A token has"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, ""),
        ({"jti": "x" * 256}, "jti"),
        ({"iat": None}, "A token has"),
        ({"exp": None}, "A token has"),
        ({"exp": "soon"}, ""),
        ({"iat": str(int(time.time()))}, "seconds since 1970"),
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"iat": int(time.time()) + 300}, "clocks"),
        ({"exp": int(time.time()) + 3_600}, "at most 600 seconds"),
        ({"exp": 10**30}, ""),
        ({"nbf": int(time.time()) + 300}, "clocks"),
    ],
)
def test_each_claim_counts(ward: RecordSystem, changes: dict[str, Any], words: str) -> None:
    refused(ward, ward.token(f"{BASE}/{SERVICE}", **changes), words)


def test_the_address_may_stand_alone_in_a_list(ward: RecordSystem) -> None:
    address = f"{BASE}/{SERVICE}"
    assert asked(ward, ward.token(address, aud=[address])).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": "other"},
        {"kid": None},
        {"typ": "at+jwt"},
        {"jku": "https://elsewhere.example/jwks.json"},
        {"crit": ["x"], "x": 1},
    ],
)
def test_each_part_of_the_header_counts(ward: RecordSystem, changes: dict[str, Any]) -> None:
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": f"{BASE}/{SERVICE}", "iat": now, "exp": now + 60, "jti": str(now),
    }  # fmt: skip
    headers = {"kid": KID, "typ": "JWT"} | changes
    told = {name: value for name, value in headers.items() if value is not None}
    assert asked(ward, jwt.encode(claims, ward.key, "ES384", headers=told)).status_code == 401


def test_a_token_counts_once(ward: RecordSystem) -> None:
    token = ward.token(f"{BASE}/{SERVICE}")
    assert asked(ward, token).status_code == 200
    refused(ward, token, "used before")


def test_a_token_of_before_is_remembered_by_the_database_alone(ward: RecordSystem) -> None:
    token = ward.token(f"{BASE}/{SERVICE}")
    assert asked(ward, token).status_code == 200
    # What a restart forgets.
    published_keys._held.clear()
    refused(ward, token, "used before")
    assert token not in str(list(UsedCdsToken.objects.values()))


def test_what_has_expired_is_forgotten(ward: RecordSystem) -> None:
    asked(ward, ward.token(f"{BASE}/{SERVICE}"))
    UsedCdsToken.objects.update(until="2020-01-01T00:00Z")
    asked(ward, ward.token(f"{BASE}/{SERVICE}"))
    assert UsedCdsToken.objects.count() == 1


def test_the_jku_is_the_address_that_the_site_has_named(
    named: Named, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = RecordSystem()
    named(system.entry(jwks="", jwks_url=URL))
    monkeypatch.setattr(published_keys, "fetched", Keys(system.keys).fetched)
    for jku, status in ((URL, 200), (f"{URL}?x", 401), ("http://127.0.0.1/keys", 401)):
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": f"{BASE}/{SERVICE}", "iat": now, "exp": now + 60, "jti": jku,
        }  # fmt: skip
        header = {"kid": KID, "typ": "JWT", "jku": jku}
        token = jwt.encode(claims, system.key, "ES384", headers=header)
        assert asked(system, token).status_code == status


def test_keys_that_cannot_be_had_prove_nothing(
    named: Named, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = RecordSystem()
    named(system.entry(jwks="", jwks_url=URL))
    gone = Keys(UnusableKeys("The address of the keys did not answer."))
    monkeypatch.setattr(published_keys, "fetched", gone.fetched)
    refused(system, system.token(f"{BASE}/{SERVICE}"), "did not answer")


UNSIGNED = (
    '[[cds_client]]\nname = "demo"\norganisation = "Clinic A"\npopulation = "gb"\n'
    'unsigned = true\norigins = ["https://sandbox.example"]\n'
)


def test_an_unsigned_client_is_believed_on_this_machine_alone(named: Named, owner: User) -> None:
    named(UNSIGNED)
    here = RecordSystem()
    assert asked(here, "").status_code == 200
    assert asked(here, "", **{"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    here.browser.defaults["REMOTE_ADDR"] = "10.0.0.7"
    assert asked(here, "").status_code == 401


def test_a_page_of_an_origin_that_is_not_named_does_not_ask_unsigned(
    named: Named, owner: User
) -> None:
    named(UNSIGNED)
    assert asked(RecordSystem(), "", Origin="https://evil.example").status_code == 401
    reply = asked(RecordSystem(), "", Origin="https://sandbox.example")
    assert reply.status_code == 200
    assert reply["Access-Control-Allow-Origin"] == "https://sandbox.example"


def test_a_browser_may_ask_first_whether_it_may_ask(named: Named, owner: User) -> None:
    named(UNSIGNED)
    asks = {"Access-Control-Request-Method": "POST", "Origin": "https://sandbox.example"}
    reply = RecordSystem().browser.options(f"/cds-services/{SERVICE}", headers=asks)
    assert reply.status_code == 204
    assert reply["Access-Control-Allow-Origin"] == "https://sandbox.example"
    assert "Authorization" in reply["Access-Control-Allow-Headers"]
    assert "POST" in reply["Access-Control-Allow-Methods"]
    elsewhere = asks | {"Origin": "https://evil.example"}
    reply = RecordSystem().browser.options(f"/cds-services/{SERVICE}", headers=elsewhere)
    assert "Access-Control-Allow-Origin" not in reply


def test_a_list_of_connections_that_is_broken_is_ours_to_mend(named: Named, owner: User) -> None:
    system = RecordSystem()
    named("[[cds_client]]\nname = 1")
    assert asked(system, system.token(f"{BASE}/{SERVICE}")).status_code == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"population": "atlantis"},
        {"guideline": "none"},
        {"issuer": "", "jwks": ""},
        {"unsigned": True},
        {"jwks": ""},
        {"jwks": "no json"},
        {"jwks_url": "https://both.example"},
        {"fhir_servers": ["http://elsewhere.example/fhir"]},
        {"fhir_servers": ["https://user:secret@ehr.example/fhir"]},
        {"smart_app": "javascript:alert(1)"},
        {"origins": ["*"]},
    ],
)
def test_a_client_that_makes_no_sense_is_told(named: Named, changes: dict[str, Any]) -> None:
    named(RecordSystem().entry(**changes))
    with pytest.raises(UnusableConnection):
        cds_proving.cds_clients()
