"""A FHIR server of a few resources on this machine, which notes what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "lent-for-this-call"
Resource = dict[str, Any]


@dataclass
class Asked:
    """One question that came: its path with the query, and the token."""

    path: str
    token: str


@dataclass
class StubRecord:
    """What the server holds and how it behaves.

    Attributes
    ----------
    redirect_to : str
        Where every question is sent on to; blank answers it here.
    slow_s : float
        How long an answer takes.
    page : int or None
        How many entries stand on one page.
    """

    resources: list[Resource] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    redirect_to: str = ""
    slow_s: float = 0.0
    page: int | None = None
    padding: str = ""
    next_elsewhere: str = ""
    base: str = ""

    def search(self, kind: str, query: dict[str, list[str]]) -> Resource:
        found = [
            one
            for one in self.resources
            if one["resourceType"] == kind and self._is_asked(one, query)
        ]
        start = int(query.get("from", ["0"])[0])
        shown = found[start : start + self.page] if self.page else found
        bundle: Resource = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": one} for one in shown],
        }
        if self.page and start + self.page < len(found):
            rest = "&".join(f"{k}={v[0]}" for k, v in query.items() if k != "from")
            where = self.next_elsewhere or f"{self.base}/{kind}?{rest}&from={start + self.page}"
            bundle["link"] = [{"relation": "next", "url": where}]
        return bundle

    @staticmethod
    def _is_asked(one: Resource, query: dict[str, list[str]]) -> bool:
        if "code" not in query:
            return True
        codes = set(query["code"][0].split(","))
        return any(f"{c['system']}|{c['code']}" in codes for c in one["code"]["coding"])

    def read(self, kind: str, id: str) -> Resource | None:
        for one in self.resources:
            if (one["resourceType"], one.get("id")) == (kind, id):
                return one
        return None


@contextmanager
def served(stub: StubRecord) -> Iterator[str]:
    """The base address of the server while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            stub.asked.append(Asked(self.path, token))
            time.sleep(stub.slow_s)
            if stub.redirect_to:
                self.send_response(302)
                self.send_header("Location", stub.redirect_to)
                self.end_headers()
                return
            parts = urlsplit(self.path)
            kind, _, id = parts.path.removeprefix("/fhir/").partition("/")
            told = stub.read(kind, id) if id else stub.search(kind, parse_qs(parts.query))
            body = (json.dumps(told) + stub.padding).encode()
            self.send_response(200 if told and token == TOKEN else 403)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stub.base = f"http://127.0.0.1:{server.server_port}/fhir"
    try:
        yield stub.base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
