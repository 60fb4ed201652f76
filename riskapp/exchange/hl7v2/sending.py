"""One message to one peer over MLLP, and its acknowledgement."""

import socket
import ssl
import time
from pathlib import Path

from riskapp import tracing

START, END = b"\x0b", b"\x1c\x0d"
MOST_ANSWER_BYTES = 64 * 1024


class NoAnswer(Exception):
    """Nothing that can be used came back, as a sentence."""


def send_mllp(
    message: bytes, *, host: str, port: int, wait_s: float, tls: bool = False, ca_file: str = ""
) -> bytes:
    """Send a message and wait for what is answered to it.

    Raises
    ------
    NoAnswer
        If the peer cannot be reached, does not answer in time, or answers no block.
    """
    deadline = time.monotonic() + wait_s
    try:
        with (
            tracing.span("send a message", {"server.address": host}, kind="CLIENT"),
            socket.create_connection((host, port), wait_s) as plain,
        ):
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not tls:
                return _exchange(plain, message, deadline)
            context = ssl.create_default_context()
            if ca_file:
                context.load_verify_locations(Path(ca_file))
            with context.wrap_socket(plain, server_hostname=host) as line:
                return _exchange(line, message, deadline)
    except ssl.SSLError:
        raise NoAnswer("Its certificate could not be checked.") from None
    except TimeoutError:
        raise NoAnswer("It did not answer in time.") from None
    except OSError:
        raise NoAnswer("It could not be reached.") from None


def _exchange(line: socket.socket, message: bytes, deadline: float) -> bytes:
    line.sendall(START + message + END)
    got = b""
    while END not in got:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        part = line.recv(4096)
        if not part:
            raise NoAnswer("It ended the connection without an answer.")
        got += part
        if len(got) > MOST_ANSWER_BYTES:
            raise NoAnswer("Its answer is no acknowledgement.")
    if not got.startswith(START):
        raise NoAnswer("Its answer is no acknowledgement.")
    return got[1:].partition(END)[0]
