"""Every call to another machine goes through a guard: found in the code, so that a new one is too.

There are four: ``peer_http`` for peers that the site configured (records, identity providers,
keys, archives, bulk exports, hooks), ``outgoing`` for addresses that somebody typed (webhooks),
``hl7v2.sending`` and pynetdicom's associations, both to a configured host and port.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from riskapp.exchange import outgoing
from riskapp.exchange.outgoing import NotCallable, Unreachable
from riskapp.exchange.peer_http import NO_ADDRESS, AnswerLimits, bound_session
from tests.kept import ROOT

EXCHANGE = "riskapp/exchange/"
# What can open a connection, and the only files that may name it.
OPENS = {
    "requests.get": set(),
    "requests.post": set(),
    "requests.put": set(),
    "requests.head": set(),
    "requests.request": set(),
    "requests.Session": {EXCHANGE + "peer_http.py", EXCHANGE + "archive/session.py"},
    "urllib.request": set(),
    "urllib3.PoolManager": set(),
    "httpx": set(),
    "aiohttp": set(),
    "ftplib": set(),
    "smtplib": set(),
    "jwt.PyJWKClient": set(),
    # The second asks its own web server on this machine whether it is up.
    "http.client.HTTPConnection": {
        EXCHANGE + "outgoing.py", "riskapp/management/commands/serve.py",
    },
    "http.client.HTTPSConnection": set(),
    "socket.create_connection": {EXCHANGE + "outgoing.py", EXCHANGE + "hl7v2/sending.py"},
    # Sessions of libraries, each bound to its peer in the file that makes it.
    "authlib.integrations.requests_client.OAuth2Session": {
        EXCHANGE + "smart/tokens.py", EXCHANGE + "sign_in/provider.py",
    },
    "dicomweb_client.web.DICOMwebClient": {EXCHANGE + "archive/dicomweb.py"},
}  # fmt: skip
# The demo's made-up hospital, which is another program.
NOT_OURS = ("riskapp/management/mock_ehr/",)


def _imported(tree: ast.AST) -> dict[str, str]:
    """What each name of a module stands for, as far as its own imports tell."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                found[one.asname or one.name] = one.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}.{one.name}"
    return found


def _named(tree: ast.AST) -> Iterator[str]:
    """Full names that a module imports, calls, or makes classes of."""
    imported = _imported(tree)
    yield from (name for name in imported.values() if OPENS.get(name) == set())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call | ast.ClassDef):
            for one in [node.func] if isinstance(node, ast.Call) else node.bases:
                called = ast.unparse(one)
                first = next((n for n in imported if called == n or called.startswith(f"{n}.")), "")
                yield imported.get(first, "") + called[len(first) :]


def _modules() -> Iterator[tuple[str, str]]:
    for folder in ("riskapp", "imaging"):
        for path in (ROOT / folder).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if not name.startswith(NOT_OURS):
                yield name, path.read_text(encoding="utf-8")


def test_nothing_opens_a_connection_but_the_guards() -> None:
    wrong, seen = [], set()
    for name, text in _modules():
        for called in set(_named(ast.parse(text))) & OPENS.keys():
            seen.add(called)
            if name not in OPENS[called]:
                wrong.append(f"{name} calls {called}")
    assert not wrong
    assert {"requests.Session", "socket.create_connection"} <= seen


@pytest.mark.parametrize(
    ("file", "bound"),
    [
        (EXCHANGE + "smart/tokens.py", "bind(session, ehr.origins"),
        (EXCHANGE + "sign_in/provider.py", "bind(session, provider.origins"),
        (EXCHANGE + "archive/dicomweb.py", "session=self._session"),
        (EXCHANGE + "archive/session.py", "peer_http.bind(self, origins"),
        (EXCHANGE + "peer_http.py", "session.trust_env = False"),
    ],
)
def test_sessions_of_libraries_are_bound_to_their_peer(file: str, bound: str) -> None:
    assert bound in Path(ROOT / file).read_text(encoding="utf-8")


PEER = "https://record.example"
STRANGE = [
    "http://record.example/",  # without TLS
    "https://record.example:8443/",
    "https://record.example.evil.example/",
    "https://record.example@evil.example/",
    "https://user:word@record.example/",
    "https://evil.example/#@record.example",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:127.0.0.1]/",
    "https://localhost/",
    "file:///etc/passwd",
    "ftp://record.example/",
    "gopher://record.example/",
    "//record.example/",
]


@pytest.mark.parametrize("address", STRANGE)
def test_a_peer_leads_nowhere_but_to_itself(address: str) -> None:
    limits = AnswerLimits(connect_s=0.1, silence_s=0.1, whole_s=0.1, most_bytes=1)
    with bound_session({PEER}, limits) as session, pytest.raises(NO_ADDRESS):
        session.get(address)
    with bound_session({PEER}, limits) as session, pytest.raises(requests.ConnectionError):
        session.get(f"{PEER}/")  # asked, and not there


WITHIN = [
    "https://10.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0/",
    "https://169.254.169.254/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:a00:1::]/",
    "https://[fe80::1%25eth0]/",
    "https://100.64.0.1/",
    "https://192.168.0.1.:443/",
    "http://hooks.example/",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "https://user@hooks.example/",
    "https://localhost/",
]


@pytest.mark.parametrize("address", WITHIN)
def test_an_address_that_somebody_typed_leads_to_nothing_within(address: str) -> None:
    with pytest.raises((NotCallable, Unreachable)):
        outgoing.post(address, b"", {})


def test_a_name_that_changes_meanwhile_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[(2, 1, 6, "", ("1.1.1.1", 443))], [(2, 1, 6, "", ("127.0.0.1", 443))]]
    called: list[object] = []

    def connect(address: object, timeout: float) -> None:
        called.append(address)
        raise OSError

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_, **__: answers.pop(0))
    monkeypatch.setattr(outgoing.socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        outgoing.post("https://hooks.example/", b"", {})
    assert called == [("1.1.1.1", 443)]  # what was judged, and resolved once
    with pytest.raises(NotCallable):
        outgoing.post("https://hooks.example/", b"", {})
