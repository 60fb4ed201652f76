"""A record of another maker opens Trabecula: what it says in its own way is understood or told."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from riskapp.exchange.smart import asking
from riskapp.models import EhrAccount, EhrLaunch, ImportedRecord, Patient
from tests.smart.conftest import sentence
from tests.smart.foreign import BASE, CLIENT, PERSON, READ, ForeignRecord, foreign_record

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
Change = dict[str, Any]


@pytest.fixture
def record(settings: Settings, tmp_path: Path) -> Iterator[ForeignRecord]:
    with foreign_record() as made:
        settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
        settings.CONNECTIONS_FILE.write_text(
            '[[ehr]]\nname = "Elsewhere"\norganisation = "Clinic"\n'
            f'iss = "{made.base}"\nclient_id = "{CLIENT}"\n'
        )
        yield made


def opened(record: ForeignRecord, pages: Client, start: str = "launch") -> HttpResponse:
    """From the button to the page that reads the record, or to where it ended before."""
    launch = {"iss": f"{record.base}/", "launch": "a/b+c="} if start == "launch" else {}
    asked = pages.get(f"/smart/{start}", launch)
    if asked.status_code != 302:
        return asked
    back = requests.get(asked["Location"], allow_redirects=False, timeout=10).headers["Location"]
    answered = pages.get("/smart/callback/", dict(parse_qsl(urlsplit(back).query)))
    if answered.status_code != 302:
        return answered
    return pages.get(answered["Location"])


def told_on_the_form(pages: Client, reply: HttpResponse) -> str:
    assert reply.status_code == 302, sentence(reply)
    page: str = pages.get(reply["Location"]).content.decode()
    return page


def noted(severity: str, code: str) -> Change:
    issue = {"severity": severity, "code": code, "diagnostics": "4101"}
    return {"outcome": {"resourceType": "OperationOutcome", "issue": [issue]}}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"next_link": "Observation?{page}"},
        {"next_link": f"{BASE}/Observation?{{page}}"},
        {"algorithm": "ES384", "claims": {"aud": CLIENT}},
        {"claims": {"fhirUser": None}},
        {"claims": {"fhirUser": "\ud800", "name": "\ud800"}},
        {"token": {"need_patient_banner": False, "expires_in": 60, "scope": None}},
        {"token": {"expires_in": None, "token_type": "BEARER"}},
        {"tokens_last": 0},
        {"tokens_last": 3},
        noted("warning", "processing"),
    ],
    ids=str,
)
def test_what_the_specifications_let_it_say_is_understood(
    record: ForeignRecord, client: Client, change: Change
) -> None:
    vars(record).update(change)
    page = told_on_the_form(client, opened(record, client))
    read = ImportedRecord.objects.get().answers
    assert {name: read.get(name) for name in READ} == READ
    assert "was not read" not in page
    assert "does not let" not in page
    assert Patient.objects.get().record_number == "00417"
    assert EhrAccount.objects.get().subject == "8f1e"
    assert record.asked["launch"] == "a/b+c="
    assert record.asked["aud"] == record.base
    ended_early = change.get("tokens_last") is not None
    assert record.grants == ["authorization_code"] + ["refresh_token"] * ended_early


def test_each_new_token_replaces_the_one_that_renews(record: ForeignRecord, client: Client) -> None:
    told_on_the_form(client, opened(record, client))
    for _ in range(2):
        EhrLaunch.objects.update(tokens_until=None)
        told_on_the_form(client, client.get(f"/smart/opened/{EhrLaunch.objects.get().id}/"))
    assert record.grants[1:] == ["refresh_token"] * 2


def test_it_is_opened_from_here_too(record: ForeignRecord, client: Client) -> None:
    page = told_on_the_form(client, opened(record, client, "standalone/Elsewhere/"))
    assert "Lucia Rosa Marchetti" in page
    assert "launch" not in record.asked


def instead(path: str, status: int, body: bytes = b"{}", **headers: Any) -> Change:
    there = f"{BASE}/{path}"
    return {"in_the_way": lambda _, asked: (status, body, headers) if asked == there else None}


def slow(_: str, path: str) -> None:
    if path == f"{BASE}/Patient/{PERSON}":
        time.sleep(0.3)


THE_PATIENT = f"Patient/{PERSON}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"token": {"id_token": None}}, "did not say who you are"),
        ({"token": {"id_token": 7}}, "did not say who you are"),
        ({"token": {"patient": None}}, "did not say which patient is open"),
        ({"token": {"patient": "../Patient"}}, "in a way that FHIR does not have"),
        ({"token": {"token_type": "mac"}}, "did not give a token"),
        ({"token": {"access_token": "\ud800"}}, "did not give a token"),
        ({"token": {"expires_in": float("inf")}}, "something that is no token"),
        ({"claims": {"aud": "another"}}, "cannot be believed"),
        ({"claims": {"aud": [CLIENT, "another"]}}, "cannot be believed"),
        ({"claims": {"nonce": "x"}}, "cannot be believed"),
        ({"claims": {"iss": "https://else.example"}}, "cannot be believed"),
        ({"claims": {"exp": 1}}, "cannot be believed"),
        ({"claims": {"exp": float("inf")}}, "cannot be believed"),
        ({"claims": {"sub": "\ud800"}}, "cannot be believed"),  # half a character
        ({"claims": {"sub": "a\0"}}, "cannot be believed"),
        ({"algorithm": "HS256"}, "cannot be believed"),
        ({"configuration": {"code_challenge_methods_supported": ["plain"]}}, "PKCE with S256"),
        ({"configuration": {"token_endpoint": "https://else.example/t"}}, "has not configured"),
        ({"configuration": {"authorization_endpoint": 5}}, "where to sign in"),
        ({"tokens_last": 0, "token": {"refresh_token": None}}, "no longer lets Trabecula in"),
        (instead(THE_PATIENT, 404), "not in the record (404)"),
        (instead(THE_PATIENT, 410), "not in the record (410)"),
        (instead(THE_PATIENT, 403), "refused to tell this (403)"),
        (instead(THE_PATIENT, 429), "answered 429"),
        (instead(THE_PATIENT, 302, Location="/else"), "sends on to another address"),
        (instead(THE_PATIENT, 200, b"<html>"), "no JSON"),
        (instead(THE_PATIENT, 200, b"[" * 90_000), "no JSON"),
        (instead(THE_PATIENT, 200, b'{"a": 1', **{"Content-Length": 99}), "in time"),
        (instead(THE_PATIENT, 200, b'{"resourceType": "Patient"}'), "another patient"),
        (
            instead(".well-known/smart-configuration", 200, b"{}", **{"Content-Length": 9}),
            "to sign in",
        ),
        ({"in_the_way": slow}, "in time"),
    ],
)
def test_where_it_ends_one_sentence_says_why(
    record: ForeignRecord,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    told: str,
) -> None:
    hurried = replace(asking.LIMITS.answer, silence_s=0.1)
    monkeypatch.setattr(asking, "LIMITS", replace(asking.LIMITS, answer=hurried))
    vars(record).update(change)
    reply = opened(record, client)
    assert reply.status_code == 400
    assert told in sentence(reply)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (instead("Condition", 404), "Condition was not read, or not all of it"),
        (instead("Condition", 410), "Condition was not read, or not all of it"),
        (instead("Condition", 403), "does not let Trabecula read Condition"),
        (instead("Condition", 200, b"{", **{"Content-Length": 9}), "Condition was not read"),
        ({"next_link": "https://else.example/p?{page}"}, "Observation was not read, or not all"),
        ({"next_link": "//else.example/p?{page}"}, "Observation was not read, or not all"),
        (noted("information", "suppressed"), "left something out"),
        (noted("error", "exception"), "left something out"),
    ],
)
def test_what_it_does_not_tell_is_said_on_the_form(
    record: ForeignRecord, client: Client, change: Change, told: str
) -> None:
    vars(record).update(change)
    page = told_on_the_form(client, opened(record, client))
    assert told in page
    assert ImportedRecord.objects.get().answers["weight_kg"] == READ["weight_kg"]


def test_a_type_that_is_answered_401_does_not_keep_the_rest_away(
    record: ForeignRecord, client: Client
) -> None:
    vars(record).update(instead("Procedure", 401))
    page = told_on_the_form(client, opened(record, client))
    assert "does not let Trabecula read Procedure" in page
    assert record.grants == ["authorization_code", "refresh_token"]
