"""Parts of a multipart/related message (RFC 2387), one after another and never whole in memory.

Django's own parser takes forms only, and takes a message that was cut off for one that ended.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from riskapp.exchange.receiving import RECEIVING

# RFC 2046 section 5.1.1.
BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]")
NO_END = "The message ends without its last boundary: it was cut off, so send it again."
LONG_HEAD = "The head of a part is too long."


class BrokenMessage(ValueError):
    """The message cannot be taken apart; what came before it in the message is whole."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type: its name in small letters and its parameters."""

    name: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part; its bytes can be read once, before the next part is asked for."""

    media_type: MediaType
    chunks: Iterator[bytes]


def media_type(text: str) -> MediaType:
    """Read a Content-Type header; one that is malformed has no name."""
    head = Message()
    head["Content-Type"] = text
    parameters = {
        name.lower(): value for name, value in head.get_params([])[1:] if isinstance(value, str)
    }
    return MediaType(head.get_content_type() if "/" in text else "", parameters)


def parts(chunks: Iterable[bytes], boundary: str) -> Iterator[Part]:
    """Give each part as it comes.

    Raises
    ------
    BrokenMessage
        If the boundary cannot be one, a head is too long, or the message was cut off.
    """
    line = boundary.encode("ascii", "replace")
    if not BOUNDARY.fullmatch(line) or len(line) > RECEIVING.boundary_letters:
        raise BrokenMessage("The boundary of the message is missing or cannot be one.")
    # The first boundary may stand at the very start; every other one begins with the line's end.
    source = _Source(chunks, b"\r\n")
    source.through(b"\r\n--" + line)
    while source.exactly(2) != b"--":
        source.give_back()
        source.through(b"\r\n")
        kind = _kind_of(source.through(b"\r\n\r\n", begun=b"\r\n"))
        body = source.body(b"\r\n--" + line)
        yield Part(kind, body)
        for _ in body:  # what nobody wanted to read
            pass


def _kind_of(head: bytes) -> MediaType:
    told = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n"))
    return media_type(str(told.get("Content-Type", "")))


class _Source:
    """Bytes that are looked through for what ends them, with no more than a chunk in memory."""

    def __init__(self, chunks: Iterable[bytes], begun: bytes) -> None:
        self._chunks = iter(chunks)
        self._held = begun
        self._taken = b""

    def exactly(self, count: int) -> bytes:
        while len(self._held) < count:
            self._more()
        self._taken, self._held = self._held[:count], self._held[count:]
        return self._taken

    def give_back(self) -> None:
        self._held, self._taken = self._taken + self._held, b""

    def through(self, end: bytes, begun: bytes = b"") -> bytes:
        """Take everything before ``end``, and ``end`` away; never more than a head may have.

        A head without a line begins with its end: ``begun`` is what was read before it.
        """
        self._held = begun + self._held
        while (at := self._held.find(end)) < 0:
            if len(self._held) > RECEIVING.part_headers_bytes:
                raise BrokenMessage(LONG_HEAD)
            self._more()
        if at > RECEIVING.part_headers_bytes:
            raise BrokenMessage(LONG_HEAD)
        before, self._held = self._held[:at], self._held[at + len(end) :]
        return before

    def body(self, end: bytes) -> Iterator[bytes]:
        while (at := self._held.find(end)) < 0:
            # A part of the end may be among the last bytes.
            sure = max(len(self._held) - len(end) + 1, 0)
            if sure:
                yield self._held[:sure]
                self._held = self._held[sure:]
            self._more()
        if at:
            yield self._held[:at]
        self._held = self._held[at + len(end) :]

    def _more(self) -> None:
        chunk = next(self._chunks, b"")
        if not chunk:
            raise BrokenMessage(NO_END)
        self._held += chunk
