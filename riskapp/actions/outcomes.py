"""What became of patients, told by a table: it is what a model's numbers are held against later."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from imaging.limits import LIMITS
from riskapp.actions import auditing
from riskapp.actions.errors import Refused, TooLarge
from riskapp.actions.finding import organisation_of, within_bounds
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Patient, RecordedOutcome

COLUMNS = ("record_number", "outcome", "date")
KINDS = tuple(RecordedOutcome.Outcome.values)
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a table of outcomes; ``refused`` has a sentence for each row left out."""

    recorded: int
    known_before: int
    refused: tuple[str, ...]


@needs(Ability.RECORD_OUTCOMES)
def record_outcomes(*, by: User, rows: Iterable[Mapping[str, object]]) -> Told:
    """Record outcomes of the organisation's patients; a row that cannot be used stops no other.

    Parameters
    ----------
    rows : iterable of mapping
        ``record_number``, ``outcome`` (hip, other_major_osteoporotic, other_fracture, death, or
        none: nothing heard of up to that day) and ``date`` as YYYY-MM-DD.

    Raises
    ------
    NotAllowed
        If the user is no statistician.
    TooLarge
        If there are more rows than the limit.
    """
    given = list(rows)
    if len(given) > LIMITS.outcome_rows:
        raise TooLarge({"outcomes": f"At most {LIMITS.outcome_rows:,} outcomes fit at a time."})
    # Whoever tells outcomes has the numbers already, and learns nobody's name here.
    theirs = within_bounds(by, Patient.objects.filter(organisation=organisation_of(by)), "pk")
    known = {
        one.record_number: (one.id, one.date_of_birth)
        for one in theirs.only("record_number", "date_of_birth")
    }
    usable: list[RecordedOutcome] = []
    refused: list[str] = []
    for number, row in enumerate(given, start=1):
        try:
            usable.append(_outcome(by, row, known))
        except ValueError as sentence:
            refused.append(f"Row {number}: {sentence}")
    with transaction.atomic():
        before = RecordedOutcome.objects.filter(patient__in={one.patient_id for one in usable})
        told = set(before.values_list("patient_id", "outcome", "on"))
        new = {
            key: one for one in usable if (key := (one.patient_id, one.outcome, one.on)) not in told
        }
        RecordedOutcome.objects.bulk_create(new.values(), batch_size=500)
        if new:
            auditing.record(
                by=by, action="outcomes.record", target="list", detail={"outcomes": len(new)}
            )
    return Told(len(new), len(usable) - len(new), tuple(refused))


def rows_of_csv(content: bytes) -> list[dict[str, object]]:
    """Read a table of outcomes.

    Raises
    ------
    Refused, TooLarge
        If it is no CSV in UTF-8 with the columns named, or larger than the limit.
    """
    if len(content) > LIMITS.outcomes_bytes:
        most = LIMITS.outcomes_bytes // 2**20
        raise TooLarge({"outcomes": f"A table of outcomes may have at most {most} MiB."})
    try:
        text = content.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise Refused(
                {"outcomes": f"The table lacks the columns {', '.join(sorted(missing))}."}
            )
        return [{name: row[name] for name in COLUMNS} for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise Refused({"outcomes": "The table is not CSV in UTF-8."}) from None


def _outcome(
    by: User, row: Mapping[str, object], known: Mapping[str, tuple[object, date]]
) -> RecordedOutcome:
    found = known.get(str(row.get("record_number") or "").strip())
    if found is None:
        raise ValueError("no patient of your organisation has this record number.")
    id, born = found
    kind = str(row.get("outcome") or "").strip()
    if kind not in KINDS:
        raise ValueError(f"an outcome is one of {', '.join(KINDS)}.")
    day = _day(row.get("date"))
    if day > timezone.localdate():
        raise ValueError("the date lies in the future.")
    if day < born:
        raise ValueError("the date lies before the patient’s birth.")
    return RecordedOutcome(patient_id=id, outcome=kind, on=day, recorded_by=by)


def _day(given: object) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given or "").strip())
    except ValueError:
        raise ValueError("a date is written as 2026-06-01.") from None
