"""The trail a page at a time, however long it is: from a number on, and never counted through.

Pages begin behind a number and not at a place, since whoever looks adds a row on top.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from riskapp.actions import finding
from riskapp.actions.permitting import Ability, check
from riskapp.actions.trail.searching import Asked, is_of_kind, narrowed, of_days
from riskapp.models import AuditEvent, Patient

# What somebody of elsewhere leaves about our patients; nothing else is shown to them.
REFUSALS = tuple(f"refused.{status}" for status in (401, 403, 404))
# So many rows are looked through for what most rows are like; what few are like, an index finds.
LOOKED_THROUGH = 5_000
Rows = QuerySet[AuditEvent]


@dataclass(frozen=True, slots=True)
class Turned:
    """One page, the latest row first.

    ``newer`` and ``older`` are the numbers from which the pages beside it go on; None for none.
    """

    rows: tuple[AuditEvent, ...]
    newer: int | None
    older: int | None


def turned(
    *, by: User, asked: Asked, below: int | None = None, above: int | None = None, many: int = 100
) -> Turned:
    """So many rows of what ``searching.search`` finds, below or above a number.

    Raises
    ------
    NotAllowed, Refused
        As ``search``.
    """
    check(by, Ability.READ_TRAIL)
    home = finding.organisation_of(by).id
    narrowed(AuditEvent.objects.none(), asked, home)  # refuses what cannot be used
    up = above is not None and below is None
    edge = above if up else below
    # One more than is shown tells whether there is another page.
    found = _next(home, asked, edge, many + 1, up=up)
    has_more, found = len(found) > many, found[:many]
    if up:
        found = found[::-1]
    # The way back is open to whoever came from there.
    newer = found[0] if found and (has_more if up else edge is not None) else None
    older = found[-1] if found and (has_more or up) else None
    known = AuditEvent.objects.in_bulk(found, field_name="number")
    return Turned(tuple(known[number] for number in found if number in known), newer, older)


def _next(home: UUID, asked: Asked, edge: int | None, many: int, *, up: bool) -> list[int]:
    """Numbers on from the edge, the nearest first."""
    own = AuditEvent.objects.filter(organisation_id=home)
    if asked.patient:  # of whom there are few rows: not all of the organisation's are gone through
        own = finding.belonging(AuditEvent.objects.all(), home, "organisation_id")
    own = _beyond(own, edge, up=up)
    if asked.since or asked.until:
        own = own.filter(number__range=_numbers_of_days(asked))
    found = _near(own, home, asked, edge, many, up=up)
    foreign = narrowed(_beyond(_foreign(home), edge, up=up), asked, home)
    found += foreign.order_by().values_list("number", flat=True)
    return sorted(set(found), reverse=not up)[:many]


def _near(
    own: Rows, home: UUID, asked: Asked, edge: int | None, many: int, *, up: bool
) -> list[int]:
    order = "number" if up else "-number"
    if asked.patient or not (asked.kind or asked.person):
        return _numbers(narrowed(own, asked, home).order_by(order), many)
    near = list(own.order_by(order).values_list("number", flat=True)[:LOOKED_THROUGH])
    some = own.filter(number__range=(min(near), max(near))) if near else own.none()
    found = _numbers(narrowed(some, asked, home).order_by(order), many)
    if len(found) == many or len(near) < LOOKED_THROUGH:
        return found
    # What is rare is found by the names that it can have: an index has the rows of each in turn.
    rest = narrowed(own, replace(asked, kind="", person=""), home).order_by(order)
    each = (_numbers(rest.filter(**names), many) for names in _names(asked, home))
    return sorted((number for found in each for number in found), reverse=not up)[:many]


def _names(asked: Asked, home: UUID) -> Iterator[Mapping[str, str]]:
    """The exact actions, and actors where a person is asked for, that there are of what is asked.

    There are some dozens of actions, and as many actors of a person as programs they act through.
    """
    if not asked.person:
        yield from ({"action": one} for one in _actions(asked, organisation_id=home))
        return
    user = User.objects.filter(username__iexact=asked.person).values_list("pk", flat=True)
    whose = {str(pk) for pk in user[:1]}
    for by in _distinct("by", organisation_id=home):
        if by.partition(">")[0] in whose:
            for action in _actions(asked, organisation_id=home, by=by):
                yield {"by": by, "action": action}


def _actions(asked: Asked, **equal: UUID | str) -> list[str]:
    there = _distinct("action", **equal)
    return [one for one in there if not asked.kind or is_of_kind(one, asked.kind)]


def _foreign(home: UUID) -> Rows:
    """Whoever else tried to see our patients, and what nobody of an organisation did to them."""
    # Of each of the few rows it is asked whose the patient is; all of ours would take 0.2 s.
    ours = Exists(Patient.objects.filter(pk=OuterRef("patient_id"), organisation=home))
    elsewhere = Q(organisation_id=None) | ~Q(organisation_id=home)
    refused = AuditEvent.objects.filter(action__in=REFUSALS).filter(elsewhere)
    nobodys = AuditEvent.objects.filter(organisation_id=None, patient_id__isnull=False)
    known = [
        number
        for rows in (refused, nobodys)
        for number in rows.filter(ours).order_by().values_list("number", flat=True)
    ]
    return AuditEvent.objects.filter(number__in=known)


def _numbers_of_days(asked: Asked) -> tuple[int, int]:
    """Between which numbers the rows of some days lie; a few thousand rows may be out of order.

    More than that only where a clock was wrong for long: the files that are saved have those too.
    """
    dated = of_days(AuditEvent.objects.all(), asked)
    first = dated.order_by("at").values_list("number", flat=True)[:LOOKED_THROUGH]
    last = dated.order_by("-at").values_list("number", flat=True)[:LOOKED_THROUGH]
    return min(first, default=0), max(last, default=0)


def _beyond(rows: Rows, edge: int | None, *, up: bool) -> Rows:
    if edge is None:
        return rows
    return rows.filter(number__gt=edge) if up else rows.filter(number__lt=edge)


def _numbers(rows: Rows, many: int) -> list[int]:
    return list(rows.values_list("number", flat=True)[:many])


def _distinct(column: str, **equal: UUID | str) -> list[str]:
    """Each text of a column once, by as many looks into an index as there are texts."""
    table, fields = AuditEvent._meta.db_table, AuditEvent._meta
    within = "".join(f'"{name}" = %s AND ' for name in equal)
    given = [
        fields.get_field(name).get_db_prep_value(value, connection) for name, value in equal.items()
    ]
    # Names of our own; what is given stands apart (S608).
    asked = f"""
        WITH RECURSIVE seen(text) AS (
            SELECT MIN("{column}") FROM {table} WHERE {within}1 = 1
            UNION ALL
            SELECT (SELECT MIN("{column}") FROM {table} WHERE {within}"{column}" > seen.text)
            FROM seen WHERE seen.text IS NOT NULL
        )
        SELECT text FROM seen WHERE text IS NOT NULL"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked, given * 2)
        return [text for (text,) in cursor.fetchall()]
