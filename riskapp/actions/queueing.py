"""The durable queue: a table, a lease and a fence. See docs/adr on why it is not a library.

A job is promised in the transaction that stores its scan. A worker claims it by a conditional
update, renews its lease while it works, and hands in the result in one transaction that
succeeds only while its claim is the newest: whoever dies when, one result is stored.
"""

import os
import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.models import Job, Scan

LEASE = timedelta(seconds=30)
# Waits before the second and the third try; after the third failure the job is dead.
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30))
# A job that killed its worker this often would kill every next one too.
MOST_CLAIMS = 20
# Jobs looked at for one that is free; more than there will ever be workers holding one.
LOOKED_AT = 100
DEAD = "Measuring failed three times; the scan is kept, and you can ask for it again."
DEADLY = "Measuring was cut off too often; the scan is kept, and you can ask for it again."


class TakenOver(Exception):
    """Another worker has the job now; nothing of it may be stored here."""


def ask_for_measurement(
    *, by: User, scan: Scan, regions: Sequence[Mapping[str, Any]] | None
) -> Job:
    """Promise a measurement; call it inside the transaction of what asks for it."""
    scan.status, scan.reason = Scan.Status.QUEUED, ""
    scan.save(update_fields=["status", "reason"])
    return Job.objects.create(scan=scan, asked_by=by, regions=regions, run_after=timezone.now())


def this_process() -> str:
    """Name of the running process, different for every process that ever ran on this host."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started_at(os.getpid())}"


def claim(worker: str) -> Job | None:
    """Take the next job that is due or whose worker is gone; None if there is none.

    The oldest of those least often taken comes first, so that a scan which kills its workers
    does not stand in the way of the others. Two workers may see the same job: the conditional
    update lets one of them have it.
    """
    now = timezone.now()
    due = Q(status=Job.Status.QUEUED, run_after__lte=now)
    held = Q(status=Job.Status.RUNNING)
    for job in Job.objects.filter(due | held).order_by("claims", "asked_at")[:LOOKED_AT]:
        if job.status == Job.Status.RUNNING and not _abandoned(job):
            continue
        with transaction.atomic():
            taken = _as_seen(job).update(
                status=Job.Status.RUNNING,
                worker=worker,
                lease_until=now + LEASE,
                claims=F("claims") + 1,
            )
            if not taken:
                continue
            job.refresh_from_db()
            if job.claims > MOST_CLAIMS:
                _bury(job, DEADLY)
                continue
            Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.MEASURING)
        return job
    return None


def renew(job: Job) -> bool:
    """Prolong the lease; False if another worker has taken the job."""
    return bool(_held(job).update(lease_until=timezone.now() + LEASE))


def finish(job: Job) -> bool:
    """Mark a held job as done; call it inside the transaction that stores its result.

    False if another worker has taken the job: then nothing may be stored.
    """
    return bool(_held(job).update(status=Job.Status.DONE, lease_until=None, worker=""))


@transaction.atomic
def fail(job: Job, problem: str) -> None:
    """Try again later, or give up with a sentence on the scan."""
    failures = job.failures + 1
    if not _held(job).update(failures=failures, problem=problem):
        return
    if failures > len(BACK_OFF):
        _bury(job, DEAD)
        return
    _held(job).update(
        status=Job.Status.QUEUED,
        run_after=timezone.now() + BACK_OFF[failures - 1],
        lease_until=None,
        worker="",
    )
    Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.QUEUED)


@transaction.atomic
def give_back(job: Job) -> None:
    """Return an unfinished job at once, because the worker was told to stop."""
    given_back = _held(job).update(
        status=Job.Status.QUEUED, run_after=timezone.now(), lease_until=None, worker=""
    )
    if given_back:
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.QUEUED)


def _as_seen(job: Job):
    """The job's row, while nobody has taken it since it was read."""
    return Job.objects.filter(id=job.id, status=job.status, claims=job.claims)


def _held(job: Job):
    """The job's row, while this claim is the newest."""
    return Job.objects.filter(
        id=job.id, status=Job.Status.RUNNING, worker=job.worker, claims=job.claims
    )


def _bury(job: Job, sentence: str) -> None:
    Job.objects.filter(id=job.id).update(status=Job.Status.DEAD, lease_until=None, worker="")
    Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.FAILED, reason=sentence)
    auditing.record(
        by=job.asked_by,
        action="scan.give_up",
        target=job.scan_id,
        organisation=job.scan.patient.organisation,
    )


def _abandoned(job: Job) -> bool:
    lease_over = job.lease_until is None or job.lease_until < timezone.now()
    return lease_over or _is_gone(job.worker)


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
