"""What can be read and searched, kind by kind: rows that say when and what, and make on demand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.fhir.answerers import first_of_each
from riskapp.actions.fhir.site import record_numbers_of
from riskapp.actions.fhir.telling import approved_models, assessed_of, changed_at, person_of
from riskapp.actions.serving import EVIDENCE
from riskapp.exchange.fhir.spans import Span, span_of
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device, device_id
from riskapp.exchange.fhir.writing.observation import (
    category_of,
    code_of,
    observation,
    observation_id,
    observed_fields,
)
from riskapp.exchange.fhir.writing.patient import patient
from riskapp.exchange.fhir.writing.provenance import provenance
from riskapp.exchange.fhir.writing.report import diagnostic_report
from riskapp.exchange.fhir.writing.risk_assessment import risk_assessment
from riskapp.exchange.fields import FIELDS
from riskapp.models import Assessment, Patient

# So many names are decrypted for one search; more than ten thousand take seconds.
MOST_OPENED = 5_000
TOO_MANY = (
    f"More than {MOST_OPENED:,} patients would have to be opened to answer; name a day, month or "
    "year of birth, two letters of a name, or a record number as well."
)
GENDER = "http://hl7.org/fhir/administrative-gender"
COLUMNS = ("id", "registered_at", "sex")
Coded = frozenset[tuple[str, str]]
REPORTED: Coded = frozenset({(codes.system("kind"), "fracture-risk-report")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource that can be made.

    Attributes
    ----------
    at : datetime
        When it was last changed.
    when : callable
        Gives from and until what its date says; None where it says none.
    tokens, texts : mapping
        By search parameter: (system, code) pairs, and words.
    """

    id: str
    at: datetime
    make: Callable[[], Json]
    when: Callable[[], Span | None] = lambda: None
    tokens: Mapping[str, Coded] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which rows are worth making: ids as they are written, patients; None for all.

    Of patients, ``narrowed`` is a condition that all who are sought meet, ``few`` whether few meet
    it, and ``opens`` whether what is encrypted has to be read to tell them.
    """

    ids: frozenset[str] | None = None
    patients: frozenset[UUID] | None = None
    narrowed: Q | None = None
    few: bool = False
    opens: bool = False


def patients(by: User, scope: Scope) -> Iterator[Row]:
    found = finding.patients(by=by, few=scope.few)
    if scope.narrowed is not None:
        found = found.filter(scope.narrowed)
    if scope.patients is not None:
        found = found.filter(id__in=scope.patients)
    if scope.ids is not None:
        found = found.filter(id__in=_uuids(scope.ids))
    organisation = finding.organisation_of(by)
    system, changed = record_numbers_of(organisation), changed_at(organisation.id)
    if scope.opens and found.count() > MOST_OPENED:
        raise Refused({"name": TOO_MANY})
    # Nobody is shown yet: whoever is on the page is fetched, and noticed, when it is made.
    rows = Patient.objects.filter(pk__in=found.order_by().values("pk"))
    for one in rows if scope.opens else rows.only(*COLUMNS):
        at = changed.get(str(one.pk), one.registered_at)
        sexes = frozenset({(GENDER, one.sex)})
        row = Row(
            id=str(one.pk), at=at, make=partial(_patient, by, one.pk), tokens={"gender": sexes}
        )
        if scope.opens:
            row = replace(
                row,
                when=partial(span_of, one.date_of_birth.isoformat()),
                tokens={**row.tokens, "identifier": frozenset({(system, one.record_number)})},
                texts={"name": finding.plain_letters(one.name)},
            )
        yield row


def people(by: User, rows: Sequence[Row]) -> list[Json]:
    """Patients of a page, fetched together."""
    found = finding.patients(by=by, few=True).select_related("organisation")
    known = found.in_bulk([UUID(row.id) for row in rows])
    return [patient(person_of(known[UUID(row.id)], row.at)) for row in rows]


def risk_assessments(by: User, scope: Scope) -> Iterator[Row]:
    """Of published epidemiology and of models that a second person approved, each its own."""
    approved = approved_models(finding.organisation_of(by).id)
    rows = _assessments(by, scope).values_list("id", "created_at", "model_ids")
    for id, at, model_ids in rows:
        for engine, model_id in model_ids.items():
            if engine == EVIDENCE or model_id in approved:
                name = str(id) if engine == EVIDENCE else f"{id}.{engine}"
                yield Row(
                    id=name,
                    at=at,
                    make=partial(_risk_assessment, by, id, engine),
                    when=partial(_moment, at),
                    tokens={
                        "identifier": _own_name(id),
                        "method": frozenset({(codes.system("method"), engine)}),
                    },
                )


def diagnostic_reports(by: User, scope: Scope) -> Iterator[Row]:
    yield from _once_each(by, scope, diagnostic_report, {"code": REPORTED})


def provenances(by: User, scope: Scope) -> Iterator[Row]:
    yield from _once_each(by, scope, provenance, {})


def all_observations(by: User, scope: Scope) -> Iterator[Row]:
    """What was known of people, assessment by assessment; of a few people at a time."""
    tokens = {name: _coded_as(name) for name in FIELDS}
    rows = _assessments(by, scope).select_related("patient", "created_by")
    for assessment in rows.prefetch_related(None):
        if not observed_fields(assessment.profile) or EVIDENCE not in assessment.model_ids:
            continue
        # Of a long record a page shows few: the others are told by the names of their fields.
        told = cache(partial(assessed_of, assessment))
        for name in observed_fields(assessment.profile):
            yield Row(
                id=observation_id(str(assessment.id), name),
                at=assessment.created_at,
                make=partial(_observation, told, name),
                when=partial(_observed, told, name),
                tokens=tokens[name],
            )


def devices(by: User, scope: Scope) -> Iterator[Row]:
    """The software in each release and with each model that has answered here."""
    approved = approved_models(finding.organisation_of(by).id)
    seen: set[str] = set()
    for version, model_ids, at in first_of_each(by=by):
        for engine, model_id in model_ids.items():
            id = device_id(version, engine, model_id)
            if id in seen or (engine != EVIDENCE and model_id not in approved):
                continue
            seen.add(id)
            yield Row(id=id, at=at, make=partial(device, version, engine, model_id))


# How what an assessment gives once is written.
WRITERS: Mapping[str, Callable[[Assessed], Json]] = {
    "RiskAssessment": partial(risk_assessment, with_observations=True),
    "DiagnosticReport": diagnostic_report,
    "Provenance": provenance,
}
KINDS: Mapping[str, Callable[[User, Scope], Iterator[Row]]] = {
    "Patient": patients,
    "RiskAssessment": risk_assessments,
    "Observation": all_observations,
    "DiagnosticReport": diagnostic_reports,
    "Provenance": provenances,
    "Device": devices,
}


def _assessments(by: User, scope: Scope) -> QuerySet[Assessment]:
    found = finding.assessments(by=by).filter(model_ids__has_key=EVIDENCE)
    if scope.patients is not None:
        found = found.filter(patient__in=scope.patients)
    if scope.ids is not None:
        found = found.filter(id__in=_uuids({one.partition(".")[0] for one in scope.ids}))
    return found


def _once_each(
    by: User,
    scope: Scope,
    write: Callable[..., Json],
    tokens: Mapping[str, Coded],
) -> Iterator[Row]:
    for id, at in _assessments(by, scope).values_list("id", "created_at"):
        yield Row(
            id=str(id),
            at=at,
            make=partial(_written, by, id, write),
            when=partial(_moment, at),
            tokens={**tokens, "identifier": _own_name(id), "target": _targets(id)},
        )


def _written(by: User, id: UUID, write: Callable[..., Json]) -> Json:
    return write(assessed_of(finding.assessment(by=by, id=id)))


def _risk_assessment(by: User, id: UUID, engine: str) -> Json:
    told = assessed_of(finding.assessment(by=by, id=id), engine)
    return risk_assessment(told, with_observations=True)


def _patient(by: User, id: UUID) -> Json:
    found = finding.patients(by=by, few=True).select_related("organisation")
    return patient(person_of(found.get(pk=id)))


def _own_name(id: UUID) -> Coded:
    return frozenset({(codes.URIS, f"urn:uuid:{id}")})


def _targets(id: UUID) -> Coded:
    return frozenset({("", f"RiskAssessment/{id}"), ("", f"DiagnosticReport/{id}")})


def _uuids(written: set[str] | frozenset[str]) -> set[UUID]:
    """Those that are UUIDs; the others name nothing of ours."""
    found = set()
    for one in written:
        try:
            found.add(UUID(one))
        except ValueError:
            continue
    return found


def _moment(at: datetime) -> Span:
    return at, at + timedelta(microseconds=1)


def _observation(told: Callable[[], Assessed], name: str) -> Json:
    return observation(told(), name)


def _observed(told: Callable[[], Assessed], name: str) -> Span | None:
    return span_of(observation(told(), name).get("effectiveDateTime", ""))


def _coded_as(name: str) -> Mapping[str, Coded]:
    return {"code": _coded([code_of(name)]), "category": _coded([{"coding": [category_of(name)]}])}


def _coded(concepts: list[dict[str, Any]]) -> Coded:
    return frozenset((each["system"], each["code"]) for one in concepts for each in one["coding"])
