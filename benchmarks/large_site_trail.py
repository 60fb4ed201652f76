"""The trail of a large site: a chained and sealed row for each deed, in the order of their days."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import count
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from benchmarks.large_site_models import CLINIC, READER
from benchmarks.large_site_rows import batches, prepared, written
from riskapp.actions.trail import chain, witness
from riskapp.models import (
    Assessment,
    AuditEvent,
    Discussion,
    Organisation,
    Patient,
    Scan,
    SignInSession,
    TrailHead,
)

Deed = tuple[datetime, str, UUID, UUID | None]
AT_ONCE = 5_000


def chained() -> None:
    """Add what was done to the people who are there, behind what the actions wrote."""
    clinic = Organisation.objects.get(name=CLINIC)
    reader = str(User.objects.get(username=READER).pk)
    head = TrailHead.objects.get(pk=1)
    number, before = head.number, head.digest
    # Ids go on from where a table once was, numbers from where the chain is.
    ids = count(1 + (AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0))
    digest = chain.content_digest({})
    for some in batches(_deeds(), AT_ONCE):
        rows = []
        for at, action, target, patient in some:
            number += 1
            row = AuditEvent(
                id=next(ids),
                number=number,
                at=at,
                by=reader,
                organisation_id=clinic.pk,
                action=action,
                target=str(target),
                patient_id=patient,
                content=digest if action.endswith(".create") else "",
            )
            chain.extend(row, before)
            before = row.digest
            rows.append(prepared(row))
        with transaction.atomic():
            written(AuditEvent, rows)
            TrailHead.objects.filter(pk=1).update(number=number, digest=before)
    witness.tell(number, before, at)


def _deeds() -> Iterator[Deed]:
    """Each person registered, each scan and assessment made, and read once."""
    return merge(
        _each(Patient, "registered_at", "pk", "patient.register"),
        _each(Scan, "uploaded_at", "patient", "scan.import", "scan.measure", "read.scan"),
        _each(Assessment, "created_at", "patient", "assessment.create", "read.assessment"),
        _each(Discussion, "at", "assessment__patient", "discussion.record"),
        _each(SignInSession, "began_at", None, "sign_in.succeeded"),
        key=itemgetter(0),
    )


def _each(model: Any, at: str, patient: str | None, *actions: str) -> Iterator[Deed]:
    names = (at, "pk", patient) if patient else (at, "pk")
    for moment, pk, *whose in model.objects.order_by(at).values_list(*names).iterator():
        for action in actions:
            yield moment, action, pk, whose[0] if whose else None
