"""A real gunicorn with our worker and settings, and clients that are slow, huge or many."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.kept import ROOT

with patch.dict(os.environ):  # it names a folder for the sums of its workers
    from riskapp.gunicorn_settings import limit_request_field_size, limit_request_fields
    from riskapp.gunicorn_settings import limit_request_line as longest_line

# A site as small as can be: what is tried is the server, not the product behind it.
APP = """
import time

from riskapp import serving_worker
serving_worker.HEADERS_S = serving_worker.BODY_S = 1.0

def app(environ, start_response):
    read = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.7)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{len(read)} {serving_worker.waiting()}".encode()]
"""
SLOW = 12  # three for each thread of the one process


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    (folder / "small_app.py").write_text(APP, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    started = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings"]
        + ["--bind", f"127.0.0.1:{free}", "--workers", "1", "--chdir", str(folder)]
        + ["small_app:app"],
        env={"PYTHONPATH": str(ROOT), "TRABECULA_DATA_DIR": str(folder), "PATH": "/usr/bin"},
        cwd=ROOT,
    )
    try:
        while True:
            assert started.poll() is None
            try:
                if ask(free, b"GET / HTTP/1.0\r\n\r\n"):
                    break
            except OSError:
                time.sleep(0.05)
        yield free, started
    finally:
        started.terminate()
        started.wait()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with server(tmp_path_factory.mktemp("server")) as (free, _):
        yield free


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
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1600000000\r\n\r\nx",
    ],
    ids=["headers", "body", "a long body"],
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


def all_of(port: int, request: bytes) -> bytes:
    """Everything that is answered until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        told = b""
        with suppress(ConnectionResetError):  # cut off before all was read
            while piece := connection.recv(4_096):
                told += piece
        return told


# Heads on which a proxy and the server may differ where the request ends (CWE-444; the shapes are
# those of RFC 9112 sections 6.1, 6.3 and 11.2). Behind each comes a request that must stay unread.
UNCLEAR = {
    "two kinds of length": b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    "the other way round": b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 0",
    "two lengths in one": b"Content-Length: 5, 0",
    "a length with a sign": b"Content-Length: +5",
    "a length in other digits": b"Content-Length: 0x5",
    "a length below nothing": b"Content-Length: -1",
    "a length with a blank": b"Content-Length: 5 5",
    "a blank before the colon": b"Content-Length : 5",
    "a coding that is none": b"Transfer-Encoding: xchunked",
    "a coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "a coding after the last": b"Transfer-Encoding: chunked, identity",
    "a coding in a second line": b"Transfer-Encoding:\r\n chunked",
    "a coding behind a control character": b"Transfer-Encoding: \x0bchunked",
    "a line that ends early": b"X: a\nTransfer-Encoding: chunked",
    "a name with a null": b"X\0: a",
}


@pytest.mark.parametrize("what", UNCLEAR)
def test_no_second_request_is_read_out_of_an_unclear_one(port: int, what: str) -> None:
    told = all_of(
        port,
        b"POST / HTTP/1.1\r\nHost: a\r\n" + UNCLEAR[what] + b"\r\n\r\n0\r\n\r\n"
        b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    assert told.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), told
    assert told.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("size", [b"-1", b"0x1", b"1 1", b"1;\n", b"G", b"", b"+1"])
def test_a_chunk_of_an_unclear_size_ends_the_connection(port: int, size: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    told = all_of(
        port, head + size + b"\r\nx\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert told.count(b" 200 ") == 0


def test_requests_behind_each_other_are_answered_one_by_one(port: int) -> None:
    one = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    told = all_of(port, one % 2 + b"ab" + one % 0 + one % 1 + b"a")
    assert re.findall(rb"\r\n(\d) \d\r\n", told) == [b"2", b"0", b"1"]


def test_a_body_is_asked_for_where_its_sender_waits_to_be_asked(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    assert all_of(port, head + b"ab").startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert b" 200 " not in all_of(port, head.replace(b"100-continue", b"something"))


def test_chunks_without_end_are_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.settimeout(0.1)
        for _ in range(200):
            try:
                connection.sendall(b"1\r\nx\r\n")
                connection.recv(1_000)
                return  # cut, or answered with what had come
            except TimeoutError:
                continue
            except OSError:
                return
        pytest.fail("It is read for ever.")


def test_told_to_stop_it_answers_whoever_came_and_lets_nobody_come(tmp_path: Path) -> None:
    """Twice as many as there are threads have asked, and more have only just come."""
    asked = b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
    with server(tmp_path) as (free, started), ExitStack() as open_ones:
        came = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", free), timeout=30))
            for _ in range(40)
        ]
        for one in came[:8]:
            one.sendall(asked)
        time.sleep(0.2)
        for one in came[8:12]:
            one.sendall(asked)
        started.terminate()
        refused, until = False, time.monotonic() + 2
        while not refused and time.monotonic() < until:
            try:
                open_ones.enter_context(socket.create_connection(("127.0.0.1", free), timeout=30))
            except ConnectionRefusedError:
                refused = True
        assert refused
        assert started.poll() is None  # it answers yet
        for one in came[12:]:
            one.sendall(asked)
        told = [one.recv(1000).partition(b"\r\n")[0] for one in came]
        assert told == [b"HTTP/1.1 200 OK"] * len(came)
