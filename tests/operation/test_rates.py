"""One caller cannot take the site from all others; each rate has a test on both sides."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from riskapp import counting
from riskapp.actions.registering import issue_token
from riskapp.counting import take
from riskapp.rates import RATES, USUAL, Rate, rate_of

pytestmark = pytest.mark.django_db
SLOW = Rate("slow", 3, 30, "address", "of these tests")


@pytest.fixture(autouse=True)
def own_counts(tmp_path: Path, settings: Settings) -> Settings:
    settings.DATA_DIR = tmp_path
    return settings


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [time.time()]
    monkeypatch.setattr(counting.time, "time", lambda: now[0])
    return now


def test_as_many_as_the_rate_says_may_come_at_once_and_then_one_after_another(
    clock: list[float],
) -> None:
    told = [take(SLOW, "a") for _ in range(4)]
    assert [one.is_allowed for one in told] == [True, True, True, False]
    assert [one.left for one in told] == [2, 1, 0, 0]
    assert told[-1].wait_s == 10
    clock[0] += 9.9
    assert not take(SLOW, "a").is_allowed
    clock[0] += 0.2
    assert take(SLOW, "a").is_allowed
    assert not take(SLOW, "a").is_allowed
    assert take(SLOW, "b").is_allowed  # another caller is another count


def test_a_clock_that_was_set_back_refuses_nobody_until_then(clock: list[float]) -> None:
    before = clock[0]
    while take(SLOW, "a").is_allowed:
        pass
    clock[0] = before - 26 * 3600
    assert [take(SLOW, "a").is_allowed for _ in range(4)] == [True, True, True, False]
    # Two processes that disagree by moments are no such clock: the rate holds.
    clock[0] -= 0.01
    assert not take(SLOW, "a").is_allowed


def test_counts_of_many_threads_are_one_count(clock: list[float]) -> None:
    rate, allowed = Rate("wide", 50, 50, "address", ""), []

    def send() -> None:
        allowed.extend(take(rate, "a").is_allowed for _ in range(20))

    threads = [threading.Thread(target=send) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(allowed), sum(allowed)) == (100, 50)


def test_what_is_over_is_forgotten_and_names_nobody(
    clock: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FORGET_EVERY", 2)
    take(SLOW, "account 7, 192.0.2.7")
    clock[0] += 31
    take(SLOW, "b")
    rows = counting._connection().execute("SELECT caller FROM counted").fetchall()
    assert len(rows) == 1
    assert b"192.0.2.7" not in (tmp_path / "counted.sqlite3").read_bytes()


def test_what_cannot_be_counted_is_let_pass(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "gone"
    assert take(SLOW, "a").is_allowed


# For each rate: an address, how it is sent, and whether by somebody who signed in.
ASKED: dict[str, tuple[str, str, bool]] = {
    "sign_in": ("post", "/sign-in/", False),
    "second_factor": ("post", "/account/confirm/", True),
    "tokens": ("post", "/oauth/token", False),
    "scores": ("post", "/api/v1/scores/", True),
    "uploads": ("post", "/api/v1/scans/", True),
    "exports": ("get", "/recall/recall.csv", True),
    "searches": ("get", "/api/v1/patients/?search=a", True),
    "requests": ("get", "/models/", True),
}


@pytest.mark.parametrize("name", ASKED)
def test_each_rate_lets_the_last_one_through_and_refuses_the_next(
    name: str, client: Client, owner: User, settings: Settings, clock: list[float]
) -> None:
    method, address, is_signed_in = ASKED[name]
    settings.RATES = {name: Rate(name, 2, 60, USUAL[name].of, "")}
    if is_signed_in:
        client.force_login(owner)
    replies = [getattr(client, method)(address) for _ in range(3)]
    assert [reply.status_code == 429 for reply in replies] == [False, False, True]
    assert [reply["RateLimit"] for reply in replies[:2]] == [
        f'"{name}";r=1;t=30',
        f'"{name}";r=0;t=60',
    ]
    assert replies[0]["RateLimit-Policy"] == f'"{name}";q=2;w=60'
    refused = replies[2]
    assert refused["Retry-After"] == "30"
    if address.startswith("/api/"):
        assert refused.json()["type"] == "/api/problems/too-many-requests/"
        assert "wait 30 seconds" in refused.json()["detail"]
    else:
        assert "Too many requests" in refused.content.decode()
    assert client.get("/health/live").status_code == 200


def test_keys_that_are_not_valid_cannot_be_tried_without_end(
    owner: User, settings: Settings
) -> None:
    settings.RATES = {"refused_keys": Rate("refused_keys", 2, 60, "address", "")}
    guessing, valid = APIClient(), APIClient()
    guessing.credentials(HTTP_AUTHORIZATION="Token guessed")
    valid.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=owner, label='x')}")
    for _ in range(5):  # what is valid costs nothing
        assert valid.get("/api/v1/models/").status_code == 200
    statuses = [guessing.get("/api/v1/models/").status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    # The hospital's other programs have the same address, and go on.
    assert valid.get("/api/v1/models/").status_code == 200
    told = guessing.get("/fhir/Patient?name=a")
    assert (told.status_code, told.json()["resourceType"]) == (429, "OperationOutcome")
    assert told["Retry-After"]
    elsewhere: Any = {"REMOTE_ADDR": "192.0.2.7"}
    assert guessing.get("/api/v1/models/", **elsewhere).status_code == 401


def test_another_person_is_not_refused_with_the_first(
    owner: User, colleague: User, settings: Settings
) -> None:
    settings.RATES = {"requests": Rate("requests", 1, 60, USUAL["requests"].of, "")}
    first, second = Client(), Client()
    first.force_login(owner)
    second.force_login(colleague)
    assert [first.get("/models/").status_code for _ in range(2)] == [200, 429]
    assert second.get("/models/").status_code == 200


def test_a_fhir_refusal_is_an_outcome(owner: User, settings: Settings) -> None:
    settings.RATES = {"searches": Rate("searches", 1, 60, USUAL["searches"].of, "")}
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=owner, label='x')}")
    replies = [client.get("/fhir/Patient?name=a") for _ in range(2)]
    assert [one.status_code for one in replies] == [200, 429]
    assert replies[1].json()["resourceType"] == "OperationOutcome"
    assert replies[1]["Retry-After"]


def test_looking_at_a_form_is_no_try() -> None:
    assert (rate_of("sign_in", "GET"), rate_of("sign_in", "POST")) == ("requests", "sign_in")
    assert (rate_of("health_ready", "GET"), rate_of("fhir_search_Patient", "GET")) == (
        "",
        "searches",
    )
    assert {one.name for one in RATES} == set(ASKED) | {"refused_keys"}


def test_every_try_to_prove_who_one_is_counts() -> None:
    tried = {"sign_in_second", "confirm", "app", "passkey_begin", "passkey_new"}
    assert {rate_of(one, "POST") for one in tried} == {"second_factor"}
    assert {rate_of(one, "GET") for one in tried} == {"requests"}
    assert rate_of("sign_in_passkey", "POST") == "sign_in"
    assert rate_of("signed_out_with", "POST") == "tokens"
