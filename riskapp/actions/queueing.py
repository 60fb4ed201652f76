"""The queue of scans to measure, on the leases of ``leasing``.

A job is promised in the transaction that stores its scan; whatever happens to the worker that
takes it, one result is stored, or a sentence stands on the scan.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, leasing
from riskapp.actions.leasing import TakenOver, finish, renew, this_process
from riskapp.models import Job, Scan

__all__ = [
    "TakenOver",
    "ask_for_measurement",
    "claim",
    "fail",
    "finish",
    "give_back",
    "renew",
    "this_process",
]
DEAD = "Measuring failed three times; the scan is kept, and you can ask for it again."
DEADLY = "Measuring was cut off too often; the scan is kept, and you can ask for it again."


def ask_for_measurement(
    *, by: User, scan: Scan, regions: Sequence[Mapping[str, Any]] | None
) -> Job:
    """Promise a measurement; call it inside the transaction of what asks for it."""
    scan.status, scan.reason = Scan.Status.QUEUED, ""
    scan.save(update_fields=["status", "reason"])
    return Job.objects.create(scan=scan, asked_by=by, regions=regions, run_after=timezone.now())


def claim(worker: str) -> Job | None:
    """Take the next job that is due or whose worker is gone; None if there is none."""
    return leasing.claim(Job, worker, _taken)


@transaction.atomic
def fail(job: Job, problem: str) -> None:
    """Try again later, or give up with a sentence on the scan."""
    again = leasing.try_again(job, problem)
    if again:
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.QUEUED)
    elif again is False:
        _bury(job, DEAD)


@transaction.atomic
def give_back(job: Job) -> None:
    """Return an unfinished job at once, because the worker was told to stop."""
    if leasing.give_back(job):
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.QUEUED)


def _taken(job: Job) -> bool:
    if job.claims > leasing.MOST_CLAIMS:
        _bury(job, DEADLY)
        return False
    Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.MEASURING)
    return True


def _bury(job: Job, sentence: str) -> None:
    leasing.bury(job)
    Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.FAILED, reason=sentence)
    auditing.record(
        by=job.asked_by,
        action="scan.give_up",
        target=job.scan_id,
        organisation=job.scan.patient.organisation,
    )
