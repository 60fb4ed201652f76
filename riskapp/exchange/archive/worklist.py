"""What a modality worklist tells is planned (PS3.4 annex K), asked by C-FIND."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom.presentation import build_context

from imaging.broken import BROKEN_FILE
from imaging.identity.whose import Identity, read_identity
from riskapp.exchange.archive.answers import Declined
from riskapp.exchange.archive.association import talking
from riskapp.exchange.archive.dimse import PENDING, whole_answers
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.connection_archive import Archive

WORKLIST = UID("1.2.840.10008.5.1.4.31")  # Modality Worklist Information Model - FIND, PS3.4 K.4
MOST = 2_000  # entries of one answer; a large department examines some hundred people a day
TEXT_LETTERS = 200


@dataclass(frozen=True, slots=True)
class PlannedExamination:
    """One scheduled procedure step; ``identity`` says of whom, blank where it does not."""

    identity: Identity
    accession_number: str
    planned_on: date
    procedure: str
    modality: str


def planned(archive: Archive, first: date, last: date) -> tuple[PlannedExamination, ...]:
    """Ask what is planned from the first to the last day, of the modalities of the entry.

    What has no accession number or no day cannot be expected and is left out.

    Raises
    ------
    ArchiveError
        If there is no answer, or none that can be used.
    """
    called = replace(archive, called_ae_title=archive.worklist_ae_title)
    rows: list[Dataset] = []
    for modality in archive.worklist_modalities or ("",):
        rows += _asked(called, _question(first, last, modality))
    return tuple(one for row in rows if (one := _read(row)) is not None)


def _asked(archive: Archive, question: Dataset) -> Sequence[Dataset]:
    rows: list[Dataset] = []
    seconds, most_bytes = ARCHIVE_LIMITS.question_s, ARCHIVE_LIMITS.answer_bytes
    contexts = [build_context(WORKLIST)]
    with talking(archive, contexts, seconds=seconds, most_bytes=most_bytes) as association:
        for status, row in whole_answers(association.send_c_find(question, WORKLIST)):
            code = status.Status
            if code in PENDING and row is not None:
                rows.append(row)
            elif code not in (0x0000, *PENDING):
                raise Declined(f"The worklist refused what it was asked (status {code:04X}).")
            if len(rows) > MOST:
                raise Declined(f"The worklist tells of more than {MOST:,} examinations.")
    return rows


def _question(first: date, last: date, modality: str) -> Dataset:
    """Every attribute that is wanted back, and what it has to match (PS3.4 table K.6-1)."""
    step = Dataset()
    step.ScheduledStationAETitle = None
    step.ScheduledProcedureStepStartDate = f"{first:%Y%m%d}-{last:%Y%m%d}"
    step.ScheduledProcedureStepStartTime = None
    step.Modality = modality or None
    step.ScheduledProcedureStepDescription = None
    asked = Dataset()
    asked.SpecificCharacterSet = "ISO_IR 192"
    for name in (
        "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
        "AccessionNumber", "RequestedProcedureDescription", "RequestedProcedureID",
        "StudyInstanceUID",
    ):  # fmt: skip
        setattr(asked, name, None)
    asked.ScheduledProcedureStepSequence = [step]
    return asked


def _read(row: Dataset) -> PlannedExamination | None:
    try:
        (step, *_) = row.ScheduledProcedureStepSequence
        text = str(step.get("ScheduledProcedureStepStartDate") or "")
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        words = list(_words(row, step))
        modality = str(step.get("Modality") or "")
    except BROKEN_FILE:
        return None
    identity = read_identity(row)
    if not identity.accession_number:
        return None
    return PlannedExamination(
        identity=identity,
        accession_number=identity.accession_number,
        planned_on=day,
        procedure=_printable(next(iter(words), "")),
        modality=_printable(modality)[:16],
    )


def _words(row: Dataset, step: Dataset) -> Iterator[str]:
    for holder, name in (
        (row, "RequestedProcedureDescription"),
        (step, "ScheduledProcedureStepDescription"),
    ):
        if told := str(holder.get(name) or "").strip():
            yield told


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:TEXT_LETTERS]
