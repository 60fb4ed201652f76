"""The made-up hospital: what an attacker or a slip would send it, and what it shows."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from riskapp.management.mock_ehr.card_words import as_html
from riskapp.management.mock_ehr.hospital import Unusable
from riskapp.management.mock_ehr.permits import Launch
from riskapp.management.mock_ehr.scopes import allowing
from tests.smart.serving import Way

pytestmark = pytest.mark.enable_socket
BACK = "http://127.0.0.1:9/back"
ASK_S = 10


def ask(way: Way, scope: str = "launch patient/*.rs", **changed: str) -> tuple[dict[str, str], str]:
    """What the sample app is sent back with, and the verifier that it keeps."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    launch = way.ehr.permits.give(Launch("ines-albrecht", "ines-albrecht-visit"), 60)
    asked = {
        "response_type": "code",
        "client_id": "sample-app",
        "redirect_uri": BACK,
        "scope": scope,
        "state": "s",
        "aud": way.base,
        "launch": launch,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    } | changed
    answer = requests.get(
        f"{way.address}/auth/authorize?{urlencode(asked)}", allow_redirects=False, timeout=ASK_S
    )
    query = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    return {name: values[0] for name, values in query.items()}, verifier


def redeem(way: Way, code: str, verifier: str, **changed: str) -> requests.Response:
    sent = {
        "grant_type": "authorization_code",
        "client_id": "sample-app",
        "redirect_uri": BACK,
        "code": code,
        "code_verifier": verifier,
    } | changed
    return requests.post(f"{way.address}/auth/token", data=sent, timeout=ASK_S)


def bearer(way: Way, scope: str = "launch patient/*.rs") -> dict[str, str]:
    told, verifier = ask(way, scope)
    token = redeem(way, told["code"], verifier).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def get(way: Way, path: str, headers: dict[str, str]) -> requests.Response:
    return requests.get(f"{way.base}/{path}", headers=headers, timeout=ASK_S)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"aud": "https://elsewhere.example/fhir"},
        {"state": ""},
        {"launch": "unknown"},
        {"response_type": "token"},
    ],
)
def test_a_question_that_does_not_hold_gets_no_code(way: Way, changed: dict[str, str]) -> None:
    told, _ = ask(way, **changed)
    assert told["error"] == "invalid_request"
    assert "code" not in told


def test_an_address_that_is_not_registered_is_never_answered(way: Way) -> None:
    for changed in ({"client_id": "trabecula"}, {"redirect_uri": "https://evil.example/"}):
        told, _ = ask(way, **changed)
        assert told == {}


def test_a_code_is_good_once_and_for_who_can_prove_it(way: Way) -> None:
    told, verifier = ask(way)
    assert redeem(way, told["code"], "w" * 43).json()["error"] == "invalid_grant"
    assert redeem(way, told["code"], verifier).json()["error"] == "invalid_grant", "tried already"
    told, verifier = ask(way)
    assert redeem(way, told["code"], verifier).ok
    assert redeem(way, told["code"], verifier).json()["error"] == "invalid_grant"


def test_a_token_reaches_as_far_as_its_scopes_and_its_patient(way: Way) -> None:
    mine = bearer(way)
    assert get(way, "Patient/ines-albrecht", mine).ok
    assert get(way, "Patient/harold-finch", mine).status_code == 404
    assert "entry" not in get(way, "Condition?patient=harold-finch", mine).json()
    assert get(way, "Patient/ines-albrecht", {}).status_code == 401
    narrow = bearer(way, "launch patient/Patient.r")
    assert get(way, "Condition?patient=ines-albrecht", narrow).status_code == 403
    wrote = requests.post(
        f"{way.base}/Condition", json={"resourceType": "Condition"}, headers=mine, timeout=ASK_S
    )
    assert wrote.status_code == 403


def test_pages_of_a_search_hold_everything_once(way: Way) -> None:
    mine, ids = bearer(way), []
    address = f"{way.base}/Observation?patient=ines-albrecht&_count=10"
    while address:
        bundle = requests.get(address, headers=mine, timeout=ASK_S).json()
        ids += [one["resource"]["id"] for one in bundle["entry"]]
        address = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), "")
    assert len(ids) == len(set(ids)) == bundle["total"] > 30


def test_a_transaction_is_taken_whole_or_not_at_all(way: Way) -> None:
    before = way.ehr.hospital.search("Observation", [])
    entries = [
        {"resource": {"resourceType": "Observation"}, "request": {"method": "POST"}},
        {"resource": {}, "request": {"method": "POST"}},
    ]
    with pytest.raises(Unusable, match="resourceType"):
        way.ehr.hospital.transact({"entry": entries})
    assert way.ehr.hospital.search("Observation", []) == before


@pytest.mark.parametrize(
    ("scope", "letter", "level"),
    [
        ("patient/Observation.rs", "r", {"patient"}),
        ("patient/Observation.rs", "c", set()),
        ("user/*.write", "c", {"user"}),
        ("user/*.write", "r", set()),
        ("system/Observation.*", "d", {"system"}),
        ("patient/Condition.cruds", "r", set()),
        ("patient/Observation.sr", "r", set()),
    ],
)
def test_scopes_are_read_as_smart_writes_them(scope: str, letter: str, level: set[str]) -> None:
    assert allowing([scope], "Observation", letter) == level


def test_a_card_is_drawn_and_runs_nothing() -> None:
    first, further = as_html(
        "**Bold** <script>x</script> [a](javascript:x) [b](https://b.example/)\n\n"
        "- one\\.\n- _two_\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    )
    assert first == (
        "<p><strong>Bold</strong> &lt;script&gt;x&lt;/script&gt; [a](javascript:x) "
        '<a href="https://b.example/">b</a></p>'
    )
    assert "<ul><li>one.</li><li><em>two</em></li></ul>" in further
    assert '<tr><th scope="row">1</th><td>2</td></tr>' in further
