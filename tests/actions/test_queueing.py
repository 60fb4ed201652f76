"""The queue: one holder at a time, one result, and no job lost with the worker that held it."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from imaging.stages import Stage
from riskapp.actions import leasing, queueing
from riskapp.actions.importing_scan import import_scan
from riskapp.models import AuditEvent, Job, Patient, Scan


@pytest.fixture
def scan(owner: User, patient: Patient) -> Scan:
    return import_scan(by=owner, patient=patient, files=[ContentFile(b"any")])


def _lease_runs_out(job: Job) -> None:
    Job.objects.filter(id=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def _waiting_is_over(job: Job) -> None:
    Job.objects.filter(id=job.id).update(run_after=timezone.now() - timedelta(seconds=1))


def test_a_claimed_job_is_nobody_elses_and_its_scan_is_being_measured(scan: Scan) -> None:
    assert queueing.claim("host-a:1:1") is not None
    assert queueing.claim("host-b:1:1") is None
    scan.refresh_from_db()
    assert scan.status == Scan.Status.MEASURING


def test_two_workers_that_saw_the_same_job_do_not_both_get_it(scan: Scan) -> None:
    seen_before = Job.objects.get()
    assert queueing.claim("host-a:1:1") is not None
    assert not leasing.as_seen(seen_before).update(worker="host-b:1:1")


def test_a_lease_that_ran_out_frees_the_job_and_its_first_holder_stores_nothing(
    scan: Scan,
) -> None:
    first = queueing.claim("host-a:1:1")
    assert first is not None
    _lease_runs_out(first)
    second = queueing.claim("host-b:1:1")
    assert second is not None
    assert second.claims == 2
    assert not queueing.renew(first)
    assert not queueing.finish(first)
    assert queueing.renew(second)
    assert queueing.finish(second)
    assert not queueing.finish(second)


def test_the_same_worker_that_lost_and_regained_a_job_is_fenced_by_its_older_claim(
    scan: Scan,
) -> None:
    first = queueing.claim("host-a:1:1")
    assert first is not None
    _lease_runs_out(first)
    assert queueing.claim("host-a:1:1") is not None
    assert not queueing.finish(first)


def test_the_job_of_a_process_that_ended_is_taken_at_once(scan: Scan) -> None:
    asked = "from riskapp.actions.queueing import this_process; print(this_process())"
    ended = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {asked}"],
        capture_output=True,
        text=True,
        check=True,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
    ).stdout.strip()
    assert queueing.claim(ended) is not None
    taken = queueing.claim(queueing.this_process())
    assert taken is not None
    assert queueing.claim("host-b:1:1") is None  # this very process is alive


def test_failures_are_tried_again_later_and_the_third_is_the_last(scan: Scan) -> None:
    for wait in leasing.BACK_OFF:
        job = queueing.claim("host-a:1:1")
        assert job is not None
        queueing.fail(job, "OSError")
        assert queueing.claim("host-a:1:1") is None
        job.refresh_from_db()
        assert wait / 2 < job.run_after - timezone.now() <= wait
        _waiting_is_over(job)
    job = queueing.claim("host-a:1:1")
    assert job is not None
    queueing.fail(job, "OSError")
    job.refresh_from_db()
    scan.refresh_from_db()
    assert (job.status, scan.status) == (Job.Status.DEAD, Scan.Status.FAILED)
    assert "ask for it again" in scan.reason
    assert AuditEvent.objects.get(action="scan.give_up").target == str(scan.id)


def test_a_job_that_is_cut_off_again_and_again_is_given_up(scan: Scan) -> None:
    Job.objects.update(claims=leasing.MOST_CLAIMS - 1)
    last = queueing.claim("host-a:1:1")
    assert last is not None
    _lease_runs_out(last)
    assert queueing.claim("host-a:1:1") is None
    scan.refresh_from_db()
    assert scan.status == Scan.Status.FAILED


def test_a_job_that_was_cut_off_lets_the_others_go_first(
    owner: User, patient: Patient, scan: Scan
) -> None:
    cut_off = queueing.claim("host-a:1:1")
    assert cut_off is not None
    _lease_runs_out(cut_off)
    later = import_scan(by=owner, patient=patient, files=[ContentFile(b"later")])
    order = [queueing.claim("host-b:1:1") for _ in range(2)]
    assert [job.scan for job in order if job] == [later, scan]


def test_a_worker_that_is_told_to_stop_gives_its_job_back(scan: Scan) -> None:
    job = queueing.claim("host-a:1:1")
    assert job is not None
    queueing.give_back(job)
    again = queueing.claim("host-b:1:1")
    assert again is not None
    assert again.failures == 0


def test_how_far_a_scan_is_and_how_many_come_first(
    scan: Scan, owner: User, patient: Patient
) -> None:
    second = import_scan(by=owner, patient=patient, files=[ContentFile(b"other")])
    waits = queueing.progress_of(second)
    assert waits is not None
    assert (waits.ahead, waits.stages) == (1, ())
    job = queueing.claim("host-a:1:1")
    assert job is not None
    for stage in (Stage.READING, Stage.FINDING_BONE):
        queueing.reach(job, stage)
    goes_on = queueing.progress_of(scan)
    assert goes_on is not None
    assert goes_on.stages == (Stage.READING, Stage.FINDING_BONE)
    assert not goes_on.is_second_try
    queueing.fail(job, "broke")
    again = queueing.progress_of(scan)
    assert again is not None
    assert (again.stages, again.is_second_try) == ((), True)


def test_who_lost_a_job_says_no_more_how_far_it_is(scan: Scan) -> None:
    first = queueing.claim("host-a:1:1")
    assert first is not None
    _lease_runs_out(first)
    second = queueing.claim("host-b:1:1")
    assert second is not None
    queueing.reach(first, Stage.DRAWING)
    progress = queueing.progress_of(scan)
    assert progress is not None
    assert progress.stages == ()
    queueing.finish(second)
    assert queueing.progress_of(scan) is None
