"""Rows of the trail, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from riskapp.actions.trail.naming import names_of
from riskapp.exchange.spreadsheet import harmless
from riskapp.models import AuditEvent
from riskapp.web.presenters.deeds import in_words

KINDS = {
    "": "Everything",
    "reads": "Who read",
    "changes": "What was changed",
    "refusals": "What was refused",
    "estimates": "Estimates",
    "people": "Accounts and sign-in",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is shown."""

    number: int
    at: datetime
    who: str
    action: str
    words: str
    target: str
    about: str
    detail: str


def lines(rows: Iterable[AuditEvent]) -> list[Line]:
    """Rows with the names that accounts have now."""
    found = list(rows)
    names = names_of({row.by for row in found})
    return [
        Line(
            number=row.number,
            at=row.at,
            who=names[row.by],
            action=row.action,
            words=in_words(row.action),
            target=row.target,
            about=str(row.patient_id or ""),
            detail=", ".join(f"{name}: {_short(value)}" for name, value in row.detail.items()),
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class Access:
    """One row as a patient may be shown it."""

    at: datetime
    who: str
    what: str


def accesses(rows: Iterable[AuditEvent], organisation_id: UUID) -> list[Access]:
    """Rows in plain words, with neither ids nor the names of other organisations' people."""
    found = list(rows)
    names = names_of({row.by for row in found}, within=organisation_id)
    return [Access(row.at, names[row.by], in_words(row.action)) for row in found]


def _short(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def cells(line: Line) -> list[object]:
    """A line for a spreadsheet; nothing in it is typed by a person but user names."""
    told = (line.number, line.at.isoformat(), line.who, line.action, line.target, line.about)
    return [harmless(str(one)) for one in (*told, line.detail)]
