"""Scans that other systems sent and nobody knows whose they are; examinations that did not come."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from riskapp.actions import expecting, filing_arrivals, finding
from riskapp.actions.alike import Alike
from riskapp.actions.errors import Refused
from riskapp.actions.registering import problems_of
from riskapp.actions.whose_arrival import patients_numbered
from riskapp.exchange.receiving import RECEIVING
from riskapp.models import Arrival, Patient
from riskapp.web.forms import PatientForm
from riskapp.web.presenters.arrivals import arrival_view, candidate
from riskapp.web.views.people import not_one_of
from riskapp.web.views.sending import only_sent_to

PER_PAGE, MOST_CANDIDATES = 50, 20


@require_GET
@login_required
def arrivals(request: HttpRequest) -> HttpResponse:
    """What waits for somebody to say whose it is, and what should have come by now."""
    page = Paginator(filing_arrivals.arrivals(by=request.user), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "worklist",
        "rows": [arrival_view(one) for one in page],
        "page": page,
        "earlier": f"?page={page.number - 1}",
        "later": f"?page={page.number + 1}",
        "missing": expecting.missing(by=request.user)[:PER_PAGE],
        "to_come": expecting.to_come(by=request.user).count(),
        "limits": RECEIVING,
    }
    return TemplateResponse(request, "arrived/list.html", context)


@require_GET
@login_required
def show_arrival(request: HttpRequest, arrival_id: UUID) -> HttpResponse:
    return TemplateResponse(request, "arrived/show.html", _context(request, arrival_id))


@only_sent_to("arrival")
@login_required
def assign_arrival(request: HttpRequest, arrival_id: UUID) -> HttpResponse:
    patient_id = request.POST.get("patient", "")
    try:
        if not patient_id:
            raise Refused({"patient": "Choose the patient whose study it is."})
        patient = finding.patient(by=request.user, id=patient_id)
        filing_arrivals.assign(by=request.user, arrival_id=arrival_id, patient=patient)
    except Refused as refused:
        return _refused(request, arrival_id, refused)
    messages.success(request, "The study is filed here; its scans are being measured.")
    return redirect("patient", patient.pk)


@only_sent_to("arrival")
@login_required
def discard_arrival(request: HttpRequest, arrival_id: UUID) -> HttpResponse:
    because = request.POST.get("because", "")
    try:
        filing_arrivals.discard(by=request.user, arrival_id=arrival_id, because=because)
    except Refused as refused:
        return _refused(request, arrival_id, refused)
    messages.success(request, "The study is discarded; who did it and why is kept.")
    return redirect("arrivals")


@require_http_methods(["GET", "POST"])
@login_required
def register_from_arrival(request: HttpRequest, arrival_id: UUID) -> HttpResponse:
    """Register whom the study names; everything can be put right first."""
    waiting = filing_arrivals.arrival(by=request.user, id=arrival_id)
    form = PatientForm(request.POST or None, initial=_told(waiting))
    found: tuple[Patient, ...] = ()
    if form.is_bound and not form.is_valid():
        for field, sentence in problems_of(by=request.user, given=form.cleaned_data).items():
            form.add_error(field, sentence)
    elif form.is_valid():
        try:
            patient = filing_arrivals.register_from(
                by=request.user,
                arrival_id=arrival_id,
                told=form.cleaned_data | {"not_one_of": not_one_of(request)},
            )
        except Alike as refused:
            found = refused.found
        except Refused as refused:
            for field, sentence in refused.by_field.items():
                form.add_error(field if field in form.fields else None, sentence)
        else:
            return redirect("patient", patient.pk)
    context = {"section": "worklist", "form": form, "arrival": waiting, "alike": found}
    status = 400 if form.is_bound else 200
    return TemplateResponse(request, "arrived/register.html", context, status=status)


def _told(waiting: Arrival) -> dict[str, Any]:
    return {
        "name": arrival_view(waiting).name,
        "record_number": waiting.identifier,
        "date_of_birth": waiting.birth_date.isoformat() if waiting.birth_date else "",
        "sex": waiting.sex,
    }


def _refused(request: HttpRequest, arrival_id: UUID, refused: Refused) -> HttpResponse:
    context = _context(request, arrival_id) | {"problem": str(refused)}
    return TemplateResponse(request, "arrived/show.html", context, status=400)


def _context(request: HttpRequest, arrival_id: UUID) -> dict[str, Any]:
    waiting = filing_arrivals.arrival(by=request.user, id=arrival_id)
    sought = request.GET.get("q", "").strip().replace("\x00", "")
    if sought:
        found = finding.by_name(
            finding.patients(by=request.user, matching=sought)[:MOST_CANDIDATES]
        )
    else:
        found = patients_numbered(waiting)
    return {
        "section": "worklist",
        "view": arrival_view(waiting),
        "waits": waiting.status == Arrival.Status.WAITING,
        "sought": sought,
        "candidates": [candidate(waiting, one) for one in found],
        "because_letters": RECEIVING.because_letters,
    }
