"""Hostile texts in every text of every body and every query: answered, and never with a 500.

The places are found in the description and its examples, so that a new one is not forgotten.
"""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from pytest_django.fixtures import Settings

from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import issue_token
from riskapp.models import Patient, Role, Scan
from tests.api.made_up import ids_of_a_clinic
from tests.hostile_texts import HOSTILE, bytes_of
from tests.kept import ROOT
from tests.quiet import heard, told, written_down

EXAMPLES = json.loads((ROOT / "riskapp" / "api" / "examples.json").read_text(encoding="utf-8"))
EXAMPLE_PATIENT = EXAMPLES["read_patient"]["responses"]["200"]["id"]
PLACE = re.compile(r"\{(\w+)\}")
METHODS = ("get", "post", "put", "patch", "delete")
Where = tuple[Any, ...]


@pytest.fixture
def operations(
    statistician: User, patient: Patient, measured_scan: Scan, settings: Settings, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[tuple[str, str, dict[str, Any]]]:  # fmt: skip
    """Method, address and description of each operation, over a clinic that has everything once."""
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    monkeypatch.setattr("riskapp.web.report.printed", lambda parts: b"%PDF-1.7")
    set_roles(by=statistician, user=statistician, roles=list(Role))
    ids = ids_of_a_clinic(statistician, patient, measured_scan)
    described = json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))
    return [
        (method, _filled(path, ids), operation)
        for path, by_method in described["paths"].items()
        for method, operation in by_method.items()
        if method in METHODS
    ]


def _filled(path: str, ids: dict[str, str]) -> str:
    parts = path.split("/")
    for at, part in enumerate(parts):
        if PLACE.fullmatch(part):
            parts[at] = ids.get(parts[at - 1], "1")
    return PLACE.sub("1", "/".join(parts))


def _texts(value: Any, where: Where = ()) -> Iterator[Where]:
    """Where texts stand in a body."""
    if isinstance(value, str):
        yield where
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value[:2])
        for name, below in items:
            yield from _texts(below, (*where, name))


def _with(body: Any, where: Where, text: str) -> Any:
    changed = copy.deepcopy(body)
    inner = changed
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = text
    return changed


def _bodies(operation: dict[str, Any]) -> Iterator[Any]:
    """Bodies with one hostile text each; texts that the example leaves out are tried too."""
    body = EXAMPLES.get(operation["operationId"], {}).get("request")
    if not isinstance(body, dict):
        return
    for at, where in enumerate(_texts(body)):
        # Every place has several of them, and each of them comes to several places.
        for number, text in enumerate(HOSTILE.values()):
            if where[-1] in TYPED or number % 4 == at % 4:
                yield _with(body, where, text)


# What cannot stand in a log by chance.
LONG_ENOUGH = [one for one in HOSTILE.values() if len(one) > 7]
# Where a person's own words go, which are stored and shown.
TYPED = {"name", "record_number", "procedure", "accession_number", "note", "id", "because"}


# What is refused is logged, and 20,000 letters are long to read.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_hostile_texts_in_every_body_are_answered(
    operations: list[tuple[str, str, dict[str, Any]]], statistician: User, patient: Patient
) -> None:
    client = Client(headers={"Authorization": f"Token {issue_token(by=statistician, label='x')}"})
    client.raise_request_exception = False
    broken, asked, lines = [], 0, []
    for method, address, operation in operations:
        for body in _bodies(operation):
            if (
                "patient" in body
                and body["patient"] == EXAMPLES["read_patient"]["responses"]["200"]["id"]
            ):
                body["patient"] = str(patient.id)
            sent = json.dumps(body)
            with heard(lines):
                reply = client.generic(method.upper(), address, sent, "application/json")
            asked += 1
            if reply.status_code >= 500 or "Set-Cookie: a=b" in str(reply.headers):
                broken.append(f"{method} {address} {reply.status_code}: {str(body)[:300]}")
    assert asked > 200
    assert not broken, "\n".join(broken)
    assert not told([one[:200] for one in LONG_ENOUGH], [*lines, *written_down()])


def test_hostile_texts_in_every_query_are_answered(
    operations: list[tuple[str, str, dict[str, Any]]], statistician: User
) -> None:
    client = Client(headers={"Authorization": f"Token {issue_token(by=statistician, label='x')}"})
    client.raise_request_exception = False
    broken, asked = [], 0
    for method, address, operation in operations:
        names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        for at, name in enumerate(names if method == "get" else ()):
            for number, text in enumerate(HOSTILE.values()):
                if number % 6 == at % 6 or "\x00" in text:
                    reply = client.get(address, {name: [bytes_of(text[:2_000])]})
                    asked += 1
                    if reply.status_code >= 500:
                        broken.append(f"{address} {name} {reply.status_code}: {text[:80]!r}")
                    reply.close()
    assert asked > 200
    assert not broken, "\n".join(broken)
