"""Reading and searching what can be told as FHIR, within the user's organisation."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.models import User

from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.fhir.narrowing import finds_few, narrowed, opens
from riskapp.actions.fhir.query import Query
from riskapp.actions.fhir.rows import KINDS, Scope, people
from riskapp.actions.fhir.turning import turned
from riskapp.actions.finding import say_if_restricted
from riskapp.exchange.fhir.writing.bundle import versioned
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.models import Assessment, Patient

# Of these there are some for each answer of each assessment: a search says whose.
OF_A_PATIENT = ("Observation",)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of what was found, and how much there is."""

    total: int
    resources: tuple[Json, ...]


def read(*, by: User, kind: str, id: str) -> Json:
    """One resource with its version.

    Raises
    ------
    NotFound
        If there is none of this id in the user's organisation.
    RecordRestricted
    """
    for row in KINDS[kind](by, Scope(ids=frozenset({id}))):
        if row.id == id:
            return versioned(row.make())
    # Ids begin with that of the patient or the assessment that they are made of.
    say_if_restricted(by, Patient if kind == "Patient" else Assessment, id[:36])
    raise NotFound(f"There is no {kind} of this id.")


def search(*, by: User, kind: str, query: Query) -> Page:
    """One page of what a search finds, the newest first unless asked otherwise.

    Raises
    ------
    Refused
        If the search would have to make every answer ever given, or decrypt too many names, to
        find out.
    """
    if kind in OF_A_PATIENT and query.ids is None and query.patients is None:
        raise Refused({"patient": f"A search for {kind} names a patient, or an _id."})
    if (told := turned(by=by, kind=kind, query=query)) is not None:
        return Page(told[0], tuple(map(versioned, told[1])))
    scope = Scope(ids=query.ids, patients=query.patients)
    if kind == "Patient":
        scope = replace(scope, narrowed=narrowed(query), few=finds_few(query), opens=opens(query))
    found = [row for row in KINDS[kind](by, scope) if query.holds(row)]
    found.sort(key=lambda row: (row.at, row.id), reverse=not query.oldest_first)
    shown = found[query.offset : query.offset + query.count]
    made = people(by, shown) if kind == "Patient" else [row.make() for row in shown]
    return Page(len(found), tuple(map(versioned, made)))


def identified(written: str) -> UUID:
    """The assessment that an id names.

    Raises
    ------
    NotFound
        If it can name none.
    """
    try:
        return UUID(written)
    except ValueError:
        raise NotFound("There is nothing of this id.") from None
