"""Keep each patient's row on the lists as the record says: looked at again whenever it changes.

Every action that changes what somebody may wait for calls ``look_again`` within its own
transaction, so that a list never lags behind the record (docs/adr/0040-what-waits.md).
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Func, IntegerField, Q, QuerySet, Subquery
from django.utils import timezone

from riskapp.actions.finding import organisation_of
from riskapp.actions.following_up import follow_ups_of
from riskapp.actions.gathering import Record, SeenScan, gather
from riskapp.actions.waiting import Kind, Waiting, listed_from, waits_of
from riskapp.models import IncidentalFinding, Organisation, Patient, Wait, WorklistRow
from riskapp.models.cds_card import fill_feedback
from riskapp.models.home import fill
from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import Guideline, listed
from riskapp.risk.guideline_lines import lines
from riskapp.risk.guidelines import usual_for

# To be raised whenever these rules change: rows of other rules are written anew.
RULES = "6"
# So many rows are written anew before a page is shown, each in some ten milliseconds.
AT_ONCE = 40
ASK_EVERY_S = 60.0
_nothing: dict[str, float] = {}
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


def look_at_new(home: Organisation) -> bool:
    """Write rows of an organisation that are missing, or that a day or new rules outdated.

    No more than ``AT_ONCE``, as somebody waits for their page; True where that is all of them. The
    worker writes the others (``catch_up``).
    """
    found = _to_look_at(home.pk, AT_ONCE + 1)
    for patient_id in found[:AT_ONCE]:
        look_again(patient_id)
    return len(found) <= AT_ONCE


def look_at_one(*, by: User, patient_id: UUID) -> None:
    """Write one patient's row if it is missing, or a day or new rules outdated it."""
    here = Patient.objects.filter(organisation=organisation_of(by), pk=patient_id)
    today = timezone.localdate()
    written = WorklistRow.objects.filter(Q(valid_before=None) | Q(valid_before__gt=today))
    if here.exists() and not written.filter(pk=patient_id, rules=RULES).exists():
        look_again(patient_id)


def rebuild(*, everybody: bool = False) -> int:
    """Write rows that are missing or outdated, or everybody's; give how many."""
    homes = Organisation.objects.values_list("pk", flat=True)
    # Ids are read ahead: no table is walked through while it is written.
    if everybody:
        found = list(Patient.objects.order_by("pk").values_list("pk", flat=True))
    else:
        found = [one for home in homes for one in _to_look_at(home)]
    for patient_id in found:
        look_again(patient_id)
    return len(found)


def catch_up_if_due() -> bool:
    """For a worker with nothing else to do, who asks often: some of what is outdated.

    Whether there may be more; where there was nothing, it is not looked for a minute.
    """
    if time.monotonic() - _nothing.get("at", -ASK_EVERY_S) < ASK_EVERY_S:
        return False
    if catch_up():
        return True
    _nothing["at"] = time.monotonic()
    return False


def catch_up() -> bool:
    """Write some rows that are outdated or missing; False if there are none.

    First the rows that a version before this one, still running beside it, wrote without saying
    whose they are.
    """
    get_model = partial(apps.get_model, "riskapp")
    if fill(get_model) or fill_feedback(get_model):
        return True
    did = False
    for home in list(Organisation.objects.values_list("pk", flat=True)):
        for patient_id in _to_look_at(home, AT_ONCE):
            look_again(patient_id)
            did = True
    return did


def _to_look_at(home: UUID, most: int | None = None) -> list[UUID]:
    """Ids of patients whose rows are outdated, or who have none; each is found by an index."""
    rows = WorklistRow.objects.filter(organisation=home).order_by()
    people = Patient.objects.filter(organisation=home).order_by()
    fallen_due = rows.filter(valid_before__lte=timezone.localdate())
    outdated = (rows.filter(rules__lt=RULES), rows.filter(rules__gt=RULES), fallen_due)
    # Whether there are any is one question; who they are is asked where there are. To look for
    # who has no row takes long, and to count both tables hardly any time.
    both = (_counted(WorklistRow.objects.order_by()), _counted(Patient.objects.order_by()))
    asked_once = (*map(Exists, outdated), *both)
    *is_there, with_row, known = Organisation.objects.values_list(*asked_once).get(pk=home)
    asked = [which for which, is_any in zip(outdated, is_there, strict=True) if is_any]
    asked += [people.filter(worklist_row=None)] if with_row != known else []
    ids = (id for which in asked for id in which.values_list("pk", flat=True)[:most])
    return list(dict.fromkeys(ids))[:most]


def _counted(rows: QuerySet[Any]) -> Subquery:
    every = Func(template="COUNT(*)", output_field=IntegerField())
    return Subquery(rows.annotate(many=every).values("many"))


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
