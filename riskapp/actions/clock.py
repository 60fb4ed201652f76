"""Whether the clock of this machine can be right, as ages, dates and the trail's times hang on it.

A clock that says what cannot be stops the start. One that is behind the trail, or differs from the
database's, is told and written down, and the site goes on: a clinic that is locked out until
somebody finds the clock is the greater harm, and nothing else depends on it (the trail is ordered
by numbers, work that is held by leases that survive a jump).
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.leasing import CLOCKS_DIFFER
from riskapp.models import AuditEvent

log = logging.getLogger(__name__)
# This version was made later; a machine whose battery is flat starts in 1970.
NEVER_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
# Rows of the trail that are looked at; what a busy clinic writes in some minutes.
LOOKED_AT = 1_000
BEHIND, RIGHT = "clock.behind", "clock.right"
IMPOSSIBLE = (
    "The clock of this machine says {now:%d %B %Y}, which cannot be. Nothing was started, as every "
    "age and date would be wrong: set the clock."
)
SAYS_BEHIND = (
    "The clock of this machine is {much} behind rows of the trail: it is wrong now, or was wrong "
    "when they were written. Ages and dates may be wrong."
)
SAYS_OTHER = (
    "The clocks of this machine and of its database differ by {much}. Ages and dates may be wrong."
)


@dataclass(slots=True)
class _Seen:
    """What this process found when it last looked, and by how much the clock ran ahead of boot."""

    problem: str = ""
    offset_s: float = 0.0


_seen = _Seen(offset_s=time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))


def impossible_time() -> str:
    """Why nothing may be started, or nothing."""
    now = timezone.now()
    return IMPOSSIBLE.format(now=now) if now < NEVER_BEFORE else ""


def problem_with_the_clock() -> str:
    """Look, with two questions to the database; a sentence, or nothing."""
    _seen.offset_s = _offset_s()
    _seen.problem = _behind_the_trail() or _beside_the_database()
    return _seen.problem


def problem_seen() -> str:
    """What this process knows, for pages: it looks again only where the clock was set meanwhile."""
    if abs(jump := _offset_s() - _seen.offset_s) > CLOCKS_DIFFER.total_seconds():
        log.warning("The clock was set by %+.0f s while this process ran", jump)
        problem_with_the_clock()
    return _seen.problem


def at_start() -> None:
    """Refuse what cannot be; log and write down what is behind, once until somebody sets it right.

    Raises
    ------
    SystemExit
    """
    if impossible := impossible_time():
        raise SystemExit(impossible)
    try:
        problem = problem_with_the_clock()
        if problem:
            log.error("%s", problem)
            if BEHIND not in (action for action, _ in _latest()):
                auditing.record(by=auditing.Actor.SITE, action=BEHIND, target="site")
    except DatabaseError:
        log.warning("The clock was not compared: the database does not answer.")


def say_right() -> None:
    """Somebody has looked: the clock is right now, and rows before this one were not."""
    auditing.record(by=auditing.Actor.SITE, action=RIGHT, target="site")
    problem_with_the_clock()


def _latest() -> list[tuple[str, datetime]]:
    """Action and time of the latest rows, down to the one that said that the clock is right."""
    rows = AuditEvent.objects.order_by("-number").values_list("action", "at")
    found: list[tuple[str, datetime]] = []
    for row in rows[:LOOKED_AT]:
        found.append(row)
        if row[0] == RIGHT:
            break
    return found


def _behind_the_trail() -> str:
    now = timezone.now()
    behind = max((at for _, at in _latest()), default=now) - now
    return SAYS_BEHIND.format(much=_words(behind)) if behind > CLOCKS_DIFFER else ""


def _beside_the_database() -> str:
    if connection.vendor == "sqlite":  # it has this machine's
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        differ = abs(cursor.fetchone()[0] - timezone.now())
    return SAYS_OTHER.format(much=_words(differ)) if differ > CLOCKS_DIFFER else ""


def _offset_s() -> float:
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _words(much: timedelta) -> str:
    hours = much / timedelta(hours=1)
    return f"{hours:,.0f} hours" if hours >= 2 else f"{60 * hours:.0f} minutes"
