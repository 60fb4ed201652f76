"""What a patient waits for: the rules, in order of urgency."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from riskapp.actions.gathering import Record, SeenScan
from riskapp.exchange.incidental import is_low
from riskapp.models import Scan, Wait

Kind = Wait.Kind
FIRST_CLAUSE = re.compile(r"[:;.](?:\s|$)")  # the whole of a reason stands on the scan's page
# Below one person in twenty a test is not worth asking for for the decision's sake.
WORTH_ASKING = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that a patient waits for; attributes as of ``models.Wait``."""

    kind: Kind
    reason: str
    since: datetime
    listed_from: date | None = None  # None: from the day of ``since``
    due_on: date | None = None
    recall: str = ""
    rule: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    scan_id: UUID | None = None


def waits_of(record: Record) -> Iterator[Waiting]:
    """What the scans and the latest assessment wait for; ``following_up`` has the rest."""
    yield from _scans(record)
    yield from _incidental(record)
    yield from _assessment(record)
    yield from _result(record)


def _scans(record: Record) -> Iterator[Waiting]:
    for scan in record.scans:
        if scan.is_pending:
            yield _of(scan, Kind.MEASURING, "measuring")
        elif scan.waits_to_be_confirmed:
            yield _of(scan, Kind.SCAN, "to_confirm", findings=scan.to_look_at)
        elif scan.status == Scan.Status.MISMATCH:
            yield _of(scan, Kind.SCAN, "names_another")
        # A scan without a measurement holds nothing up that another one serves for.
        elif not scan.is_measured and record.is_news(scan.uploaded_at) and not _serving(record):
            yield _of(scan, Kind.SCAN, "not_measured", why=FIRST_CLAUSE.split(scan.reason)[0])


def _serving(record: Record) -> SeenScan | None:
    """The newest confirmed scan that no assessment has used yet."""
    return next(
        (one for one in record.scans if one.is_confirmed and record.is_news(one.uploaded_at)), None
    )


def _incidental(record: Record) -> Iterator[Waiting]:
    for scan in record.scans:
        if scan.modality != "ct" or not scan.is_measured or scan.is_passed_on:
            continue
        if is_low(scan.l1_hu, scan.held_back):
            yield _of(scan, Kind.CT, "low_attenuation", l1_hu=scan.l1_hu)
        elif scan.deformed:
            yield _of(scan, Kind.CT, "deformed", levels=scan.deformed)


def _assessment(record: Record) -> Iterator[Waiting]:
    if any(scan.is_pending for scan in record.scans):
        return
    scan = _serving(record)
    if record.corrected is not None:
        since = record.corrected.created_at
        yield Waiting(kind=Kind.ASSESS, reason="corrected", since=since)
    elif scan is not None:
        yield Waiting(kind=Kind.ASSESS, reason="new_scan", since=scan.uploaded_at)
    elif record.assessment is None:
        yield Waiting(kind=Kind.ASSESS, reason="never", since=record.patient.registered_at)


def _result(record: Record) -> Iterator[Waiting]:
    """The latest result, until it was discussed: what would decide comes first."""
    made = record.assessment
    if made is None or record.discussion is not None:
        return
    asked_for = _deciding(record)
    if asked_for:
        yield Waiting(
            kind=Kind.INPUTS,
            reason="would_decide",
            since=made.created_at,
            detail={"fields": asked_for},
        )
    yield Waiting(kind=Kind.DISCUSS, reason="not_discussed", since=made.created_at)


def _deciding(record: Record) -> list[str]:
    """Answers that the guideline lacks and that would change its category often enough."""
    own, estimate = record.own_guideline, record.estimate
    if own is None or estimate is None or own["at_least"] is None:
        return []
    is_open = own["category"] is None or bool(own["asks_for"])
    helps = estimate["would_help_most"] if is_open else ()
    return [one["field"] for one in helps if _is_worth_asking(one, own)]


def _is_worth_asking(help_: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    chance = help_.get("chance_decision_changes")
    # Not computed where no guideline was chosen with the estimate; what it lacks is known.
    if chance is not None:
        return bool(chance >= WORTH_ASKING)
    is_density = bool(own["asks_for"]) and help_["field"] == "femoral_neck_t_score"
    return is_density or help_["field"] in own["missing"]


def _of(scan: SeenScan, kind: Kind, reason: str, **detail: Any) -> Waiting:
    return Waiting(kind=kind, reason=reason, since=scan.uploaded_at, detail=detail, scan_id=scan.id)


def listed_from(one: Waiting) -> date:
    return one.listed_from or timezone.localdate(one.since)
