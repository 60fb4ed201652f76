"""A scan comes in: bytes on the disk, row written, measuring promised, all or nothing."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from django.contrib.auth.models import User
from django.db import transaction

from imaging.limits import LIMITS
from riskapp.actions import auditing, queueing
from riskapp.actions.errors import AlreadyHere, Refused, TooLarge
from riskapp.actions.fetching import ask_for_priors
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.stored_bytes import forget_received, keep_received
from riskapp.actions.troubles import AWAY, trouble_of
from riskapp.actions.turns import wait_for_turn
from riskapp.models import Patient, ReceivedFile, Scan

Received = tuple[str, str, int]  # name on the disk, hash, size


class Upload(Protocol):
    """What is needed of an uploaded file; its name is never looked at."""

    def chunks(self) -> Iterator[bytes]: ...


@needs(Ability.WORK_ON_SCANS)
def import_scan(*, by: User, patient: Patient, files: Iterable[Upload], once: bool = False) -> Scan:
    """Receive one scan (one or more files, or a zip archive) and queue its measurement.

    Returns as soon as all of it is on the disk; taking it apart (``taking_apart``) and measuring
    it is the worker's task. ``once`` refuses
    what the patient has already.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused, TooLarge, AlreadyHere
        If there is no file, or more than one scan may have, or this scan is there ``once``.
    """
    find_patient(by=by, id=patient.id)
    received = _received(files)
    if not received:
        raise Refused({"files": "No file was sent."})
    try:
        return _stored(by, patient, hash_of(received), received, once=once)
    except BaseException as trouble:
        # Where the database went away the row may be written all the same; what no row names is
        # forgotten a day later.
        if trouble_of(trouble) is not AWAY:
            forget_received(name for name, _, _ in received)
        raise


@needs(Ability.WORK_ON_SCANS)
def import_received(*, by: User, patient: Patient, received: Sequence[Received]) -> Scan:
    """Make one scan of files that are on the disk already; call it inside the transaction that
    gives them up where they were before.
    """
    return _stored(by, patient, hash_of(received), received, once=False)


def hash_of(received: Sequence[Received]) -> str:
    """Hash of the files' hashes in order, by which the same scan is known again."""
    return hashlib.sha256("".join(sha256 for _, sha256, _ in received).encode()).hexdigest()


def _stored(
    by: User, patient: Patient, whole: str, received: Sequence[Received], *, once: bool
) -> Scan:
    with transaction.atomic():
        wait_for_turn("upload", patient.id, whole)
        before = Scan.objects.filter(patient=patient, sha256=whole).first() if once else None
        if before is not None:
            raise AlreadyHere(before.id)
        scan = Scan.objects.create(patient=patient, uploaded_by=by, sha256=whole)
        ReceivedFile.objects.bulk_create(
            ReceivedFile(scan=scan, position=position, name=name, sha256=sha256, size_bytes=size)
            for position, (name, sha256, size) in enumerate(received)
        )
        queueing.ask_for_measurement(by=by, scan=scan, regions=None)
        auditing.record(by=by, action="scan.import", target=scan.id, patient=patient.id)
        ask_for_priors(patient=patient)
    return scan


def _received(files: Iterable[Upload]) -> list[Received]:
    """Name, hash and size of each file; the limits are checked while the bytes run through."""
    received: list[Received] = []
    left_bytes = LIMITS.upload_bytes
    try:
        for upload in files:
            if len(received) == LIMITS.files:
                raise TooLarge({"files": f"A scan may have at most {LIMITS.files:,} files."})
            received.append(keep_received(_bounded(upload.chunks(), left_bytes)))
            left_bytes -= received[-1][2]
    except BaseException:
        forget_received(name for name, _, _ in received)
        raise
    return received


def _bounded(chunks: Iterable[bytes], left_bytes: int) -> Iterator[bytes]:
    for chunk in chunks:
        left_bytes -= len(chunk)
        if left_bytes < 0:
            raise TooLarge(
                {"files": f"A scan may have at most {LIMITS.upload_bytes // 2**20:,} MiB."}
            )
        yield chunk
