"""What leaves an assessment's page on paper or as text."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from riskapp.actions.errors import Refused
from riskapp.actions.telling import text_of
from riskapp.web.report import make_report


@require_GET
@login_required
def assessment_text(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """The assessment as plain text, to be pasted into the record; ``?named=1`` names the person."""
    text = text_of(by=request.user, id=assessment_id, named=request.GET.get("named") == "1")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_GET
@login_required
def report(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """One clinical page and the patient's two.

    ``?part=`` asks for one of them, ``?language=`` for the patient's in other words.
    """
    asked = {name: request.GET.get(name, "") for name in ("part", "language")}
    try:
        made = make_report(by=request.user, id=assessment_id, **asked)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("assessment", assessment_id)
    shown = {"Content-Disposition": f'inline; filename="{made.name}"'}
    return HttpResponse(made.content, content_type="application/pdf", headers=shown)
