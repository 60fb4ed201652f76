"""What one request leaves in the trail: whose data it read, or what it was refused."""

import logging
import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.noticing import Gathering
from riskapp.actions.trail.taking_in import whose
from riskapp.models import AuditEvent

log = logging.getLogger(__name__)
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# More people than this in one answer are a list, however each of them was found.
MOST_SINGLY = 3
# Nobody fills the trail without signing in: so many of their refusals are kept in each minute.
MOST_UNSIGNED, WITHIN = 60, timedelta(minutes=1)
UNSIGNED, MISSING = 401, 404


def record_reads(gathering: Gathering, door: str, ids: Collection[str]) -> None:
    """A row for each patient who was read singly, and one for all who stood in a list.

    Parameters
    ----------
    door : str
        Name of the address.
    ids : collection of str
        What the address names; those that are ids are kept.
    """
    singly = {one: by for one, by in gathering.singly.items() if one not in gathering.written}
    told = gathering.singly.keys() | gathering.written
    listed = {one: by for one, by in gathering.listed.items() if one not in told}
    if len(singly) > MOST_SINGLY:
        listed, singly = listed | singly, {}
    if not singly and not listed:
        return
    of = sorted(found[0] for one in ids if (found := UUID_TEXT.match(one)))
    with transaction.atomic():
        for patient, by in singly.items():
            detail: dict[str, object] = {"of": rest} if (rest := _without(of, patient)) else {}
            auditing.record(
                by=by,
                action=f"read.{door}",
                target=patient,
                patient=None if patient in gathering.strangers else patient,
                detail=detail,
            )
        if listed:
            people = sorted(str(one) for one in listed)
            auditing.record(
                by=next(iter(listed.values())),
                action=f"read.{door}",
                target="list",
                content=people,
                detail={"count": len(people)},
            )


def record_refusal(request: Any, status: int, door: str, ids: Collection[str]) -> None:
    """Somebody was refused what is there: 401 with a key, 403, or 404 for another's record."""
    by = request.user if getattr(request, "user", None) and request.user.is_authenticated else None
    named = sorted(found[0] for one in ids if (found := UUID_TEXT.match(one)))
    about = whose(named)
    if by is None and ("Authorization" not in request.headers or _too_many()):
        return
    if status == MISSING and not about:
        return  # an id that nothing has
    auditing.record(
        by=by,
        action=f"refused.{status}",
        target=next(iter(about), named[0] if named else door),
        patient=next(iter(about.values()), None),
        detail={"door": door},
    )


def _without(ids: Collection[str], patient: object) -> list[str]:
    return [one for one in ids if one != str(patient)]


def _too_many() -> bool:
    latest = AuditEvent.objects.filter(by=auditing.Actor.NOBODY).order_by("-number")
    one = latest[MOST_UNSIGNED - 1 : MOST_UNSIGNED].first()
    if one is None or one.at < timezone.now() - WITHIN:
        return False
    log.warning("More than %d refusals in a minute without sign-in", MOST_UNSIGNED)
    return True
