"""What is seen of each request: its id, how long its view took, and how it ended."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from riskapp import metrics, request_id

logger = logging.getLogger(__name__)
NO_VIEW = "(none)"


class Observed:
    """Outermost of the middleware, so that refusals and faults are seen alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request_id.begin(request.headers.get(request_id.HEADER, ""))
        began = time.perf_counter()
        response = self._get_response(request)
        response.headers[request_id.HEADER] = given
        self._tell(request, response.status_code, time.perf_counter() - began)
        return response

    def _tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        """By the view's name: an address may hold an id, a secret or what somebody typed."""
        matched = request.resolver_match
        view = (matched.view_name if matched else "") or NO_VIEW
        method = request.method if request.method in metrics.METHODS else "other"
        metrics.REQUESTS.labels(view=view, method=method, status=str(status)).observe(seconds)
        if logger.isEnabledFor(logging.INFO):
            told = {
                "view": view,
                "method": method,
                "status": status,
                "duration_ms": round(1000 * seconds, 1),
            }
            logger.info("Answered", extra={"told": told})
