"""Programs that forget TLS are refused and not sent on, so that the slip is noticed.

A program that is redirected works, and sends its token in the open with every request (OWASP ASVS
5.0, requirement 4.1.2). Pages for people are redirected by Django.
"""

import json
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from riskapp.api.every_problem import FHIR, UNDER_FHIR
from riskapp.api.problem_types import BY_CODE
from riskapp.api.problems import MEDIA_TYPE, problem_body
from riskapp.exchange.fhir.writing.outcome import Issue, outcome

PROGRAMS = ("/api/", "/fhir", "/dicomweb/", "/cds-services", "/oauth/")
# Asked by a person's browser: where consent is given, and what explains the doors.
PEOPLE = ("/oauth/authorize", "/api/docs/", "/api/problems/")


class ProgramsOverTls:
    """In front of what redirects."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_programs = request.path.startswith(PROGRAMS) and not request.path.startswith(PEOPLE)
        if not settings.HTTPS or request.is_secure() or not is_programs:
            return self._get_response(request)
        kind = BY_CODE["https-only"]
        detail = f"{kind.means} {kind.do}"
        body, media_type = problem_body(403, detail, code=kind.code, path=request.path), MEDIA_TYPE
        if request.path.startswith(UNDER_FHIR):
            body, media_type = outcome([Issue(detail, "", "security")]), FHIR
        return HttpResponse(json.dumps(body), status=403, content_type=media_type)
