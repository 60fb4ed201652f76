"""The queue of scans to measure, on the leases of ``leasing``.

A job is promised in the transaction that stores its scan; whatever happens to the worker that
takes it, one result is stored, or a sentence stands on the scan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from logging import getLogger
from typing import Any

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.utils import timezone

from imaging.stages import Stage
from riskapp.actions import auditing, leasing
from riskapp.actions.announcing import announce_scan
from riskapp.actions.confining import named
from riskapp.actions.leasing import TakenOver, finish, renew, this_process
from riskapp.actions.looking import look_again
from riskapp.models import Job, Scan

__all__ = [
    "TakenOver",
    "ask_for_measurement",
    "claim",
    "fail",
    "finish",
    "give_back",
    "measure_again",
    "reach",
    "renew",
    "this_process",
]
log = getLogger(__name__)
DEAD = "Measuring failed three times; the scan is kept, and you can ask for it again."
DEADLY = "Measuring was cut off too often; the scan is kept, and you can ask for it again."


def ask_for_measurement(
    *, by: User, scan: Scan, regions: Sequence[Mapping[str, Any]] | None
) -> Job:
    """Promise a measurement; call it inside the transaction of what asks for it."""
    scan.status, scan.reason = Scan.Status.QUEUED, ""
    scan.save(update_fields=["status", "reason"])
    leasing.settle_superseded(Job.objects.filter(scan=scan), named(by))
    job = Job.objects.create(scan=scan, asked_by=by, regions=regions, run_after=timezone.now())
    look_again(scan.patient_id)
    return job


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the measuring of a scan is.

    Attributes
    ----------
    stages : tuple of Stage
        What it has gone through; the last goes on. Empty while it waits.
    ahead : int
        Scans that are measured before it, everybody's.
    is_second_try : bool
        Measuring failed before and is tried again.
    """

    asked_at: datetime
    stages: tuple[Stage, ...]
    ahead: int
    is_second_try: bool


def progress_of(scan: Scan) -> Progress | None:
    """Say how far the newest job of a scan is; None where nothing is promised."""
    job = Job.objects.filter(scan=scan).order_by("-asked_at").first()
    if job is None or job.status in (Job.Status.DONE, Job.Status.DEAD):
        return None
    waits = (Job.Status.QUEUED, Job.Status.RUNNING)
    ahead = Job.objects.filter(status__in=waits, asked_at__lt=job.asked_at).count()
    is_running = job.status == Job.Status.RUNNING
    return Progress(
        asked_at=job.asked_at,
        stages=tuple(Stage(one) for one in job.stages) if is_running else (),
        ahead=0 if is_running else ahead,
        is_second_try=job.failures > 0,
    )


def claim(worker: str) -> Job | None:
    """Take the next job that is due or whose worker is gone; None if there is none."""
    return leasing.claim(Job, worker, _taken)


def reach(job: Job, stage: Stage) -> None:
    """Say of held work which stage begins, for those who wait for it."""
    job.stages = [*(one for one in job.stages if one != stage), stage]
    try:
        leasing.held(job).update(stages=job.stages)
    except OperationalError:
        # A busy database; how far it is must not keep the work from being done.
        log.warning("How far %s is was not written this time", job.id)


@transaction.atomic
def fail(job: Job, problem: str) -> None:
    """Try again later, or give up with a sentence on the scan."""
    again = leasing.try_again(job, problem)
    if again:
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.QUEUED)
    elif again is False:
        _bury(job, DEAD)


def measure_again(job: Job, by: str) -> bool:
    """Begin anew with a job that was given up; False if its scan was dealt with meanwhile."""
    waits = Scan.objects.filter(id=job.scan_id, status=Scan.Status.FAILED)
    if not waits.exists() or not leasing.revive(job, by, stages=[]):
        return False
    waits.update(status=Scan.Status.QUEUED, reason="")
    look_again(job.scan.patient_id)
    return True


@transaction.atomic
def give_back(job: Job) -> None:
    """Return an unfinished job at once, because the worker was told to stop."""
    if leasing.give_back(job):
        Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.QUEUED)


def _taken(job: Job) -> bool:
    if job.claims > leasing.MOST_CLAIMS:
        _bury(job, DEADLY)
        return False
    # Another worker may have had it before.
    job.stages = []
    job.save(update_fields=["stages"])
    Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.MEASURING)
    return True


def _bury(job: Job, sentence: str) -> None:
    leasing.bury(job, sentence)
    Scan.objects.filter(id=job.scan_id).update(status=Scan.Status.FAILED, reason=sentence)
    look_again(job.scan.patient_id)
    auditing.record(
        by=job.asked_by,
        action="scan.give_up",
        target=job.scan_id,
        organisation=job.scan.patient.organisation,
        patient=job.scan.patient_id,
    )
    announce_scan("scan.failed", job)
