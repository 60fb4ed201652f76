"""The made-up hospital as a WSGI application: Django's requests and templates, no database."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import Resolver404, resolve

from riskapp.management.mock_ehr.exports import Exports
from riskapp.management.mock_ehr.hospital import Hospital, NotThere, Unusable
from riskapp.management.mock_ehr.permits import FORBIDDEN, Denied, Permits

ROUTES = "riskapp.management.mock_ehr.routes"
UNAUTHORIZED = HTTPStatus.UNAUTHORIZED
FHIR_JSON = "application/fhir+json"
# Programs that run in a browser are allowed everywhere; tokens and not cookies say who they are.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "authorization, content-type, accept, prefer, if-none-exist",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Expose-Headers": "location, content-location, etag",
}
TEMPLATES = Engine(dirs=[Path(__file__).with_name("templates")])


@dataclass
class MockEhr:
    """All that the hospital holds and knows, and where Trabecula is.

    Attributes
    ----------
    withheld : set of str
        Scopes that it never grants.
    permissions : set of str
        How it writes scopes: ``permission-v2``, ``permission-v1`` or both.
    creates_in_transactions, tells_everything : bool
        What its CapabilityStatement announces.
    cards : dict
        Cards on the screen by their uuid: service, patient and the card itself.
    feedback : list
        What was told to Trabecula of its cards.
    """

    hospital: Hospital
    permits: Permits
    trabecula: str
    withheld: set[str] = field(default_factory=set)
    permissions: set[str] = field(default_factory=lambda: {"permission-v2", "permission-v1"})
    creates_in_transactions: bool = True
    tells_everything: bool = True
    cards: dict[str, tuple[str, str, dict[str, Any]]] = field(default_factory=dict)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    exports: Exports = field(default_factory=Exports)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = WSGIRequest(environ)
        request.ehr = self
        response = self._answer(request)
        for name, value in CORS.items():
            response.headers.setdefault(name, value)
        status = f"{response.status_code} {response.reason_phrase}"
        start(status, [*response.headers.items(), ("Content-Length", str(len(response.content)))])
        return [response.content]

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        try:
            found = resolve(request.path_info, urlconf=ROUTES)
            view: Callable[..., HttpResponse] = found.func
            return view(request, **found.kwargs)
        except (Resolver404, NotThere):
            return outcome(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here.")
        except Denied as denied:
            if request.path_info.startswith("/fhir"):
                refused = HTTPStatus.FORBIDDEN if denied.error == FORBIDDEN else UNAUTHORIZED
                return outcome(refused, denied.error, str(denied))
            said = {"error": denied.error, "error_description": str(denied)}
            return JsonResponse(said, status=HTTPStatus.BAD_REQUEST)
        except (Unusable, ValueError) as wrong:
            return outcome(HTTPStatus.BAD_REQUEST, "invalid", str(wrong))


def address(request: HttpRequest, path: str = "") -> str:
    """An address of the hospital as whoever asks knows it."""
    return f"{request.scheme}://{request.get_host()}{path}"


def fhir(body: Any, status: int = HTTPStatus.OK, **headers: str) -> HttpResponse:
    response = HttpResponse(json.dumps(body), content_type=FHIR_JSON, status=status)
    for name, value in headers.items():
        response[name] = value
    return response


def outcome(status: int, code: str, sentence: str) -> HttpResponse:
    """An OperationOutcome."""
    issue = {"severity": "error", "code": code, "diagnostics": sentence}
    return fhir({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def page(
    request: HttpRequest, template: str, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    shown = TEMPLATES.get_template(template).render(
        Context(context | {"trabecula": request.ehr.trabecula})
    )
    return HttpResponse(shown, status=status)
