"""Calls to a record: to its own addresses only, for a limited time, of limited size."""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from riskapp.exchange.connection_ehr import origin_of
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer, NotAllowedThere

UNKNOWN_ADDRESS = "The record named an address that this site has not configured for it."
SILENT = "The record did not answer in time; try again."
TOO_MUCH = "The record answered with more than can be read."
UNREADABLE = "The record answered with something that is no JSON."
FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer, and one reading of a whole record, may cost."""

    connect_s: float = 5
    silence_s: float = 15  # between two bytes
    answer_s: float = 30
    answer_bytes: int = 20 * 2**20
    nesting: int = 40
    pages: int = 20  # of one search
    resources: int = 5_000
    record_s: float = 45
    at_once: int = 4


LIMITS = Limits()


class OnlyTo(HTTPAdapter):
    """Reaches configured origins only, and reads an answer whole within the limits."""

    def __init__(self, origins: Collection[str], limits: Limits = LIMITS) -> None:
        self._origins, self._limits = frozenset(origins), limits
        super().__init__(pool_maxsize=limits.at_once)

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        if origin_of(request.url or "") not in self._origins:
            raise LaunchProblem(UNKNOWN_ADDRESS)
        limits = self._limits
        options |= {"stream": True, "timeout": (limits.connect_s, limits.silence_s)}
        response = super().send(request, **options)
        response._content = _read(response, limits)
        response._content_consumed = True
        return response


def _read(response: requests.Response, limits: Limits) -> bytes:
    body, until = bytearray(), time.monotonic() + limits.answer_s
    with response.raw as raw:
        while part := raw.read1(2**16, decode_content=True):
            body += part
            if len(body) > limits.answer_bytes:
                raise NoAnswer(TOO_MUCH)
            if time.monotonic() > until:
                raise NoAnswer(SILENT)
    return bytes(body)


def prepare(session: requests.Session, origins: Collection[str]) -> None:
    """Bind a session to the origins: no redirects, no proxy or password of the environment."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, OnlyTo(origins))
    session.trust_env, session.max_redirects = False, 0


def session_to(origins: Collection[str], token: str = "") -> requests.Session:
    """A session that asks FHIR servers, with a token where there is one."""
    session = requests.Session()
    prepare(session, origins)
    session.headers["Accept"] = FHIR_JSON
    if token:
        session.headers["Authorization"] = f"Bearer {token}"
    return session


def answered(session: requests.Session, method: str, address: str, **options: Any) -> Any:
    """The answer itself.

    Raises
    ------
    NoAnswer, LaunchProblem
        Where there is none, or it was asked for at a strange address.
    """
    try:
        return session.request(method, address, **options)
    except (requests.RequestException, OSError) as broken:
        raise NoAnswer(SILENT) from broken


def json_of(session: requests.Session, address: str, **options: Any) -> dict[str, Any]:
    """A JSON object at an address.

    Raises
    ------
    NotAllowedThere
        If the record refuses (401, 403).
    NoAnswer
        If it gives nothing that can be read.
    """
    answer = answered(session, "GET", address, **options)
    if answer.status_code in (401, 403):
        raise NotAllowedThere(f"The record refused to tell this ({answer.status_code}).")
    if answer.status_code != 200:
        raise NoAnswer(f"The record answered {answer.status_code}.")
    return read_object(answer.content)


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object that is not nested too deeply.

    Raises
    ------
    NoAnswer
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise NoAnswer(UNREADABLE) from None
    if not isinstance(told, dict) or _depth_exceeds(told, LIMITS.nesting):
        raise NoAnswer(UNREADABLE)
    return told


def _depth_exceeds(told: object, most: int) -> bool:
    level: list[Any] = [told]
    for _ in range(most):
        level = [
            one
            for held in level
            for one in (held.values() if isinstance(held, dict) else held)
            if isinstance(one, dict | list)
        ]
        if not level:
            return False
    return True
