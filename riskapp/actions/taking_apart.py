"""The worker's first task with a scan: who it is of goes into a record, pixels onto the disk."""

from dataclasses import asdict
from typing import Any

from django.db import transaction

from imaging.isolated.storing import KeptScan, keep_isolated
from imaging.result import Measured, ScanMeasurement
from riskapp import keys, tracing
from riskapp.actions import auditing, queueing
from riskapp.actions.stored_bytes import forget_received, keep, lent, open_received
from riskapp.models import Job, ReceivedFile, Scan, ScanFile, ScanIdentity


def take_apart(job: Job) -> Measured | None:
    """Split what was received for a job's scan, unless that was done before.

    Whoever dies when: the record, the files without identity and the end of the received ones
    are one transaction, which succeeds only while the job is held.

    Returns
    -------
    Measured or None
        The refusal of an upload of which nothing is kept; None where the scan can be measured.

    Raises
    ------
    TakenOver
        If another worker has taken the job.
    """
    scan = job.scan
    names = list(scan.received_files.values_list("name", flat=True))
    if not names or ScanIdentity.objects.filter(scan=scan).exists():
        return None
    # Lost bytes are our failure, to be seen and mended, and not an unreadable scan.
    with (
        lent(map(open_received, names)) as paths,
        tracing.span("take scan apart", {"scan.files": len(names)}),
    ):
        kept = keep_isolated(paths, renewing_key(), keep)
    if kept.status is not None:
        return Measured(measurement=ScanMeasurement(status=kept.status, reason=kept.reason))
    with transaction.atomic():
        if not queueing.renew(job):
            raise queueing.TakenOver
        _record(scan, kept)
        given_up = names if not kept.has_document else []
        ReceivedFile.objects.filter(scan=scan, name__in=given_up).delete()
        auditing.record(
            by=job.asked_by,
            action="scan.take_apart",
            target=scan.id,
            organisation=scan.patient.organisation,
            patient=scan.patient_id,
        )
    forget_received(given_up)
    return None


def give_up_received(scan: Scan) -> list[str]:
    """Strike what is still there of the received files; their bytes go after the transaction."""
    received = ReceivedFile.objects.filter(scan=scan)
    names = list(received.values_list("name", flat=True))
    received.delete()
    return names


def _record(scan: Scan, kept: KeptScan) -> None:
    """Write the identity and the kept files."""
    ScanIdentity.objects.create(
        scan=scan,
        **identity_of(kept),
        printed=[asdict(one) for one in kept.printed],
        print_unread=kept.print_unread,
    )
    ScanFile.objects.bulk_create(
        ScanFile(scan=scan, position=position, sha256=sha256, size_bytes=size)
        for position, (sha256, size) in enumerate(kept.kept)
    )


def identity_of(kept: KeptScan) -> dict[str, Any]:
    """Give the fields of an identity record, each from the first file that tells it."""

    def first(name: str) -> str:
        return next((value for one in kept.identities if (value := getattr(one, name))), "")

    texts = ("identifier", "issuer", "name", "sex", "accession_number", "study_uid", "frame_uid")
    return {
        **{name: first(name) for name in texts},
        "birth_date": first("birth_date") or None,
        "age": first("age")[:20],
        "instances": [[one.series_uid, one.instance_uid] for one in kept.identities],
        "removed": any(one.removed for one in kept.identities),
    }


def renewing_key() -> bytes:
    """The site's secret by which identifiers are renewed: never stored beside them.

    By the oldest key but the active one, so that one series is named alike before and after a
    rotation, until the old key is retired. What is stored keeps the names that it was given.
    """
    return bytes.fromhex(keys.keyed_hashes("uids", "identifiers of stored scans")[-1])
