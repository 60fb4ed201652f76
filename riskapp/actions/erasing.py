"""A person's record erased for good, with a certificate that can be checked later.

Asked for by one administrator and confirmed by another, who types the record number. Rows go in
one transaction with the trail's row; files are listed in it and deleted after it, so that whoever
is cut off between leaves a list and not a file that nobody knows of.
"""

import hashlib
import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing, erasure_register, permitting
from riskapp.actions.auditing import Actor
from riskapp.actions.backup_staging import forget_cut_off
from riskapp.actions.belongings import Found, belongings, files_of, last_moment, own_hashes
from riskapp.actions.erasure_certificate import (
    certificate_of,
    number_hashes,
    signed,
)
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.permitting import Ability
from riskapp.actions.rewriting import rewrite_tables
from riskapp.actions.stored_bytes import places_of
from riskapp.actions.turns import wait_for_turn
from riskapp.models import Erasure, Fetch, Job, LegalHold, Patient
from riskapp.models.keyed_hash import hashed
from riskapp.models.leased import Leased

NO_RECORD = "There is no record of this number in your organisation."
OTHER_NUMBER = "This is not the record number of the record that is to be erased."
SAME_PERSON = "Somebody else has to confirm it: who asked for an erasure cannot confirm it."
HELD = "This record is under a legal hold and may not be erased; it has to be lifted first."
AT_WORK = "A scan of this record is being measured or fetched just now; try again in a minute."
ADDED_TO = "Something was added to this record meanwhile; it stays."
DONE = "This record was erased already."
TAKEN_BACK = "This erasure was taken back meanwhile; the record stays."


def ask_to_erase(*, by: User, record_number: str, because: str) -> Erasure:
    """Ask for the end of a record; nothing is erased before somebody else confirms it.

    Raises
    ------
    NotAllowed
        If the user may not erase records.
    Refused
        If there is no such record, it is under a legal hold, or the reason is none of the listed.
    """
    permitting.check(by, Ability.ERASE_PATIENTS)
    home = organisation_of(by)
    patient = numbered_here(by=by, record_number=record_number)
    with transaction.atomic():
        wait_for_turn("patient", patient.id)
        check_may_go(patient, because)
        erasure, is_new = Erasure.objects.get_or_create(
            patient_id=patient.id,
            erased_at=None,
            defaults={
                "organisation": home,
                "because": because,
                "asked_by": by,
                "number_hash": number_hashes(home, patient.record_number)[0],
            },
        )
        if is_new:
            auditing.record(
                by=by, action="patient.erase.ask", target=patient.id, patient=patient.id
            )
    return erasure


def confirm_erasure(*, by: User, id: UUID | str, record_number: str) -> Erasure:
    """Erase what somebody else asked to be erased.

    Raises
    ------
    NotAllowed, NotFound
    Refused
        If the user asked for it themselves, the typed number is another, the record is under a
        legal hold, or something of it is being worked on.
    """
    permitting.check(by, Ability.ERASE_PATIENTS)
    erasure = find_erasure(by=by, id=id)
    if erasure.erased_at is not None:
        raise Refused({"erasure": DONE})
    if erasure.asked_by_id == by.pk:
        raise Refused({"erasure": SAME_PERSON})
    if erasure.number_hash not in number_hashes(erasure.organisation, record_number.strip()):
        raise Refused({"record_number": OTHER_NUMBER})
    return erase(erasure, by=by)


def withdraw(*, by: User, id: UUID | str) -> None:
    """Take back what was asked for, before it is confirmed.

    Raises
    ------
    NotAllowed, NotFound, Refused
    """
    permitting.check(by, Ability.ERASE_PATIENTS)
    erasure = find_erasure(by=by, id=id)
    with transaction.atomic():
        wait_for_turn("patient", erasure.patient_id)
        if not Erasure.objects.filter(id=erasure.id, erased_at=None).delete()[0]:
            raise Refused({"erasure": DONE})
        patient = erasure.patient_id
        auditing.record(by=by, action="patient.erase.withdraw", target=patient, patient=patient)


def erase(erasure: Erasure, *, by: User | Actor) -> Erasure:
    """Erase a record, its files, and what the database file still shows of it.

    Raises
    ------
    Refused
        If it is under a legal hold or being worked on.
    """
    rewrite_tables(take_out(erasure, by=by))
    return erasure


