"""Calls to addresses that somebody typed: to the outside only, and to what was checked.

Whoever may register an address must not reach through us what stands behind our walls (SSRF).
The name is resolved once, every address it has is judged, and the connection goes to the address
that was judged, so that a name which changes meanwhile (DNS rebinding) gains nothing.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from riskapp import tracing

LONGEST_URL = 200
# Standard Webhooks recommends 15 to 30 s for an answer; whoever drips is cut off.
CONNECT_S, ANSWER_S, WHOLE_S = 5.0, 15.0, 30.0
# Addresses that carry another one within them, and would reach it behind a translator.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class NotCallable(Exception):
    """The address may not be called, as a sentence."""


class Unreachable(Exception):
    """No answer came, as a sentence without what was sent."""


def checked_url(url: str, own_hosts: Collection[str]) -> SplitResult:
    """Read an address that may be called: https, without a name and password, not within.

    ``own_hosts`` are hosts that the site lets be called although they are private; on this very
    machine they may be called without TLS.

    Raises
    ------
    NotCallable
        With what to mend. Whom a name stands for is looked at only when it is called.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise NotCallable(f"An address is at most {LONGEST_URL} printable ASCII characters.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise NotCallable("This is no address that can be called.") from None
    if not host or parts.username is not None or parts.fragment:
        raise NotCallable("An address is https://host/path, without a user name or a fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in own_hosts):
        raise NotCallable("An address begins with https://.")
    with suppress(ValueError):
        _judge(parts, str(ipaddress.ip_address(host)), own_hosts)
    if host == "localhost" and host not in own_hosts:
        raise NotCallable("This address lies within the site’s own network.")
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], own_hosts: Collection[str] = ()) -> int:
    """Send a body; the status that came back. Redirects are not followed, answers not read.

    Raises
    ------
    NotCallable, Unreachable
    """
    parts = checked_url(url, own_hosts)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    connection = _Judged(parts, _resolved(parts, own_hosts))
    too_long = threading.Timer(WHOLE_S, connection.cut)
    too_long.daemon = True
    too_long.start()
    try:
        told = {"http.request.method": "POST", "server.address": parts.hostname or ""}
        with tracing.span("call a webhook", told, kind="CLIENT") as span:
            sent = {**headers, **tracing.passed_on()}
            connection.request("POST", path, body=body, headers=sent)
            status = connection.getresponse().status
            tracing.tell(span, {"http.response.status_code": status})
        return status
    except ssl.SSLError:
        raise Unreachable("Its certificate could not be checked.") from None
    except TimeoutError:
        raise Unreachable("It did not answer in time.") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Unreachable("It could not be reached.") from None
    finally:
        too_long.cancel()
        connection.close()


def _resolved(parts: SplitResult, own_hosts: Collection[str]) -> str:
    """One address of the host, all of which may be called."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("Its name could not be resolved.") from None
    addresses = [str(one[4][0]) for one in found]
    for address in addresses:
        _judge(parts, address, own_hosts)
    return addresses[0]


def _judge(parts: SplitResult, address: str, own_hosts: Collection[str]) -> None:
    read = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped:
        read = read.ipv4_mapped
    if parts.scheme == "http" and not read.is_loopback:
        raise NotCallable("Without TLS only this machine itself may be called.")
    if parts.hostname in own_hosts:
        return
    carried = isinstance(read, ipaddress.IPv6Address) and (
        read in TRANSLATED or read.sixtofour is not None or read.teredo is not None
    )
    # Python calls site-local (RFC 3879) and reserved ones, such as ::127.0.0.1, global.
    is_own = read.is_reserved or getattr(read, "is_site_local", False)
    if not read.is_global or read.is_multicast or carried or is_own:
        raise NotCallable("This address lies within the site’s own network.")


class _Judged(http.client.HTTPConnection):
    """A connection to the address that was judged, under the name that was asked for."""

    def __init__(self, parts: SplitResult, address: str) -> None:
        is_tls = parts.scheme == "https"
        super().__init__(
            parts.hostname or "", parts.port or (443 if is_tls else 80), timeout=CONNECT_S
        )
        self.default_port = 443 if is_tls else 80
        self._address = address
        self._context = ssl.create_default_context() if is_tls else None

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), CONNECT_S)
        if self._context:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(ANSWER_S)

    def cut(self) -> None:
        """End whatever is going on; called from another thread."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
