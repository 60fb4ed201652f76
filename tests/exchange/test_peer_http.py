"""The way out to a peer: its own addresses, within the limits, and each fault of its own kind."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from requests.exceptions import SSLError

from riskapp.exchange import peer_http
from riskapp.exchange.peer_http import (
    NO_ADDRESS,
    AnswerLimits,
    BrokeOff,
    SentOn,
    StrangeAddress,
    TooMuch,
    TooSlow,
    bound_session,
    pieces,
)
from tests.exchange.certificates import Authority

pytestmark = pytest.mark.enable_socket
LIMITS = AnswerLimits(whole_s=5, most_bytes=100)


class Peer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.strip("/")
        self.send_response(307 if path == "on" else 200)
        if path == "on":
            self.send_header("Location", "/100")
        size = int(path) if path.isdigit() else 8
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(b"x" * (size if path != "short" else 3))
        if path == "short":
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_answer_of_just_the_size_is_read_and_of_one_byte_more_is_not(peer: str) -> None:
    with bound_session({peer}, LIMITS) as session:
        assert len(session.get(f"{peer}/100").content) == 100
        with pytest.raises(TooMuch):
            session.get(f"{peer}/101")


@pytest.mark.parametrize(("path", "fault"), [("on", SentOn), ("short", BrokeOff)])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_sent_on_or_breaks_off_is_told(
    peer: str, path: str, fault: type[Exception], stream: bool
) -> None:
    def read() -> None:
        with bound_session({peer}, LIMITS) as session:
            answer = session.get(f"{peer}/{path}", stream=stream)
            b"".join(pieces(answer, LIMITS.most_bytes, LIMITS.whole_s))

    with pytest.raises(fault):
        read()


@pytest.mark.parametrize(
    "begins",
    [b"X: ", b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: "],
    ids=["head", "trailer"],
)
def test_an_answer_that_drips_is_left(monkeypatch: pytest.MonkeyPatch, begins: bytes) -> None:
    monkeypatch.setattr(peer_http, "LEAST_HEAD_S", 0.1)

    def drip() -> None:
        line, _ = server.accept()
        with line, suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\n" + begins)
            while True:
                line.sendall(b"x")
                time.sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, daemon=True).start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        hurried = AnswerLimits(whole_s=0.1, most_bytes=100)
        with bound_session({address}, hurried) as session:
            with pytest.raises(requests.RequestException):
                session.get(address)


def test_what_comes_too_slowly_is_left(peer: str) -> None:
    hurried = AnswerLimits(whole_s=-1, most_bytes=100)
    with bound_session({peer}, hurried) as session, pytest.raises(TooSlow):
        session.get(f"{peer}/100")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "http://user@127.0.0.1:1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "",
    ],
)
def test_nobody_else_is_asked(peer: str, address: str) -> None:
    with bound_session({peer}, LIMITS) as session, pytest.raises(NO_ADDRESS):
        session.get(address)
    with bound_session({peer}, LIMITS) as session, pytest.raises(StrangeAddress):
        session.get(peer.replace("127.0.0.1", "localhost"))


def test_neither_a_proxy_nor_a_password_of_the_environment_is_used(
    peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with bound_session({peer}, LIMITS) as session:
        assert session.get(f"{peer}/9").status_code == 200


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A peer with TLS, and the file of the authority that vouches for it."""
    authority = Authority(tmp_path, "own")
    pair = authority.vouch_for("peer")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", authority.pair.certificate
    server.shutdown()
    server.server_close()


def test_an_authority_of_one_peer_is_nobody_elses(encrypted: tuple[str, str]) -> None:
    address, authority = encrypted
    with bound_session({address}, LIMITS) as session:
        for _ in range(2):
            assert session.get(f"{address}/3", verify=authority).status_code == 200
            with pytest.raises(SSLError):
                session.get(f"{address}/3")


def test_the_usual_authorities_are_read_once(
    encrypted: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, authority = encrypted
    usual = ssl.create_default_context(cafile=authority)
    monkeypatch.setattr(peer_http, "_usual_authorities", lambda: usual)
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", None)
    for _ in range(2):
        with bound_session({address}, LIMITS) as session:
            assert session.get(f"{address}/3").status_code == 200
