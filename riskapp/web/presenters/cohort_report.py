"""What the check of a cohort found, as the page shows it: who, what happened, what is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from riskapp.exchange.naming import in_words
from riskapp.exchange.wording import FIELDS
from riskapp.web.presenters.measured_table import unit_text
from riskapp.web.presenters.numbers import plain, short

OUTCOMES = {
    "hip": "Hip fracture",
    "major_osteoporotic": "Major fracture",
    "other_major_osteoporotic": "Other major fracture",
    "any": "Any fracture",
    "death": "Death",
}
NOT_TOLD = "–"
TRAINED_ON = {"simulated": "simulated people"}


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
    unit: str  # as a person writes it; empty where there is none
    own: bool  # declared by the site
    known: str
    of_those_with: str  # of people with the commonest event
    of_those_without: str
    values: str


@dataclass(frozen=True, slots=True)
class CohortReport:
    """All of it; counts and shares only."""

    is_simulated: bool
    facts: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    outcomes: tuple[OutcomeRow, ...]
    columns: tuple[ColumnRow, ...]


def cohort_report(
    told: Mapping[str, Any], populations: Mapping[str, str] = MappingProxyType({})
) -> CohortReport:
    """Shape what ``manage.py cohort --json`` said; what it did not say is left out.

    ``populations`` are names by code.
    """
    trained_on = str(told.get("trained_on") or NOT_TOLD)
    facts = {
        "People": _text(told.get("people")),
        "Rows": _text(told.get("rows")),
        "A model will say": f"trained on {in_words(TRAINED_ON.get(trained_on, trained_on))}",
        "About": str(told.get("about") or ""),
        "Populations": _listed(told.get("populations") or {}, populations),
        "Counted": "first events only" if told.get("first_events_only") else "",
    }
    return CohortReport(
        is_simulated=trained_on == "simulated",
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
        person_years=_rounded(told.get("person_years"), 0),
        median_years=_rounded(told.get("median_years_observed"), 1),
        longest_years=_rounded(told.get("longest_years"), 1),
    )


def _column(told: Mapping[str, Any]) -> ColumnRow:
    return ColumnRow(
        label=in_words(str(told.get("label") or told.get("name") or NOT_TOLD)),
        unit=_unit(told),
        own=bool(told.get("declared_by_site")),
        known=_share(told.get("known_share")),
        of_those_with=_share(told.get("known_share_with_event")),
        of_those_without=_share(told.get("known_share_without_event")),
        values=_values(told),
    )


def _unit(told: Mapping[str, Any]) -> str:
    """As the record writes it beside its own fields; of others as the site gave it."""
    if told.get("name") in FIELDS:
        return FIELDS[told["name"]].unit
    return unit_text(str(told.get("unit") or ""))


def _values(told: Mapping[str, Any]) -> str:
    if told.get("yes_share") is not None:
        return f"yes in {_share(told['yes_share'])}"
    spread = told.get("percentiles_5_50_95")
    if not isinstance(spread, list) or not all(isinstance(one, int | float) for one in spread):
        return NOT_TOLD
    return " / ".join(short(value, 4) for value in spread)


def _listed(counts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return ", ".join(f"{names.get(code, code)} {_text(n)}" for code, n in counts.items())


def _share(value: Any) -> str:
    if isinstance(value, int | float):
        return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"
    return _text(value)


def _rounded(value: Any, decimals: int) -> str:
    """Person-time; a count that is hidden for being small is text already."""
    if not isinstance(value, int | float):
        return _text(value)
    return f"{value:,.0f}" if decimals == 0 else plain(value, decimals)


def _text(value: Any) -> str:
    if value is None:
        return NOT_TOLD
    if isinstance(value, float):
        return short(value, 5)
    return f"{value:,}" if isinstance(value, int) else str(value)
