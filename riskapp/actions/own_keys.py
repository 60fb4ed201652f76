"""The key by which Trabecula itself signs: made once for each installation, kept in its folder."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from jwt.algorithms import RSAAlgorithm

RSA_BITS = 3072
FILE = "signing-key.pem"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A private RSA key, ready for PyJWT, and the name of its public half in our key set.

    Sign what a record's backend services ask for with RS384, naming ``kid`` in the header.
    """

    kid: str
    private: RSAPrivateKey

    def public_jwk(self) -> dict[str, Any]:
        """The public half (RFC 7517); any of RSA's algorithms may be used with it."""
        return {**_public(self.private), "kid": self.kid, "use": "sig"}


def own_signing_key() -> OwnKey:
    """The key of this installation, made where there is none yet."""
    return _read(Path(settings.DATA_DIR) / FILE)


def own_public_keys() -> dict[str, Any]:
    """What other programs check our signatures by (RFC 7517)."""
    return {"keys": [own_signing_key().public_jwk()]}


@lru_cache(maxsize=4)
def _read(path: Path) -> OwnKey:
    if not path.exists():
        _make(path)
    private = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, RSAPrivateKey):
        raise ValueError(f"{path.name} holds no RSA key; move it away and a new one is made.")
    return OwnKey(_thumbprint(_public(private)), private)


def _make(path: Path) -> None:
    """Complete before it has its name: two processes that start at once share one key."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    made = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    fresh.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _public(private: RSAPrivateKey) -> dict[str, Any]:
    told = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {name: told[name] for name in ("kty", "n", "e")}


def _thumbprint(public: dict[str, Any]) -> str:
    """RFC 7638: a name that follows from the key itself."""
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
