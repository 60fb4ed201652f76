"""Calls to the server of an export: to configured origins only, limited in time and size."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from riskapp.exchange.bulk.limits import LIMITS, LONGEST_WAIT_S, SHORTEST_WAIT_S, USUAL_WAIT_S
from riskapp.exchange.peer_http import NO_ADDRESS, SentOn, TooMuch, bound_session, pieces

ASSERTION_LASTS_S = 240  # SMART Backend Services: at most five minutes
USUAL_TOKEN_S = 300
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class BulkProblem(Exception):
    """Why an export ends here, as one sentence."""


class AskLater(Exception):
    """The server is busy, away or broke off; ``wait_s`` says how long it wants to be left."""

    def __init__(self, sentence: str, wait_s: float = USUAL_WAIT_S) -> None:
        super().__init__(sentence)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Source:
    """Who gives an export, and as whom it is asked.

    Attributes
    ----------
    base : str
        FHIR base without a slash at its end.
    origins : frozenset of str
        Where anything may be asked of it, files included.
    scope : str
        Of SMART Backend Services, such as ``system/*.rs``.
    kid, key : str, private key
        What token requests are signed with; no key where the server wants no token.
    """

    name: str
    base: str
    origins: frozenset[str]
    client_id: str = ""
    token_endpoint: str = ""
    scope: str = "system/*.rs"
    kid: str = ""
    key: RSAPrivateKey | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; blank where none is needed."""

    value: str = ""
    until: float = float("inf")  # time.monotonic

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.until - 30


@contextmanager
def asked(
    source: Source, method: str, address: str, token: str = "", **options: Any
) -> Iterator[requests.Response]:
    """An open answer whose body has not been read.

    Raises
    ------
    BulkProblem
        If the address is not one of the source's.
    AskLater
        If there is no answer, the server is busy (429, 502, 503, 504) or wants a new token.
    """
    headers = {"Accept-Encoding": "gzip", **options.pop("headers", {})}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with bound_session(source.origins, LIMITS) as session:
        try:
            with session.request(
                method, address, headers=headers, stream=True, **options
            ) as answer:
                if answer.status_code == 401 and token:
                    raise AskLater(f"{source.name} takes this token no longer (401).")
                if answer.status_code in (429, 502, 503, 504):
                    raise AskLater(
                        f"{source.name} is busy ({answer.status_code}).", wait_of(answer)
                    )
                yield answer
        except NO_ADDRESS as strange:
            raise BulkProblem(
                f"{source.name} named an address that this site has not configured."
            ) from strange
        except SentOn as elsewhere:
            raise BulkProblem(
                f"{source.name} sends on to another address, which is not followed."
            ) from elsewhere
        except requests.RequestException as broken:
            raise AskLater(f"{source.name} did not answer, or broke off.") from broken


def wait_of(answer: requests.Response) -> float:
    """Seconds of Retry-After (RFC 9110, 10.2.3: seconds or a date), within our limits."""
    told = answer.headers.get("Retry-After", "").strip()
    wait: float = USUAL_WAIT_S
    if told.isascii() and told.isdigit():
        wait = float(told[:9])
    elif told:
        try:
            wait = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            wait = USUAL_WAIT_S
    return min(max(wait, SHORTEST_WAIT_S), LONGEST_WAIT_S)


def json_of(source: Source, answer: requests.Response) -> Mapping[str, Any]:
    """The JSON object of an answer.

    Raises
    ------
    BulkProblem
        If it is none, or too large.
    """
    try:
        body = b"".join(pieces(answer, LIMITS.most_bytes, LIMITS.whole_s))
    except TooMuch as too_much:
        raise BulkProblem(f"{source.name} answered with more than can be read.") from too_much
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BulkProblem(f"{source.name} answered with something that is no JSON object.")
    return told


def backend_token(source: Source) -> Token:
    """A token by SMART Backend Services: client_credentials with a signed assertion.

    Raises
    ------
    BulkProblem
        If the server refuses the key.
    AskLater
        If it does not answer.
    """
    if source.key is None:
        return Token()
    endpoint = source.token_endpoint or _discovered(source)
    now = datetime.now(UTC).timestamp()
    assertion = jwt.encode(
        {
            "iss": source.client_id,
            "sub": source.client_id,
            "aud": endpoint,
            "exp": int(now) + ASSERTION_LASTS_S,
            "jti": str(uuid4()),
        },
        source.key,
        algorithm="RS384",
        headers={"kid": source.kid, "typ": "JWT"},
    )
    form = {
        "grant_type": "client_credentials",
        "scope": source.scope,
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion,
    }
    with asked(
        source, "POST", endpoint, data=form, headers={"Accept": "application/json"}
    ) as answer:
        if answer.status_code != 200:
            raise BulkProblem(
                f"{source.name} gave no token ({answer.status_code}); its administrator has to "
                "know this site’s key and the scopes it asks for."
            )
        told = json_of(source, answer)
    value, lasts = told.get("access_token"), told.get("expires_in")
    if not isinstance(value, str) or not value or len(value) > 2**14:
        raise BulkProblem(f"{source.name} gave no token that can be used.")
    seconds = lasts if type(lasts) is int and 0 < lasts < 10**7 else USUAL_TOKEN_S
    return Token(value, time.monotonic() + seconds)


def _discovered(source: Source) -> str:
    address = f"{source.base}/.well-known/smart-configuration"
    with asked(source, "GET", address, headers={"Accept": "application/json"}) as answer:
        told = json_of(source, answer) if answer.status_code == 200 else {}
    endpoint = told.get("token_endpoint")
    if not isinstance(endpoint, str) or not endpoint:
        raise BulkProblem(f"{source.name} does not say where tokens are given.")
    return endpoint
