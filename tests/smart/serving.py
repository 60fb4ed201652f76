"""The made-up hospital in a thread of the test, and what can go wrong on the way to it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from riskapp.management.mock_ehr.starting import mock_ehr, server_of
from riskapp.management.mock_ehr.wire import MockEhr


@dataclass
class Way:
    """Stands before the hospital; ``trouble`` may answer in its place or after it.

    Attributes
    ----------
    trouble : callable or None
        Given the request's environment and what the hospital would answer; what it returns is
        answered, and None cuts the connection.
    asked : list of (method, path)
    """

    ehr: MockEhr
    trouble: Callable[[WSGIEnvironment, Callable[[], bytes]], bytes | None] | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    @property
    def base(self) -> str:
        return f"{self.address}/fhir"

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if self.trouble is None:
            return self.ehr(environ, start)
        told: list[Any] = []

        def answer() -> bytes:
            return b"".join(self.ehr(environ, lambda *given: told.append(given)))

        body = self.trouble(environ, answer)
        if body is None:
            raise ConnectionAbortedError("cut by the test")
        if not told:
            told.append(("200 OK", [("Content-Type", "application/json")]))
        status, headers = told[0][:2]
        kept = [one for one in headers if one[0] != "Content-Length"]
        start(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]


TRABECULA = "http://testserver"


@contextmanager
def hospital(trabecula: str = TRABECULA, *, signs: bool = False) -> Iterator[Way]:
    way = Way(mock_ehr(trabecula, signs=signs))
    server = server_of(way)  # type: ignore[arg-type]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    way.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
