"""The row that every write, read and refusal leaves in the trail."""

from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.confining import program_of
from riskapp.actions.noticing import gathering
from riskapp.actions.trail import chain
from riskapp.actions.trail.appending import append
from riskapp.models import AuditEvent, Organisation


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
    row = AuditEvent(
        at=timezone.now(),
        by=told_as(by),
        organisation_id=organisation.id if organisation else _home(by),
        action=action,
        target=str(target),
        patient_id=patient,
        detail=detail or {},
        content="" if content is None else chain.content_digest(content),
    )
    append(row)
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


def _home(by: User | Actor | None) -> UUID | None:
    membership = getattr(by, "membership", None)
    return membership.organisation_id if membership else None
