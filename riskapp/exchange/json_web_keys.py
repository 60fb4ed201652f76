"""Public keys of other programs (RFC 7517), and what they sign (RFC 7519)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from requests.utils import parse_dict_header

from riskapp.exchange.addresses import origin_of
from riskapp.exchange.peer_http import AnswerLimits, SentOn, TooMuch, bound_session

# SMART App Launch 2.2, "Client Authentication: Asymmetric": servers support both.
ALGORITHMS = ("RS384", "ES384")
CURVES = {"ES384": SECP384R1, "ES256": SECP256R1}  # RFC 7518, section 3.4
SHORTEST_RSA_BITS = 2048  # RFC 7518, section 3.3
MOST_KEYS = 20
LIMITS = AnswerLimits(whole_s=5, most_bytes=64 * 2**10)
JSON = {"Accept": "application/json"}


class UnusableKeys(ValueError):
    """What is wrong with a set of keys, as a sentence."""


def checked(told: object, algorithms: Sequence[str] = ALGORITHMS) -> dict[str, Any]:
    """A set of public keys that can check what a program signs.

    Raises
    ------
    UnusableKeys
        If it is no such set, holds a private or a shared key, or no key that we take.
    """
    if not isinstance(told, dict) or not isinstance(told.get("keys"), list):
        raise UnusableKeys('The keys are a JSON object with a list "keys" (RFC 7517).')
    keys = told["keys"]
    if len(keys) > MOST_KEYS:
        raise UnusableKeys(f"There are {len(keys)} keys; at most {MOST_KEYS} are taken.")
    if not all(isinstance(key, dict) for key in keys):
        raise UnusableKeys("Each key is a JSON object.")
    if any("d" in key or key.get("kty") == "oct" for key in keys):
        raise UnusableKeys("One of the keys is private; send the public half only.")
    kids = [str(key["kid"]) for key in keys if key.get("kid")]
    if len(set(kids)) < len(kids):
        raise UnusableKeys("Two keys have one kid; each needs its own.")
    if not any(_public(key, algorithm) for key in keys for algorithm in algorithms):
        raise UnusableKeys(
            f"None of the keys, each with a kid, is RSA of at least {SHORTEST_RSA_BITS} bits or EC "
            f"for one of {', '.join(algorithms)}."
        )
    return {"keys": keys}


def key_for(keys: Mapping[str, Any], kid: str, algorithm: str) -> Any:
    """The public key of this name, if it is one for this algorithm; else None."""
    for key in keys["keys"]:
        if isinstance(key, dict) and key.get("kid") == kid:
            return _public(key, algorithm)
    return None


def fetched(
    url: str, algorithms: Sequence[str] = ALGORITHMS
) -> tuple[dict[str, Any], float | None]:
    """Get a program's keys from the address that the site has written down for it.

    Nothing else is asked: no other address that the answer may lead to.

    Returns
    -------
    keys : dict
    fresh_s : float or None
        For how many seconds the answer says that it is fresh; None where it does not.

    Raises
    ------
    UnusableKeys
        If they cannot be had, or cannot be used.
    """
    try:
        with bound_session({origin_of(url)}, LIMITS) as session:
            answer = session.get(url, headers=JSON)
    except TooMuch as refusal:
        raise UnusableKeys("What is at the address of the keys is too large for keys.") from refusal
    except SentOn as refusal:
        raise UnusableKeys("The address of the keys sends on to another.") from refusal
    except (requests.RequestException, OSError) as refusal:
        raise UnusableKeys("The address of the keys did not answer in time.") from refusal
    if answer.status_code != 200:
        raise UnusableKeys(f"The address of the keys answered {answer.status_code}.")
    return checked(read_json(answer.content), algorithms), fresh_for_s(answer.headers)


def fresh_for_s(headers: Mapping[str, str]) -> float | None:
    """How long an answer is fresh, by Cache-Control and Age (RFC 9111, sections 4.2 and 5.2.2).

    What is said so that it cannot be read counts as not fresh at all (section 4.2.1).
    """
    told = parse_dict_header(headers.get("Cache-Control", "").lower())
    if told.keys() & {"no-store", "no-cache"}:
        return 0
    if "max-age" not in told:
        return None
    return max(_seconds(told["max-age"]) - _seconds(headers.get("Age")), 0)


def _seconds(told: str | None) -> float:
    """A delta-seconds; 0 for anything else."""
    return float(told) if told and told.isascii() and told.isdigit() and len(told) < 16 else 0


def read_json(body: bytes) -> object:
    """What a JSON text says; None where it is none."""
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError):
        return None


def _public(key: Mapping[str, Any], algorithm: str) -> Any:
    """The key itself, if it is a public one for this algorithm and strong enough."""
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return None
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        return None
    try:
        read = jwt.PyJWK(dict(key), algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if algorithm.startswith("RS"):
        strong = isinstance(read, RSAPublicKey) and read.key_size >= SHORTEST_RSA_BITS
    else:
        curve = CURVES[algorithm]
        strong = isinstance(read, EllipticCurvePublicKey) and isinstance(read.curve, curve)
    return read if strong else None
