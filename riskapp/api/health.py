"""For the machine that watches this one: is it alive, can it work, and what does it count."""

import hmac
import ipaddress
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from riskapp.actions.readiness import checks
from riskapp.actions.self_testing import withheld_engines
from riskapp.actions.site_figures import SiteFigures

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via")


@csrf_exempt
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


@csrf_exempt
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Each thing that was looked at; 503 with the reason where requests would fail.

    What only makes work wait (no worker, a long queue, a full disk), or withholds an engine while
    all that is stored can be read, is told with 200 as ``degraded``: taking the web server out of
    service would not mend it.
    """
    found = checks()
    told: dict[str, object] = {"status": "ready"}
    problems = [one for one in found if one.problem]
    stopping = [one for one in problems if one.stops]
    if problems:
        told["status"] = "not ready" if stopping else "degraded"
        told["reason"] = " ".join(one.problem for one in stopping or problems)
    if not stopping and (withheld := withheld_engines()):
        # Why is told to those who are signed in: it may name an organisation's own model.
        told["withheld"] = withheld
    told["checks"] = {one.name: one.problem or "ok" for one in found}
    return JsonResponse(told, status=503 if stopping else 200)


@csrf_exempt
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text; there for this machine and for whoever has the site's token."""
    if not _may_read_metrics(request):
        raise Http404
    counted = CollectorRegistry() if "PROMETHEUS_MULTIPROC_DIR" in os.environ else REGISTRY
    if counted is not REGISTRY:
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    measured = CollectorRegistry()
    measured.register(SiteFigures())
    told = generate_latest(counted) + generate_latest(measured)
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and hmac.compare_digest(
        sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        return True
    # A proxy on this machine asks from here too, for whomever; it says so in one of these.
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
