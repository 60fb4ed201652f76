"""Whether an object that arrives is here already: the same bytes, or the same object rewritten."""

import hashlib
from dataclasses import asdict
from functools import partial

from imaging.intake.head import Head
from riskapp.actions.arrived_objects import Answered
from riskapp.actions.stored_bytes import PIECE_BYTES, open_received
from riskapp.exchange.receiving import Outcome
from riskapp.models import Arrival, ArrivedFile, Organisation


def refuse_what_is_here(
    organisation: Organisation, file: ArrivedFile, head: Head, open_one: Arrival | None
) -> None:
    """Store an object once; of slices that came late, the whole series may come again.

    Raises
    ------
    Answered
        If it is here already, or another object of its number is.
    """
    known = (
        ArrivedFile.objects.filter(
            arrival__organisation=organisation, instance_uid=file.instance_uid
        )
        .exclude(arrival__status=Arrival.Status.DISCARDED)
        .order_by("-id")
        .first()
    )
    if known is None:
        return
    if not _is_same(known, file):
        raise Answered(Outcome.OTHER_CONTENT, head)
    completes = (
        open_one is not None
        and known.arrival_id != open_one.id
        and head.is_slice
        and open_one.files.filter(series_uid=file.series_uid).exists()
    )
    if not completes:
        raise Answered(Outcome.ALREADY_HERE, head, known.arrival)


def _is_same(known: ArrivedFile, file: ArrivedFile) -> bool:
    """Whether it is the same object; on another way it may have been written differently."""
    if known.content_sha256 == file.content_sha256:
        return True
    return known.head_sha256 == file.head_sha256 and known.source != file.source


def content_digest(name: str, start: int) -> tuple[str, int]:
    """SHA-256 of a received file from a place on, and the number of all of its bytes."""
    digest, size = hashlib.sha256(), start
    with open_received(name) as file:
        file.seek(start)
        for piece in iter(partial(file.read, PIECE_BYTES), b""):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def head_digest(head: Head) -> str:
    """SHA-256 of what identifies an object, however it was written."""
    told = [head.sop_class_uid, head.modality, *(str(v) for v in asdict(head.identity).values())]
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()
