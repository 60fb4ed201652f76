"""The content policy of every answer (W3C Content Security Policy), put together once.

The package puts it together from the settings for each answer, which took a tenth of what a small
answer takes. Of an answer that asks for something of its own it still does.
"""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

# How the package's decorators mark an answer.
OF_ITS_OWN = "_csp"


class ContentPolicy(CSPMiddleware):
    """The package's, with the same headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        told = settings.CONTENT_SECURITY_POLICY
        only_directives = told.keys() == {"DIRECTIVES"} and not build_policy(report_only=True)
        self._usual = build_policy() if only_directives and not settings.DEBUG else ""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_usual = (
            self._usual
            and HEADER not in response.headers
            and not hasattr(request, "_csp_nonce")
            and not any(name.startswith(OF_ITS_OWN) for name in vars(response))
        )
        if not is_usual:
            return super().process_response(request, response)
        response.headers[HEADER] = self._usual
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response
