"""The one way out to a configured peer: to its own origins, without redirects, within limits.

Webhooks go to addresses that somebody typed and are judged otherwise (``outgoing``).
"""

import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from riskapp import tracing
from riskapp.exchange.addresses import origin_of

PIECE_BYTES = 2**16
SLOW = "The answer did not come whole in time."
LEAST_HEAD_S = 1.0  # for the head of an answer, however little is left of the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """What one answer may cost; ``silence_s`` is between two bytes, ``whole_s`` for all of it."""

    connect_s: float = 5
    silence_s: float = 5
    whole_s: float
    most_bytes: int


class StrangeAddress(InvalidURL):
    """The address is not one that the site has configured for this peer; nobody was asked."""


# Whatever is no address of the peer, down to what is none at all.
NO_ADDRESS = (InvalidURL, InvalidSchema, MissingSchema)


class SentOn(requests.TooManyRedirects):
    """The answer is a redirect, which is not followed."""


class TooMuch(requests.exceptions.ContentDecodingError):
    """The answer is larger than is read."""


class TooSlow(requests.exceptions.ReadTimeout):
    """The answer did not come whole in time."""


class BrokeOff(requests.exceptions.ConnectionError):
    """The answer ended before its end."""


class OnlyTo(HTTPAdapter):
    """Reaches these origins and no other, and reads an answer whole within the limits.

    Of a request with ``stream=True`` the caller reads the body, by ``pieces``.
    """

    def __init__(self, origins: Collection[str], limits: AnswerLimits) -> None:
        self._origins, self._limits = frozenset(origins), limits
        super().__init__()
        self.poolmanager.pool_classes_by_scheme = _pools(limits.whole_s)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Connections that trust the usual authorities share what they read of them."""
        host, options = super().build_connection_pool_key_attributes(request, verify, cert)
        if verify is True and cert is None:
            options["ssl_context"] = _usual_authorities()
        return host, options

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        super().cert_verify(conn, url, verify, cert)
        if verify is True and cert is None:
            conn.ca_certs = None  # they stand in the context already

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *_: Any, **options: Any
    ) -> requests.Response:
        """
        Raises
        ------
        requests.RequestException
            If there is no answer within the limits, or the address is a strange one.
        """
        if origin_of(request.url or "") not in self._origins:
            raise StrangeAddress("This address is not configured.")
        told = {"http.request.method": request.method or "", "server.address": _host(request)}
        with tracing.span("call a peer", told, kind="CLIENT") as span:
            request.headers.update(tracing.passed_on())
            response = self._sent(request, stream, options)
            tracing.tell(span, {"http.response.status_code": response.status_code})
            return response

    def _sent(
        self, request: requests.PreparedRequest, stream: bool, options: dict[str, Any]
    ) -> requests.Response:
        limits = self._limits
        options |= {"stream": True, "timeout": (limits.connect_s, limits.silence_s)}
        response = super().send(request, **options)
        if response.is_redirect:
            response.close()
            raise SentOn("The answer is a redirect.")
        if not stream:
            with response:
                # Where requests keeps what it has read itself.
                response._content = b"".join(pieces(response, limits.most_bytes, limits.whole_s))
            response._content_consumed = True
        return response


def _pools(whole_s: float) -> dict[str, type[HTTPConnectionPool]]:
    """Connections on which a head that drips is not waited for longer than for the whole."""

    class Timed:
        def getresponse(self) -> Any:
            seconds, line = max(whole_s, LEAST_HEAD_S), getattr(self, "sock", None)
            until = time.monotonic() + seconds
            too_long = _cut_after(seconds, line)
            try:
                answer = super().getresponse()  # type: ignore[misc]
                if time.monotonic() >= until:
                    answer.close()
                    raise TimeoutError  # what is there of the head looks like all of it
                answer.line = line
                return answer
            finally:
                too_long.cancel()

    class Plain(HTTPConnectionPool):
        ConnectionCls = type("Connection", (Timed, HTTPConnectionPool.ConnectionCls), {})

    class Encrypted(HTTPSConnectionPool):
        ConnectionCls = type("Connection", (Timed, HTTPSConnectionPool.ConnectionCls), {})

    return {"http": Plain, "https": Encrypted}


def _cut_after(seconds: float, line: Any) -> threading.Timer:
    """For what reads until a peer ends: it looks at no clock."""
    timer = threading.Timer(max(seconds, 0), _shut, [line])
    timer.daemon = True
    timer.start()
    return timer


def _shut(line: Any) -> None:
    """End whatever is going on; called from another thread."""
    with suppress(OSError, AttributeError):
        line.shutdown(socket.SHUT_RDWR)


def _host(request: requests.PreparedRequest) -> str:
    return urlsplit(request.url or "").hostname or ""


@cache
def _usual_authorities() -> ssl.SSLContext:
    """Those that requests trusts; to read them takes 50 ms, and a hook asks nine times at once."""
    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


def bind(session: requests.Session, origins: Collection[str], limits: AnswerLimits) -> None:
    """Hold a session to a peer: no redirects, no proxy or password of the environment."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, OnlyTo(origins, limits))
    session.trust_env = False


def bound_session(origins: Collection[str], limits: AnswerLimits) -> requests.Session:
    session = requests.Session()
    bind(session, origins, limits)
    return session


def pieces(response: requests.Response, most_bytes: int, seconds: float) -> Iterator[bytes]:
    """Give the bytes of an answer as they come, unpacked.

    Raises
    ------
    TooMuch, TooSlow, BrokeOff
    """
    left, until = most_bytes, time.monotonic() + seconds
    too_long = _cut_after(seconds, getattr(response.raw, "line", None))
    try:
        while piece := _next(response, until):
            left -= len(piece)
            if left < 0:
                raise TooMuch("The answer is larger than is read.")
            yield piece
    finally:
        too_long.cancel()


def _next(response: requests.Response, until: float) -> bytes:
    try:
        piece: bytes = response.raw.read1(PIECE_BYTES, decode_content=True)
    except (HTTPError, OSError) as broken:
        if time.monotonic() >= until:
            raise TooSlow(SLOW) from broken
        raise BrokeOff("The answer broke off.") from broken
    if time.monotonic() >= until:
        raise TooSlow(SLOW)  # what is there may look like all of it
    return piece
