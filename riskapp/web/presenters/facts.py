"""A stored record as plain facts: only what was known, each with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from riskapp.exchange.wording import AREAL, FIELDS, NO_BREAK_SPACE, value_text
from riskapp.web.presenters.fields import EVERYDAY, MORE, label_of
from riskapp.web.presenters.numbers import short


@dataclass(frozen=True, slots=True)
class Fact:
    """One known answer of a stored record."""

    label: str
    value: str
    origin: str  # scan, given (a density, which no image gave) or nothing to say


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Known answers that stand under one heading."""

    heading: str
    facts: tuple[Fact, ...]


def facts(
    profile: Mapping[str, Any], provenance: Mapping[str, str], populations: Mapping[str, str]
) -> tuple[FactGroup, ...]:
    """A stored record as it was used: only what was known."""

    def fact(name: str) -> Fact:
        value = profile[name]
        if name == "population":
            text = populations.get(value, value)
        elif isinstance(value, bool):
            text = "Yes" if value else "No"
        elif name == "dxa_date":
            text = date_format(date.fromisoformat(value), "j F Y")
        elif isinstance(value, str) or FIELDS[name].unit == AREAL:
            text = value_text(name, value)
        else:
            text = f"{short(value, 4)}{NO_BREAK_SPACE}{FIELDS[name].unit}".rstrip()
        return Fact(label_of(name), text, _origin(name, provenance.get(name, "")))

    grouped = (*EVERYDAY, *MORE)
    shaped = (
        FactGroup(heading, tuple(fact(name) for name in names if name in profile))
        for heading, names in grouped
    )
    return tuple(group for group in shaped if group.facts)


def _origin(name: str, provenance: str) -> str:
    if provenance.startswith("scan"):
        return "scan"
    return "given" if "_bmd_" in name or name.endswith("_t_score") else ""
