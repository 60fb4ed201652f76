"""Every request that read a patient's data, or was refused them, leaves a row in the trail."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from riskapp.actions.noticing import gathered
from riskapp.actions.trail.accesses import record_reads, record_refusal

log = logging.getLogger(__name__)
# They say how far something is, and nothing of the patient whom it is about.
SAY_NOTHING_OF_PATIENTS = frozenset({"patient_archive_status", "scan_status"})
NOT_MODIFIED, UNSIGNED, REFUSED, MISSING = 304, 401, 403, 404
NOT_NOW = "This cannot be shown now, because it cannot be recorded who reads it. Try again soon."


class RecordAccess:
    """Write the rows before the answer leaves: what cannot be recorded is not shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with gathered() as gathering:
            response = self._get_response(request)
            match = request.resolver_match
            name = (match and match.url_name) or ""
            ids = {str(value) for value in match.captured_kwargs.values()} if match else set()
            status = response.status_code
            try:
                if status < 300 or status == NOT_MODIFIED:
                    if name not in SAY_NOTHING_OF_PATIENTS:
                        record_reads(gathering, name, ids)
                elif status in (UNSIGNED, REFUSED, MISSING) and name:
                    record_refusal(request, status, name, ids)
            except DatabaseError as problem:
                log.error("An access could not be recorded: %s", type(problem).__name__)
                response.close()
                return _not_now()
        return response


def _not_now() -> HttpResponse:
    made = HttpResponse(NOT_NOW, status=503, content_type="text/plain; charset=utf-8")
    made["Retry-After"] = "5"
    return made
