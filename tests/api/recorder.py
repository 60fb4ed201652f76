"""Calls that are recorded as examples: the same in every recording, and short."""

import json
import re
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from riskapp.actions.registering import issue_token
from tests.exchange.test_multipart_related import message

V1 = "/api/v1/"
SECRET = re.compile(r"(?<=/shared/)[^/\"]+|whsec_[A-Za-z0-9+/=]+")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FEW, LONG = 3, 400


class Recorder:
    """Makes calls, and keeps the first answer of each status of each operation."""

    def __init__(self, by: User) -> None:
        self._client = APIClient()
        key = issue_token(by=by, label="story")
        self._client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        self._ids: dict[str, str] = {}
        self.recorded: dict[str, dict[str, Any]] = {}
        described = SchemaGenerator().get_schema(public=True)["paths"]
        self._operations = {
            (method, re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path))): operation["operationId"]
            for path, operations in described.items()
            for method, operation in operations.items()
        }

    def __call__(
        self, method: str, address: str, body: Any = None, as_form: bool = False, **headers: str
    ) -> Any:
        sent = {"format": "multipart" if as_form else "json"} if body is not None else {}
        if isinstance(body, bytes):
            sent = {"content_type": headers.pop("Content_Type")}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # A hook is called by a record system, and with no key of ours.
        client = APIClient() if address.startswith("/cds") else self._client
        where = address if address.startswith("/") else V1 + address
        reply = getattr(client, method)(where, body, headers=named, **sent)
        reply.close()
        operation = self._named(method, where.partition("?")[0])
        kept = self.recorded.setdefault(operation, {"responses": {}})
        if body is not None and "request" not in kept and reply.status_code < 300:
            without_files = _without_files(body) if as_form or isinstance(body, bytes) else body
            # What is sent is shown whole: half of a precision study would be refused.
            kept["request"] = self._plain(without_files, most=None)
        if reply.get("Content-Type", "").endswith("json") and reply.status_code < 300:
            kept["responses"].setdefault(str(reply.status_code), self._plain(reply.json()))
        return reply

    def _named(self, method: str, path: str) -> str:
        (found,) = (
            name
            for (known, pattern), name in self._operations.items()
            if known == method and pattern.fullmatch(path)
        )
        return str(found)

    def _plain(self, value: Any, most: int | None = FEW) -> Any:
        """The same in every recording: ids numbered, secrets hidden, numbers rounded."""
        text = SECRET.sub("(secret)", json.dumps(value))
        return _short(json.loads(ID.sub(self._numbered, text)), most)

    def _numbered(self, found: re.Match[str]) -> str:
        return self._ids.setdefault(found[0], str(UUID(int=len(self._ids) + 1, version=4)))


def _without_files(sent: Any) -> Any:
    if isinstance(sent, bytes):
        return message(b"(the bytes of spine.dcm)").decode()
    return sent | {"files": ["(the bytes of spine.dcm)"]}


def _short(value: Any, most: int | None) -> Any:
    """Lists cut to what shows their shape, and numbers to what a reader takes in."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, str) and len(value) > LONG:
        return value[:LONG].rpartition(" ")[0] + " ..."
    if isinstance(value, list):
        return [_short(one, most) for one in value[:most]]
    if isinstance(value, dict):
        return {name: _short(one, most) for name, one in value.items()}
    return value
