"""A passkey device made of software, that lies in whatever way a test tells it to.

What it says has the shape of W3C Web Authentication Level 2, sections 6.1 and 6.5.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, HOLDS_KEY = 0x01, 0x04, 0x40


@dataclass
class SoftwareAuthenticator:
    """One credential. ``verifies`` says whether it makes sure who holds it; ``counts`` by how
    much its counter grows each time.
    """

    origin: str = ORIGIN
    rp_id: str = "localhost"
    verifies: bool = True
    counts: int = 1
    count: int = 0
    handle: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def make(self, options: dict[str, Any], challenge: str = "") -> str:
        """A new credential, for what the site asked."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(HOLDS_KEY) + held}
        told = {
            "clientDataJSON": _text(self._client("create", challenge or options["challenge"])),
            "attestationObject": _text(cbor2.dumps(attestation)),
        }
        return self._answer(told)

    def show(self, options: dict[str, Any], challenge: str = "") -> str:
        """Sign what the site asked."""
        self.count += self.counts
        client, data = self._client("get", challenge or options["challenge"]), self._data()
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        told = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(signed),
            "userHandle": self.handle,
        }
        return self._answer(told)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}
        return json.dumps(told | {"crossOrigin": False}).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return (
            hashlib.sha256(self.rp_id.encode()).digest()
            + flags.to_bytes(1)
            + self.count.to_bytes(4)
        )

    def _answer(self, response: dict[str, str]) -> str:
        named = {"id": _text(self.id), "rawId": _text(self.id), "type": "public-key"}
        return json.dumps(named | {"response": response, "clientExtensionResults": {}})


def _text(told: bytes) -> str:
    return urlsafe_b64encode(told).rstrip(b"=").decode()


def as_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
