"""The row that every write, read and refusal leaves in the trail."""

from enum import StrEnum
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions.confining import program_of
from riskapp.actions.noticing import gathering
from riskapp.actions.trail import chain, witness
from riskapp.models import AuditEvent, Organisation, TrailHead


class Actor(StrEnum):
    """Who acts where no account does."""

    HOLDER = "holder-of-the-link"  # has not signed in, and is not asked who they are
    NOBODY = "not-signed-in"
    MONITORING = "monitoring"  # a schedule may run it
    UPDATE = "update"  # of the software; nobody asked for it singly
    SITE = "site"


def record(
    *,
    by: User | Actor | None,
    action: str,
    target: object,
    organisation: Organisation | None = None,
    patient: UUID | None = None,
    content: object | None = None,
    detail: dict[str, object] | None = None,
) -> AuditEvent:
    """Write who did what to which; call it inside the transaction of the deed itself.

    The organisation is the user's own, unless the deed is done later on the user's behalf, when
    they may work elsewhere, or by nobody that is known: then it is that of what it is done to.

    Parameters
    ----------
    target : object
        The id of what it is done to; never what it says.
    patient : UUID, optional
        Whose record it is about.
    content : JSON value, optional
        What was written, of which a keyed digest is kept.
    detail : dict, optional
        Counts, ids and digests.
    """
    where = organisation or (_home(by) if isinstance(by, User) else None)
    row = AuditEvent(
        at=timezone.now(),
        by=told_as(by),
        organisation_id=where.id if where else None,
        action=action,
        target=str(target),
        patient_id=patient,
        detail=detail or {},
        content="" if content is None else chain.content_digest(content),
    )
    with transaction.atomic(savepoint=False):
        _append(row)
        transaction.on_commit(partial(witness.tell, row.number, row.digest, row.at))
    if patient:
        gathering().wrote_about(patient)
    return row


def read(*, by: User | Actor | None, action: str, target: object) -> None:
    """A patient's data were shown: once for each request and patient, at its end.

    ``target`` is the patient's id. Doors need not call this for what ``finding`` finds: it is
    noticed there. Where no request is under way, the row is written at once.
    """
    gathered = gathering()
    if gathered.is_open:
        gathered.see(by, [UUID(str(target))])
    else:
        record(by=by, action=f"read.{action}", target=target, patient=UUID(str(target)))


def told_as(by: User | Actor | None) -> str:
    """How the trail names who acts: by the account's id, never by a name."""
    if not isinstance(by, User):
        return by or Actor.NOBODY
    program = program_of(by)
    return f"{by.pk}>{program}" if program else str(by.pk)


def _home(by: User) -> Organisation | None:
    return Organisation.objects.filter(memberships__user_id=by.pk).first()


def _append(row: AuditEvent) -> None:
    """Chain a row to the last one, which nobody else does until this transaction ends."""
    # On SQLite a transaction of ours holds the database from its first statement on.
    head = TrailHead.objects.select_for_update().filter(pk=1).first() or _head()
    row.number = head.number + 1
    chain.extend(row, head.digest)
    row.save(force_insert=True)
    TrailHead.objects.filter(pk=1).update(number=row.number, digest=row.digest)


def _head() -> TrailHead:
    """The first head there is; where somebody removed it, the chain goes on at its last row."""
    last = AuditEvent.objects.order_by("number").last()
    beginning = {"number": 0, "digest": chain.BEGINNING}
    found = {"number": last.number, "digest": last.digest} if last else beginning
    TrailHead.objects.get_or_create(pk=1, defaults=found)
    return TrailHead.objects.select_for_update().get(pk=1)
