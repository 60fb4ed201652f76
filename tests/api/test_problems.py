"""Whatever is sent, the answer is a sentence and never a 500."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from riskapp.api.problem_types import PROBLEM_TYPES
from riskapp.api.problems import MOST_TOLD
from riskapp.models import Scan

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


def test_of_a_body_full_of_slips_the_first_are_told(as_owner: Any) -> None:
    body = {f"{number:05} {'x' * 50}": number for number in range(2_000)}
    reply = as_owner.generic("POST", SCORES, json.dumps(body), "application/json")
    problem = reply.json()
    assert reply.status_code == 400
    assert len(problem["errors"]) == MOST_TOLD
    assert problem["detail"].endswith(" 1,900 more like these.")


def test_a_list_that_is_too_long_is_refused_before_its_elements_are_looked_at(
    as_owner: Any, measured_scan: Scan
) -> None:
    body = json.dumps({"regions": [{}] * 1_000})
    address = f"/api/v1/scans/{measured_scan.id}/regions/"
    reply = as_owner.generic("POST", address, body, "application/json")
    assert reply.status_code == 400
    assert len(reply.json()["errors"]) == 1


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


def test_every_kind_of_refusal_is_explained_at_its_address(client: Client) -> None:
    for kind in PROBLEM_TYPES:
        page = client.get(kind.address)
        assert page.status_code == 200
        assert kind.title in page.content.decode()
    assert client.get("/api/problems/").status_code == 200
    assert client.get("/api/problems/made-up/").status_code == 404


@pytest.mark.django_db
def test_what_is_refused_outside_the_framework_is_a_problem_too(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    replies = {
        403: strict.post("/api/docs/"),
        400: client.get("/api/v1/scores/", headers={"host": "evil.example"}),
        404: client.get("/api/problems/made-up/"),
        405: client.delete("/api/docs/"),
    }
    for status, reply in replies.items():
        told = reply.json()
        assert (reply.status_code, reply["Content-Type"]) == (status, "application/problem+json")
        assert told["instance"] == reply.request["PATH_INFO"]
        assert told["type"].startswith("/api/problems/")
    for nowhere in ("/dicomweb/series", "/cds-services/a/b/c"):
        reply = client.get(nowhere)
        assert (reply.status_code, reply["Content-Type"]) == (404, "application/problem+json")
    assert replies[405]["Allow"] == "GET, HEAD"


@pytest.mark.django_db
def test_a_mistake_of_ours_is_a_problem_that_says_nothing_of_it(
    as_owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("riskapp.api.catalogue.describing.models", broken)
    as_owner.raise_request_exception = False
    reply = as_owner.get("/api/v1/models/")
    assert (reply.status_code, reply["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in reply.content.decode()


def test_a_body_without_its_kind_is_refused(as_owner: Any) -> None:
    reply = as_owner.generic("POST", "/api/v1/scans/", b"", "")
    assert reply.status_code == 415
    assert reply.json()["type"] == "/api/problems/unsupported-media-type/"


def test_a_refusal_names_its_kind_and_what_was_asked(as_owner: Any) -> None:
    told = as_owner.get("/api/v1/patients/?limit=0&search=secret").json()
    assert told["type"] == "/api/problems/invalid-request/"
    assert told["instance"] == "/api/v1/patients/"
