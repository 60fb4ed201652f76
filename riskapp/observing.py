"""What is seen of each request: its id, how long its view took, and how it ended."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from riskapp import metrics, request_id, tracing
from riskapp.roomy_stack import roomy

logger = logging.getLogger(__name__)
NO_VIEW = "(none)"


class Observed:
    """Outermost of the middleware, so that refusals and faults are seen alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    @roomy
    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request_id.begin(request.headers.get(request_id.HEADER, ""))
        began = time.perf_counter()
        taken = request.headers.get(tracing.PASSED, "")
        with tracing.span("request", kind="SERVER", taken=taken) as span:
            response = self._get_response(request)
            _trace(span, request, response.status_code, given)
        response.headers[request_id.HEADER] = given
        self._tell(request, response.status_code, time.perf_counter() - began)
        return response

    def _tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        """By the view's name: an address may hold an id, a secret or what somebody typed."""
        view, method = _view(request), _method(request)
        metrics.REQUESTS.labels(view=view, method=method, status=str(status)).observe(seconds)
        if logger.isEnabledFor(logging.INFO):
            told = {
                "view": view,
                "method": method,
                "status": status,
                "duration_ms": round(1000 * seconds, 1),
            }
            logger.info("Answered", extra={"told": told})


def _trace(span: Any, request: HttpRequest, status: int, given: str) -> None:
    """By the template of the address, as OpenTelemetry's names for HTTP have it; without a path."""
    route = request.resolver_match.route if request.resolver_match else ""
    told = {
        "http.request.method": _method(request),
        "http.route": route,
        "http.response.status_code": status,
        "trabecula.view": _view(request),
        "trabecula.request_id": given,
    }
    is_error = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    tracing.tell(span, told, name=f"{_method(request)} {_view(request)}", is_error=is_error)


def _view(request: HttpRequest) -> str:
    matched = request.resolver_match
    return (matched.view_name if matched else "") or NO_VIEW


def _method(request: HttpRequest) -> str:
    return request.method if request.method in metrics.METHODS else "other"
