"""Programs of the tests: their keys, what they sign to prove who they are, and their calls."""

import time
import uuid
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from rest_framework.test import APIClient

FORM = "application/x-www-form-urlencoded"
TOKEN_URL = "http://testserver/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def private_key(name: str) -> Any:
    """A key of this name: ``rs384``, ``es384``, ``another``; not taken: ``weak``, ``p256``."""
    if name in ("es384", "p256"):
        return new_curve_key(SECP384R1() if name == "es384" else SECP256R1())
    return new_rsa_key(65537, 1024 if name == "weak" else 2048)


def public_jwk(name: str) -> dict[str, Any]:
    algorithm = ECAlgorithm if name in ("es384", "p256") else RSAAlgorithm
    return {
        **algorithm.to_jwk(private_key(name).public_key(), as_dict=True),
        "kid": name,
        "use": "sig",
    }


def key_set(*names: str) -> dict[str, Any]:
    return {"keys": [public_jwk(name) for name in names]}


def assertion(client_id: str, key: str = "rs384", header: Any = (), **claims: Any) -> str:
    """A proof of identity as a program signs it; ``None`` leaves a claim out."""
    told = {
        "iss": client_id,
        "sub": client_id,
        "aud": TOKEN_URL,
        "exp": int(time.time()) + 240,
        "jti": str(uuid.uuid4()),
        **claims,
    }
    algorithm = {"es384": "ES384", "p256": "ES256"}.get(key, "RS384")
    return jwt.encode(
        {name: value for name, value in told.items() if value is not None},
        private_key(key),
        algorithm=algorithm,
        headers={"kid": key, **dict(header)},
    )


def form(client_id: str, scope: str, signed: str | None = None, **more: str) -> dict[str, str]:
    """What a backend posts to the token endpoint."""
    return {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(client_id) if signed is None else signed,
        **more,
    }


def bearer(token: str) -> APIClient:
    """A program that calls with this token."""
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return caller
