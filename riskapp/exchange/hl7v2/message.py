"""One message as it arrived: its characters, its segments, and what stands at a place of it.

Split here and not by the package ``hl7``: that takes 17 seconds for one hostile megabyte (seen
with 0.4.5), and its unescaping writes fields, which are a patient's, into the log.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from riskapp.exchange.hl7v2.errors import (
    DATA_TYPE,
    MISSING,
    PROCESSING,
    SEGMENT,
    VERSION,
    MessageRefused,
)

MOST_BYTES = 4 * 2**20
MOST_SEGMENTS = 5_000
LONGEST_CONTROL_ID = 199  # ST of version 2.7; earlier ones have 20
VERSIONS = (
    "2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1",
    "2.8.2",
)  # fmt: skip
# HL7 table 0211 (recalled, to be confirmed). What needs escape sequences to change characters
# within a field (ISO IR 14, 87, 159, GB 18030) is not read.
CHARACTER_SETS = {
    "ASCII": "ascii", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}  # fmt: skip
SIGNS = re.compile(r"[!-/:-@\[-`{-~]{4,5}")
# What would break a line or a page out of a field, and nothing a person's name has.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Characters by their bytes (X0D0A), and formatting that ends a line: chapter 2 of the standard
# (recalled, to be confirmed).
HEXADECIMAL = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")
ENDS_LINE = re.compile(r"\.(?:br|ce|sp\s*\+?\d*)")
NULL = '""'


@dataclass(frozen=True, slots=True)
class Signs:
    """What separates, and what escapes (MSH-1 and MSH-2); and of what set characters are."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    codec: str = "ascii"

    def plain(self, text: str) -> str:
        """Text as it was before it was escaped; what cannot be read so is left out."""
        if self.escape not in text:
            return text
        known = {"F": self.field, "S": self.component, "T": self.subcomponent}
        known |= {"R": self.repetition, "E": self.escape}
        first, *parts = text.split(self.escape)
        read = [first]
        # Sequences and what stands between them take turns.
        for number, part in enumerate(parts):
            read.append(part if number % 2 else known.get(part) or self._character(part))
        return "".join(read)

    def _character(self, sequence: str) -> str:
        """What a sequence stands for that is no separator; blank for highlighting and the like."""
        if ENDS_LINE.fullmatch(sequence):
            return "\n"
        found = HEXADECIMAL.fullmatch(sequence)
        if found is None:
            return ""
        text = bytes.fromhex(found[1]).decode(self.codec, "replace")
        return CONTROLS.sub(" ", text).replace("\r", "\n")

    def escaped(self, text: str) -> str:
        """Text that may stand in a field."""
        text = CONTROLS.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n")
        pairs = {self.escape: "E", self.field: "F", self.component: "S"}
        pairs |= {self.repetition: "R", self.subcomponent: "T", "\n": ".br"}
        return "".join(
            f"{self.escape}{pairs[one]}{self.escape}" if one in pairs else one for one in text
        )


def day_of(text: str) -> date:
    """The day of a time of HL7 v2 (YYYYMMDD, perhaps with the time after it).

    Raises
    ------
    ValueError
        If it does not begin with one.
    """
    found = re.match(r"(\d{4})(\d\d)(\d\d)", text, re.ASCII)
    if not found:
        raise ValueError
    year, month, day = map(int, found.groups())
    return date(year, month, day)


class Segment:
    """One line of a message; numbers of fields are those of the standard."""

    def __init__(self, line: str, signs: Signs) -> None:
        self.name, *fields = line.split(signs.field)
        # MSH-1 is the separator itself.
        self._fields = [signs.field, *fields] if self.name == "MSH" else fields
        self._signs = signs

    def repetitions(self, field: int) -> list["Value"]:
        """Each repetition of a field that says something; null (two quotes) says nothing."""
        whole = self._fields[field - 1] if field <= len(self._fields) else ""
        texts = [whole] if self.name == "MSH" else whole.split(self._signs.repetition)
        return [Value(text, self._signs) for text in texts if text not in ("", NULL)]

    def text(self, field: int, component: int = 1, sub: int = 1) -> str:
        """A part of the first repetition; blank where it is not told."""
        found = self.repetitions(field)
        return found[0].text(component, sub) if found else ""


