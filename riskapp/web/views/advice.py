"""How the cards in hospitals' records were taken."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions.cds_feedback import feedback_report


@require_GET
@login_required
def advice(request: HttpRequest) -> HttpResponse:
    """Counts by kind of card, why they were set aside, and what was written beside."""
    context = {"section": "connections", "report": feedback_report(by=request.user)}
    return TemplateResponse(request, "connections/advice.html", context)
