"""Objects that another system sends: on the disk before it is told so, and part of one study.

Every way in ends here (C-STORE, STOW-RS, what was fetched from an archive). Whose a study is, is
settled once it is complete (``filing_arrivals``).
"""

import logging
import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from imaging.errors import UnreadableScan
from imaging.identity.whose import same_identifier, same_name
from imaging.intake.head import Head, read_head
from imaging.intake.storage_classes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from imaging.limits import LIMITS
from riskapp.actions import auditing
from riskapp.actions.arrived_objects import (
    NOTHING_ANNOUNCED,
    Announced,
    Answered,
    Peer,
    Received,
    ReceivedObject,
)
from riskapp.actions.arrived_twice import (
    content_digest,
    head_digest,
    refuse_what_is_here,
)
from riskapp.actions.confining import check_unconfined
from riskapp.actions.stored_bytes import (
    forget_received,
    keep_arrived,
    open_received,
)
from riskapp.actions.troubles import AWAY, trouble_of
from riskapp.actions.turns import wait_for_turn
from riskapp.exchange.receiving import RECEIVING, Outcome
from riskapp.models import Arrival, ArrivedFile, Organisation

__all__ = [
    "NOTHING_ANNOUNCED", "OURS", "Announced", "Peer", "Received", "ReceivedObject", "arrive",
    "names_of_arrived", "no_more_of", "receive_object",
]  # fmt: skip
log = logging.getLogger(__name__)
# What our own results say of who made them.
OURS = "Trabecula"
Part = Path | Iterable[bytes]


def arrive(
    *,
    by: User,
    organisation: Organisation,
    source: str,
    parts: Iterable[Part],
    issuer: str = "",
    announced: Announced = NOTHING_ANNOUNCED,
) -> Received:
    """Store objects durably; each is answered for itself, whatever became of the others.

    Parameters
    ----------
    by, organisation, source, issuer
        As ``Peer``.
    parts : iterable of path or of chunks
        One DICOM file each (PS3.10). A path is not deleted.
    """
    peer = Peer(by, organisation, source, issuer)
    received = Received(tuple(receive_object(peer, part, announced) for part in parts))
    no_more_of(received.arrivals)
    return received


def receive_object(
    peer: Peer, part: Part, announced: Announced = NOTHING_ANNOUNCED
) -> ReceivedObject:
    """Store one object durably, or say why not. Nothing of it is left where it is refused.

    Whoever has sent the last one says so with ``no_more_of``.
    """
    check_unconfined(peer.by)
    name = ""
    try:
        name = _kept(peer.organisation, part)
        head = _checked_head(name, announced)
        return _written(peer, name, head)
    except BaseException as trouble:
        # Where the database went away the row may be written all the same; what no row names is
        # forgotten a day later.
        if name and trouble_of(trouble) is not AWAY:
            forget_received([name])
        answer = _answer(peer, trouble)
        if answer is None:
            raise
        return answer


def no_more_of(arrivals: Iterable[Arrival]) -> None:
    """Say that a sender is done: what it sent is complete soon, unless it begins again."""
    soon = timezone.now() + timedelta(seconds=RECEIVING.settle_s)
    ids = [one.id for one in arrivals]
    waiting = Arrival.objects.filter(id__in=ids, status=Arrival.Status.RECEIVING)
    waiting.filter(due_at__gt=soon).update(due_at=soon)


def names_of_arrived() -> set[str]:
    """Names of received bytes that wait for somebody to say whose they are."""
    return set(ArrivedFile.objects.exclude(name="").values_list("name", flat=True))


