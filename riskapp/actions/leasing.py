"""A table, a lease and a fence, for whatever kind of work. See docs/adr on why it is no library.

A worker claims a row by a conditional update, renews its lease while it works, and hands in the
result in one transaction that succeeds only while its claim is the newest: whoever dies when, one
result is stored.
"""

import os
import random
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from logging import getLogger
from pathlib import Path
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from riskapp import tracing
from riskapp.actions.giving_up import settle, write_down
from riskapp.models import DeadLetter
from riskapp.models.leased import Held, Leased

log = getLogger(__name__)
LEASE = timedelta(seconds=30)
# The lease is renewed three times before it would end.
RENEWALS_PER_LEASE = 3
# Waits before the second and the third try; after the third failure the work is dead.
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30))
# No queue waits longer between two tries. A time that lies further ahead was written by a clock
# that has been set back since, and is not waited for.
LONGEST_WAIT = timedelta(hours=1)
# A wait is shortened by up to this share, so that what failed together does not come together.
JITTER = 0.4
# How far the clocks of two hosts may differ before one doubts the other's lease.
CLOCKS_DIFFER_S = 300
CLOCKS_DIFFER = timedelta(seconds=CLOCKS_DIFFER_S)
# Work that killed its worker this often would kill every next one too.
MOST_CLAIMS = 20
# Rows looked at for one that is free; more than there will ever be workers holding one.
LOOKED_AT = 100
Work = TypeVar("Work", bound=Leased)
HeldWork = TypeVar("HeldWork", bound=Held)


class TakenOver(Exception):
    """Another worker has the work now; nothing of it may be stored here."""


