"""`$assess-all`: many people's RiskAssessments, asked for and fetched as FHIR Bulk Data has it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse, JsonResponse
from django.utils.http import http_date
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.fhir.bulk_answering import (
    FILES,
    PROBLEMS,
    RISK,
    Busy,
    answer_of,
    ask_for_all,
    expires_at,
    file_of,
    take_away,
)
from riskapp.api.fhir.base import FhirView, base_of
from riskapp.api.fhir.media import FHIR_JSON
from riskapp.api.fhir.problems import refused
from riskapp.exchange.fhir.writing.elements import instant
from riskapp.exchange.fhir.writing.operation import ALL_PARAMETERS
from riskapp.models import BulkAnswer
from riskapp.risk.estimate import EstimateOptions

NDJSON = "application/fhir+ndjson"
# As Bulk Data Access 2.0 lets it be asked for; a plus in an address is a blank.
NDJSON_NAMES = {NDJSON, NDJSON.replace("+", " "), "application/ndjson", "ndjson"}
ASK_AGAIN_AFTER_S, WAIT_WHEN_BUSY_S = 5, 60
ASYNC = "Send the header Prefer: respond-async; so many answers do not fit into one."
BODY = "Send Parameters, or nothing for everybody."
YES_NO = {"true": True, "false": False}
VALUES = ("valueString", "valueCode", "valueBoolean", "valueId", "valueReference")


class AssessAll(FhirView):
    scopes = {"POST": "RiskAssessment.c Patient.s"}

    def post(self, request: Request) -> Response | HttpResponse:
        if "respond-async" not in self.prefer():
            raise refused(ASYNC, "Prefer")
        given = _given(request)
        try:
            answer = ask_for_all(
                by=request.user,
                request=request.build_absolute_uri(),
                people=[_patient(one) for one in given.get("patient", [])],
                population=_one(given, "population") or None,
                clamp_age=_yes(given, "clamp-age"),
                options=EstimateOptions(
                    evidence_set=_one(given, "evidence-set") or "frax-2008",
                    guideline=_one(given, "guideline") or None,
                ),
            )
        except Busy as busy:
            problem = refused(str(busy), status=429)
            reply = self.handle_exception(problem)
            reply["Retry-After"] = str(WAIT_WHEN_BUSY_S)
            return reply
        return HttpResponse(status=202, headers={"Content-Location": _address(request, answer)})


class AllAnswers(FhirView):
    """Whether they are there, and where; or take them away."""

    scopes = {"GET": "RiskAssessment.rs", "DELETE": "RiskAssessment.c Patient.s"}

    def get(self, request: Request, id: UUID) -> Response | HttpResponse:
        answer = answer_of(by=request.user, id=id)
        if answer.status == BulkAnswer.Status.DEAD:
            raise refused(answer.problem, status=500, code="exception")
        if answer.status != BulkAnswer.Status.DONE:
            return HttpResponse(
                status=202,
                headers={
                    "X-Progress": f"{answer.done} of {answer.total}",
                    "Retry-After": str(ASK_AGAIN_AFTER_S),
                },
            )
        expires: Any = expires_at(answer)
        headers = {"Expires": http_date(expires.timestamp())}
        return JsonResponse(_manifest(request, answer), headers=headers)

    def delete(self, request: Request, id: UUID) -> HttpResponse:
        take_away(by=request.user, id=id)
        return HttpResponse(status=202)


class AnswersFile(FhirView):
    scopes = {"GET": "RiskAssessment.rs"}

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Lines come whatever is asked for; a refusal comes as FHIR."""
        return self.get_renderers()[0], FHIR_JSON

    def get(self, request: Request, id: UUID, name: str) -> FileResponse:
        path = file_of(by=request.user, id=id, name=name)
        return FileResponse(path.open("rb"), content_type=NDJSON)


def _manifest(request: Request, answer: BulkAnswer) -> dict[str, Any]:
    """FHIR Bulk Data Access 2.0, complete status."""
    address = _address(request, answer)
    files = {
        name: {"type": name, "url": f"{address}/{name}.ndjson", "count": written["lines"]}
        for name, written in answer.written.items()
        if written["lines"]
    }
    return {
        "transactionTime": instant(answer.asked_at),
        "request": answer.request,
        "requiresAccessToken": True,
        "output": [files[name] for name in (RISK,) if name in files],
        "error": [files[name] for name in (PROBLEMS,) if name in files],
    }


def _address(request: Request, answer: BulkAnswer) -> str:
    return f"{base_of(request)}/RiskAssessment/$assess-all/{answer.id}"


def _given(request: Request) -> dict[str, list[str]]:
    """Parameters of address and body, by name.

    Raises
    ------
    FhirRefused
        With a sentence: unknown names are refused, because a slip would otherwise become a default.
    """
    given: dict[str, list[str]] = {}
    if not {*request.query_params.getlist("_outputFormat")} <= NDJSON_NAMES:
        raise refused(f"Answers come as {NDJSON} and nothing else.", "_outputFormat")
    for name, values in request.query_params.lists():
        if name not in ("_format", "_pretty", "_outputFormat"):
            given.setdefault(name, []).extend(values)
    body = request.data if isinstance(request.data, Mapping) else {}
    if body and body.get("resourceType") != "Parameters":
        raise refused(BODY, "resourceType")
    entries = body.get("parameter", [])
    if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
        raise refused(BODY, "Parameters.parameter")
    for one in entries:
        given.setdefault(str(one.get("name")), []).append(_value(one))
    for name, values in given.items():
        if name not in ALL_PARAMETERS:
            known = ", ".join(ALL_PARAMETERS)
            raise refused(f"There is no parameter {name[:40]!r}; there are {known}.", name[:40])
        if len(values) > 1 and ALL_PARAMETERS[name].most == "1":
            raise refused(f"The parameter {name} is given twice.", name)
    return given


def _value(one: Mapping[str, Any]) -> str:
    told = [one[key] for key in VALUES if key in one]
    value = told[0] if len(told) == 1 else None
    if isinstance(value, Mapping):
        value = value.get("reference")
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or not value:
        raise refused(f"The parameter {str(one.get('name'))[:40]} holds one value.")
    return value


def _one(given: Mapping[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0]


def _yes(given: Mapping[str, list[str]], name: str) -> bool:
    written = _one(given, name) or "false"
    if written not in YES_NO:
        raise refused(f"The parameter {name} is true or false.", name, code="value")
    return YES_NO[written]


def _patient(written: str) -> UUID:
    try:
        return UUID(written.removeprefix("Patient/"))
    except ValueError:
        raise refused("Name a patient as Patient/id, with an id of ours.", "patient") from None


NAMES = "|".join(FILES)
