"""What happened to a person, newest first: assessments, scans, fractures and treatments."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from imaging.densitometry.sites import site_of_region
from riskapp.actions.stored_answers import evidence_of
from riskapp.exchange.partial_date import PartialDate, Precision
from riskapp.models import Assessment, Discussion, Fracture, Patient, Treatment
from riskapp.web.presenters.measured_table import region_name
from riskapp.web.presenters.numbers import percent, percent_range, plain
from riskapp.web.presenters.story import findings_of, result_of, scan_state

FIRST_CLAUSE = re.compile(r"[:;.](?:\s|$)")  # the whole of a reason stands on the scan's page
SHORT = {Precision.DAY: "j M Y", Precision.MONTH: "M Y", Precision.YEAR: "Y"}
# What the switch shows, by the word in the address.
SHOWN = {"": "All", "scans": "Scans", "fractures": "Fractures", "treatments": "Treatments"}
JUDGED_AT = ("lumbar_spine", "femoral_neck", "total_hip")
MOST_DENSITIES = 3


@dataclass(frozen=True, slots=True)
class AssessmentEvent:
    """One stored answer; blank numbers where it has none of published epidemiology."""

    id: UUID
    at: datetime
    major: str
    major_interval: str | None
    hip: str
    hip_interval: str | None
    unknown: int
    discussions: tuple[Discussion, ...]


@dataclass(frozen=True, slots=True)
class DensityWords:
    """One bone of a scan, e.g. "left femoral neck", "0.594" and "−2.2"."""

    region: str
    value: str
    t_score: str


@dataclass(frozen=True, slots=True)
class ScanEvent:
    """One scan and what became of it."""

    id: UUID
    title: Mapping[str, str]
    state: str
    reason: str
    findings: int
    received_on: date
    is_dated: bool  # its own day is known, else it stands on the day on which it was received
    is_late: bool  # received on another day
    of_report: bool  # numbers that were read, without regions
    densities: tuple[DensityWords, ...]


@dataclass(frozen=True, slots=True)
class TreatmentEvent:
    """Where a course starts, or where it ends."""

    treatment: Treatment
    is_end: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline; ``kind`` says which of the four ``about`` is.

    An assessment is opened only where its line is shown (``opened``).
    """

    kind: str
    iso: str
    when: str
    about: Assessment | AssessmentEvent | ScanEvent | Fracture | TreatmentEvent
    order: tuple[date, datetime]

    @property
    def is_confirmed_scan(self) -> bool:
        return isinstance(self.about, ScanEvent) and self.about.state == "confirmed"


def timeline(
    patient: Patient, made: Iterable[Assessment] = (), show: str = ""
) -> tuple[Event, ...]:
    """Newest first, with the assessments that are given; ``show`` is a key of ``SHOWN``."""
    kinds: dict[str, Iterable[Event]] = {
        "": _assessments(made),
        "scans": _scans(patient),
        "fractures": _fractures(patient),
        "treatments": _treatments(patient),
    }
    events = [event for kind, found in kinds.items() if show in ("", kind) for event in found]
    return tuple(sorted(events, key=lambda event: event.order, reverse=True))


def opened(events: Iterable[Event], whole: Mapping[UUID, Assessment]) -> tuple[Event, ...]:
    """The same with what the assessments among them answered."""
    return tuple(
        replace(one, about=_assessment(whole[one.about.pk]))
        if isinstance(one.about, Assessment)
        else one
        for one in events
        if not isinstance(one.about, Assessment) or one.about.pk in whole
    )


def _assessments(made: Iterable[Assessment]) -> Iterator[Event]:
    for one in made:
        day = timezone.localdate(one.created_at)
        yield _event("assessment", _on(day), one.created_at, one)


def _assessment(one: Assessment) -> AssessmentEvent:
    estimate = evidence_of(one)
    outcomes = estimate["outcomes"] if estimate else {}
    major, hip = outcomes.get("major_osteoporotic"), outcomes.get("hip")
    return AssessmentEvent(
        id=one.pk,
        at=one.created_at,
        major=percent(major["probability_10y"]) if major else "",
        major_interval=percent_range(major["interval_95"]) if major else None,
        hip=percent(hip["probability_10y"]) if hip else "",
        hip_interval=percent_range(hip["interval_95"]) if hip else None,
        unknown=len(estimate["unknown"]) if estimate else 0,
        discussions=tuple(each for each in one.discussions.all() if each.stands),
    )


def _scans(patient: Patient) -> Iterator[Event]:
    for scan in patient.scans.all():
        result = result_of(scan)
        scanned = (result.get("acquired") or {}).get("on")
        received = timezone.localdate(scan.uploaded_at)
        day = date.fromisoformat(scanned) if scanned else received
        about = ScanEvent(
            id=scan.pk,
            title=result.get("kind", {}),
            state=scan_state(scan),
            reason=FIRST_CLAUSE.split(scan.reason)[0],
            findings=findings_of(scan),
            received_on=received,
            is_dated=bool(scanned),
            is_late=day != received,
            of_report=not result.get("regions"),
            densities=_densities(result),
        )
        yield _event("scan", _on(day), scan.uploaded_at, about)


def _densities(result: Mapping[str, Any]) -> tuple[DensityWords, ...]:
    numbers = result.get("measurements", ())
    scores = {one["region"]: one["value"] for one in numbers if one["name"] == "t_score"}
    bones = [
        one
        for one in numbers
        if one["name"] == "areal_bmd" and site_of_region(one["region"]) in JUDGED_AT
    ]
    return tuple(
        DensityWords(
            region_name(one["region"]),
            plain(one["value"], 3),
            plain(scores[one["region"]]) if one["region"] in scores else "",
        )
        for one in bones[:MOST_DENSITIES]
    )


def _fractures(patient: Patient) -> Iterator[Event]:
    for one in patient.fractures.all():
        if one.stands:
            yield _event("fracture", one.happened, one.recorded_at, one)


def _treatments(patient: Patient) -> Iterator[Event]:
    for one in patient.treatments.all():
        if not one.stands:
            continue
        yield _event("treatment", one.started, one.recorded_at, TreatmentEvent(one, is_end=False))
        if one.ended:
            yield _event("treatment", one.ended, one.recorded_at, TreatmentEvent(one, is_end=True))


def _on(day: date) -> PartialDate:
    return PartialDate(day, Precision.DAY)


def _event(
    kind: str,
    known: PartialDate,
    written: datetime,
    about: Assessment | AssessmentEvent | ScanEvent | Fracture | TreatmentEvent,
) -> Event:
    when = date_format(known.first, SHORT[known.precision])
    return Event(kind, str(known), when, about, (known.first, written))
