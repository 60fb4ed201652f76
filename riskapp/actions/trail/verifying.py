"""Whether the chain is as it was written: each row, its order, its end, and who wrote it."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from riskapp import keys
from riskapp.actions.trail import chain, witness
from riskapp.models import AuditEvent, TrailHead, append_only

AT_ONCE = 2000
PROOF = ("before", "digest", "seal")
SILENT = "Whether rows behind them were cut off cannot be told from {}, where nothing is witnessed."
Tell = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the trail found.

    Attributes
    ----------
    first, last : int
        The numbers that were looked at, as far as they are sound.
    broken_at : int or None
        The first number that is not as it was written.
    sentence : str
        What was found, in one sentence.
    note : str
        What could not be looked at, blank where nothing.
    """

    first: int
    last: int
    sentence: str
    broken_at: int | None = None
    is_sound: bool = True
    note: str = ""


class Broken(Exception):
    """The first row that is not as it was written, with its number and a sentence."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number


def verify(first: int = 1, tell: Tell = lambda number: None) -> Verified:
    """Go through the rows from ``first`` on; ``tell`` hears of each that is sound.

    Rows are streamed, so that memory does not grow with their number, and writing goes on
    meanwhile. From a later row on, the digest of the one before it is taken as it stands.
    """
    known = _Known()
    last, before = first - 1, chain.BEGINNING
    try:
        _check_beginning()
        if first > 1:
            before = _digest_of(first - 1)
        for values, proof in _rows(first):
            _check_row(values, proof, last + 1, before, known)
            last, before = values[0], proof["digest"]
            tell(last)
        _check_end(first, last, before, known)
    except Broken as broken:
        return Verified(first, last, str(broken), broken.number, False)
    except (AttributeError, TypeError, ValueError):  # no time, no number, no text of ours
        sentence = f"Row {last + 1:,}, or the head, holds what was never written there."
        return Verified(first, last, sentence, last + 1, False)
    switched_off = append_only.missing(connection)
    if switched_off:
        sentence = f"The rows are sound, but the trigger {switched_off[0]} is missing."
        return Verified(first, last, sentence, is_sound=False)
    if last < first:
        return Verified(first, last, "There are no rows to check.")
    said = f"All rows from {first:,} to {last:,} are as they were written."
    return Verified(first, last, said, note=known.note)


class _Known:
    """What the rows are held against: the head as it stood before, the witnesses, the keys."""

    def __init__(self) -> None:
        self.head = TrailHead.objects.filter(pk=1).first()
        self.witnessed: dict[int, str] = {}
        # Numbers that were told with two digests: the database went back, and was written on.
        self.told_twice: set[int] = set()
        silent = []
        for path in settings.TRAIL_WITNESSES:
            told = list(witness.heads(path))
            silent += [] if told else [path.name]
            for number, digest in told:
                if self.witnessed.setdefault(number, digest) != digest:
                    self.told_twice.add(number)
        self.note = SILENT.format(" and ".join(silent)) if silent else ""
        self._ring = keys.ring()
        self._keys: dict[str, bytes] = {}

    def is_sealed(self, digest: str, seal: str) -> bool:
        id, _, told = seal.partition(":")
        if id not in self._keys:
            self._keys[id] = self._ring.derived("trail", id)
        made = hmac.digest(self._keys[id], digest.encode(), hashlib.sha256).hex()
        return hmac.compare_digest(made.encode(), told.encode())


def _rows(first: int) -> Iterator[tuple[list[Any], dict[str, str]]]:
    """What each row says, in the order of ``chain.FIELDS``, and its proof."""
    rows = AuditEvent.objects.filter(number__gte=first).order_by("number")
    for told in rows.values_list(*chain.FIELDS, *PROOF).iterator(chunk_size=AT_ONCE):
        values = chain.plain(told[: len(chain.FIELDS)])
        yield values, dict(zip(PROOF, told[len(chain.FIELDS) :], strict=True))


def _check_beginning() -> None:
    """Rows that nobody numbered as we do are no part of the chain, and yet would be shown."""
    added = AuditEvent.objects.exclude(number__gte=1).values_list("number", flat=True).first()
    if added is not None:
        raise Broken(1, f"A row with the number {added} was added; the first one is 1.")


def _check_row(
    values: list[Any], proof: dict[str, str], expected: int, before: str, known: _Known
) -> None:
    number = values[0]
    if number != expected:
        raise Broken(expected, f"Row {expected:,} is missing: the next one is {number:,}.")
    if proof["before"] != before:
        raise Broken(number, f"Row {number:,} does not follow from the row before it.")
    if chain.digest(before, chain.leaf(values)) != proof["digest"]:
        raise Broken(
            number, f"Row {number:,} is not as it was written: changed, or exchanged with another."
        )
    try:
        if not known.is_sealed(proof["digest"], proof["seal"]):
            raise Broken(number, f"Row {number:,} was not sealed by the key of this site.")
    except keys.CannotDecrypt as gone:
        raise Broken(number, f"The seal of row {number:,} cannot be checked: {gone}") from gone
    if number in known.told_twice:
        raise Broken(
            number,
            f"Row {number:,} was witnessed outside twice, and not alike: an older copy was put in "
            "place and written on, and the rows that were there before are gone.",
        )
    if known.witnessed.get(number, proof["digest"]) != proof["digest"]:
        raise Broken(number, f"Row {number:,} is not the one that was witnessed outside.")


def _check_end(first: int, last: int, before: str, known: _Known) -> None:
    witnessed = max(known.witnessed, default=0)
    if witnessed > last:
        raise Broken(
            last + 1,
            f"Row {last + 1:,} is missing: the trail ends at {last:,}, but {witnessed:,} was "
            "witnessed outside. Rows were cut off, or an older copy was restored.",
        )
    if known.head and known.head.number > last:
        raise Broken(last + 1, f"Row {last + 1:,} is missing: the head says {known.head.number:,}.")
    # Rows that were added meanwhile are beyond the head that was seen first, not beyond this one.
    head = TrailHead.objects.filter(pk=1).first()
    if head is None:
        if last >= first:
            raise Broken(last, f"The head of the trail is missing; it should say {last:,}.")
    elif head.number < last:
        raise Broken(head.number + 1, f"Row {head.number + 1:,} stands behind the trail’s head.")
    elif head.number == last and head.digest != before:
        raise Broken(last, f"The head of the trail was changed: it does not fit row {last:,}.")


def _digest_of(number: int) -> str:
    found = AuditEvent.objects.filter(number=number).values_list("digest", flat=True).first()
    if found is None:
        raise Broken(number, f"Row {number:,} is missing.")
    return found
