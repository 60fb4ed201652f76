"""Searches that the database answers a page at a time, however much there is.

``rows`` makes every row that could answer and asks each, which holds for a few people or a few
thousand names. A search by days, ids and what all rows have in common is put to the index of the
list instead, and only what the page shows is made.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from riskapp.actions import finding
from riskapp.actions.fhir.query import Moment, Query, Token
from riskapp.actions.fhir.rows import GENDER, REPORTED, WRITERS, Row, Scope, patients, people
from riskapp.actions.fhir.telling import approved_models, assessed_of, changed_at
from riskapp.actions.listing import counted
from riskapp.actions.noticing import gathering, noticed
from riskapp.actions.paging import Paged, cut
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.serving import EVIDENCE
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.models import Assessment, Patient

Found = tuple[int, list[Json]]
NONE = Q(pk__in=[])
ALL = ~NONE
OF_ANSWERS = {"date", "_lastUpdated", "identifier", "target", "code", "method"}
OF_PEOPLE = {"_lastUpdated", "gender"}
# Of more who were corrected than these, rows are made.
MOST_CHANGED = 2_000
# Of these prefixes each finds what the other does not.
OPPOSITE = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
# What every row of these kinds has in common, by parameter.
COMMON: Mapping[str, Mapping[str, frozenset[tuple[str, str]]]] = {
    "RiskAssessment": {"method": frozenset({(codes.system("method"), EVIDENCE)})},
    "DiagnosticReport": {"code": REPORTED},
    "Provenance": {},
}


def turned(*, by: User, kind: str, query: Query) -> Found | None:
    """How many there are, and the page; None where rows have to be made to know."""
    if query.ids is not None or (kind == "Patient" and query.patients is not None):
        return None
    asked = {name for name, _ in query.asked}
    if kind == "Patient":
        return _people(by=by, query=query) if asked <= OF_PEOPLE else None
    return (
        _answers(by=by, kind=kind, query=query) if kind in WRITERS and asked <= OF_ANSWERS else None
    )


@needs(Ability.FIND_PATIENTS)
def _people(*, by: User, query: Query) -> Found | None:
    """Most were last changed as they were registered; those who were corrected stand apart."""
    home = finding.organisation_of(by)
    changed = changed_at(home.id)
    if len(changed) > MOST_CHANGED:
        return None
    corrected = frozenset(UUID(one) for one in changed)
    apart = [row for row in patients(by, Scope(patients=corrected)) if query.holds(row)]
    asked = Patient.objects.exclude(pk__in=corrected)
    for name, values in query.asked:
        asked = asked.filter(reduce(or_, (_of_person(name, one) for one in values), NONE))
    many = counted(by, asked, "pk")
    here = asked.filter(organisation=home)
    order = ("registered_at", "pk") if query.oldest_first else ("-registered_at", "-pk")
    columns = (
        finding.within_bounds(by, here, "pk").order_by(*order).values_list("pk", "registered_at")
    )
    first = max(0, query.offset - len(apart))
    near = cut(columns, first, query.offset + query.count, many)
    rows = [Row(id=str(pk), at=at, make=dict) for pk, at in near] + apart
    rows.sort(key=lambda row: (row.at, row.id), reverse=not query.oldest_first)
    # Of those apart, some may stand before all that was read near the page.
    begin = query.offset - first
    return many + len(apart), people(by, rows[begin : begin + query.count])


def _of_person(name: str, value: Token | Moment | str) -> Q:
    if isinstance(value, Moment):
        return _at(value, "registered_at", lasts=False)
    if not isinstance(value, Token) or value.system not in (None, GENDER):
        return NONE
    return ALL if value.code is None else Q(sex=value.code)


@needs(Ability.READ_ASSESSMENTS)
def _answers(*, by: User, kind: str, query: Query) -> Found | None:
    """What assessments give once.

    Published epidemiology answers in every assessment; where models of the site's own are told of
    too, an assessment has as many rows as engines that answered, and rows are made.
    """
    home = finding.organisation_of(by)
    if kind == "RiskAssessment" and approved_models(home.id):
        return None
    asked = Assessment.objects.all()
    for name, values in query.asked:
        which = [_condition(kind, name, one) for one in values]
        if ALL not in which:
            asked = asked.filter(reduce(or_, which, NONE))
    order = ("created_at", "pk") if query.oldest_first else ("-created_at", "-pk")
    read = noticed(by, Assessment.objects.select_related("patient", "created_by"), "patient")
    if query.patients is None:
        open_ = finding.within_bounds(by, asked.filter(organisation=home), "patient")
        total = counted(by, asked, others=_others(kind, query))
    else:  # of whom there are few rows, all of which are looked at
        theirs = asked.filter(patient__in=query.patients, model_ids__has_key=EVIDENCE)
        open_ = finding.within_bounds(by, finding.belonging(theirs, home.id), "patient")
        total = open_.order_by().count()
    found = Paged((open_.order_by(*order), total), read=read)
    page = found[query.offset : query.offset + query.count]
    for one in page:  # each is read for itself, as it is where it is made alone
        gathering().see(by, [one.patient_id])
    return total, [WRITERS[kind](assessed_of(one)) for one in page if EVIDENCE in one.model_ids]


def _others(kind: str, query: Query) -> QuerySet[Assessment] | None:
    """The assessments that a search by one day alone does not find; None for other searches."""
    match query.asked:
        case [(name, [Moment(prefix, span)])] if prefix in OPPOSITE:
            rest = Moment(OPPOSITE[prefix], span)
            return Assessment.objects.order_by().filter(_condition(kind, name, rest))
    return None


def _condition(kind: str, name: str, value: Token | Moment | str) -> Q:
    """The rows that one value finds, as ``query`` has them answer."""
    if isinstance(value, Moment):
        return _at(value, "created_at", lasts=name == "date")
    if not isinstance(value, Token):
        return NONE
    if name in COMMON[kind]:
        return ALL if value.holds(COMMON[kind][name]) else NONE
    return _named(name, value)


def _at(moment: Moment, column: str, *, lasts: bool) -> Q:
    """A date of a resource lasts as long as time is told, a microsecond; when it was changed, not.

    As ``Moment.holds`` of such a span.
    """
    start, end = moment.span
    before, behind = Q(**{f"{column}__lt": start}), Q(**{f"{column}__gte": start})
    within = Q(**{f"{column}__lt" if lasts else f"{column}__lte": end})
    beyond = Q(**{f"{column}__gte" if lasts else f"{column}__gt": end})
    return {
        "eq": behind & within,
        "ne": before | beyond,
        "gt": beyond,
        "ge": behind,
        "lt": before,
        "le": within,
        "sa": Q(**{f"{column}__gte": end}),
        "eb": before if lasts else Q(**{f"{column}__lte": start}),
    }[moment.prefix]


def _named(name: str, token: Token) -> Q:
    """By the id that an identifier or a reference holds."""
    if name == "identifier":
        system, heads = codes.URIS, ("urn:uuid:",)
    elif name == "target":
        system, heads = "", ("RiskAssessment/", "DiagnosticReport/")
    else:
        return NONE
    if token.system not in (None, system):
        return NONE
    if token.code is None:
        return ALL
    for head in heads:
        written = token.code.removeprefix(head)
        if written != token.code and (id := _uuid(written)):
            return Q(pk=id)
    return NONE


def _uuid(written: str) -> UUID | None:
    """An id as it is written here, and no other way of writing it."""
    try:
        found = UUID(written)
    except ValueError:
        return None
    return found if str(found) == written else None
