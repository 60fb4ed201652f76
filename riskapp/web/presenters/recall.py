"""The recall list and the list of incidental findings as their pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from riskapp.actions.incidental import CLOSED, OPEN, PASSED_ON, Incidental
from riskapp.actions.recalling import ALL, MONTH, OVERDUE, QUARTER, RecallList
from riskapp.exchange.incidental import THRESHOLDS, is_low
from riskapp.exchange.wait_wording import wait_note, wait_title
from riskapp.models import IncidentalFinding, Patient, RadiologyStep, Wait
from riskapp.risk.recall_rules import RecallRule, recall_rules
from riskapp.web.presenters.lists import Tab, due_in_words, link
from riskapp.web.presenters.numbers import plain

RECALLED = "recalled, to be confirmed"
DUE_FOR = {
    Wait.Recall.FRACTURE: "Fracture, no treatment",
    Wait.Recall.SCAN: "Scan",
    Wait.Recall.ASSESSMENT: "Assessment",
    Wait.Recall.TREATMENT: "Treatment review",
}
WITHIN = {
    OVERDUE: "Overdue",
    MONTH: "Due within 4 weeks",
    QUARTER: "Due within 3 months",
    ALL: "All, however far ahead",
}
STATES = {OPEN: "Open", PASSED_ON: "With radiology", CLOSED: "Closed"}


@dataclass(frozen=True, slots=True)
class RecallRow:
    """Who is due for what, and by which rule."""

    patient: Patient
    age_years: int
    due_for: str
    kind: str
    note: str
    since: datetime
    due_on: date | None
    due: str
    is_overdue: bool
    rule: RecallRule
    is_recalled: bool


def recall_row(wait: Wait, today: date) -> RecallRow:
    rule = recall_rules()[wait.rule]
    patient = wait.row.patient
    return RecallRow(
        patient=patient,
        age_years=patient.age_years_on(today),
        due_for=wait_title(wait.reason),
        kind=wait.recall,
        note=wait_note(wait.reason, wait.detail),
        since=wait.since,
        due_on=wait.due_on,
        due=due_in_words(wait.due_on, today) if wait.due_on else "",
        is_overdue=wait.due_on is not None and wait.due_on < today,
        rule=rule,
        is_recalled=rule.mark == RECALLED,
    )


def recall_tabs(found: RecallList, asked: Mapping[str, str]) -> tuple[Tab, ...]:
    current = asked["for"]
    everybody = sum(found.counts.values())
    return (
        Tab("All", everybody, link(asked, **{"for": "", "page": ""}), not current),
        *(
            Tab(words, found.counts[name], link(asked, **{"for": name.value, "page": ""}),
                current == name)
            for name, words in DUE_FOR.items()
        ),
    )  # fmt: skip


def recall_cells(wait: Wait) -> tuple[object, ...]:
    """One line of the download."""
    rule, today = recall_rules()[wait.rule], timezone.localdate()
    due = wait.due_on
    return (
        wait.row.patient.record_number,
        wait.recall,
        ": ".join(part for part in (wait_title(wait.reason), _note(wait)) if part),
        timezone.localdate(wait.since).isoformat(),
        due.isoformat() if due else "",
        max(0, (today - due).days) if due else "",
        rule.says,
        rule.source,
        rule.mark,
    )


def _note(wait: Wait) -> str:
    return wait_note(wait.reason, wait.detail)


@dataclass(frozen=True, slots=True)
class CtRow:
    """One CT with what it shows of the bone by chance."""

    finding: IncidentalFinding
    patient: Patient
    age_years: int
    hu: str
    is_low: bool
    meets: str  # the strictest threshold that it lies at or below
    deformed: str
    steps: tuple[RadiologyStep, ...]


def ct_row(found: IncidentalFinding, today: date) -> CtRow:
    met = [one for one in THRESHOLDS if is_low(found.l1_hu, found.held_back, one.hu)]
    patient = found.scan.patient
    return CtRow(
        finding=found,
        patient=patient,
        age_years=patient.age_years_on(today),
        hu="" if found.l1_hu is None else plain(found.l1_hu, 0),
        is_low=bool(met),
        meets=plain(met[0].hu, 0) if met else "",
        deformed=", ".join(found.deformed),
        steps=tuple(found.scan.radiology_steps.all()),
    )


def ct_tabs(found: Incidental, asked: Mapping[str, str]) -> tuple[Tab, ...]:
    current = asked["state"] or OPEN
    return tuple(
        Tab(words, found.counts[name], link(asked, state=name, page=""), current == name)
        for name, words in STATES.items()
    )
