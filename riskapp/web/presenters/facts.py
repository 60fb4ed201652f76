"""A stored record as plain facts: only what was known, each with where it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format

from riskapp.actions.completing_answers import RECORD
from riskapp.exchange.wording import value_text
from riskapp.web.presenters.fields import EVERYDAY, MORE, label_of
from riskapp.web.presenters.site_fields import HEADING

OF_THE_PERSON = ("age_years", "sex")  # of the record by their nature


@dataclass(frozen=True, slots=True)
class Fact:
    """One known answer of a stored record."""

    label: str
    value: str
    origin: str  # scan, record, imported, given (a density, which no image gave) or nothing to say


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Known answers that stand under one heading."""

    heading: str
    facts: tuple[Fact, ...]


def facts(
    profile: Mapping[str, Any],
    provenance: Mapping[str, str],
    populations: Mapping[str, str],
    of_site: Iterable[Mapping[str, Any]] = (),
) -> tuple[FactGroup, ...]:
    """A stored record as it was used: only what was known.

    ``of_site`` is what was known of the clinic's own columns, as it is stored.
    """

    def fact(name: str) -> Fact:
        value = profile[name]
        if name == "population":
            text = populations.get(value, value)
        elif isinstance(value, bool):
            text = "Yes" if value else "No"
        elif name == "dxa_date":
            text = date_format(date.fromisoformat(value), "j F Y")
        else:
            text = value_text(name, value)
        return Fact(label_of(name), text, _origin(name, provenance.get(name, "")))

    grouped = (*EVERYDAY, *MORE)
    shaped = (
        FactGroup(heading, tuple(fact(name) for name in names if name in profile))
        for heading, names in grouped
    )
    own = tuple(
        Fact(one["label"], value_text(one["name"], one["value"], one["unit"]).capitalize(), "")
        for one in of_site
    )
    groups = (*shaped, FactGroup(HEADING, own))
    return tuple(group for group in groups if group.facts)


def _origin(name: str, provenance: str) -> str:
    if provenance.startswith("scan"):
        return "scan"
    if provenance.startswith("imported"):
        return "imported"
    if provenance == RECORD and name not in OF_THE_PERSON:
        return "record"
    return "given" if "_bmd_" in name or name.endswith("_t_score") else ""
