"""A look at the whole trail, and what administrators are told of it."""

import logging
import time

from django.conf import settings
from django.db import transaction

from riskapp.actions import auditing
from riskapp.actions.trail import witness
from riskapp.actions.trail.verifying import Tell, Verified, verify
from riskapp.models import TrailCheck

log = logging.getLogger(__name__)


def check(first: int = 1, tell: Tell = lambda number: None) -> TrailCheck:
    """Verify, and keep what was found."""
    began = time.perf_counter()
    found = verify(first, tell)
    made = TrailCheck.objects.create(
        first=found.first,
        last=found.last,
        broken_at=found.broken_at,
        is_sound=found.is_sound,
        sentence=f"{found.sentence} {found.note}".strip()[:300],
        seconds=round(time.perf_counter() - began, 3),
    )
    if not found.is_sound:
        log.error("The trail is not sound: %s", found.sentence)
    return made


def last_check() -> TrailCheck | None:
    """The latest look at the whole trail."""
    return TrailCheck.objects.filter(first=1).first()


def problem_with_the_trail() -> str:
    """What the last look found, where it is not sound; it names no one."""
    last = last_check()
    return "" if last is None or last.is_sound else last.sentence


def accept_restored() -> Verified:
    """Go on from an older copy that was restored: what was witnessed after it is set aside.

    The trail says so, with the head that was witnessed, so that it cannot be hidden. Nothing is
    done where the rows themselves are not sound.
    """
    ends = {path: max(witness.heads(path), default=None) for path in settings.TRAIL_WITNESSES}
    last = max(filter(None, ends.values()), default=(0, ""))
    witness.set_aside()
    found = verify()
    if not found.is_sound:
        witness.take_back()
        return found
    with transaction.atomic():
        auditing.record(
            by=auditing.Actor.SITE,
            action="trail.restored",
            target=found.last,
            detail={"witnessed": last[0], "digest": last[1]},
        )
    return found
