"""What a patient waits for, and what happened to them so far."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from imaging.result import Severity
from riskapp.actions.scoring import EVIDENCE
from riskapp.models import Assessment, Patient, Scan
from riskapp.web.presenters.numbers import percent, percent_range
from riskapp.web.presenters.strip import spark

FIRST_CLAUSE = re.compile(r"[:;.](?:\s|$)")  # the whole of a reason stands on the scan's page


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One patient with the one thing to do next."""

    patient: Patient
    age_years: int
    state: str  # measuring, stopped, to_confirm, to_assess or assessed
    since: datetime
    findings: int
    scan: Scan | None
    assessment: Assessment | None
    major: Mapping[str, str | None] | None
    hip: Mapping[str, str | None] | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline."""

    kind: str  # scan or assessment
    at: datetime
    id: UUID
    state: str
    title: Mapping[str, str]
    reason: str
    findings: int
    major: str
    major_interval: str | None
    hip: str
    hip_interval: str | None
    unknown: int
    scanned_on: date | None = None
    of_report: bool = False  # numbers that were read, without regions


def evidence_of(assessment: Assessment) -> Mapping[str, Any] | None:
    """The estimate that is shown first and to patients: published epidemiology only.

    None for an assessment that was stored before every one had it.
    """
    return next((one for one in assessment.estimates if one["engine"] == EVIDENCE), None)


def scan_state(scan: Scan) -> str:
    """In what state a scan waits: measuring, stopped, to_confirm or confirmed."""
    if scan.is_pending:
        return "measuring"
    if scan.status != Scan.Status.MEASURED:
        return "stopped"
    versions = sorted(scan.versions.all(), key=lambda version: version.number)
    return "confirmed" if versions and versions[-1].confirmed_at else "to_confirm"


def waiting_scan(scans: Iterable[Scan]) -> Scan | None:
    """The scan to look at next: the latest, but regions to confirm come before everything.

    A scan without a measurement waits only where nothing else does.
    """
    order = ("stopped", "confirmed", "measuring", "to_confirm")
    return max(
        scans, key=lambda scan: (order.index(scan_state(scan)), scan.uploaded_at), default=None
    )


def worklist_row(patient: Patient, today: date) -> WorklistRow:
    """Expects scans with versions and assessments to be fetched along."""
    answered = [one for one in patient.assessments.all() if evidence_of(one)]
    assessment = max(answered, key=lambda one: one.created_at, default=None)
    scan = waiting_scan(one for one in patient.scans.all() if _is_news(one, assessment))
    state, since = "to_assess", patient.registered_at
    if assessment:
        state, since = "assessed", assessment.created_at
    if scan:
        waits = scan_state(scan)
        state, since = ("to_assess" if waits == "confirmed" else waits), scan.uploaded_at
    estimate = evidence_of(assessment) if assessment else None
    outcomes = estimate["outcomes"] if estimate else None
    return WorklistRow(
        patient=patient,
        age_years=patient.age_years_on(today),
        state=state,
        since=since,
        findings=_findings(scan) if scan else 0,
        scan=scan,
        assessment=assessment,
        major=spark(outcomes["major_osteoporotic"]) if outcomes else None,
        hip=spark(outcomes["hip"]) if outcomes else None,
    )


def _is_news(scan: Scan, assessment: Assessment | None) -> bool:
    """Regions wait to be confirmed whatever was estimated meanwhile."""
    waits = scan_state(scan) in ("measuring", "to_confirm")
    return waits or assessment is None or scan.uploaded_at > assessment.created_at


def timeline(patient: Patient) -> tuple[Event, ...]:
    """Scans and assessments, newest first."""
    events = [_scan_event(scan) for scan in patient.scans.prefetch_related("versions")]
    events += [_assessment_event(one) for one in patient.assessments.all()]
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))


def _scan_event(scan: Scan) -> Event:
    result = _result(scan)
    kind = result.get("kind", {})
    day = (result.get("acquired") or {}).get("on")
    return Event(
        kind="scan", at=scan.uploaded_at, id=scan.pk, state=scan_state(scan), title=kind,
        reason=FIRST_CLAUSE.split(scan.reason)[0], findings=_findings(scan), major="",
        major_interval=None, hip="", hip_interval=None, unknown=0,
        scanned_on=date.fromisoformat(day) if day else None,
        of_report=not result.get("regions"),
    )  # fmt: skip


def _assessment_event(assessment: Assessment) -> Event:
    estimate = evidence_of(assessment)
    event = Event(
        kind="assessment", at=assessment.created_at, id=assessment.pk, state="unanswered", title={},
        reason="", findings=0, major="", major_interval=None, hip="", hip_interval=None, unknown=0,
    )  # fmt: skip
    if estimate is None:
        return event
    major, hip = estimate["outcomes"]["major_osteoporotic"], estimate["outcomes"]["hip"]
    return replace(
        event,
        state="assessed",
        major=percent(major["probability_10y"]),
        major_interval=percent_range(major["interval_95"]),
        hip=percent(hip["probability_10y"]),
        hip_interval=percent_range(hip["interval_95"]),
        unknown=len(estimate["unknown"]),
    )


def _result(scan: Scan) -> Mapping[str, Any]:
    versions = sorted(scan.versions.all(), key=lambda version: version.number)
    return versions[-1].result if versions else {}


def _findings(scan: Scan) -> int:
    """How many findings ask to be looked at; notes do not."""
    return sum(
        finding["severity"] != Severity.INFO.value for finding in _result(scan).get("quality", [])
    )
