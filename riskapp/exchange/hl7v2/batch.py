"""Several messages in one block: a file of batches (HL7 2.3 and later, chapter 2, batch protocol).

    [FHS] { [BHS] { [MSH ...] } [BTS] } [FTS]

Headers are built as MSH is, so they are read by the same rules.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from riskapp.exchange.hl7v2.acknowledging import OURS
from riskapp.exchange.hl7v2.errors import DATA_TYPE, SEGMENT, MessageRefused
from riskapp.exchange.hl7v2.message import MOST_BYTES, Message, Segment, Signs, head_of

FILE, BATCH, MESSAGE = b"FHS", b"BHS", b"MSH"
BATCH_END, FILE_END = b"BTS", b"FTS"
# Each message is a transaction of its own, and the sender waits for all of them.
MOST_MESSAGES = 500
MOST_LINES = 100_000


@dataclass(slots=True)
class Batch:
    """One batch: the lines of each message; ``head`` is None where it has no header of its own."""

    head: Message | None = None
    lines: list[list[bytes]] = field(default_factory=list)
    is_closed: bool = False

    @property
    def messages(self) -> list[bytes]:
        return [b"".join(one) for one in self.lines]


@dataclass(slots=True)
class File:
    """What stood in one block; ``head`` is None where there is no file header."""

    head: Message | None = None
    batches: list[Batch] = field(default_factory=list)
    is_closed: bool = False

    @property
    def open_batch(self) -> Batch | None:
        last = self.batches[-1] if self.batches else None
        return None if last is None or last.is_closed else last


def is_batch(sent: bytes) -> bool:
    return sent[:3] in (FILE, BATCH)


def read_file(sent: bytes) -> File:
    """Part the messages of a block; what each says is not looked at.

    Raises
    ------
    MessageRefused
        If it is no whole file of batches, or too large: then none of its messages is to be taken.
    """
    if len(sent) > MOST_BYTES or sent.count(b"\r") + sent.count(b"\n") > MOST_LINES:
        raise MessageRefused("The batch is too large.", DATA_TYPE, is_rejected=True)
    told, begun = File(), Counter[bytes]()
    for line in filter(bytes.strip, re.split(rb"[\r\n]+", sent)):
        if told.is_closed:
            raise _misplaced(line)
        begun[line[:3]] += 1
        if max(begun[BATCH], begun[MESSAGE]) > MOST_MESSAGES:
            sentence = f"A block holds at most {MOST_MESSAGES} messages; send several blocks."
            raise MessageRefused(sentence, DATA_TYPE, is_rejected=True)
        _add(told, line)
    return told


def answer_to(
    told: File, answers: Sequence[Sequence[bytes]], new_id: Callable[[], str], at: datetime
) -> bytes:
    """A file or batch of the acknowledgements, which refers to the one that was sent.

    Parameters
    ----------
    answers
        Of each batch those of its messages, in their order.
    """
    parts = [_head("FHS", told.head, new_id(), at)] if told.head else []
    for batch, acknowledgements in zip(told.batches, answers, strict=True):
        parts += [_head("BHS", batch.head, new_id(), at)] if batch.head else []
        parts += acknowledgements
        parts += [_end("BTS", batch.head, len(acknowledgements))] if batch.head else []
    parts += [_end("FTS", told.head, len(told.batches))] if told.head else []
    return b"".join(parts)


def _add(told: File, line: bytes) -> None:
    name, batch = line[:3], told.open_batch
    if name == FILE and told.head is None and not told.batches:
        told.head = _header(line)
    elif name == BATCH and batch is None:
        told.batches.append(Batch(_header(line)))
    elif name == MESSAGE:
        if batch is None:
            told.batches.append(batch := Batch())
        batch.lines.append([line + b"\r"])
    elif name == BATCH_END and batch is not None:
        _check_count(line, batch.head or told.head, len(batch.lines))
        batch.is_closed = True
    elif name == FILE_END and told.head is not None:
        _check_count(line, told.head, len(told.batches))
        told.is_closed = True
    elif batch is not None and batch.lines and name not in (FILE, BATCH, FILE_END):
        batch.lines[-1].append(line + b"\r")
    else:
        raise _misplaced(line)


def _header(line: bytes) -> Message:
    head = head_of(MESSAGE + line[3:])
    if head is None:
        name = line[:3].decode("ascii")
        sentence = f"{name} begins with its separators, as MSH does."
        raise MessageRefused(sentence, SEGMENT, name, is_rejected=True)
    return head


def _check_count(line: bytes, head: Message | None, here: int) -> None:
    """A count that is told (BTS-1, FTS-1) is the one that came."""
    assert head is not None  # a block begins with FHS or BHS
    told = Segment(line.decode("latin-1"), head.signs)
    if told.text(1) not in ("", str(here)):
        place = f"{told.name}-1"
        sentence = f"{place} is not how many there are ({here}), so nothing of it was taken."
        raise MessageRefused(sentence, DATA_TYPE, place, is_rejected=True)


def _misplaced(line: bytes) -> MessageRefused:
    name = line[:3].decode("ascii", "replace") if line[:3].isalnum() else ""
    sentence = "The segments of a batch stand as FHS, BHS, messages, BTS, FTS."
    return MessageRefused(sentence, SEGMENT, name, is_rejected=True)


def _head(name: str, to: Message, id: str, at: datetime) -> bytes:
    signs = to.signs
    marks = signs.component + signs.repetition + signs.escape + signs.subcomponent
    # Each side's names change places; the last field is their id, as the one before is ours.
    sender, site, ours, our_site, title, asked = (
        signs.escaped(to.head.text(number)) for number in (3, 4, 5, 6, 9, 11)
    )
    names, when = [ours or OURS, our_site, sender, site], at.strftime("%Y%m%d%H%M%S%z")
    return _line(signs, [name, marks, *names, when, "", title, "", id, asked])


def _end(name: str, to: Message, count: int) -> bytes:
    return _line(to.signs, [name, str(count)])


def _line(signs: Signs, parts: Sequence[str]) -> bytes:
    return (signs.field.join(parts).rstrip(signs.field) + "\r").encode("ascii", "replace")
