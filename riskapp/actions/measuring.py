"""What the worker does with one job: take apart, compare, measure, store once."""

import logging
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.models import Max

from imaging.days import day_findings
from imaging.isolated.asking import measure_isolated
from imaging.result import Measured, ScanMeasurement, Status, region_from_json
from imaging.stages import Stage
from riskapp import __version__, tracing
from riskapp.actions import auditing, identifying, queueing
from riskapp.actions.announcing import announce_scan
from riskapp.actions.correcting_regions import with_untouched
from riskapp.actions.leasing import Heartbeat
from riskapp.actions.looking import look_again
from riskapp.actions.stored_bytes import forget_received, keep, lent, open_kept, open_received
from riskapp.actions.taking_apart import give_up_received, take_apart
from riskapp.models import Job, MeasurementVersion, Scan, ScanPicture

log = logging.getLogger(__name__)


def measure_next(worker: str) -> bool:
    """Take one job and finish it; False if there was none to take."""
    job = queueing.claim(worker)
    if job is None:
        return False
    try:
        with Heartbeat(job):
            queueing.reach(job, Stage.TAKING_APART)
            measured = take_apart(job)
            waits = measured is None and identifying.compare(job.scan).must_be_confirmed
            if measured is None and not waits:
                measured = _measured(job)
        if measured is None:
            identifying.hold(job)
        else:
            _store(job, measured)
    except queueing.TakenOver:
        log.warning("Job %s was taken by another worker", job.id)
    # The outermost edge of the queue: whatever went wrong with one scan, the others must still
    # be measured, and the failure is counted and shown. KeyboardInterrupt passes.
    except Exception as problem:
        log.exception("Job %s failed", job.id)
        queueing.fail(job, type(problem).__name__)
    except BaseException:
        queueing.give_back(job)
        raise
    return True


def _measured(job: Job) -> Measured:
    # Documents are measured on the original, which goes as soon as that is done.
    received = job.scan.received_files.values_list("name", flat=True)
    kept = job.scan.files.values_list("sha256", flat=True)
    files = list(map(open_received, received)) or map(open_kept, kept)
    regions = None if job.regions is None else [region_from_json(each) for each in job.regions]
    # Lost bytes are our failure, to be seen and mended, and not an unreadable scan.
    with lent(files) as paths, tracing.span("measure scan", {"scan.files": len(paths)}):
        return measure_isolated(
            paths, regions=regions, tell=lambda stage: queueing.reach(job, stage)
        )


def _store(job: Job, measured: Measured) -> None:
    """Keep the result and end the job in one transaction, or neither."""
    pictures = [(picture, keep([picture.png])[0]) for picture in measured.pictures]
    result = _held_against_birth(measured.measurement, job.scan.patient.date_of_birth)
    result = with_untouched(result, job.regions or ())
    with transaction.atomic():
        if not queueing.finish(job):
            log.warning("Job %s was finished by another worker", job.id)
            return
        newest = job.scan.versions.aggregate(newest=Max("number"))["newest"] or 0
        corrected = job.regions is not None
        version = MeasurementVersion.objects.create(
            scan_id=job.scan_id,
            number=newest + 1,
            made_by=job.asked_by,
            origin=MeasurementVersion.Origin.CORRECTED
            if corrected
            else MeasurementVersion.Origin.AUTOMATIC,
            result=result.to_store(),
            software_version=__version__,
            job=job,
        )
        ScanPicture.objects.bulk_create(
            ScanPicture(
                version=version,
                position=position,
                name=picture.name,
                title=picture.title,
                sha256=sha256,
                width=picture.width,
                height=picture.height,
                slice_index=picture.slice_index,
            )
            for position, (picture, sha256) in enumerate(pictures)
        )
        Scan.objects.filter(id=job.scan_id).update(
            status=result.status.value, reason=result.reason or ""
        )
        look_again(job.scan.patient_id)
        given_up = give_up_received(job.scan)
        auditing.record(
            by=job.asked_by,
            action="scan.measure",
            target=job.scan_id,
            organisation=job.scan.patient.organisation,
            patient=job.scan.patient_id,
        )
        measured_now = result.status is Status.MEASURED
        event = "scan.measured" if measured_now else "scan.refused"
        announce_scan(event, job, version=version.number)
    forget_received(given_up)


def _held_against_birth(result: ScanMeasurement, born: date) -> ScanMeasurement:
    """Warn of a scan that is dated before the patient's birth, which measuring does not know."""
    known = {finding.code for finding in result.quality}
    new = [one for one in day_findings(result.acquired, born=born) if one.code not in known]
    return replace(result, quality=(*result.quality, *new)) if new else result
