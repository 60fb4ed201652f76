"""Refusals made before or beside the framework, as programs are told all others.

A host that is not served, a form without its token, an address that no pattern knows, a mistake
of ours: Django answers these with pages. Programs ask under ``/api/``, ``/dicomweb/`` and
``/cds-services`` and get problem details, and under ``/fhir/`` an OperationOutcome.
"""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from riskapp.api.problem_types import type_of
from riskapp.api.problems import MEDIA_TYPE, problem_body
from riskapp.exchange.fhir.writing.outcome import CODES, Issue, outcome

FHIR = "application/fhir+json"
UNDER, UNDER_FHIR = "/api/", "/fhir/"
# Standards of their own, which may refuse in their own words too; never with a page.
NEVER_PAGES = (UNDER_FHIR, "/dicomweb/", "/cds-services")


class ProblemsUnderApi:
    """Outermost of the middleware, so that it sees every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        said = response.headers.get("Content-Type", "")
        if request.path.startswith(UNDER):
            is_told = said.startswith(MEDIA_TYPE)
        else:  # FHIR goes by two names, STOW-RS tells of each object
            is_told = not (request.path.startswith(NEVER_PAGES) and said.startswith("text/html"))
        return response if response.status_code < 400 or is_told else self._told(request, response)

    def _told(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        status = response.status_code
        kind = type_of(status)
        detail = f"{kind.means} {kind.do}".strip() or f"{kind.title}."
        body, media_type = problem_body(status, detail, path=request.path), MEDIA_TYPE
        if request.path.startswith(UNDER_FHIR):
            body, media_type = outcome([Issue(detail, "", CODES.get(status, "exception"))]), FHIR
        made = HttpResponse(json.dumps(body), content_type=media_type, status=status)
        for name in ("Allow", "Retry-After", "WWW-Authenticate", "RateLimit", "RateLimit-Policy"):
            if name in response.headers:
                made.headers[name] = response.headers[name]
        return made