def take_out(erasure: Erasure, *, by: User | Actor, unless_since: datetime | None = None) -> Found:
    """Delete rows and files; the tables are still to be rewritten (``rewrite_tables``).

    Raises
    ------
    Refused
        If it was taken back, is held or being worked on, or something was added ``unless_since``.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Bytes of deleted rows are overwritten with zeros.
            cursor.execute("PRAGMA secure_delete=ON")
    with transaction.atomic():
        wait_for_turn("patient", erasure.patient_id)
        patient = Patient.objects.select_for_update().filter(id=erasure.patient_id).first()
        if patient is None:
            raise Refused({"erasure": DONE})
        _refuse_held(patient)
        _refuse_at_work(patient)
        if not Erasure.objects.filter(pk=erasure.pk, erased_at=None).exists():
            raise Refused({"erasure": TAKEN_BACK})
        found = belongings(patient)
        if unless_since is not None and last_moment(found) >= unless_since:
            raise Refused({"erasure": ADDED_TO})
        files = {path: _digest(path) for path in sorted(files_of(found))}
        erasure.confirmed_by = by if isinstance(by, User) else None
        erasure.erased_at = timezone.now()
        # Under another key as well, as keys may be changed just now.
        elsewhere = {place for one in own_hashes(found) for place in places_of(one)}
        listed = sorted({*files, *elsewhere})
        erasure.files = [str(path.relative_to(settings.DATA_DIR)) for path in listed]
        erasure.certificate = signed(certificate_of(erasure, found, list(files.values())))
        _delete(found)
        erasure.save()
        auditing.record(
            by=by,
            action="patient.erase",
            target=patient.id,
            organisation=erasure.organisation,
            patient=patient.id,
            detail={"certificate": erasure.certificate["signature"]},
        )
    erasure_register.write_down([erasure.certificate])
    finish_files(erasure)
    return found


def numbered_here(*, by: User, record_number: str) -> Patient:
    """The person of a record number, for an administrator to see whom it is about.

    Raises
    ------
    Refused
        If there is none in the user's organisation.
    """
    numbered = hashed(Patient, "number_hash", record_number.strip())
    patient = Patient.objects.filter(numbered, organisation=organisation_of(by)).first()
    if patient is None:
        raise Refused({"record_number": NO_RECORD})
    auditing.read(by=by, action="numbered", target=patient.id)
    return patient


def check_may_go(patient: Patient, because: str) -> None:
    """Refuse what cannot be asked for.

    Raises
    ------
    Refused
        If the reason is none of the listed, or the record is under a legal hold.
    """
    if because not in Erasure.Because.values:
        raise Refused({"because": "Choose one of the reasons."})
    _refuse_held(patient)


def what_would_go(patient: Patient) -> dict[str, int]:
    """How many rows of which table belong to a record."""
    return {model._meta.label: len(ids) for model, ids in belongings(patient).items()}


def patient_of(erasure: Erasure, *, by: User) -> Patient:
    """Whom an erasure is about that waits to be confirmed.

    Raises
    ------
    NotFound
        If the record was erased meanwhile.
    """
    patient = Patient.objects.filter(id=erasure.patient_id, organisation=erasure.organisation)
    found = patient.first()
    if found is None:
        raise NotFound(DONE)
    auditing.read(by=by, action="erasure", target=found.id)
    return found


def erasures(*, by: User) -> QuerySet[Erasure]:
    """What was erased in the user's organisation, or is to be, newest first."""
    permitting.check(by, Ability.ERASE_PATIENTS)
    found = Erasure.objects.filter(organisation=organisation_of(by))
    return found.select_related("asked_by", "confirmed_by")


def find_erasure(*, by: User, id: UUID | str) -> Erasure:
    return one_of(erasures(by=by), id, "There is no such erasure.")


def finish_files(erasure: Erasure) -> None:
    """Delete the files that are still listed; safe to do again by whoever comes next."""
    forget_cut_off()  # second names of the same files
    for name in erasure.files:
        path = Path(settings.DATA_DIR) / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if erasure.files:
        erasure.files = []
        erasure.save(update_fields=["files"])


def _delete(found: Found) -> None:
    """Delete rows by id; references between them are checked when the transaction ends."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys=ON")
    for model, ids in found.items():
        rows = model._base_manager.filter(pk__in=ids)
        # Past the rules for one row at a time: all that point at these rows are among them.
        rows._raw_delete(rows.db)


def _refuse_held(patient: Patient) -> None:
    if LegalHold.objects.filter(patient=patient, lifted_at=None).exists():
        raise Refused({"record_number": HELD})


def _refuse_at_work(patient: Patient) -> None:
    running = Leased.Status.RUNNING
    if (
        Job.objects.filter(scan__patient=patient, status=running).exists()
        or Fetch.objects.filter(patient=patient, status=running).exists()
    ):
        raise Refused({"erasure": AT_WORK})


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the digests of a folder's files."""
    if path.is_dir():
        inside = sorted(_digest(one) for one in path.rglob("*") if one.is_file())
        return hashlib.sha256("".join(inside).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
