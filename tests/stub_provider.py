"""An OpenID provider on 127.0.0.1 that lies in whatever way a test tells it to."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.signing import key_set, private_key


@dataclass
class StubProvider:
    """What it will answer; ``asked`` is what it was asked at its token endpoint.

    ``breaks_off`` ends every answer before its announced end.
    """

    issuer: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    key: str = "rs384"
    header: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    token_status: int = 200
    token_body: bytes | None = None
    breaks_off: bool = False
    nonce: str = ""
    challenge: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    authorization: list[str] = field(default_factory=list)

    def goes_there(self, address: str) -> dict[str, str]:
        """What the browser brings; the provider remembers nonce and challenge."""
        brought = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        self.nonce, self.challenge = brought["nonce"], brought["code_challenge"]
        return brought

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            **self.metadata,
        }

    def keys(self) -> dict[str, Any]:
        return key_set("rs384", "es384")

    def redeemed(self, form: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(form)
        if self.token_body is not None or self.token_status != 200:
            return self.token_status, self.token_body or b'{"error": "invalid_grant"}'
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": "trabecula",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
            "preferred_username": "anna",
            "given_name": "Anna",
            "family_name": "Example",
            **self.claims,
        }
        signed = jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            "" if self.algorithm == "none" else private_key(self.key),
            algorithm=self.algorithm,
            headers={"kid": self.key, **self.header},
        )
        told = {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}
        return 200, json.dumps(told).encode()


@contextmanager
def stub_provider() -> Iterator[StubProvider]:
    """A provider that listens as long as the block lasts."""
    provider = StubProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages = {
                "/.well-known/openid-configuration": provider.configuration,
                "/keys": provider.keys,
            }
            page = pages.get(urlsplit(self.path).path)
            self._answer(200 if page else 404, json.dumps(page() if page else {}).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.authorization.append(self.headers.get("Authorization", ""))
            form = {k: v[0] for k, v in parse_qs(body).items()}
            self._answer(*provider.redeemed(form))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/keys")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + 9 * provider.breaks_off))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
