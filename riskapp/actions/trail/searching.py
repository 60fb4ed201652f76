"""The trail as an auditor reads it, and one patient's own log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from riskapp.actions import auditing, finding
from riskapp.actions.errors import Refused
from riskapp.actions.permitting import Ability, check
from riskapp.actions.trail import chain
from riskapp.models import AuditEvent, Patient

# What an auditor chooses from: kinds of action, by what they begin with.
KINDS: Mapping[str, tuple[str, ...]] = {
    "reads": ("read.", "report.take", "text.take", "share.open", "bulk_answer.take"),
    "refusals": ("refused.", "sign_in.failed"),
    "estimates": ("assessment.create", "score.compute", "cds.call"),
    "people": ("account.", "role.", "session.", "sign_in.", "token.", "client."),
}
CHANGES = "changes"
NO_CHANGES = (*KINDS["reads"], *KINDS["refusals"], "score.", "cds.call")
FIRST_YEAR, LAST_YEAR = 2000, 2200
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for; blank where it does not matter.

    Attributes
    ----------
    person : str
        A user name.
    patient : str
        A record number, or a patient's id.
    kind : str
        One of ``KINDS``, or ``changes`` for all that is neither.
    since, until : str
        Days, as ``2026-11-22``; both are taken in.
    """

    person: str = ""
    patient: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""


def search(*, by: User, asked: Asked) -> QuerySet[AuditEvent]:
    """Rows of the user's organisation, and of whoever else tried to see its patients; latest first.

    Raises
    ------
    NotAllowed
        If the user may not read the trail.
    Refused
        With a sentence for each part that cannot be used.
    """
    check(by, Ability.READ_TRAIL)
    home = finding.organisation_of(by)
    ours = Patient.objects.filter(organisation=home).values("pk")
    found = AuditEvent.objects.filter(Q(organisation_id=home.id) | Q(patient_id__in=ours))
    return narrowed(found, asked, home.id).order_by("-number")


def narrowed(found: QuerySet[AuditEvent], asked: Asked, home: UUID) -> QuerySet[AuditEvent]:
    """Rows that are as somebody asked.

    Raises
    ------
    Refused
        With a sentence for each part that cannot be used.
    """
    problems: dict[str, str] = {}
    for name, narrow in (
        ("person", lambda rows: _of_person(rows, asked.person)),
        ("patient", lambda rows: rows.filter(patient_id=_patient(home, asked.patient))),
        ("kind", lambda rows: _of_kind(rows, asked.kind)),
        ("since", lambda rows: rows.filter(at__gte=_day(asked.since))),
        ("until", lambda rows: rows.filter(at__lt=_day(asked.until) + timedelta(days=1))),
    ):
        try:
            found = narrow(found) if getattr(asked, name) else found
        except ValueError as problem:
            problems[name] = str(problem)
    if problems:
        raise Refused(problems)
    return found


def accesses(*, by: User, patient: Patient) -> QuerySet[AuditEvent]:
    """Everything that was done with one patient's record, the latest first.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    """
    finding.patient(by=by, id=patient.id)
    return AuditEvent.objects.filter(patient_id=patient.id).order_by("-number")


def export(*, by: User, asked: Asked) -> Iterator[dict[str, Any]]:
    """What was found with its proof, from the first row to the last, oldest first.

    Rows between that were not asked for are told by their ``number`` and ``leaf`` only, so that
    the chain can be followed through them and nothing of them is shown.

    Raises
    ------
    NotAllowed, Refused
        As ``search``.
    """
    found = search(by=by, asked=asked)
    # Written first, and as text that says nothing: which rows left with whom.
    first, last = found.last(), found.first()
    with transaction.atomic():
        auditing.record(by=by, action="trail.export", target=f"{_number(first)}-{_number(last)}")
    return _told(found, _number(first), _number(last))


def _told(found: QuerySet[AuditEvent], first: int, last: int) -> Iterator[dict[str, Any]]:
    shown = found.order_by("number").filter(number__lte=last).iterator(chunk_size=AT_ONCE)
    between = AuditEvent.objects.filter(number__gte=first, number__lte=last).order_by("number")
    wanted = next(shown, None)
    if wanted is None:
        yield {"trail": chain.VERSION, "first": 0, "last": 0, "before": chain.BEGINNING}
        return
    yield {"trail": chain.VERSION, "first": first, "last": last, "before": wanted.before}
    for row in between.iterator(chunk_size=AT_ONCE):
        if wanted is not None and row.number == wanted.number:
            yield dict(chain.as_json(row))
            wanted = next(shown, None)
        else:
            yield {"number": row.number, "leaf": chain.leaf(chain.told(row))}


def _number(row: AuditEvent | None) -> int:
    return row.number if row else 0


def _of_person(rows: QuerySet[AuditEvent], name: str) -> QuerySet[AuditEvent]:
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        raise ValueError("No account has this name.")
    return rows.filter(Q(by=str(user.pk)) | Q(by__startswith=f"{user.pk}>"))


def is_of_kind(action: str, kind: str) -> bool:
    """Whether an action is of a kind that ``search`` knows."""
    if kind == CHANGES:
        return not action.startswith(NO_CHANGES)
    return action.startswith(KINDS[kind])


def of_days(rows: QuerySet[AuditEvent], asked: Asked) -> QuerySet[AuditEvent]:
    """Rows of the days that were asked for."""
    rows = rows.filter(at__gte=_day(asked.since)) if asked.since else rows
    return rows.filter(at__lt=_day(asked.until) + timedelta(days=1)) if asked.until else rows


def _of_kind(rows: QuerySet[AuditEvent], kind: str) -> QuerySet[AuditEvent]:
    if kind in KINDS:
        return rows.filter(_begins(KINDS[kind]))
    if kind == CHANGES:
        return rows.exclude(_begins(NO_CHANGES))
    raise ValueError(f"A kind is one of {', '.join((*KINDS, CHANGES))}.")


def _begins(words: tuple[str, ...]) -> Q:
    found = Q()
    for word in words:
        found |= Q(action__startswith=word)
    return found


def _patient(organisation_id: UUID, text: str) -> UUID:
    here = Patient.objects.filter(organisation_id=organisation_id)
    known = here.filter(finding.numbered(text)).values_list("pk", flat=True).first()
    try:
        # An id also finds what is left of somebody who was erased.
        return known or UUID(text)
    except ValueError:
        raise ValueError("No patient here has this record number.") from None


def _day(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError("Write a day like 2026-11-22.")
    return datetime.combine(day, time(), UTC)
