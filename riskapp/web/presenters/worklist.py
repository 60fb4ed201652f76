"""The worklist as the page shows it: one row, one reason to act, one button."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from riskapp.actions.worklist import EVERYONE, Order, Worklist
from riskapp.exchange.sentences import listed_in_words
from riskapp.exchange.wait_wording import wait_note, wait_title
from riskapp.models import Patient, Wait, WorklistRow
from riskapp.risk.guideline_lines import HIGH, VERY_HIGH
from riskapp.web.presenters.lists import Tab, due_in_words, link, waited_in_words
from riskapp.web.presenters.numbers import percentage, plain
from riskapp.web.presenters.strip import WORKLIST_SCALE, spark

Kind = Wait.Kind
LEVELS = {HIGH: "high", VERY_HIGH: "very high"}
# The lowest has no colour of its own: a low number is no all-clear.
TONES = ("", "", "is-caution", "is-stop")
ICONS = ("", "", "caution", "stop")
TABS = {
    Kind.SCAN: "Scan to look at",
    Kind.FRACTURE: "Fracture, no treatment",
    Kind.CT: "Low on CT",
    Kind.ASSESS: "To assess",
    Kind.INPUTS: "Inputs missing",
    Kind.DISCUSS: "To discuss",
    Kind.FOLLOW_UP: "Due for review",
    Kind.MEASURING: "Being measured",
}
ORDERS = {
    Order.LONGEST: "Longest wait first",
    Order.LATEST: "Latest activity first",
    Order.HIGHEST: "Highest risk first",
}
# The one button of a row, by reason; of the others by kind.
NEXT = {
    "to_confirm": "confirm",
    "names_another": "compare",
    "not_measured": "why",
    "scan_wanted": "add_scan",
    "fracture_scan": "add_scan",
    "scan_on_treatment": "add_scan",
    "treatment_review": "record",
    "stopped_at_once": "record",
    Kind.CT: "see_scan",
    Kind.MEASURING: "see_scan",
    Kind.DISCUSS: "discuss",
    Kind.INPUTS: "fill_in",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """What the reader's guideline says, in two or three words and one line below."""

    words: str
    note: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """One patient with the one thing to do next."""

    patient: Patient
    age_years: int
    title: str
    note: str
    since: datetime | None
    waited: str
    do_next: str
    scan_id: UUID | None
    assessment_id: UUID | None
    major: Mapping[str, str | None] | None
    hip: str
    lines: tuple[str, ...]  # where the guideline's thresholds are drawn
    lines_told: str
    guideline: str
    badge: Badge | None


def row_view(row: WorklistRow, wait: Wait | None, guideline: str, today: date) -> Row:
    """Shape one row; ``guideline`` is the reader's own, blank for the usual one."""
    verdict = row.verdicts.get(guideline or row.usual_guideline)
    lines = verdict["lines"] if verdict else []
    return Row(
        patient=row.patient,
        age_years=row.patient.age_years_on(today),
        title=wait_title(wait.reason) if wait else "",
        note=wait_note(wait.reason, wait.detail) if wait else "",
        since=wait.since if wait else None,
        waited=waited(wait, today),
        do_next=do_next(row, wait),
        scan_id=wait.scan_id if wait else None,
        assessment_id=row.assessment_id,
        major=_spark(row),
        hip="" if row.hip is None else percentage(row.hip),
        lines=tuple(WORKLIST_SCALE.at(percent) for percent, _ in lines),
        lines_told=_told(lines),
        guideline=verdict["name"] if verdict else "",
        badge=_badge(verdict) if verdict else None,
    )


def _spark(row: WorklistRow) -> Mapping[str, str | None] | None:
    if row.major is None:
        return None
    interval = None if row.major_lower is None else (row.major_lower, row.major_upper)
    return spark({"probability_10y": row.major, "interval_95": interval})


def _told(lines: Iterable[tuple[float, int]]) -> str:
    """The thresholds in words, as the drawing alone must not say them."""
    parts = [f"{LEVELS[level]} from {plain(percent)}\u00a0%" for percent, level in lines]
    return ", ".join(parts)


def _badge(verdict: Mapping[str, Any]) -> Badge:
    if verdict["category"] is None:
        words = "Does not apply" if verdict["applies"] is False else "Not decided"
        return Badge(words, verdict["name"], "", "")
    words, _, rest = verdict["category"].partition(": ")
    level = verdict["level"] or 0
    doubt = "" if verdict["is_decided"] else f"or {listed_in_words(verdict['possible'], 'or')}"
    note = "; ".join(part for part in (rest, doubt.replace(": ", ", ")) if part)
    return Badge(words[:1].upper() + words[1:], note, TONES[level], ICONS[level])


def waited(wait: Wait | None, today: date) -> str:
    if wait is None:
        return ""
    if wait.kind == Kind.FOLLOW_UP and wait.due_on is not None:
        return due_in_words(wait.due_on, today)
    return waited_in_words(timezone.localdate(wait.since), today)


def do_next(row: WorklistRow, wait: Wait | None) -> str:
    if wait is None:
        return "record"
    if wait.kind == Kind.FRACTURE and row.assessment_id is not None:
        return "discuss"
    return NEXT.get(wait.reason) or NEXT.get(wait.kind) or "assess"


def tabs(found: Worklist, asked: Mapping[str, str]) -> tuple[Tab, ...]:
    """All who wait, each kind that somebody waits for, and everyone."""
    # A search looks among everyone unless a tab is chosen.
    current = found.waits or (EVERYONE if asked.get("q") else "")
    kinds = [
        (kind.value, label)
        for kind, label in TABS.items()
        if found.counts[kind.value] or current == kind.value
    ]
    made = [Tab("Waiting", found.waiting, link(asked, waits="", q="", page=""), current == "")]
    made += [
        Tab(label, found.counts[name], link(asked, waits=name, page=""), current == name)
        for name, label in kinds
    ]
    everyone = link(asked, waits=EVERYONE, page="")
    return (*made, Tab("Everyone", found.counts[EVERYONE], everyone, current == EVERYONE))