def this_process() -> str:
    """Name of the running process, different for every process that ever ran on this host."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started_at(os.getpid())}"


def claim(table: type[Work], worker: str, on_claim: Callable[[Work], bool]) -> Work | None:
    """Take the next work that is due or whose worker is gone; None if there is none.

    The oldest of that least often taken comes first, so that what kills its workers does not
    stand in the way of the rest. Two workers may see the same row: the conditional update lets
    one of them have it.

    Parameters
    ----------
    on_claim : callable
        Called in the transaction of the claim; False gives the work up, and the next is taken.
    """
    now = timezone.now()
    is_time = Q(run_after__lte=now) | Q(run_after__gt=now + LONGEST_WAIT + CLOCKS_DIFFER)
    due = Q(is_time, status=Leased.Status.QUEUED)
    held_by_somebody = Q(status=Leased.Status.RUNNING)
    rows = table.objects.filter(due | held_by_somebody).order_by("claims", "asked_at")
    for work in rows[:LOOKED_AT]:
        if work.status == Leased.Status.RUNNING and not is_abandoned(work):
            continue
        with transaction.atomic():
            taken = as_seen(work).update(
                status=Leased.Status.RUNNING,
                worker=worker,
                lease_until=now + LEASE,
                claims=F("claims") + 1,
            )
            if not taken:
                continue
            work.refresh_from_db()
            if not on_claim(work):
                continue
        return work
    return None


def renew(work: Held) -> bool:
    """Prolong the lease; False if another worker has taken the work."""
    return bool(held(work).update(lease_until=timezone.now() + LEASE))


def finish(work: Held, **fields: Any) -> bool:
    """Mark held work as done; call it inside the transaction that stores its result.

    False if another worker has taken it: then nothing may be stored.
    """
    done = Leased.Status.DONE
    return bool(held(work).update(status=done, lease_until=None, worker="", **fields))


def try_again(work: Leased, problem: str, waits: Sequence[timedelta] = BACK_OFF) -> bool | None:
    """Count a failure and wait for the next try, as often as there are ``waits``.

    Returns
    -------
    bool or None
        False if that was the last try, None if another worker has taken the work.
    """
    failures = work.failures + 1
    if not held(work).update(failures=failures, problem=problem):
        return None
    if failures > len(waits):
        return False
    return give_back(work, timezone.now() + jittered(waits[failures - 1]))


def give_back(work: Leased, run_after: Any = None) -> bool:
    """Return unfinished work, at once unless another time is said."""
    return bool(
        held(work).update(
            status=Leased.Status.QUEUED,
            run_after=run_after or timezone.now(),
            lease_until=None,
            worker="",
        )
    )


def bury(work: Leased, sentence: str, **fields: Any) -> None:
    """End work that will not be tried again, and tell so where a person looks."""
    end(work, **fields)
    write_down(
        kind=kind_of(work),
        target=work.id,
        organisation=work.organisation,
        problem=sentence,
        tries=work.claims,
        first_at=work.asked_at,
    )


def end(work: Leased, **fields: Any) -> None:
    """End work that a person does not want any more."""
    type(work).objects.filter(id=work.id).update(
        status=Leased.Status.DEAD, lease_until=None, worker="", **fields
    )


def revive(work: Leased, by: str, **fields: Any) -> bool:
    """Begin anew with work that was given up; False if it was not.

    Call it in a transaction.
    """
    dead = type(work).objects.filter(id=work.id, status=Leased.Status.DEAD)
    begun = {"failures": 0, "claims": 0, "problem": "", "run_after": timezone.now()}
    if not dead.update(status=Leased.Status.QUEUED, **begun | fields):
        return False
    again = DeadLetter.Outcome.AGAIN
    settle(kind=kind_of(work), target=work.id, organisation=work.organisation, outcome=again, by=by)
    return True


def settle_superseded(works: QuerySet[Any], by: str) -> None:
    """Close what was given up of the same, because it is asked for anew."""
    for work in works.filter(status=Leased.Status.DEAD):
        again = DeadLetter.Outcome.AGAIN
        settle(
            kind=kind_of(work), target=work.id, organisation=work.organisation, outcome=again, by=by
        )


def kind_of(work: Leased | type[Leased]) -> str:
    """What a dead letter calls the queue."""
    return str(work._meta.model_name)


def as_seen(work: HeldWork) -> QuerySet[HeldWork]:
    """The row, while nobody has taken it since it was read."""
    return type(work).objects.filter(id=work.id, status=work.status, claims=work.claims)


def held(work: HeldWork) -> QuerySet[HeldWork]:
    """The row, while this claim is the newest."""
    return type(work).objects.filter(
        id=work.id, status=Leased.Status.RUNNING, worker=work.worker, claims=work.claims
    )


class Heartbeat:
    """Renews the lease from a second thread while the first one works; a span of that work."""

    def __init__(self, work: Held) -> None:
        self._work = work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        told: dict[str, str | int] = {
            "job.kind": kind_of(self._work),
            "job.tries": self._work.claims,
        }
        self._span = tracing.span(f"job {kind_of(self._work)}", told, kind="CONSUMER")
        self._span.__enter__()
        self._thread.start()

    def __exit__(self, *raised: Any) -> None:
        self._stop.set()
        self._thread.join()
        self._span.__exit__(*raised)

    def _beat(self) -> None:
        pause_s = LEASE.total_seconds() / RENEWALS_PER_LEASE
        try:
            while not self._stop.wait(pause_s):
                try:
                    renew(self._work)
                except OperationalError:
                    # A busy database; the lease lasts for the beats that follow.
                    log.warning("The lease of %s was not renewed this time", self._work.id)
        finally:
            connection.close()


def is_abandoned(work: Held) -> bool:
    """Whether nobody works on what somebody took."""
    now, until = timezone.now(), work.lease_until
    # A holder that lives renews by the clock as it is now.
    is_running = until is not None and now <= until <= now + LEASE + CLOCKS_DIFFER
    return not is_running or _is_gone(work.worker)


def jittered(wait: timedelta) -> timedelta:
    """A wait, shortened by chance."""
    return wait * (1 - JITTER * random.random())  # noqa: S311 (no secret)


def _is_gone(worker: str) -> bool:
    """Whether a process of this host has ended; of another host only the lease can tell."""
    host, pid, started_at = worker.rsplit(":", 2)
    return host == socket.gethostname() and _started_at(int(pid)) != started_at


def _started_at(pid: int) -> str:
    """Start of a process in clock ticks since boot; empty if there is no such process.

    Field 22 of proc(5); the name before it stands in brackets and may hold spaces.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return ""
