"""The clinical page of a report: everything about one stored assessment that fits one sheet."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from riskapp.actions.reporting import ScanShown
from riskapp.actions.stored_answers import evidence_of, warnings_of
from riskapp.actions.telling import narrative_of
from riskapp.exchange.numbers import percent, signed
from riskapp.exchange.sentences import small
from riskapp.exchange.wording import value_text
from riskapp.models import Assessment
from riskapp.web.presenters.answer import MAJOR, Answer
from riskapp.web.presenters.answer import answer as shaped
from riskapp.web.presenters.facts import Fact, facts
from riskapp.web.presenters.fields import label_of
from riskapp.web.presenters.measurement_choice import stored_slots

# How much of each list stands on the page, by level: the less room, the shorter.
MOST_REASONS = (10, 10, 9, 8, 7, 6)
MOST_WARNINGS = (8, 8, 6, 5, 4, 3)
MOST_UNKNOWN = (24, 24, 18, 14, 10, 8)


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution: what is known, and the points that go with it."""

    label: str
    value: str
    points: str
    goes: str  # raises, lowers or nowhere
    start: str  # of its bar from the middle of the column, in percent
    width: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The largest contributions, what the others come to, and what they start from."""

    baseline: str
    shown: tuple[Reason, ...]
    others: int
    others_points: str
    result: str


@dataclass(frozen=True, slots=True)
class ClinicalPage:
    """What the page says; it names the patient."""

    name: str
    sex: str
    date_of_birth: date
    age: int
    record_number: str
    made_at: datetime
    made_by: str
    answer: Answer
    density: str  # of which scan, how old it was, which side
    narrative: str
    reasons: Reasons | None
    facts: tuple[Fact, ...]
    slots: Sequence[Mapping[str, Any]]
    scan: ScanShown | None
    picture: str  # as a data address
    software: str
    warnings: tuple[str, ...]
    warnings_more: int
    unknown: tuple[str, ...]
    unknown_more: int
    level: int


def clinical_page(
    assessment: Assessment, populations: Mapping[str, str], scan: ScanShown | None, level: int
) -> ClinicalPage:
    """Shape an assessment with an answer, at a level of detail: 0 is all of it."""
    estimate = evidence_of(assessment)
    if estimate is None:
        raise ValueError("Only what was answered is printed.")
    profile, patient = assessment.profile, assessment.patient
    said = shaped(
        estimate,
        profile,
        populations,
        warnings_of(assessment),
        assessment.other_evidence,
        made_on=timezone.localdate(assessment.created_at),
    )
    told = (*said.warnings, *said.left_out)
    unknown = tuple(small(one.label) for one in said.unknown)
    groups = facts(profile, assessment.provenance, populations, assessment.site_values)
    return ClinicalPage(
        name=patient.name,
        sex=patient.sex,
        date_of_birth=patient.date_of_birth,
        age=patient.age_years_on(timezone.localdate(assessment.created_at)),
        record_number=patient.record_number,
        made_at=assessment.created_at,
        made_by=assessment.created_by.get_full_name() or assessment.created_by.get_username(),
        answer=said,
        density=_density(said, assessment),
        narrative=narrative_of(assessment),
        reasons=reasons(estimate, MOST_REASONS[level]),
        facts=tuple(fact for group in groups for fact in group.facts),
        slots=[slot for slot in stored_slots(assessment.measurements) if slot["used"]],
        scan=scan,
        picture=f"data:image/png;base64,{b64encode(scan.png).decode()}" if scan else "",
        software=assessment.software_version,
        warnings=told[: MOST_WARNINGS[level]],
        warnings_more=max(0, len(told) - MOST_WARNINGS[level]),
        unknown=unknown[: MOST_UNKNOWN[level]],
        unknown_more=max(0, len(unknown) - MOST_UNKNOWN[level]),
        level=level,
    )


def _density(said: Answer, assessment: Assessment) -> str:
    """Of which day, which side where a scan tells it, and what is to be minded of it."""
    now = said.stands_on
    used = [slot["used"] for slot in stored_slots(assessment.measurements) if slot["used"]]
    sides = {word for one in used for word in ("left", "right") if word in one["region"]}
    told = (small(now.density), *(f"{side} side" for side in sorted(sides)))
    return ", ".join(told) + (f". {now.density_caution.rstrip('.')}" if now.density_caution else "")


def reasons(estimate: Mapping[str, Any], most: int) -> Reasons | None:
    """Contributions to major fracture, the largest first; None where there are none to tell."""
    explanation = estimate.get("explanation") or {}
    told = explanation.get("contributions", ())
    if not explanation.get("baseline") or any(one["probability"] is None for one in told):
        return None
    points = [(100 * one["probability"][MAJOR], one) for one in told]
    points.sort(key=lambda pair: -abs(pair[0]))
    largest = max((abs(change) for change, _ in points), default=1.0) or 1.0
    rest = points[most:]
    return Reasons(
        baseline=percent(explanation["baseline"][MAJOR]),
        shown=tuple(_reason(one, change, largest) for change, one in points[:most]),
        others=len(rest),
        others_points=signed(sum(change for change, _ in rest)),
        result=percent(estimate["outcomes"][MAJOR]["probability_10y"]),
    )


def _reason(one: Mapping[str, Any], change: float, largest: float) -> Reason:
    written = signed(change)
    half = 50 * abs(change) / largest
    return Reason(
        label=one.get("label") or label_of(one["field"]),
        value=_value(one),
        points=written,
        goes="nowhere" if written == signed(0.0) else "raises" if change > 0 else "lowers",
        start=f"{50 - half if change < 0 else 50:.1f}%",
        width=f"{half:.1f}%",
    )


def _value(one: Mapping[str, Any]) -> str:
    told = value_text(one["field"], one["value"], one["unit"])
    beside: Iterable[str] = one.get("beside") or ()
    return f"{told}, with {', '.join(label_of(name) for name in beside)}" if beside else told
