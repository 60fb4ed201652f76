"""Sessions that a hospital's record opened: the audit names it, and it may frame our pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from riskapp.actions.confining import act_through
from riskapp.actions.connecting import connections
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_ehr import EhrConnection

# In the session: the name of the record that opened it, a secret of this browser, and who was
# opened last: the banner of anybody else says so.
OPENED_BY, BROWSER = "opened_by_record", "launching_browser"
PATIENT_OF_RECORD = "patient_of_record"
LAUNCHING = "/smart/"


class WithinTheRecord:
    """Tell the audit through which record somebody acts, and let that record's pages frame ours.

    Every other page keeps its refusal to be framed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.session.get(OPENED_BY, "")
        if name and request.user.is_authenticated:
            act_through(request.user, f"via {name}")
        response = self._get_response(request)
        allowed = _may_frame(request.session.get(OPENED_BY, ""), request.path_info)
        if allowed:
            del response["X-Frame-Options"]
            response._csp_replace = {"frame-ancestors": allowed}
        return response


def _may_frame(opened_by: str, path: str) -> list[str]:
    """Origins that may frame an answer; a launch that fails may say so within its own record."""
    if not opened_by and not path.startswith(LAUNCHING):
        return []
    try:
        ehrs = connections().of(EhrConnection)
    except UnusableConnection:
        return []
    return [
        origin for ehr in ehrs if ehr.name == opened_by or not opened_by for origin in ehr.framed_by
    ]
