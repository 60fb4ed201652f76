"""A stored assessment as plain text for the record of another system: 78 letters to a line.

Only letters that every such system keeps: no typographer's quotes, minus or spaces. Nobody is
named in it unless the caller asks, because it is pasted inside a record that names them.
"""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from riskapp.exchange.fields import FIELDS
from riskapp.exchange.guideline_wording import label
from riskapp.exchange.naming import in_words
from riskapp.exchange.narrative import HIP, MAJOR, Told, narrative
from riskapp.exchange.numbers import percent, percent_range, signed
from riskapp.exchange.wording import SAFETY, value_text

WIDTH, LABELS, OUTCOMES = 78, 44, 32
PLAIN_LETTERS = str.maketrans(
    {
        "\u00a0": " ", "\u2212": "-", "\u2013": "-", "\u2019": "'", "\u2018": "'",
        "\u201c": '"', "\u201d": '"', "\u00b2": "2", "\u00b3": "3", "\u2265": ">=", "\u2264": "<=",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the text says beside the assessment; ``identity`` is empty unless asked for."""

    told: Told
    made_at: datetime
    warnings: tuple[str, ...]
    site_values: tuple[Mapping[str, Any], ...]
    software: str
    identity: tuple[str, ...] = ()


def plain_text(sheet: Sheet) -> str:
    """The whole text, with a line's end after each line."""
    told, estimate = sheet.told, sheet.told.estimate
    outcomes = estimate["outcomes"]
    known = [*_known(told), *_of_site(sheet.site_values)]
    lines = [
        "FRACTURE RISK IN 10 YEARS",
        *sheet.identity,
        f"Assessed on {_day(sheet.made_at.date())}, {sheet.made_at:%H:%M} UTC",
        "",
        f"{'Major osteoporotic fracture':<{OUTCOMES}}{_probability(outcomes[MAJOR])}",
        f"{'Hip fracture':<{OUTCOMES}}{_probability(outcomes[HIP])}",
        "For people without osteoporosis treatment; death competes.",
        *_part("SUMMARY", _wrapped(narrative(told))),
        *_part("KNOWN", (_row(*one) for one in known)),
        *_part("NOT KNOWN (averaged over, not read as no)", _unknown(estimate)),
        *_part("WHY, in percentage points of major fracture", _why(estimate)),
        *_part("GUIDELINE", _guideline(estimate)),
        *_part("WARNINGS", _listed(in_words(one) for one in sheet.warnings)),
        *_part("VERSIONS", _versions(sheet)),
        "",
        *_wrapped(SAFETY),
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines).translate(PLAIN_LETTERS)


def _part(heading: str, lines: Iterable[str]) -> list[str]:
    """A heading with its lines, or nothing where there are none."""
    held = list(lines)
    return ["", heading, *held] if held else []


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _listed(sentences: Iterable[str]) -> list[str]:
    return [line for one in dict.fromkeys(sentences) for line in _wrapped(f"- {one}", "  ")]


def _row(name: str, value: str) -> str:
    """A label and its value in two columns; a long value goes on below itself."""
    first, *rest = textwrap.wrap(value, WIDTH - LABELS, break_on_hyphens=False) or [""]
    lines = [f"{name:<{LABELS - 1}} {first}", *(" " * LABELS + line for line in rest)]
    return "\n".join(lines)


def _probability(outcome: Mapping[str, Any]) -> str:
    interval = percent_range(outcome["interval_95"])
    number = f"{percent(outcome['probability_10y']):>7}"
    return f"{number}  95\u00a0% interval {interval}" if interval else number


def _known(told: Told) -> list[tuple[str, str]]:
    return [
        (FIELDS[name].label, _value(name, told.profile[name], told.population))
        for name in FIELDS
        if name in told.profile
    ]


def _value(name: str, value: Any, population: str) -> str:
    if name == "population":
        return population
    if name == "dxa_date":
        return _day(date.fromisoformat(value))
    return value_text(name, value)


def _of_site(values: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(one["label"], value_text(one["name"], one["value"], one["unit"])) for one in values]


def _unknown(estimate: Mapping[str, Any]) -> list[str]:
    names = [label(name) for name in estimate["unknown"]]
    return _wrapped(f"{', '.join(names)}." if names else "Nothing that the estimate uses.")


def _why(estimate: Mapping[str, Any]) -> list[str]:
    explanation = estimate.get("explanation") or {}
    found = explanation.get("contributions", ())
    if not explanation.get("baseline") or any(one["probability"] is None for one in found):
        return []
    moves = sorted(found, key=lambda one: -abs(one["probability"][MAJOR]))
    total = estimate["outcomes"][MAJOR]["probability_10y"]
    return [
        _row("Nothing else known", f"{percent(explanation['baseline'][MAJOR]):>7}"),
        *(_row(_subject(one), f"{signed(100 * one['probability'][MAJOR]):>5}") for one in moves),
        _row("This estimate", f"{percent(total):>7}"),
    ]


def _subject(one: Mapping[str, Any]) -> str:
    known = FIELDS.get(one["field"])
    name = known.label if known else one.get("label") or one["field"]
    told = f"{name}: {value_text(one['field'], one['value'], one['unit'])}"
    more = len(one.get("beside") or ())
    return f"{told} and {more} more" if more else told


def _guideline(estimate: Mapping[str, Any]) -> list[str]:
    told = estimate.get("guidelines") or ()
    return _wrapped(told[0]["wording"]) if told else []


def _versions(sheet: Sheet) -> list[str]:
    estimate = sheet.told.estimate
    return [
        f"{sheet.software}; model {estimate['model_id']}; evidence set {estimate['evidence_set']}"
    ]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
