"""Search parameters as they are written, read into a query; what is not known is told of."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.http import QueryDict

from riskapp.actions import finding
from riskapp.actions.fhir.query import PREFIXES, Moment, Query, Token
from riskapp.actions.fhir.site import record_numbers_of
from riskapp.api.fhir.problems import refused
from riskapp.api.fhir.served import SERVED
from riskapp.exchange.fhir.spans import span_of
from riskapp.exchange.fhir.writing.outcome import Issue

# Fifty assessments, with all that they rest on, are 1.8 MB (ADR 81).
USUAL_COUNT, MOST_COUNT, FARTHEST = 20, 200, 10**9
# Of all parameters together: each is one more condition in a question to the database, which
# SQLite nests 1,000 deep at most.
MOST_VALUES = 200
PATIENT = ("patient", "subject")
BY_NUMBER = ("patient.identifier", "subject.identifier", "subject:Patient.identifier")
# Of the whole search, not of what is searched.
ABOUT_RESULTS = ("_count", "_offset", "_sort", "_summary", "_total", "_format", "_pretty")
# What of them can be asked; the first is so unless it is said.
RESULT_CHOICES = {
    "_sort": ("-_lastUpdated", "_lastUpdated", "-date", "date"),
    "_summary": ("false", "count"),
    "_total": ("accurate", "estimate", "none"),
}
# What a row has as its date.
DATES = {"birthdate": "date", "recorded": "date"}
# A comma between values, unless it is escaped (R4, search.html#escaping).
COMMA = re.compile(r"(?<!\\),")
DIGITS = 10
NUMBER = re.compile(rf"[0-9]{{1,{DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, what is told about how it was read, and what it was made of."""

    query: Query
    remarks: tuple[Issue, ...]
    used: Mapping[str, Sequence[str]]


def read_parameters(*, by: User, kind: str, given: QueryDict, strict: bool, base: str) -> Asked:
    """Read search parameters.

    Parameters
    ----------
    strict : bool
        Refuse what is not known instead of leaving it out (the header Prefer: handling).

    Raises
    ------
    FhirRefused
        With a sentence for the parameter that cannot be used.
    """
    asked_for = sum(len(COMMA.findall(one)) + 1 for _, values in given.lists() for one in values)
    if asked_for > MOST_VALUES:
        raise refused(f"A search names at most {MOST_VALUES} values; send several searches.")
    reading = _Reading(by, kind, base)
    remarks = []
    for name, values in given.lists():
        if reading.knows(name):
            reading.take(name, values)
        elif name not in ABOUT_RESULTS:
            remarks.append(_unknown(name, kind, reading.known, strict))
    for name, choices in RESULT_CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            remarks.append(_unknown(name, kind, reading.known, strict))
        elif name in given:
            reading.used[name] = [given[name]]
    count = _whole(given, "_count", USUAL_COUNT, MOST_COUNT)
    query = Query(
        ids=reading.ids,
        patients=reading.patients,
        asked=tuple(reading.asked),
        oldest_first=not given.get("_sort", "-").startswith("-"),
        count=0 if given.get("_summary") == "count" else count,
        offset=_whole(given, "_offset", 0, FARTHEST),
    )
    return Asked(query, tuple(remarks), reading.used)


class _Reading:
    """What the parameters of one search come to."""

    def __init__(self, by: User, kind: str, base: str) -> None:
        self.by, self.base, self.known = by, base, SERVED[kind].parameters
        self.ids: frozenset[str] | None = None
        self.patients: frozenset[UUID] | None = None
        self.asked: list[tuple[str, list[Token | Moment | str]]] = []
        self.used: dict[str, Sequence[str]] = {}

    def knows(self, name: str) -> bool:
        return _bare(name) in self.known or ("patient" in self.known and name in BY_NUMBER)

    def take(self, written: str, values: Sequence[str]) -> None:
        self.used[written] = values
        name = _bare(written)
        for value in values:
            parts = [_unescaped(part) for part in COMMA.split(value)]
            if not all(parts):
                raise refused(f"The parameter {name} is empty.", name)
            if name == "_id":
                self.ids = frozenset(parts) if self.ids is None else self.ids & frozenset(parts)
            elif name in PATIENT:
                self._only(_by_reference(parts, self.base))
            elif name in BY_NUMBER:
                self._only(_by_number(self.by, parts))
            else:
                read = [_read(name, self.known[name], one, self.base) for one in parts]
                self.asked.append((DATES.get(name, name), read))

    def _only(self, found: frozenset[UUID]) -> None:
        self.patients = found if self.patients is None else self.patients & found


def _bare(name: str) -> str:
    return "subject" if name == "subject:Patient" else name


def _read(name: str, kind: str, written: str, base: str) -> Token | Moment | str:
    if kind == "date":
        return _moment(name, written)
    if kind == "token":
        return _token(written)
    if kind == "reference":
        return Token(None, written.removeprefix(f"{base}/"))
    return finding.plain_letters(written)


def _moment(name: str, written: str) -> Moment:
    prefix, rest = ("eq", written) if written[:1].isdigit() else (written[:2], written[2:])
    span = span_of(rest, searched=True)
    if prefix not in PREFIXES or span is None:
        raise refused(
            f"The parameter {name} is a date such as 2026-01-31, with one of the prefixes "
            f"{', '.join(PREFIXES)} before it or none.",
            name,
        )
    return Moment(prefix, span)


def _token(written: str) -> Token:
    system, bar, code = written.rpartition("|")
    if not bar:
        return Token(None, code)
    return Token(system, code or None)


def _by_reference(parts: Iterable[str], base: str) -> frozenset[UUID]:
    """Patients of ours that are named; what names somebody elsewhere finds nobody."""
    found = set()
    for one in parts:
        try:
            found.add(UUID(one.removeprefix(f"{base}/").removeprefix("Patient/")))
        except ValueError:
            continue
    return frozenset(found)


def _by_number(by: User, parts: Iterable[str]) -> frozenset[UUID]:
    system = record_numbers_of(finding.organisation_of(by))
    tokens = [_token(one) for one in parts]
    numbers = {one.code for one in tokens if one.system in (None, system) and one.code}
    return frozenset(
        finding.patients(by=by).filter(finding.numbered(*numbers)).values_list("id", flat=True)
    )


def _unknown(name: str, kind: str, known: Mapping[str, str], strict: bool) -> Issue:
    base = name.partition(":")[0].partition(".")[0]
    if base in known and base != name:
        # R4: a modifier that is not understood must not be left out, as it may turn the search.
        raise refused(
            f"The search parameter {base} is taken without what follows in {name!r}.", base
        )
    sentence = (
        f"{kind} is not searched by {name[:60]!r}; it is by {', '.join(known)}. It was left out."
    )
    if strict:
        raise refused(sentence.removesuffix(" It was left out."), code="not-supported")
    return Issue(sentence, "", "not-supported", "warning")


def _whole(given: QueryDict, name: str, default: int, most: int) -> int:
    written = given.get(name)
    if written is None:
        return default
    if not NUMBER.fullmatch(written):
        raise refused(f"{name} is a whole number from 0.", name)
    return min(int(written), most)


def _unescaped(part: str) -> str:
    return re.sub(r"\\([,|$\\])", r"\1", part).strip()
