"""Taking identity and pixels apart in a child process: bytes of strangers are read only there."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from imaging.errors import ScanError, UnreadableScan
from imaging.identity.whose import Identity
from imaging.intake.gathering import gather
from imaging.isolated.answers import HEADER
from imaging.isolated.asking import (
    BROKE_THE_READER,
    CHILD_LIMITS,
    Child,
    ChildLimits,
    absolute,
    asked,
)
from imaging.keeping.printed_identity import Printed
from imaging.keeping.splitting import split
from imaging.result import Status

PIECE_BYTES = 2**20
Keep = Callable[[Iterable[bytes]], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class KeptScan:
    """What became of one upload.

    Attributes
    ----------
    status : Status or None
        ``refused`` or ``unreadable`` where nothing was kept, with ``reason``; else None.
    identities : tuple of Identity
        One for each file, in order.
    kept : tuple of (str, int)
        What ``keep`` returned for each file, in the same order.
    has_document : bool
        Something in it can only be measured on the original.
    printed : tuple of Printed
        Whose its printed pages say they are.
    print_unread : bool
        There is print of which it was not read whose it is.
    """

    status: Status | None = None
    reason: str = ""
    identities: tuple[Identity, ...] = ()
    kept: tuple[tuple[str, int], ...] = ()
    has_document: bool = False
    printed: tuple[Printed, ...] = ()
    print_unread: bool = False


def keep_isolated(
    paths: Sequence[str | Path],
    key: bytes,
    keep: Keep,
    limits: ChildLimits = CHILD_LIMITS,
) -> KeptScan:
    """Split one upload as ``keeping.splitting`` does; ``keep`` takes each file, piece by piece.

    Raises
    ------
    MeasuringBroke
        If our own code failed, so that the file is not blamed for it.
    """
    request = {"task": "split", "paths": absolute(paths), "key": key.hex()}
    kept: list[tuple[str, int]] = []
    head, rest = b"", b""
    with asked(request, limits) as child:
        try:
            head = _sized(child)
            told = json.loads(head)
            kept += [keep(_pieces(child)) for _ in range(int(told["files"]))]
            rest = child.read()
        except (_CutShort, ValueError, KeyError, TypeError) as cut:
            rest = cut.args[0] if isinstance(cut, _CutShort) else b""
            told = None
    problem = child.problem(rest)
    if problem is not None or told is None:
        return KeptScan(Status.UNREADABLE, problem or BROKE_THE_READER)
    if told["status"] is not None:
        return KeptScan(Status(told["status"]), str(told["reason"]))
    identities = tuple(identity_from_json(each) for each in told["identities"])
    return KeptScan(
        identities=identities,
        kept=tuple(kept),
        has_document=bool(told["has_document"]),
        printed=tuple(printed_from_json(each) for each in told["printed"]),
        print_unread=bool(told["print_unread"]),
    )


def encoded_split(request: Mapping[str, Any]) -> Iterator[bytes]:
    """Answer in the child: what is told of the upload, then each file behind its length."""
    try:
        parts = split(gather([Path(path) for path in request["paths"]]))
    except ScanError as error:
        status = Status.UNREADABLE if isinstance(error, UnreadableScan) else Status.REFUSED
        yield _with_length(
            json.dumps({"status": status.value, "reason": str(error), "files": 0}).encode()
        )
        return
    told = {
        "status": None,
        "files": len(parts.identities),
        "has_document": parts.has_document,
        "identities": [asdict(identity) for identity in parts.identities],
        "printed": [asdict(printed) for printed in parts.printed],
        "print_unread": parts.print_unread,
    }
    yield _with_length(json.dumps(told, default=str).encode())
    for data in parts.files(bytes.fromhex(request["key"])):
        yield _with_length(data)


def identity_from_json(told: Mapping[str, Any]) -> Identity:
    """Read an identity back; its birth date was written as text."""
    born = told["birth_date"]
    return Identity(**{**told, "birth_date": None if born is None else date.fromisoformat(born)})


def printed_from_json(told: Mapping[str, Any]) -> Printed:
    """Read back what a page says of the person."""
    return Printed(**{**told, "birth_dates": tuple(told["birth_dates"])})


class _CutShort(Exception):
    """The child ended before it had answered; holds what it left instead."""


def _with_length(data: bytes) -> bytes:
    return HEADER.pack(len(data)) + data


def _length(child: Child) -> int:
    """Read how long the next part is; where a fault of ours is told instead, it is too long."""
    header = child.read(HEADER.size)
    length = HEADER.unpack(header)[0] if len(header) == HEADER.size else math.inf
    if length > CHILD_LIMITS.memory_bytes:
        raise _CutShort(header + child.read(PIECE_BYTES))
    return int(length)


def _sized(child: Child) -> bytes:
    length = _length(child)
    data = child.read(length)
    if len(data) != length:
        raise _CutShort(data)
    return data


def _pieces(child: Child) -> Iterator[bytes]:
    left = _length(child)
    while left:
        piece = child.read(min(left, PIECE_BYTES))
        if not piece:
            raise _CutShort(b"")
        left -= len(piece)
        yield piece