def _kept(organisation: Organisation, part: Part) -> str:
    folder = Path(settings.RECEIVED_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < RECEIVING.free_bytes:
        raise Answered(Outcome.NO_ROOM)
    open_ones = Arrival.objects.filter(organisation=organisation, status__in=Arrival.OPEN)
    waiting = open_ones.aggregate(bytes=Sum("files__size_bytes"))["bytes"] or 0
    if waiting > RECEIVING.waiting_bytes:
        raise Answered(Outcome.NO_ROOM)
    if isinstance(part, Path):
        if part.stat().st_size > LIMITS.file_bytes:
            raise Answered(Outcome.TOO_LARGE)
        return keep_arrived(part)
    return keep_arrived(_bounded(part))


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    left = LIMITS.file_bytes
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise Answered(Outcome.TOO_LARGE)
        yield chunk


def _checked_head(name: str, announced: Announced) -> Head:
    try:
        with open_received(name) as file:
            head = read_head(file)
    except UnreadableScan as reason:
        log.warning("An object that arrived was not understood: %s", reason)
        raise Answered(Outcome.NOT_UNDERSTOOD) from reason
    if head.sop_class_uid not in STORAGE_CLASSES:
        raise Answered(Outcome.NOT_THIS_CLASS, head)
    if head.transfer_syntax not in TRANSFER_SYNTAXES:
        raise Answered(Outcome.NOT_THIS_SYNTAX, head)
    said = (announced.sop_class_uid, announced.instance_uid)
    found = (head.sop_class_uid, head.identity.instance_uid)
    if any(one and one != other for one, other in zip(said, found, strict=True)):
        raise Answered(Outcome.DOES_NOT_MATCH, head)
    if announced.study_uid not in ("", head.identity.study_uid):
        raise Answered(Outcome.OTHER_STUDY, head)
    if head.manufacturer == OURS:
        raise Answered(Outcome.OWN, head)
    return head


def _written(peer: Peer, name: str, head: Head) -> ReceivedObject:
    content_sha256, size = content_digest(name, head.meta_bytes)
    file = ArrivedFile(
        name=name,
        size_bytes=size,
        content_sha256=content_sha256,
        head_sha256=head_digest(head),
        source=peer.source,
        sop_class_uid=head.sop_class_uid,
        instance_uid=head.identity.instance_uid,
        series_uid=head.identity.series_uid,
        modality=head.modality,
    )
    with transaction.atomic():
        wait_for_turn("study", peer.organisation.id, head.identity.study_uid)
        now = timezone.now()
        arrival = _open_one(peer.organisation, head)
        refuse_what_is_here(peer.organisation, file, head, arrival)
        if arrival is None:
            arrival = _new_one(peer, head)
        elif arrival.files.count() >= RECEIVING.instances:
            raise Answered(Outcome.NO_ROOM, head)
        _add_person(arrival, head)
        arrival.status, arrival.reason = Arrival.Status.RECEIVING, ""
        arrival.last_at, arrival.due_at = now, now + timedelta(seconds=RECEIVING.quiet_s)
        arrival.save()
        file.arrival = arrival
        file.save()
    return ReceivedObject(Outcome.STORED, file.sop_class_uid, file.instance_uid, arrival)


def _open_one(organisation: Organisation, head: Head) -> Arrival | None:
    return (
        Arrival.objects.select_for_update()
        .filter(
            organisation=organisation,
            study_uid=head.identity.study_uid,
            status__in=Arrival.OPEN,
        )
        .first()
    )


def _new_one(peer: Peer, head: Head) -> Arrival:
    now = timezone.now()
    arrival = Arrival.objects.create(
        organisation=peer.organisation,
        source=peer.source,
        received_by=peer.by,
        our_issuer=peer.issuer,
        study_uid=head.identity.study_uid,
        study_day=head.study_day,
        last_at=now,
        due_at=now,
    )
    auditing.record(
        by=peer.by, action="arrival.begin", target=arrival.id, organisation=peer.organisation
    )
    return arrival


def _add_person(arrival: Arrival, head: Head) -> None:
    """Take over what the first file says of each thing, and notice where another contradicts."""
    told = head.identity
    arrival.removed = arrival.removed or told.removed
    for field, same in (("identifier", same_identifier), ("name", same_name)):
        before, new = getattr(arrival, field), getattr(told, field)
        arrival.is_mixed = arrival.is_mixed or bool(before and new and not same(before, new))
    for field in ("birth_date", "sex"):
        before, new = getattr(arrival, field), getattr(told, field)
        arrival.is_mixed = arrival.is_mixed or bool(before and new and before != new)
    for field in ("identifier", "issuer", "name", "birth_date", "sex", "accession_number"):
        if not getattr(arrival, field):
            setattr(arrival, field, getattr(told, field))


def _answer(peer: Peer, trouble: BaseException) -> ReceivedObject | None:
    """Answer what was refused, or for which there is no room; None for what is our fault."""
    if trouble_of(trouble) is not None:
        # The sender keeps what it could not deliver, and sends it again.
        log.exception("An object from %s could not be written", peer.source)
        return ReceivedObject(Outcome.NO_ROOM)
    if not isinstance(trouble, Answered):
        return None
    if not trouble.outcome.is_success:
        log.warning("An object from %s was not taken: %s", peer.source, trouble.outcome.sentence)
    head = trouble.head
    if head is None:
        return ReceivedObject(trouble.outcome)
    instance = head.identity.instance_uid
    return ReceivedObject(trouble.outcome, head.sop_class_uid, instance, trouble.arrival)
