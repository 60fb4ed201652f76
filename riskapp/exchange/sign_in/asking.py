"""Calls to a provider: to its configured addresses only, for a limited time, of limited size."""

import time
from collections.abc import Collection
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from riskapp.exchange.connection_identity_provider import origin_of

SECONDS_OF_SILENCE, SECONDS_TO_ANSWER = 5, 10
LARGEST_ANSWER_BYTES = 256 * 2**10


class OnlyTo(HTTPAdapter):
    """Reaches these origins and no other, and reads an answer whole within the limits."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        if origin_of(request.url or "") not in self._origins:
            raise requests.exceptions.InvalidURL("not an address of this provider")
        options |= {"stream": True, "timeout": SECONDS_OF_SILENCE}
        response = super().send(request, **options)
        body, until = bytearray(), time.monotonic() + SECONDS_TO_ANSWER
        with response.raw as raw:
            while part := raw.read1(2**16, decode_content=True):
                body += part
                if len(body) > LARGEST_ANSWER_BYTES or time.monotonic() > until:
                    raise requests.exceptions.ContentDecodingError("too much, or too slow")
        response._content, response._content_consumed = bytes(body), True
        return response


def prepare(session: requests.Session, origins: Collection[str]) -> None:
    """Bind a session to the origins: no redirects, no proxy or password of the environment."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, OnlyTo(origins))
    session.trust_env, session.max_redirects = False, 0
