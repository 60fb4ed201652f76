"""What hospital records told of a patient, for a fold on the form."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskapp.exchange.fields import FIELDS
from riskapp.exchange.wording import value_text
from riskapp.models import ImportedRecord, Patient
from riskapp.web.presenters.origins import day_words

# A record may hold thousands of entries that answer nothing.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Used:
    label: str
    value: str
    words: str
    effective: str
    resource: str


@dataclass(frozen=True, slots=True)
class Unused:
    """Entries that were passed over for one reason; ``first`` names one of them."""

    why: str
    first: str
    others: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one system's record."""

    system: str
    received_at: datetime
    chosen: tuple[Used, ...]
    passed_over: tuple[Unused, ...]


def readings(patient: Patient) -> list[Reading]:
    """The newest reading of each system."""
    newest = {one.source: one for one in patient.imported.all()}
    return [_shown(one) for one in newest.values()]


def _shown(record: ImportedRecord) -> Reading:
    return Reading(
        system=record.source.partition(":")[2] or record.source,
        received_at=record.received_at,
        chosen=tuple(
            Used(
                label=FIELDS[one["field"]].label if one["field"] in FIELDS else one["field"],
                value=value_text(one["field"], one["value"]),
                words=one["words"],
                effective=day_words(one["effective"]),
                resource=one["resource"],
            )
            for one in record.chosen
        ),
        passed_over=_by_reason(record.passed_over),
    )


def _by_reason(passed_over: Iterable[dict[str, Any]]) -> tuple[Unused, ...]:
    named: dict[str, list[str]] = {}
    for one in passed_over:
        named.setdefault(one["why"], []).append(one["resource"])
    reasons = [Unused(why, them[0], len(them) - 1) for why, them in named.items()]
    return tuple(reasons[:MOST_SHOWN])
