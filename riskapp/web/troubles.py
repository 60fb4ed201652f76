"""The page of last resort: a mistake of ours, or trouble that goes by itself and says so."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from riskapp.actions.troubles import trouble_of


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what no door has caught; Django calls it while it handles the error.

    Programs are told the same as problem details (``ProblemsUnderApi``).
    """
    error = sys.exception()
    trouble = trouble_of(error) if error else None
    if trouble is None:
        return server_error(request)
    # Without the request: what is known of who asks may lie where nothing can be read.
    page = render_to_string("not_now.html", {"sentence": trouble.sentence})
    headers = {"Retry-After": str(trouble.again_after_s), "Cache-Control": "no-store"}
    return HttpResponse(page, status=trouble.status, headers=headers)
