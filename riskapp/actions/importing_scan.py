"""A scan comes in: bytes kept, row written, measuring promised, all or nothing."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from django.contrib.auth.models import User
from django.db import transaction

from imaging.limits import LIMITS
from riskapp.actions import auditing, queueing
from riskapp.actions.errors import AlreadyHere, Refused, TooLarge
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.stored_bytes import keep
from riskapp.models import Patient, Scan, ScanFile


class Upload(Protocol):
    """What is needed of an uploaded file; its name is never looked at."""

    def chunks(self) -> Iterator[bytes]: ...


def import_scan(*, by: User, patient: Patient, files: Iterable[Upload], once: bool = False) -> Scan:
    """Keep one scan (one or more files, or a zip archive) and queue its measurement.

    Returns as soon as all of it is on the disk; measuring is the worker's task. ``once`` refuses
    what the patient has already.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused, TooLarge, AlreadyHere
        If there is no file, or more than one scan may have, or this scan is there ``once``.
    """
    find_patient(by=by, id=patient.id)
    kept = _kept(files)
    if not kept:
        raise Refused({"files": "No file was sent."})
    whole = hashlib.sha256("".join(sha256 for sha256, _ in kept).encode()).hexdigest()
    with transaction.atomic():
        before = Scan.objects.filter(patient=patient, sha256=whole).first() if once else None
        if before is not None:
            raise AlreadyHere(before.id)
        scan = Scan.objects.create(patient=patient, uploaded_by=by, sha256=whole)
        ScanFile.objects.bulk_create(
            ScanFile(scan=scan, position=position, sha256=sha256, size_bytes=size)
            for position, (sha256, size) in enumerate(kept)
        )
        queueing.ask_for_measurement(by=by, scan=scan, regions=None)
        auditing.record(by=by, action="scan.import", target=scan.id)
    return scan


def _kept(files: Iterable[Upload]) -> list[tuple[str, int]]:
    """Hash and size of each file, stored; the limits are checked while the bytes run through."""
    kept: list[tuple[str, int]] = []
    left_bytes = LIMITS.upload_bytes
    for upload in files:
        if len(kept) == LIMITS.files:
            raise TooLarge({"files": f"A scan may have at most {LIMITS.files:,} files."})
        kept.append(keep(_bounded(upload.chunks(), left_bytes)))
        left_bytes -= kept[-1][1]
    return kept


def _bounded(chunks: Iterable[bytes], left_bytes: int) -> Iterator[bytes]:
    for chunk in chunks:
        left_bytes -= len(chunk)
        if left_bytes < 0:
            raise TooLarge(
                {"files": f"A scan may have at most {LIMITS.upload_bytes // 2**20:,} MiB."}
            )
        yield chunk
