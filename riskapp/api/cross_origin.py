"""Apps that run in a browser may call from where they were registered (the Fetch standard's CORS).

SMART App Launch 2.2 asks for it ("Conformance"). A session's cookie is never taken from elsewhere:
what is allowed here is asked without one.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from riskapp.models import ApiClient

DOORS = ("/fhir", "/api/v1/", "/oauth/token", "/oauth/revoke")
SENDS = "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, Idempotency-Key"
READS = "WWW-Authenticate, Location, Content-Location, ETag, Retry-After, Link"
METHODS = "GET, POST, PUT, PATCH, DELETE"
KEPT_SECONDS = 600


class AppsInBrowsers:
    """Says to a browser which pages of other origins may read an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = request.headers.get("Origin", "")
        if not origin or not request.path.startswith(DOORS):
            return self._get_response(request)
        known = _is_of_an_app(origin)
        asks_first = request.method == "OPTIONS" and (
            "Access-Control-Request-Method" in request.headers
        )
        response = HttpResponse(status=204) if asks_first else self._get_response(request)
        patch_vary_headers(response, ["Origin"])
        if known and asks_first:
            response["Access-Control-Allow-Methods"] = METHODS
            response["Access-Control-Allow-Headers"] = SENDS
            response["Access-Control-Max-Age"] = str(KEPT_SECONDS)
        if known:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Expose-Headers"] = READS
        return response


def _is_of_an_app(origin: str) -> bool:
    """True where a standing app has a redirect address there."""
    apps = ApiClient.objects.filter(revoked_at=None).exclude(application__redirect_uris="")
    told = " ".join(apps.values_list("application__redirect_uris", flat=True))
    parts = (urlsplit(address) for address in told.split())
    return origin in {f"{one.scheme}://{one.netloc}" for one in parts}
