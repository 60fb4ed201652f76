"""Calls to a record: to its own addresses only, for a limited time, of limited size."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import requests

from riskapp.exchange.peer_http import NO_ADDRESS, AnswerLimits, SentOn, TooMuch, bound_session
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer, NotAllowedThere, TokenEnded

UNKNOWN_ADDRESS = "The record named an address that this site has not configured for it."
SENT_ON = "The record sends on to another address, which is not followed."
SILENT = "The record did not answer in time; try again."
TOO_MUCH = "The record answered with more than can be read."
UNREADABLE = "The record answered with something that is no JSON."
FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer, and one reading of a whole record, may cost."""

    answer: AnswerLimits = AnswerLimits(silence_s=15, whole_s=30, most_bytes=20 * 2**20)
    nesting: int = 40
    pages: int = 20  # of one search
    resources: int = 5_000
    record_s: float = 45
    at_once: int = 4


LIMITS = Limits()


def session_to(origins: Collection[str], token: str = "") -> requests.Session:
    """A session that asks FHIR servers, with a token where there is one."""
    session = bound_session(origins, LIMITS.answer)
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
        raise problem_of(broken) from broken


def problem_of(broken: Exception) -> LaunchProblem:
    """What a call that brought no answer means, as a sentence."""
    if isinstance(broken, NO_ADDRESS):
        return LaunchProblem(UNKNOWN_ADDRESS)
    if isinstance(broken, SentOn):
        return LaunchProblem(SENT_ON)
    return NoAnswer(TOO_MUCH if isinstance(broken, TooMuch) else SILENT)


def json_of(session: requests.Session, address: str, **options: Any) -> dict[str, Any]:
    """A JSON object at an address.

    Raises
    ------
    TokenEnded, NotAllowedThere
        If the record refuses (401, 403).
    NoAnswer
        If it gives nothing that can be read.
    """
    answer = answered(session, "GET", address, **options)
    if answer.status_code in (401, 403):
        refused = TokenEnded if answer.status_code == 401 else NotAllowedThere
        raise refused(f"The record refused to tell this ({answer.status_code}).")
    if answer.status_code in (404, 410):
        raise NoAnswer(f"What was asked for is not in the record ({answer.status_code}).")
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
