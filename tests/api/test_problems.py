"""Whatever is sent, the answer is a sentence and never a 500."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

SCORES = "/api/v1/scores/"
HOSTILE = {
    "not JSON": b"{",
    "nothing": b"",
    "not UTF-8": b'{"profile": "\xff"}',
    "NaN": b'{"profile": {"age_years": NaN}}',
    "Infinity": b'{"profile": {"age_years": -Infinity}}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "deep nesting": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "a name twice": b'{"profile": {}, "profile": {}}',
    "neither": b"{}",
    "both": b'{"profile": {}, "profiles": [{}]}',
    "unknown name": b'{"profile": {}, "explane": false}',
    "no profiles": b'{"profiles": []}',
    "an engine that is no text": b'{"profile": {}, "engines": [{}]}',
    "no engine": b'{"profile": {}, "engines": []}',
    "an unknown engine": b'{"profile": {}, "engines": ["oracle"]}',
    "an unknown evidence set": b'{"profile": {}, "evidence_set": "../../etc/passwd"}',
    "a wrong flag": b'{"profile": {}, "interval": "perhaps"}',
    "a null profile": b'{"profile": null}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_body_that_cannot_be_used_is_a_problem_with_one_sentence(
    as_owner: Any, body: bytes
) -> None:
    reply = as_owner.generic("POST", SCORES, body, "application/json")
    problem = reply.json()
    assert reply.status_code == 400, problem
    assert reply["Content-Type"] == "application/problem+json"
    assert problem["status"] == 400
    assert problem["detail"].endswith(".")
    assert "" not in problem.get("errors", {})


def test_a_body_over_the_limit_is_refused_unread(as_owner: Any, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = json.dumps({"profile": {"id": "x" * 100}})
    reply = as_owner.generic("POST", SCORES, body, "application/json")
    assert reply.status_code == 413


@pytest.mark.parametrize("kind", ["text/xml", "application/json; charset=nonsense", ""])
def test_a_foreign_content_type_is_never_a_server_error(as_owner: Any, kind: str) -> None:
    reply = as_owner.generic("POST", SCORES, b"<a/>", kind)
    assert reply.status_code in (400, 415)
    assert reply["Content-Type"] == "application/problem+json"


def test_an_address_that_does_not_exist_is_a_problem_too(as_owner: Any, client: Client) -> None:
    for caller in (as_owner, client):
        for address in ("/api/", "/api/v1/nothing/", "/api/v1/patients/not-an-id/"):
            reply = caller.get(address)
            assert reply.status_code == 404
            assert reply["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_offered_is_a_problem(as_owner: Any) -> None:
    reply = as_owner.delete("/api/v1/patients/")
    assert reply.status_code == 405
    assert reply["Content-Type"] == "application/problem+json"
