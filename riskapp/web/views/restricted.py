"""Restricted records: opened for a reason, given a care team, and what was opened reviewed."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from riskapp.actions import finding, restricting
from riskapp.actions.errors import Refused
from riskapp.web.presenters.lists import link
from riskapp.web.restricted import question
from riskapp.web.views.people import banner
from riskapp.web.views.sending import only_sent_to

PER_PAGE = 40


@only_sent_to("patient")
@login_required
def open_for_reason(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Take the reason and go on to where it was asked for."""
    then = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(then, {request.get_host()}, request.is_secure()):
        then = ""
    try:
        opened = restricting.open_for_reason(
            by=request.user,
            id=patient_id,
            reason=request.POST.get("reason", ""),
            words=request.POST.get("words", ""),
        )
    except Refused as refusal:
        return question(request, patient_id, then, refusal.by_field)
    until = timezone.localtime(opened.ends_at)
    messages.warning(
        request, f"This record is open to you until {until:%H:%M}. Your reason will be reviewed."
    )
    return redirect(then) if then else redirect("patient", patient_id)


@require_http_methods(["GET", "POST"])
@login_required
def care_team(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who may open the record of one patient; restrict it, or lift that."""
    patient = finding.patient(by=request.user, id=patient_id)
    problem = ""
    if request.method == "POST":
        try:
            if "lift" in request.POST:
                restricting.lift(by=request.user, patient=patient)
                messages.success(request, "The record is open to your organisation again.")
            else:
                team = request.POST.getlist("team")
                restricting.restrict(by=request.user, patient=patient, team=team)
                messages.success(request, "The record is restricted to its care team.")
        except Refused as refusal:
            problem = str(refusal)
        else:
            return redirect("patient", patient.pk)
    restriction = restricting.restriction_of(by=request.user, patient=patient)
    on_team = set(restriction.team.values_list("pk", flat=True)) if restriction else set()
    context = banner(patient, "timeline") | {
        "restriction": restriction,
        "is_on_team": not restriction or request.user.pk in on_team,
        "people": [
            (one, one.pk in on_team or one.pk == request.user.pk)
            for one in restricting.colleagues(by=request.user)
        ],
        "problem": problem,
    }
    status = 400 if problem else 200
    return TemplateResponse(request, "patient/care_team.html", context, status=status)


@require_GET
@login_required
def emergency_accesses(request: HttpRequest) -> HttpResponse:
    """What was opened for a reason, to be looked at by somebody else."""
    page = Paginator(restricting.accesses(by=request.user), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "restricted",
        "rows": page,
        "verdicts": restricting.Verdict.choices,
        "page": page,
        "earlier": link({}, page=str(page.number - 1)),
        "later": link({}, page=str(page.number + 1)),
    }
    return TemplateResponse(request, "patient/emergency_accesses.html", context)


@require_POST
@login_required
def review(request: HttpRequest, access_id: UUID) -> HttpResponse:
    try:
        restricting.review(by=request.user, id=access_id, verdict=request.POST.get("verdict", ""))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("emergency_accesses")
