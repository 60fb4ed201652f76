"""A real gunicorn with our worker and settings, and clients that are slow, huge or many."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from unittest.mock import patch

import pytest

from tests.kept import ROOT

with patch.dict(os.environ):  # it names a folder for the sums of its workers
    from riskapp.gunicorn_settings import limit_request_field_size, limit_request_fields
    from riskapp.gunicorn_settings import limit_request_line as longest_line

# A site as small as can be: what is tried is the server, not the product behind it.
APP = """
from riskapp import serving_worker
serving_worker.HEADERS_S = serving_worker.BODY_S = 1.0

def app(environ, start_response):
    read = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{len(read)} {serving_worker.waiting()}".encode()]
"""
SLOW = 12  # three for each thread of the one process


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "small_app.py").write_text(APP, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings"]
        + ["--bind", f"127.0.0.1:{free}", "--workers", "1", "--chdir", str(folder)]
        + ["small_app:app"],
        env={"PYTHONPATH": str(ROOT), "TRABECULA_DATA_DIR": str(folder), "PATH": "/usr/bin"},
        cwd=ROOT,
    )
    while True:
        assert server.poll() is None
        try:
            if ask(free, b"GET / HTTP/1.0\r\n\r\n"):
                break
        except OSError:
            time.sleep(0.05)
    yield free
    server.terminate()
    server.wait()


def ask(port: int, request: bytes) -> bytes:
    """The status line, or nothing where the connection was cut."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        return connection.recv(1000).partition(b"\r\n")[0]


def test_a_line_and_headers_have_a_longest_length(port: int) -> None:
    line = b"GET /%s HTTP/1.1"
    fits = longest_line - len(line % b"")

    def asked(line: bytes, *headers: bytes) -> bytes:
        return ask(port, b"\r\n".join([line, b"Host: a", b"Connection: close", *headers, b"", b""]))

    assert asked(line % (b"x" * (fits - 2))) == b"HTTP/1.1 200 OK"
    assert b" 414 " in asked(line % (b"x" * (fits + 3)))
    most = limit_request_fields - 2
    assert asked(line % b"", *[b"X-%d: a" % n for n in range(most)]) == b"HTTP/1.1 200 OK"
    assert b" 431 " in asked(line % b"", *[b"X-%d: a" % n for n in range(most + 1)])
    longest = limit_request_field_size - len(b"X: \r\n")
    assert asked(line % b"", b"X: " + b"a" * longest) == b"HTTP/1.1 200 OK"
    assert b" 431 " in asked(line % b"", b"X: " + b"a" * (longest + 3))


@pytest.mark.parametrize(
    "drip",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx",
    ],
    ids=["headers", "body"],
)
def test_a_request_that_drips_is_cut_off_and_others_are_served(port: int, drip: bytes) -> None:
    with ExitStack() as held:
        slow = [
            held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            for _ in range(SLOW)
        ]
        for one in slow:
            one.sendall(drip)
        # Every thread reads one that drips; whoever is patient is served all the same.
        assert ask(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b" 200 OK")
        for one in slow[:4]:
            assert one.recv(1000)[:12] in (b"", b"HTTP/1.1 200", b"HTTP/1.1 400")
