"""What monitoring looks at, and the look that is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.serving import engine_as_registered
from riskapp.actions.stored_answers import stored_profile
from riskapp.models import (
    Assessment,
    MonitoringSnapshot,
    RecordedOutcome,
    RegisteredModel,
)
from riskapp.risk.answering import answers
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.profile import RiskProfile

BARE = EstimateOptions(explain=False, interval=False, verdicts=False)
# Inputs are those of the last year: older ones have had their look.
LOOKED_BACK = timedelta(days=365)
DAYS_PER_YEAR = 365.25
Kind = RecordedOutcome.Outcome
EVENTS = {
    Outcome.HIP: (Kind.HIP,),
    Outcome.MAJOR_OSTEOPOROTIC: (Kind.HIP, Kind.OTHER_MAJOR),
}


@dataclass(frozen=True, slots=True)
class Assessed:
    """One person's assessment as the model is asked about it now."""

    day: date
    profile: RiskProfile
    estimate: RiskEstimate | None


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a person after an assessment, for one outcome; years from that day."""

    day: date
    estimate: RiskEstimate
    years: float
    event: bool
    died: bool


def assessed(model: RegisteredModel) -> list[Assessed]:
    """The latest assessment of each of the organisation's patients in the last year.

    Raises
    ------
    UnknownModel
        If the model's folder is not what was registered.
    """
    since = timezone.now() - LOOKED_BACK
    rows = _stored(model).filter(created_at__gte=since).order_by("patient_id", "created_at")
    latest = {row.patient_id: row for row in rows}
    return _asked(model, list(latest.values()))


def followed(model: RegisteredModel, outcome: Outcome) -> list[Followed]:
    """Each patient's first assessment and what was heard afterwards; others are left out.

    Someone of whom nothing was told is not taken to be well: they do not count.
    """
    heard = _heard(model)
    rows = _stored(model).filter(patient__in=heard).order_by("patient_id", "-created_at")
    first = list({row.patient_id: row for row in rows}.values())
    found = []
    for row, asked in zip(first, _asked(model, first), strict=True):
        seen = _course(asked.day, heard[row.patient_id], EVENTS[outcome])
        if seen is not None and asked.estimate is not None:
            found.append(Followed(asked.day, asked.estimate, *seen))
    return found


@transaction.atomic
def keep_look(
    model: RegisteredModel,
    days: Sequence[date],
    findings: Sequence[Mapping[str, Any]],
    verdict: str,
) -> MonitoringSnapshot:
    """Store one look at a model."""
    snapshot = MonitoringSnapshot.objects.create(
        model=model,
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        assessments=len(days),
        findings=list(findings),
        verdict=verdict,
    )
    auditing.record(
        by=auditing.Actor.MONITORING,
        action="model.look",
        target=model.id,
        organisation=model.organisation,
    )
    return snapshot


def _stored(model: RegisteredModel) -> QuerySet[Assessment]:
    return Assessment.objects.filter(patient__organisation=model.organisation_id)


def _asked(model: RegisteredModel, rows: Sequence[Assessment]) -> list[Assessed]:
    engine = engine_as_registered(model)
    profiles = [stored_profile(row) for row in rows]
    told = answers(engine, profiles, BARE) if profiles else []
    return [
        Assessed(
            timezone.localdate(row.created_at),
            profile,
            None if isinstance(answer, RiskError) else answer,
        )
        for row, profile, answer in zip(rows, profiles, told, strict=True)
    ]


def _heard(model: RegisteredModel) -> dict[Any, list[tuple[str, date]]]:
    heard: dict[Any, list[tuple[str, date]]] = {}
    told = RecordedOutcome.objects.filter(patient__organisation=model.organisation_id)
    for patient, kind, on in told.order_by("on").values_list("patient_id", "outcome", "on"):
        heard.setdefault(patient, []).append((kind, on))
    return heard


def _course(
    day: date, heard: Sequence[tuple[str, date]], events: tuple[str, ...]
) -> tuple[float, bool, bool] | None:
    """Years until the event, death or the last thing heard; None if all of it was before."""
    after = [(kind, on) for kind, on in heard if on > day]
    if not after:
        return None
    event = next((on for kind, on in after if kind in events), None)
    death = next((on for kind, on in after if kind == Kind.DEATH), None)
    if event is not None:
        return (event - day).days / DAYS_PER_YEAR, True, False
    last = death or after[-1][1]
    return (last - day).days / DAYS_PER_YEAR, False, death is not None
