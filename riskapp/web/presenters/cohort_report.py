"""What the check of a cohort found, as the page shows it: who, what happened, what is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.web.presenters.fields import in_words
from riskapp.web.presenters.numbers import short

OUTCOMES = {
    "hip": "Hip fracture",
    "major_osteoporotic": "Major fracture",
    "other_major_osteoporotic": "Other major fracture",
    "any": "Any fracture",
    "death": "Death",
}
NOT_TOLD = "–"


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome that was recorded."""

    name: str
    events: str
    person_years: str
    median_years: str
    longest_years: str


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column: how often it is known, and what its values are like."""

    label: str
    own: bool  # declared by the site
    known: str
    of_those_with: str  # of people with the commonest event
    of_those_without: str
    values: str


@dataclass(frozen=True, slots=True)
class CohortReport:
    """All of it; counts and shares only."""

    facts: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    outcomes: tuple[OutcomeRow, ...]
    columns: tuple[ColumnRow, ...]


def cohort_report(told: Mapping[str, Any]) -> CohortReport:
    """Shape what ``manage.py cohort --json`` said; what it did not say is left out."""
    facts = {
        "People": _text(told.get("people")),
        "Rows": _text(told.get("rows")),
        "A model will say": f"trained on {in_words(str(told.get('trained_on') or NOT_TOLD))}",
        "About": str(told.get("about") or ""),
        "Populations": _listed(told.get("populations") or {}),
        "Counted": "first events only" if told.get("first_events_only") else "",
    }
    return CohortReport(
        facts=tuple((name, value) for name, value in facts.items() if value),
        remarks=tuple(in_words(str(one)) for one in told.get("remarks") or ()),
        left_out=tuple((reason, _text(n)) for reason, n in (told.get("left_out") or {}).items()),
        outcomes=tuple(_outcome(name, one) for name, one in (told.get("outcomes") or {}).items()),
        columns=tuple(_column(one) for one in told.get("columns") or ()),
    )


def _outcome(name: str, told: Mapping[str, Any]) -> OutcomeRow:
    return OutcomeRow(
        name=OUTCOMES.get(name, name),
        events=_text(told.get("events")),
        person_years=_text(told.get("person_years")),
        median_years=_text(told.get("median_years_observed")),
        longest_years=_text(told.get("longest_years")),
    )


def _column(told: Mapping[str, Any]) -> ColumnRow:
    return ColumnRow(
        label=in_words(str(told.get("label") or told.get("name") or NOT_TOLD)),
        own=bool(told.get("declared_by_site")),
        known=_share(told.get("known_share")),
        of_those_with=_share(told.get("known_share_with_event")),
        of_those_without=_share(told.get("known_share_without_event")),
        values=_values(told),
    )


def _values(told: Mapping[str, Any]) -> str:
    if told.get("yes_share") is not None:
        return f"yes in {_share(told['yes_share'])}"
    spread = told.get("percentiles_5_50_95")
    if not isinstance(spread, list) or not all(isinstance(one, int | float) for one in spread):
        return NOT_TOLD
    return " / ".join(short(value, 4) for value in spread)


def _listed(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_text(count)}" for name, count in counts.items())


def _share(value: Any) -> str:
    if isinstance(value, int | float):
        return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return NOT_TOLD
    if isinstance(value, float):
        return short(value, 5)
    return f"{value:,}" if isinstance(value, int) else str(value)
