"""What a hospital's system told of a patient: kept as it was read, and offered to assessments."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.looking import look_again
from riskapp.actions.recorded_answers import same_answer
from riskapp.actions.superseding import SIZE, TOGETHER, newest
from riskapp.exchange.scan_fields import DENSITY, SLOTS
from riskapp.models import ImportedRecord, Patient
from riskapp.models.composed import Composed

# Weight and the like change: what was told longer ago is asked anew (assumption).
USED_FOR = timedelta(days=365)
# These are the patient's own, and compared with the record's before anything is imported.
OF_THE_PERSON = ("age_years", "sex")
TOLD = Composed(ImportedRecord.objects.all, "patient", "received_at__gt")


class Readable(Protocol):
    """What a reader of records gives: ``FhirRecord`` and its like."""

    @property
    def answers(self) -> Mapping[str, Any]: ...
    @property
    def chosen(self) -> Iterable[Any]: ...
    @property
    def passed_over(self) -> Iterable[Any]: ...


@dataclass(frozen=True, slots=True)
class Imported:
    """Answers by field, and the reading that each rests on."""

    answers: Mapping[str, object]
    records: Mapping[str, ImportedRecord]


def import_record(
    *, by: User, patient: Patient, source: str, record: Readable, is_whole: bool = True
) -> ImportedRecord:
    """Keep what a system told of a patient; the same told again is kept once.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    """
    find_patient(by=by, id=patient.id)
    told = {
        "answers": {name: _plain(value) for name, value in record.answers.items()},
        "chosen": [_plain(asdict(one)) for one in record.chosen],
        "passed_over": [_plain(asdict(one)) for one in record.passed_over],
    }
    with transaction.atomic():
        newest = patient.imported.filter(source=source).last()
        if newest and {name: getattr(newest, name) for name in told} == told:
            if newest.received_at > timezone.now() - USED_FOR / 2:
                return newest
        kept = ImportedRecord.objects.create(
            patient=patient, source=source, is_whole=is_whole, received_by=by, **told
        )
        auditing.record(by=by, action="record.import", target=kept.id, patient=patient.id)
        look_again(patient.id)
    return kept


def imported_answers(
    *,
    patient: Patient,
    given: Mapping[str, object],
    left_blank: Collection[str] = (),
    standing: Sequence[ImportedRecord] | None = None,
) -> Imported:
    """What other systems answer where nobody else did, as far as it fits what is ``given``.

    Of several systems the latest word counts, field by field: what was so last, and where that is
    not told what was heard last. What is given and is the same as was told counts as told.
    ``standing`` are the patient's ``standing_records``, where they were read a moment ago.
    """
    if standing is None:
        standing = standing_records(patient)
    found: dict[str, tuple[object, ImportedRecord]] = {}
    for place, one in enumerate(standing):
        offered = fitting(newest(one, standing[place + 1 :], found), {})
        # What belongs together comes from one reading.
        kept = fitting({name: value for name, (value, _) in found.items()}, offered)
        found = {name: found[name] for name in kept}
        found |= {name: (value, one) for name, value in offered.items()}
    # A form sends back what it was filled with: that is no answer of somebody else's.
    others = {
        name: value
        for name, value in given.items()
        if name not in found or not same_answer(value, found[name][0])
    }
    answers = fitting({name: value for name, (value, _) in found.items()}, others, left_blank)
    return Imported(answers, {name: found[name][1] for name in answers})


def standing_records(patient: Patient) -> list[ImportedRecord]:
    """What each system told last, the oldest first."""
    standing: list[ImportedRecord] = []
    for one in TOLD.by(patient.pk, timezone.now() - USED_FOR):
        one.patient = patient
        if one.is_whole:
            standing = [other for other in standing if other.source != one.source]
        standing.append(one)
    return standing


def fitting(
    offered: Mapping[str, object], given: Mapping[str, object], left_blank: Collection[str] = ()
) -> dict[str, object]:
    """What of the answers offered can stand beside those given, without contradicting them."""
    taken = {*given, *left_blank}
    barred = {*taken, *OF_THE_PERSON}
    for group in TOGETHER:
        if taken.intersection(group):
            barred |= set(group)
    if taken.intersection((*SIZE, "body_mass_index")):
        # Weight beside height may come from two places, an index beside either may contradict.
        barred |= {"body_mass_index"} | (set(SIZE) if "body_mass_index" in taken else set())
    fits = {name: value for name, value in offered.items() if name not in barred}
    densities = {field for slot in DENSITY for field in SLOTS[slot].fields}
    if not densities.intersection(fits):
        fits.pop("dxa_date", None)
        fits.pop("dxa_manufacturer", None)
    elif given.get("dxa_manufacturer") not in (None, offered.get("dxa_manufacturer")):
        fits = {name: value for name, value in fits.items() if "_bmd_g_cm2" not in name}
    return fits


def _plain(value: Any) -> Any:
    """As JSON gives it back."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
