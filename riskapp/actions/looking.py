"""Keep each patient's row on the lists as the record says: looked at again whenever it changes.

Every action that changes what somebody may wait for calls ``look_again`` within its own
transaction, so that a list never lags behind the record (docs/adr/0040-what-waits.md).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from riskapp.actions.finding import organisation_of
from riskapp.actions.following_up import follow_ups_of
from riskapp.actions.gathering import Record, SeenScan, gather
from riskapp.actions.waiting import Kind, Waiting, listed_from, waits_of
from riskapp.models import IncidentalFinding, Patient, Wait, WorklistRow
from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import Guideline, listed
from riskapp.risk.guideline_lines import lines
from riskapp.risk.guidelines import usual_for

# To be raised whenever these rules change: rows of other rules are written anew.
RULES = "6"
RANKS = {kind: rank for rank, kind in enumerate(Kind)}


@transaction.atomic
def look_again(patient_id: UUID) -> None:
    """Write anew what one patient waits for; call it inside the transaction of what changed."""
    # Locked, so that of two changes at the same time the later one sees both.
    patient = Patient.objects.select_for_update().get(id=patient_id)
    record = gather(patient)
    waits = [*waits_of(record), *follow_ups_of(record)]
    written = _now(waits) | _summary(record)
    row, _ = WorklistRow.objects.update_or_create(patient=patient, defaults=written)
    row.waits.all().delete()
    Wait.objects.bulk_create(_wait(row, one) for one in waits)
    for scan in record.scans:
        _note_incidental(scan)


def look_at_new(*, by: User) -> int:
    """Write this organisation's rows that are missing, or that a day or new rules outdated."""
    return _look_at(Patient.objects.filter(organisation=organisation_of(by)))


def look_at_one(*, by: User, patient_id: UUID) -> None:
    """Write one patient's row if it is missing, or a day or new rules outdated it."""
    _look_at(Patient.objects.filter(organisation=organisation_of(by), pk=patient_id))


def rebuild(*, everybody: bool = False) -> int:
    """Write rows that are missing or outdated, or everybody's; give how many."""
    return _look_at(Patient.objects.all(), everybody=everybody)


def _look_at(patients: Any, *, everybody: bool = False) -> int:
    if not everybody:
        outdated = Q(worklist_row__valid_before__lte=timezone.localdate())
        patients = patients.filter(Q(worklist_row=None) | ~Q(worklist_row__rules=RULES) | outdated)
    found = list(patients.values_list("pk", flat=True))
    for patient_id in found:
        look_again(patient_id)
    return len(found)


def _now(waits: Iterable[Waiting]) -> dict[str, Any]:
    """The most urgent thing that is waited for today, and the day from which it may be another."""
    today = timezone.localdate()
    listed = [one for one in waits if listed_from(one) <= today]
    first = min(listed, key=lambda one: (RANKS[one.kind], one.since), default=None)
    later = (listed_from(one) for one in waits if listed_from(one) > today)
    return {
        "rank": None if first is None else RANKS[first.kind],
        "since": None if first is None else first.since,
        "valid_before": min(later, default=None),
    }


def _wait(row: WorklistRow, one: Waiting) -> Wait:
    return Wait(
        row=row,
        kind=one.kind,
        rank=RANKS[one.kind],
        reason=one.reason,
        since=one.since,
        listed_from=listed_from(one),
        due_on=one.due_on,
        recall=one.recall,
        rule=one.rule,
        detail=dict(one.detail),
        scan_id=one.scan_id,
    )


def _note_incidental(scan: SeenScan) -> None:
    shown = scan.modality == "ct" and scan.is_measured
    if not shown or (scan.l1_hu is None and not scan.deformed):
        IncidentalFinding.objects.filter(scan_id=scan.id).delete()
        return
    IncidentalFinding.objects.update_or_create(
        scan_id=scan.id,
        defaults={
            "number": scan.number,
            "l1_hu": scan.l1_hu,
            "deformed": scan.deformed,
            "held_back": scan.held_back,
            "is_confirmed": scan.is_confirmed,
        },
    )


def _summary(record: Record) -> dict[str, Any]:
    """The latest numbers, with what each guideline said and where its lines are."""
    made, estimate = record.assessment, record.estimate
    blank = {
        "rules": RULES,
        "active_at": record.active_at,
        "assessment": made,
    }
    if made is None or estimate is None:
        return (
            blank
            | dict.fromkeys(("major", "major_lower", "major_upper", "hip"))
            | {
                "usual_guideline": "",
                "verdicts": {},
            }
        )
    major, hip = estimate["outcomes"]["major_osteoporotic"], estimate["outcomes"]["hip"]
    lower, upper = major["interval_95"] or (None, None)
    age_years, population = made.profile["age_years"], made.profile["population"]
    return blank | {
        "major": major["probability_10y"],
        "major_lower": lower,
        "major_upper": upper,
        "hip": hip["probability_10y"],
        "usual_guideline": usual_for(population),
        "verdicts": dict(_verdicts(estimate.get("guidelines") or (), age_years)),
    }


def _verdicts(
    told: Iterable[Mapping[str, Any]], age_years: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    held: dict[str, Guideline] = {one.code: one for one in listed()}
    for one in told:
        guideline = held.get(one["guideline"])
        # Lines of newer data would not be those that the verdict was given by.
        is_same = guideline is not None and guideline.version == one["version"]
        is_drawn = is_same and one["applies"] is True
        drawn = lines(guideline, age_years)[Outcome.MAJOR_OSTEOPOROTIC] if is_drawn else ()
        yield (
            one["guideline"],
            {
                "name": one["name"],
                "applies": one["applies"],
                "category": one["at_least"],
                "is_decided": one["category"] is not None,
                "possible": list(one["possible"][:-1]),
                "level": one["level"],
                "asks_for": one["asks_for"],
                "why_not": one["why_not"],
                "lines": [[line.percent, line.level] for line in drawn],
            },
        )
