"""Refusals made before or beside the framework, as problem details too.

A host that is not served, a form without its token, an address that no pattern knows, a mistake
of ours: Django answers these with pages. Programs ask under ``/api/`` and get what is described.
"""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from riskapp.api.problem_types import type_of
from riskapp.api.problems import MEDIA_TYPE, problem_body

UNDER = "/api/"


class ProblemsUnderApi:
    """Outermost of the middleware, so that it sees every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        refused = response.status_code >= 400
        said = response.headers.get("Content-Type", "").startswith(MEDIA_TYPE)
        if not refused or said or not request.path.startswith(UNDER):
            return response
        return self._as_problem(request, response)

    def _as_problem(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        kind = type_of(response.status_code)
        detail = f"{kind.means} {kind.do}".strip() or f"{kind.title}."
        body = problem_body(response.status_code, detail, path=request.path)
        made = HttpResponse(json.dumps(body), content_type=MEDIA_TYPE, status=body["status"])
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            if name in response.headers:
                made.headers[name] = response.headers[name]
        return made
