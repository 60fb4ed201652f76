"""A person's answers completed from what is known already, and where each came from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from riskapp.actions.choosing import chosen_for, sources_of
from riskapp.actions.importing_record import imported_answers, standing_records
from riskapp.actions.recorded_answers import Offered, offered_by, recorded_answers, same_answer
from riskapp.exchange.scan_choice import Choice, Source
from riskapp.exchange.scan_fields import SLOTS
from riskapp.models import ImportedRecord, Patient, Scan

TYPED, RECORD = "typed", "record"


@dataclass(frozen=True, slots=True)
class Known:
    """Answers completed from scans and record, where each came from, and what was chosen."""

    answers: dict[str, object]
    origins: dict[str, str]
    choice: Choice


@dataclass(frozen=True, slots=True)
class Heard:
    """What the record, other systems and scans say of a patient, as it was read once."""

    recorded: Offered
    imported: Sequence[ImportedRecord]
    sources: Sequence[Source]


def heard_of(patient: Patient, scans: Sequence[Scan]) -> Heard:
    return Heard(offered_by(patient), standing_records(patient), sources_of(scans))


def with_known(
    *,
    patient: Patient,
    answers: Mapping[str, object],
    scans: Sequence[Scan],
    measurements: Mapping[str, str] | None = None,
    left_blank: Collection[str] = (),
    heard: Heard | None = None,
) -> Known:
    """Answers completed from the scans, the patient's record and what other systems told.

    An answer given always wins, and so does a field ``left_blank`` by somebody who saw what the
    record says of it; what the scans give is chosen by ``actions.choosing``. ``heard`` is what
    ``heard_of`` the patient and these scans a moment ago.

    Raises
    ------
    Refused
        If a measurement that was asked for cannot be used.
    """
    heard = heard or heard_of(patient, scans)
    complete = {field: value for field, value in answers.items() if not _is_blank(value)}
    offered = chosen_for(patient, heard.sources, measurements)
    # A form sends back what it was filled with: the same value still comes from the scan.
    sent_back = {
        field for field, value in complete.items() if same_answer(value, offered.fields.get(field))
    }
    typed = {
        field
        for slot in SLOTS.values()
        for field in slot.fields
        if field in complete and sent_back.isdisjoint(slot.fields)
    }
    maker = "" if "dxa_manufacturer" in sent_back else complete.get("dxa_manufacturer", "")
    choice = chosen_for(patient, heard.sources, measurements, typed, str(maker))
    known: dict[str, tuple[object, str]] = {
        "age_years": (patient.age_years_on(timezone.localdate()), RECORD),
        "sex": (patient.sex, RECORD),
    }
    recorded = recorded_answers(
        patient=patient, given=complete, left_blank=left_blank, offered=heard.recorded
    )
    known |= {field: (value, RECORD) for field, value in recorded.answers.items()}
    for field, value in choice.fields.items():
        source = choice.source_of(field)
        if source is not None:
            known[field] = (value, f"scan {source.scan} version {source.version}")
    here = {field: value for field, (value, _) in known.items()}
    imported = imported_answers(
        patient=patient,
        given={**here, **complete},
        left_blank=left_blank,
        standing=heard.imported,
    )
    for field, value in imported.answers.items():
        known[field] = (value, f"imported {imported.records[field].id}")
    origins = dict.fromkeys(complete, TYPED)
    for field, (value, origin) in known.items():
        if same_answer(complete.setdefault(field, value), value):
            origins[field] = origin
    return Known(complete, origins, choice)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
