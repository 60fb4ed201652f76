"""A study that has arrived becomes scans of one patient: by itself, or as a person decides."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from imaging.intake.storage_classes import SLICES
from imaging.limits import LIMITS
from riskapp.actions import auditing
from riskapp.actions.closing_arrivals import KIND, close, emptied
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import Refused
from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.giving_up import settle, write_down
from riskapp.actions.importing_scan import import_received
from riskapp.actions.leasing import BACK_OFF, jittered
from riskapp.actions.noticing import noticed
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.registering import register_patient
from riskapp.actions.stored_bytes import forget_received
from riskapp.actions.whose_arrival import whose
from riskapp.exchange.receiving import RECEIVING
from riskapp.models import Arrival, ArrivedFile, DeadLetter, ExpectedScan, Patient, Scan
from riskapp.models.keyed_hash import hashed

log = logging.getLogger(__name__)
LATE = (
    "These slices came after their series had been filed without them: have the whole series sent "
    "again, or discard them."
)
TOO_MANY = f"A series in it has more than {LIMITS.files:,} files, more than one scan may have."
TOO_LARGE = (
    f"A series in it has more than {LIMITS.upload_bytes // 2**20:,} MiB, more than one scan may "
    "have."
)
DECIDED = "This study was dealt with meanwhile, or more of it is being received; look again."
FAILED = "Filing it failed here three times; the log says where. Decide yourself, or discard it."
Series = Sequence[ArrivedFile]


def file_next() -> bool:
    """Settle one study of which nothing more comes; False if there is none."""
    now = timezone.now()
    arrival = (
        Arrival.objects.filter(status=Arrival.Status.RECEIVING, due_at__lte=now)
        .order_by("due_at")
        .first()
    )
    if arrival is None:
        return False
    # Unless another worker has it, or one more file has come.
    seen = Arrival.objects.filter(
        id=arrival.id, status=Arrival.Status.RECEIVING, due_at=arrival.due_at
    )
    try:
        with transaction.atomic():
            if seen.update(status=Arrival.Status.WAITING):
                arrival.refresh_from_db()
                _settle(arrival)
    except OperationalError:
        raise  # the database's fault, and not this study's
    # The outermost edge: one study's fault must not keep the others, and every scan, waiting.
    except Exception:
        log.exception("Arrival %s could not be filed", arrival.id)
        _try_later(arrival, seen)
    return True


def file_again(*, by: str, id: UUID | str) -> bool:
    """Have a study that could not be filed settled anew; False if it was dealt with meanwhile."""
    failed = Arrival.objects.filter(id=id, status=Arrival.Status.WAITING, reason=FAILED)
    with transaction.atomic():
        found = failed.first()
        if found is None or not failed.update(
            status=Arrival.Status.RECEIVING, reason="", failures=0, due_at=timezone.now()
        ):
            return False
        again = DeadLetter.Outcome.AGAIN
        settle(kind=KIND, target=id, organisation=found.organisation, outcome=again, by=by)
    return True


@transaction.atomic
def _try_later(arrival: Arrival, seen: QuerySet[Arrival]) -> None:
    failures = arrival.failures + 1
    if failures <= len(BACK_OFF):
        later = timezone.now() + jittered(BACK_OFF[failures - 1])
        seen.update(failures=failures, due_at=later)
    elif seen.update(failures=failures, status=Arrival.Status.WAITING, reason=FAILED):
        write_down(
            kind=KIND,
            target=arrival.id,
            organisation=arrival.organisation,
            problem=FAILED,
            tries=failures,
            first_at=arrival.first_at,
        )


@needs(Ability.WORK_ON_SCANS)
def arrivals(*, by: User) -> QuerySet[Arrival]:
    """Studies that wait for a person of the user's organisation, the longest waiting first."""
    check_unconfined(by)
    here = Arrival.objects.filter(organisation=organisation_of(by), status__in=Arrival.OPEN)
    return noticed(by, here.prefetch_related("files").select_related("received_by"), "patient")


@needs(Ability.WORK_ON_SCANS)
def arrival(*, by: User, id: UUID | str) -> Arrival:
    """One study that has arrived, also one that was dealt with."""
    check_unconfined(by)
    known = noticed(by, Arrival.objects.filter(organisation=organisation_of(by)), "patient")
    fetched = known.select_related("patient", "decided_by", "received_by")
    return one_of(fetched, id, "There is no such arrived study.")


