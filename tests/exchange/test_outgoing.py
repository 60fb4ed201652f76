"""Whoever registers an address reaches nothing behind our walls through us."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from riskapp.exchange import outgoing, standard_webhooks
from riskapp.exchange.outgoing import LONGEST_URL, NotCallable, Unreachable, checked_url, post

WITHIN = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[fc00::1]", "[fe80::1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[2001:0:a00:1::]",
    "[fec0::1]", "[::127.0.0.1]",
]  # fmt: skip


@pytest.mark.parametrize("host", [*WITHIN, "localhost"])
def test_what_lies_within_is_refused(host: str) -> None:
    with pytest.raises(NotCallable, match="own network"):
        checked_url(f"https://{host}/x", ())


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "example.org", "https://", "https:///x",
        "https://user@example.org/", "https://user:pw@example.org/", "https://example.org/#x",
        "https://example.org:99999/", "https://example.org:x/", "https://[::1/", "", "https://\u00e4.org/",
        "https://example.org/a b", "https://example.org/\n", "file:///etc/passwd",
        "https://example.org/" + "x" * LONGEST_URL,
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(NotCallable) as reason:
        checked_url(url, ())
    assert str(reason.value).endswith(".")


@pytest.mark.parametrize("url", ["https://example.org/", "https://93.184.216.34:8443/a?b=c"])
def test_the_outside_may_be_called(url: str) -> None:
    assert checked_url(url, ()).hostname


@pytest.mark.parametrize("address", [one.strip("[]") for one in WITHIN])
def test_a_name_that_stands_for_an_address_within_is_not_called(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def found(*_: object, **__: object) -> list[Any]:
        outside = (socket.AF_INET, 1, 6, "", ("93.184.216.34", 443))
        return [outside, (socket.AF_INET, 1, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with pytest.raises(NotCallable):
        post("https://example.org/", b"", {})


def test_a_name_is_resolved_once_and_what_was_judged_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second answer of the name server, another address, is never asked for."""
    asked, called = [], []

    def found(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("93.184.216.34", port))]

    def connect(address: Any, timeout: float) -> Any:
        called.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(outgoing.socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        post("https://example.org/", b"", {})
    assert (asked, called) == (["example.org"], [("93.184.216.34", 443)])


class Peer(http.server.BaseHTTPRequestHandler):
    status, seen = 200, []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Host"], body))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def peer() -> Iterator[Any]:
    Peer.seen, Peer.status = [], 200
    server = http.server.HTTPServer(("127.0.0.1", 0), Peer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("status", [200, 204, 302, 410, 500])
def test_a_host_that_the_site_lets_be_called_answers(peer: Any, status: int) -> None:
    Peer.status = status
    url = f"http://127.0.0.1:{peer.server_port}/hook?a=b"
    assert post(url, b"{}", {}, {"127.0.0.1"}) == status
    assert Peer.seen == [("/hook?a=b", f"127.0.0.1:{peer.server_port}", b"{}")]


def test_whoever_does_not_answer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "ANSWER_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Unreachable, match="in time"):
            post(url, b"{}", {}, {"127.0.0.1"})
    with pytest.raises(Unreachable, match="reached"):
        post(url, b"{}", {}, {"127.0.0.1"})


def test_what_is_no_tls_is_unreachable_and_never_called_in_the_open(peer: Any) -> None:
    with pytest.raises(Unreachable, match="certificate"):
        post(f"https://127.0.0.1:{peer.server_port}/", b"{}", {}, {"127.0.0.1"})
    assert Peer.seen == []


def test_the_signature_is_that_of_the_specification() -> None:
    """Test vector of github.com/standard-webhooks/standard-webhooks, used by its libraries."""
    import base64

    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = standard_webhooks.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert standard_webhooks.shown(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
