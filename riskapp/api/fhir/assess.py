"""`$assess`: a person's record in, their RiskAssessment out."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.errors import Refused
from riskapp.actions.fhir.assessing import Wanted, assess_and_store, assess_fresh
from riskapp.actions.fhir.telling import assessed_of, resources_of, stored_resources
from riskapp.api.fhir.asked import Asked, read_asked
from riskapp.api.fhir.base import FhirView, base_of, told
from riskapp.api.fhir.problems import FhirRefused, refused
from riskapp.api.keyed import done_once
from riskapp.api.scopes import require
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import FhirRecord, PassedOver, UnreadableRecord
from riskapp.exchange.fhir.writing.bundle import (
    collection,
    containing,
    stored_collection,
    versioned,
)
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device
from riskapp.exchange.fhir.writing.elements import deterministic_id
from riskapp.exchange.fhir.writing.outcome import Issue, outcome
from riskapp.exchange.fhir.writing.risk_assessment import risk_assessment
from riskapp.exchange.fhir.writing.sources import pointing_at
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.estimate import EstimateOptions

# Storing registers who is new and keeps what was sent, beside the assessment.
TO_STORE = "Patient.c Observation.c"
WITHOUT_WHICH_NOBODY = ("age_years", "sex")


class Assess(FhirView):
    """``lay_out`` sets an assessment on paper; ``riskapp.urls`` gives it, as for the reports."""

    lay_out: Callable[..., bytes] | None = None
    scopes = {"POST": "RiskAssessment.c"}

    def post(self, request: Request) -> Response:
        asked = read_asked(request)
        if not asked.persist:
            return self._fresh(asked)
        require(request, TO_STORE)
        return self._stored(request)

    def _fresh(self, asked: Asked) -> Response:
        record = _read(asked)
        with _refusals(record, asked):
            answer = assess_fresh(by=self.request.user, record=record, wanted=_wanted(asked))
        person = pointing_at(asked.subject or _name_of(record))
        about = assessed_of(answer.assessment, subject=person, told=answer.told)
        if self._wants("OperationOutcome"):
            return Response(_remarks(record))
        if asked.include_all:
            made = resources_of(about, pdf=self.lay_out(answer.assessment))
            made.append(_remarks(record) | {"id": deterministic_id("remarks", about.id)})
            return Response(collection(made, about.at))
        soft = device(about.software_version, about.engine, about.estimate["model_id"])
        alone = containing(risk_assessment(about, with_observations=False), [soft])
        return Response(versioned(alone))

    # Only here: of what is not stored, no answer is kept either.
    @done_once()
    def _stored(self, request: Request) -> Response:
        asked = read_asked(request)
        record = _read(asked)
        with _refusals(record, asked):
            answer = assess_and_store(
                by=request.user,
                record=record,
                source=f"fhir:{request.user.get_username()}",
                wanted=_wanted(asked),
            )
        base, id = base_of(request), str(answer.assessment.id)
        where = {"Location": f"{base}/RiskAssessment/{id}"}
        if self._wants("minimal"):
            return Response(status=201, headers=where)
        if self._wants("OperationOutcome"):
            return Response(_remarks(record), status=201, headers=where)
        if asked.include_all:
            made = [versioned(one) for one in stored_resources(answer.assessment)]
            return Response(
                stored_collection(made, timezone.localtime(), base), status=201, headers=where
            )
        about = assessed_of(answer.assessment)
        reply = told(request, versioned(risk_assessment(about, with_observations=True)), status=201)
        reply["Location"] = where["Location"]
        return reply

    def _wants(self, what: str) -> bool:
        return self.prefer().get("return") == what


def _wanted(asked: Asked) -> Wanted:
    options = EstimateOptions(
        evidence_set=asked.evidence_set or "frax-2008", guideline=asked.guideline
    )
    return Wanted(population=asked.population, clamp_age=asked.clamp_age, options=options)


@contextmanager
def _refusals(record: FhirRecord, asked: Asked) -> Iterator[None]:
    """What cannot be answered, told of the resources that it is about."""
    try:
        yield
    except InvalidProfile as refusal:
        raise FhirRefused(422, _about(record, asked, refusal)) from refusal
    except Refused as refusal:
        why = [one for one in record.passed_over if one.field in WITHOUT_WHICH_NOBODY]
        issues = _of_the_request(refusal) + (_told(why) if "record" in refusal.by_field else [])
        raise FhirRefused(422, issues) from refusal


def _read(asked: Asked) -> FhirRecord:
    try:
        return read_record(asked.resources, today=timezone.localdate(), patient=asked.patient)
    except UnreadableRecord as refusal:
        raise refused(str(refusal), "Bundle", status=422) from refusal


def _name_of(record: FhirRecord) -> str:
    """The Patient by the name that the record calls it."""
    for one in record.chosen:
        if one.field == "sex":
            return one.resource
    return f"Patient/{record.person.id}" if record.person else "Patient/unknown"


def _about(record: FhirRecord, asked: Asked, refusal: InvalidProfile) -> list[Issue]:
    """A sentence for each answer that cannot be used, with the resource that gave it."""
    gave = {one.field: _path(one.resource) for one in record.chosen}
    if asked.population:
        gave["population"] = "population"
    return [
        Issue(sentence, gave.get(field, "Bundle.entry"), "business-rule")
        for field, sentence in refusal.by_field.items()
    ]


def _path(resource: str) -> str:
    kind, _, id = resource.partition("/")
    if not id or not kind.isalpha() or not id.replace("-", "").replace(".", "").isalnum():
        return "Bundle.entry"
    return f"Bundle.entry.resource.ofType({kind}).where(id='{id}')"


def _of_the_request(refusal: Refused) -> list[Issue]:
    return [
        Issue(sentence, "Bundle" if name == "record" else name, "business-rule")
        for name, sentence in refusal.by_field.items()
    ]


def _remarks(record: FhirRecord) -> Json:
    """What was read and not used, one issue each."""
    return outcome(_told(record.passed_over))


def _told(passed_over: Iterable[PassedOver]) -> list[Issue]:
    return [
        Issue(f"{one.resource}: {one.why}", _path(one.resource), "informational", "information")
        for one in passed_over
    ]
