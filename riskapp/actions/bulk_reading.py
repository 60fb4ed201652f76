"""One patient of a bulk export brought to the patient's record here, or counted with the reason."""

from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.errors import Refused
from riskapp.actions.finding import everyone, numbered, patients
from riskapp.actions.importing_record import import_record
from riskapp.actions.registering import register_patient
from riskapp.exchange.bulk.sorting import Lines, parsed
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import FhirPerson, FhirRecord, UnreadableRecord
from riskapp.exchange.fhir.shapes import mappings, text, words_of
from riskapp.models import BulkImport, Patient

# What a server says of an export is kept as far as somebody reads it.
SENTENCES_KEPT = 5
# Why a person of the export is left out; counted, and never with a name.
NO_PATIENT = "the export tells things about somebody and holds no Patient for them"
NO_NUMBER = "there is no record number of the kind that the connection names"
RESTRICTED = "the record is restricted, and closed to who asked for the import"
OTHER_PERSON = "the record number belongs to somebody here with another date of birth or sex"
TOO_LITTLE = "name, full date of birth or sex is missing, which registering needs"


def read_one(work: BulkImport, connection: EhrConnection, own_id: str, lines: Lines) -> None:
    """Import one patient, or count why not."""
    try:
        record = read_record(
            lines.of(own_id), today=timezone.localdate(), patient=f"Patient/{own_id}"
        )
    except UnreadableRecord as reason:
        return _leave_out(work, str(reason))
    if record.person is None:
        return _leave_out(work, NO_PATIENT)
    by = work.asked_by
    number = record.person.number(
        system=connection.record_number_system, type=connection.record_number_type
    ).strip()
    if not number:
        return _leave_out(work, NO_NUMBER)
    known = everyone(by=by).filter(numbered(number)).first()
    if known is not None and not patients(by=by).filter(pk=known.pk).exists():
        return _leave_out(work, RESTRICTED)
    if known is not None and not _is_same(known, record.person):
        return _leave_out(work, OTHER_PERSON)
    patient = known or _registered(by, number, record)
    if patient is None:
        return _leave_out(work, TOO_LITTLE)
    import_record(
        by=by,
        patient=patient,
        source=f"ehr:{work.ehr}",
        record=record,
        is_whole=not work.since,
    )
    work.counts["imported"] += 1
    work.counts["registered"] += known is None


def _is_same(patient: Patient, person: FhirPerson) -> bool:
    """Whether what is told of both agrees; what is not told is no disagreement."""
    born = patient.date_of_birth.isoformat()
    return born.startswith(person.born) and person.sex in (None, patient.sex)


def _registered(by: User, number: str, record: FhirRecord) -> Patient | None:
    person = record.person
    if person is None or len(person.born) != len("2026-01-31") or not (person.name and person.sex):
        return None
    try:
        return register_patient(
            by=by,
            name=person.name,
            record_number=number,
            date_of_birth=date.fromisoformat(person.born),
            sex=person.sex,
        )
    except Refused:
        return None


def said_by_the_server(work: BulkImport, folder: Path) -> list[str]:
    """What the server says went wrong, and how much it says is no longer there."""
    said: list[str] = []
    deleted = 0
    for file in work.files:
        if file["kind"] == "resources":
            continue
        with (folder / file["name"]).open("rb") as lines:
            for line in lines:
                deleted += file["kind"] == "deleted"
                told: dict[str, Any] = parsed(line) or {}
                for issue in mappings(told.get("issue")):
                    sentence = text(issue.get("diagnostics")) or words_of(issue.get("details"))
                    if sentence and len(said) < SENTENCES_KEPT:
                        said.append(sentence)
    if deleted:
        said.append(f"{deleted} entries are told as deleted; an import of everything forgets them.")
    return said


def _leave_out(work: BulkImport, reason: str) -> None:
    left_out = work.counts["left_out"]
    left_out[reason] = left_out.get(reason, 0) + 1
