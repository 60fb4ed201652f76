"""The examples of the description are real: recorded, valid, and still what is answered.

``make describe-api`` records them anew.
"""

import json
import os
from typing import Any

import pytest
from django.contrib.auth.models import User
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from riskapp.actions.managing_people import set_roles
from riskapp.api.examples import FILE
from riskapp.models import Role
from tests.api.recorder import Recorder
from tests.api.story import NOW, tell

# What is answered as bytes is shown by no example.
BYTES = {"read_report", "read_scan_picture", "read_scan_file", "fhir_read_Binary"}
NO_ANSWER = {"revoke_share", "revoke_shares", "delete_webhook"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(SchemaGenerator().get_schema(public=True)))
    return read


def bodies(described: dict[str, Any]) -> Any:
    """Every body described: operationId, ``request`` or status, schema with its example."""
    for operations in described["paths"].values():
        for operation in operations.values():
            name = operation["operationId"]
            parts = {"request": operation.get("requestBody", {})} | operation["responses"]
            for part, body in parts.items():
                for content in body.get("content", {}).values():
                    yield name, part, content


def test_the_examples_are_what_is_answered(
    statistician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    set_roles(by=statistician, user=statistician, roles=Role)  # one person calls everything
    call = Recorder(statistician)
    tell(call, statistician)
    if os.environ.get("TRABECULA_DESCRIBE"):
        text = json.dumps(call.recorded, indent=1, ensure_ascii=False, sort_keys=True)
        FILE.write_text(text + "\n", encoding="utf-8")
    assert call.recorded == json.loads(FILE.read_text(encoding="utf-8"))


def test_every_request_and_every_answer_has_an_example(described: dict[str, Any]) -> None:
    lacking = [
        f"{name} {part}"
        for name, part, content in bodies(described)
        if (part == "request" or part.startswith("2")) and "example" not in content
        if name not in BYTES
    ]
    assert not lacking, "Tell them in tests/api/story.py and record anew."


def test_every_example_fits_its_shape(described: dict[str, Any]) -> None:
    seen = 0
    for name, part, content in bodies(described):
        if "example" in content:
            rules = content["schema"] | {"components": described["components"]}
            problems = [
                f"{name} {part}: {error.message[:200]}"
                for error in Draft202012Validator(rules).iter_errors(content["example"])
            ]
            assert not problems
            seen += 1
    assert seen > 50
