"""The end of a study's waiting: filed, discarded, or waited for long enough."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.auditing import Actor
from riskapp.actions.confining import named
from riskapp.actions.giving_up import settle
from riskapp.actions.stored_bytes import forget_received
from riskapp.models import Arrival, DeadLetter

KIND = DeadLetter.Kind.ARRIVAL
NOBODY_FILED_IT = "Nobody filed it in the time for which it is kept."


def discard_unfiled(id: UUID) -> bool:
    """Delete a study that nobody filed in its time; False if somebody has dealt with it."""
    with transaction.atomic():
        found = Arrival.objects.select_for_update().filter(id=id, status=Arrival.Status.WAITING)
        waiting = found.first()
        if waiting is None:
            return False
        names = emptied(Actor.SITE, waiting, NOBODY_FILED_IT)
    forget_received(names)
    return True


def emptied(by: User | Actor, waiting: Arrival, because: str) -> list[str]:
    """Close it as discarded; names of its files, which are deleted after the transaction."""
    names = [one.name for one in waiting.files.all() if one.name]
    waiting.files.update(name="")
    waiting.because = because
    close(by, waiting, Arrival.Status.DISCARDED, "arrival.discard")
    return names


def close(by: User | Actor, waiting: Arrival, status: Arrival.Status, action: str) -> None:
    """End the waiting; whose it is stands in the scans' identity records now, or nowhere."""
    waiting.status, waiting.reason = status, ""
    waiting.decided_by = by if isinstance(by, User) else None
    waiting.decided_at = timezone.now()
    waiting.identifier = waiting.issuer = waiting.name = waiting.sex = ""
    waiting.accession_number = ""
    waiting.birth_date = None
    waiting.save()
    settle(
        kind=KIND,
        target=waiting.id,
        organisation=waiting.organisation,
        outcome=DeadLetter.Outcome.AGAIN,
        by=named(by) if isinstance(by, User) else by,
    )
    auditing.record(
        by=by,
        action=action,
        target=waiting.id,
        organisation=waiting.organisation,
        patient=waiting.patient_id,
    )