class Value:
    """One repetition of a field."""

    def __init__(self, text: str, signs: Signs) -> None:
        self._components = text.split(signs.component)
        self._signs = signs

    def text(self, component: int = 1, sub: int = 1) -> str:
        if component > len(self._components):
            return ""
        parts = self._components[component - 1].split(self._signs.subcomponent)
        text = parts[sub - 1] if sub <= len(parts) else ""
        return "" if text == NULL else self._signs.plain(text).strip()


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose head (MSH) can be used.

    Attributes
    ----------
    kind, event : str
        ``ADT``, ``A08``.
    """

    segments: tuple[Segment, ...]
    signs: Signs

    @property
    def head(self) -> Segment:
        return self.segments[0]

    @property
    def kind(self) -> str:
        return self.head.text(9, 1)

    @property
    def event(self) -> str:
        return self.head.text(9, 2)

    @property
    def control_id(self) -> str:
        return self.head.text(10)

    @property
    def version(self) -> str:
        return self.head.text(12)

    def all(self, name: str) -> Iterator[Segment]:
        return (one for one in self.segments if one.name == name)

    def one(self, name: str) -> Segment:
        """The first segment of a name.

        Raises
        ------
        MessageRefused
            If there is none.
        """
        found = next(self.all(name), None)
        if found is None:
            raise MessageRefused(f"The message has no segment {name}.", SEGMENT, name)
        return found

    def only(self, name: str) -> Segment:
        """The one segment of a name.

        Raises
        ------
        MessageRefused
            If there is none, or another one: what follows it may be about somebody else.
        """
        if sum(1 for _ in self.all(name)) > 1:
            sentence = f"The message has several segments {name}; send one message for each."
            raise MessageRefused(sentence, SEGMENT, name)
        return self.one(name)

    def groups(self, name: str) -> list["Message"]:
        """The message from each segment of a name to before the next one of it."""
        starts = [place for place, one in enumerate(self.segments) if one.name == name]
        ends = [*starts[1:], len(self.segments)]
        return [
            Message(self.segments[start:end], self.signs)
            for start, end in zip(starts, ends, strict=True)
        ]


def read_message(sent: bytes, character_set: str = "ASCII") -> Message:
    """Read what stood in one MLLP block.

    Parameters
    ----------
    character_set : str
        Of table 0211, where MSH-18 names none.

    Raises
    ------
    MessageRefused
        If it is no message, or one that cannot be taken whatever it says. ``head_of`` then tells
        whom to answer.
    """
    if len(sent) > MOST_BYTES:
        raise MessageRefused("The message is too large.", DATA_TYPE, is_rejected=True)
    head = head_of(sent)
    if head is None:
        sentence = "This is no HL7 v2 message: it begins with MSH and its separators."
        raise MessageRefused(sentence, SEGMENT, "MSH", is_rejected=True)
    _check_head(head)
    named = [one.text() for one in head.head.repetitions(18)] or [character_set]
    # The first repetition is the set of the message; others are for escapes within it.
    first = named[0].partition(head.signs.repetition)[0].strip()
    codec = CHARACTER_SETS.get(first.upper())
    if codec is None:
        raise MessageRefused("MSH-18 names a character set that is not read.", DATA_TYPE, "MSH-18")
    try:
        text = sent.decode(codec)
    except UnicodeDecodeError:
        sentence = "The message has characters that its character set (MSH-18) does not."
        raise MessageRefused(sentence, DATA_TYPE, "MSH-18") from None
    return _split(text, replace(head.signs, codec=codec))


def head_of(sent: bytes) -> Message | None:
    """The first line alone, as far as it can be read at all; for answering."""
    line = re.split(rb"[\r\n]", sent[:10_000], maxsplit=1)[0].decode("latin-1")
    if not line.startswith("MSH") or len(line) < 8:
        return None
    separator, signs = line[3], line[4:].partition(line[3])[0]
    whole = separator + signs
    if not SIGNS.fullmatch(separator * 3 + separator) or not SIGNS.fullmatch(signs):
        return None
    if len(set(whole)) < len(whole):
        return None
    read = Signs(separator, *signs[:4])
    return Message((Segment(line, read),), read)


def _check_head(message: Message) -> None:
    if not message.control_id:
        raise MessageRefused("MSH-10 has no control id.", MISSING, "MSH-10", is_rejected=True)
    if len(message.control_id) > LONGEST_CONTROL_ID:
        raise MessageRefused("MSH-10 is too long.", DATA_TYPE, "MSH-10", is_rejected=True)
    if not message.kind:
        raise MessageRefused("MSH-9 has no type.", MISSING, "MSH-9", is_rejected=True)
    if message.version not in VERSIONS:
        sentence = "MSH-12 names a version that is not read; 2.1 to 2.8.2 are."
        raise MessageRefused(sentence, VERSION, "MSH-12", is_rejected=True)
    if message.head.text(11) not in ("P", ""):
        sentence = "Only messages of production are taken (MSH-11 P)."
        raise MessageRefused(sentence, PROCESSING, "MSH-11", is_rejected=True)


def _split(text: str, signs: Signs) -> Message:
    # Some senders end segments as text files do.
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    if len(lines) > MOST_SEGMENTS:
        sentence = f"The message has more than {MOST_SEGMENTS:,} segments."
        raise MessageRefused(sentence, DATA_TYPE, is_rejected=True)
    if any(line.startswith("MSH") for line in lines[1:]):
        raise MessageRefused("One block holds one message.", SEGMENT, "MSH", is_rejected=True)
    if any(CONTROLS.search(line) for line in lines):
        sentence = "The message holds characters that no text has."
        raise MessageRefused(sentence, DATA_TYPE, is_rejected=True)
    return Message(tuple(Segment(line, signs) for line in lines), signs)
