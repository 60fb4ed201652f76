"""Opened from a hospital's record: the launch, its answer, and whose record it is."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from riskapp.actions import finding, launching, writing_back
from riskapp.actions.errors import Refused
from riskapp.actions.opening_record import Opened, open_record
from riskapp.actions.sessions import How, WayIn
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer
from riskapp.exchange.smart.scopes import what_is_lacking
from riskapp.models import EhrLaunch
from riskapp.web.coming_in import come_in
from riskapp.web.launched import BROWSER, OPENED_BY, PATIENT_OF_RECORD
from riskapp.web.views.people import banner
from riskapp.web.views.sending import only_sent_to

View = Callable[..., HttpResponse]


def _said_plainly(view: View) -> View:
    """Whatever ends a launch is one sentence on one page."""

    @wraps(view)
    def answered(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except (LaunchProblem, Refused, UnusableConnection) as problem:
            # A launch begins in the record; what began here can begin here again.
            is_ours = isinstance(problem, NoAnswer) and "name" in named
            context = {"sentence": str(problem), "again": request.path if is_ours else ""}
            return TemplateResponse(request, "smart/problem.html", context, status=400)

    return answered


@require_GET
@_said_plainly
def launch(request: HttpRequest) -> HttpResponse:
    """The record opens Trabecula: it names itself (``iss``) and what is open (``launch``)."""
    ehr = launching.record_of(request.GET.get("iss", ""))
    return _to_record(request, ehr.name, launch=request.GET.get("launch", ""))


@require_GET
@_said_plainly
def standalone(request: HttpRequest) -> HttpResponse:
    """Trabecula opens a record: which one?"""
    by = request.user if request.user.is_authenticated else None
    return TemplateResponse(request, "smart/records.html", {"records": launching.records(by=by)})


@require_GET
@_said_plainly
def standalone_with(request: HttpRequest, name: str) -> HttpResponse:
    return _to_record(request, name)


@require_GET
@_said_plainly
def callback(request: HttpRequest) -> HttpResponse:
    """The record's answer. Loading the page again opens what was opened."""
    state, browser = request.GET.get("state", ""), request.session.get(BROWSER, "")
    if request.user.is_authenticated:
        before = launching.again(by=request.user, state=state, browser=browser)
        if before is not None:
            return redirect("smart_opened", before.pk)
    opened = launching.finish(
        state=state,
        code=request.GET.get("code", ""),
        error=request.GET.get("error", ""),
        browser=browser,
    )
    # Another account's session is emptied by signing in; the browser is still the same one.
    come_in(request, opened.by, WayIn(How.RECORD, opened.ehr))
    request.session[BROWSER], request.session[OPENED_BY] = browser, opened.ehr
    return redirect("smart_opened", opened.pk)


@require_http_methods(["GET", "POST"])
@login_required
@_said_plainly
def opened(request: HttpRequest, launch_id: UUID) -> HttpResponse:
    """Read the record, and go to the form; or ask a person whether it is one person."""
    there = launching.launch_of(by=request.user, id=launch_id)
    try:
        found = open_record(by=request.user, launch=there, is_same=request.method == "POST")
    except LaunchProblem as problem:
        context = {"sentence": str(problem), "again": request.path}
        return TemplateResponse(request, "smart/problem.html", context, status=400)
    if found.differences:
        return _is_it_the_same(request, there, found)
    for sentence in (what_is_lacking(there.scopes, there.ehr), *found.remarks):
        if sentence:
            messages.warning(request, sentence)
    request.session[PATIENT_OF_RECORD] = str(found.patient.pk)
    return redirect("assessment_new", found.patient.pk)


@require_POST
@login_required
def left(request: HttpRequest) -> HttpResponse:
    """The person has finished with the patient whom the record opened, and goes on with another."""
    patient = finding.patient(by=request.user, id=request.POST.get("patient", ""))
    request.session.pop(PATIENT_OF_RECORD, None)
    return redirect("patient", patient.pk)


@only_sent_to("assessment")
@login_required
def send_back(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Send the assessment to the record that its patient was opened from."""
    try:
        writing_back.send_back(by=request.user, id=assessment_id, ehr=request.POST.get("ehr", ""))
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect(reverse("assessment", args=[assessment_id]) + "#send-back")


@require_GET
@login_required
def sent_back(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Only what became of it, for a page that waits."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    there = writing_back.ways_back(by=request.user, assessment=assessment)
    context = {"assessment": assessment, "ways_back": there}
    return TemplateResponse(request, "assessment/_ways_back.html", context)


def _to_record(request: HttpRequest, name: str, launch: str | None = None) -> HttpResponse:
    browser = request.session.setdefault(BROWSER, secrets.token_urlsafe(32))
    address = launching.begin(
        ehr=launching.record_named(name),
        browser=browser,
        redirect_uri=request.build_absolute_uri(reverse("smart_callback")),
        launch=launch,
    )
    # The configured record's own: checked where its configuration was read.
    return HttpResponseRedirect(address)


def _is_it_the_same(request: HttpRequest, there: EhrLaunch, found: Opened) -> HttpResponse:
    context = banner(found.patient, "") | {"launch": there, "found": found}
    return TemplateResponse(request, "smart/same_person.html", context)
