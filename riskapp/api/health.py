"""For the machine that watches this one: is it alive, and can it work."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from riskapp.actions.readiness import problem_with_the_site
from riskapp.actions.self_testing import withheld_engines


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
    """Database migrated and reachable, data folder writable; else 503 with the reason.

    With an engine withheld the site still serves what is stored, and says ``degraded``.
    """
    problem = problem_with_the_site()
    if problem:
        return JsonResponse({"status": "not ready", "reason": problem}, status=503)
    withheld = withheld_engines()
    if withheld:
        # Why is told to those who are signed in: it may name an organisation's own model.
        return JsonResponse({"status": "degraded", "withheld": withheld})
    return JsonResponse({"status": "ready"})