@needs(Ability.WORK_ON_SCANS)
def assign(*, by: User, arrival_id: UUID | str, patient: Patient) -> list[Scan]:
    """File a study under the patient that a person names; each scan is compared as every other.

    Raises
    ------
    NotFound
        If study or patient is another organisation's.
    Refused
        If it was dealt with meanwhile, or a series is larger than a scan may be.
    """
    find_patient(by=by, id=patient.id)
    with transaction.atomic():
        waiting = _waiting(by, arrival_id)
        problem = _too_large(_series(waiting))
        if problem:
            raise Refused({"arrival": problem})
        return _file(by, waiting, patient, "arrival.assign")


@needs(Ability.WORK_ON_SCANS)
def register_from(*, by: User, arrival_id: UUID | str, told: Mapping[str, Any]) -> Patient:
    """Register the patient whom a study names, and file it there.

    Parameters
    ----------
    told : mapping
        Arguments of ``register_patient``, as a person has checked them.

    Raises
    ------
    NotFound, Refused
        As ``register_patient`` and ``assign``.
    """
    with transaction.atomic():
        _waiting(by, arrival_id)
        patient = register_patient(by=by, **told)
        # Registered, the number may settle the study by itself; here a person has decided.
        Arrival.objects.filter(id=arrival_id).update(status=Arrival.Status.WAITING)
        assign(by=by, arrival_id=arrival_id, patient=patient)
    return patient


@needs(Ability.WORK_ON_SCANS)
def discard(*, by: User, arrival_id: UUID | str, because: str) -> None:
    """Delete a study that has arrived, for a reason that stays.

    Raises
    ------
    NotFound
        If it is another organisation's.
    Refused
        If no reason is given, or it was dealt with meanwhile.
    """
    because = because.strip()
    if not because or len(because) > RECEIVING.because_letters or not because.isprintable():
        raise Refused(
            {"because": f"Say why, in one line of at most {RECEIVING.because_letters} characters."}
        )
    with transaction.atomic():
        names = emptied(by, _waiting(by, arrival_id), because)
    forget_received(names)


def _waiting(by: User, id: UUID | str) -> Arrival:
    found = arrival(by=by, id=id)
    waiting = Arrival.objects.select_for_update().get(id=found.id)
    if waiting.status != Arrival.Status.WAITING:
        raise Refused({"arrival": DECIDED})
    return waiting


def _settle(waiting: Arrival) -> None:
    found = whose(waiting)
    series = _series(waiting)
    late = any(_lacks_what_was_filed(waiting, one) for one in series)
    why = found.why or (LATE if late else "") or _too_large(series)
    if why or found.patient is None:
        waiting.reason = why
        waiting.save(update_fields=["reason"])
        auditing.record(
            by=waiting.received_by,
            action="arrival.wait",
            target=waiting.id,
            organisation=waiting.organisation,
        )
        return
    _file(waiting.received_by, waiting, found.patient, "arrival.file")


def _file(by: User, waiting: Arrival, patient: Patient, action: str) -> list[Scan]:
    scans = [_scan_of(by, patient, files) for files in _series(waiting)]
    expected = ExpectedScan.objects.filter(
        hashed(ExpectedScan, "accession_hash", waiting.accession_number),
        organisation=waiting.organisation,
        patient=patient,
        arrived_at=None,
        cancelled_at=None,
    )
    expected.update(arrived_at=timezone.now(), arrival=waiting)
    waiting.patient = patient
    close(by, waiting, Arrival.Status.FILED, action)
    return scans


def _scan_of(by: User, patient: Patient, files: Series) -> Scan:
    received = [(one.name, one.content_sha256, one.size_bytes) for one in files]
    scan = import_received(by=by, patient=patient, received=received)
    ArrivedFile.objects.filter(id__in=[one.id for one in files]).update(name="", scan=scan)
    return scan


def _series(waiting: Arrival) -> list[Series]:
    """Files that are one scan each: the slices of one series, or one file of any other kind."""

    def key(file: ArrivedFile) -> tuple[str, str]:
        is_slice = file.sop_class_uid in SLICES
        return file.series_uid, "" if is_slice else file.instance_uid

    files = sorted(waiting.files.exclude(name=""), key=lambda file: (key(file), file.id))
    return [list(group) for _, group in groupby(files, key)]


def _too_large(series: Iterable[Series]) -> str:
    for files in series:
        if len(files) > LIMITS.files:
            return TOO_MANY
        if sum(one.size_bytes for one in files) > LIMITS.upload_bytes:
            return TOO_LARGE
    return ""


def _lacks_what_was_filed(waiting: Arrival, files: Series) -> bool:
    """Whether slices of the same series were filed before that are not among these."""
    if files[0].sop_class_uid not in SLICES:
        return False
    filed = ArrivedFile.objects.filter(
        arrival__organisation=waiting.organisation,
        arrival__status=Arrival.Status.FILED,
        series_uid=files[0].series_uid,
    ).values_list("instance_uid", flat=True)
    return bool(set(filed) - {one.instance_uid for one in files})
