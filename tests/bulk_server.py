"""A FHIR server on 127.0.0.1 that exports in bulk, and can misbehave in every way asked of it."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

JSON, NDJSON = "application/json", "application/fhir+ndjson"


@dataclass
class Export:
    """What the server holds, and what goes wrong.

    Attributes
    ----------
    files : dict of str to bytes
        NDJSON by name.
    troubles : dict of str to list
        For a path, what comes in place of the answer, one after the other: a status, a pair of
        status and headers, or ``cut`` (the connection breaks off in the middle).
    asked : list of (method, path with query, Authorization)
    """

    files: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, bytes] = field(default_factory=dict)
    deleted: dict[str, bytes] = field(default_factory=dict)
    not_ready: int = 0
    needs_token: bool = True
    is_packed: bool = False
    public_key: Any = None
    manifest: Any = None
    troubles: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    base: str = ""

    def paths(self, method: str = "GET") -> list[str]:
        return [urlsplit(path).path for one, path, _ in self.asked if one == method]


class _Handler(BaseHTTPRequestHandler):
    export: Export
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests read ``asked``."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        export = self.export
        export.asked.append((method, self.path, self.headers.get("Authorization", "")))
        path = urlsplit(self.path).path
        trouble = export.troubles.get(path, [])
        if trouble:
            self._trouble(trouble.pop(0), path)
        elif path == "/token":
            self._token(body)
        elif export.needs_token and self.headers.get("Authorization") != "Bearer granted":
            self._send(401, b"{}")
        elif path.endswith("$export"):
            self._send(202, b"", {"Content-Location": f"{export.base}/status/1"})
        elif path == "/fhir/status/1":
            self._status(method)
        elif path.startswith("/files/"):
            held = {**export.files, **export.errors, **export.deleted}
            told = held[path.removeprefix("/files/")]
            packed = {"Content-Encoding": "gzip"} if export.is_packed else {}
            self._send(200, gzip.compress(told) if packed else told, packed, kind=NDJSON)
        else:
            self._send(404, b"{}")

    def _status(self, method: str) -> None:
        export = self.export
        if method == "DELETE":
            self._send(202, b"")
        elif export.not_ready > 0:
            export.not_ready -= 1
            self._send(202, b"", {"X-Progress": "in hand", "Retry-After": "1"})
        else:
            self._send(200, json.dumps(export.manifest or self._manifest()).encode())

    def _manifest(self) -> dict[str, Any]:
        export, root = self.export, self.export.base.removesuffix("/fhir")

        def listed(files: dict[str, bytes]) -> list[dict[str, str]]:
            return [
                {"type": name.partition(".")[0], "url": f"{root}/files/{name}"} for name in files
            ]

        return {
            "transactionTime": "2026-11-01T00:00:00Z",
            "request": f"{export.base}/Patient/$export",
            "requiresAccessToken": export.needs_token,
            "output": listed(export.files),
            "error": listed(export.errors),
            "deleted": listed(export.deleted),
        }

    def _token(self, body: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        told = jwt.decode(
            form["client_assertion"],
            self.export.public_key,
            algorithms=["RS384"],
            audience=self.export.base.removesuffix("/fhir") + "/token",
        )
        assert told["iss"] == told["sub"] == "trabecula"
        assert form["grant_type"] == "client_credentials"
        granted = {"access_token": "granted", "token_type": "bearer", "expires_in": 300}
        self._send(200, json.dumps(granted).encode())

    def _trouble(self, what: Any, path: str) -> None:
        if what == "cut":
            whole = self.export.files.get(path.removeprefix("/files/"), b"x" * 100)
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[: len(whole) // 2])
            self.close_connection = True
            return
        status, headers = what if isinstance(what, tuple) else (what, {})
        outcome = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "Out of disk"}]}
        self._send(status, json.dumps(outcome).encode(), headers)

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = JSON
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def exporting(export: Export) -> Iterator[Export]:
    handler = type("Handler", (_Handler,), {"export": export})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    export.base = f"http://127.0.0.1:{server.server_port}/fhir"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield export
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ndjson(*resources: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)
