"""The end of a record: asked for by one administrator, confirmed by another, certified."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from riskapp.actions import erasing
from riskapp.actions.erasure_certificate import problems_with
from riskapp.actions.errors import NotFound, Refused
from riskapp.models import Erasure
from riskapp.web.presenters.keeping import parts_of, parts_of_certificate
from riskapp.web.stepping_up import confirmed_lately
from riskapp.web.views.keeping import NOT_REPEATED
from riskapp.web.views.sending import only_sent_to

PER_PAGE = 50


@require_GET
@login_required
def erasures(request: HttpRequest) -> HttpResponse:
    """What waits to be confirmed, and what was erased."""
    found = erasing.erasures(by=request.user)
    page = Paginator(found.exclude(erased_at=None), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "keeping",
        "waiting": found.filter(erased_at=None),
        "page": page,
        "earlier": f"?page={page.number - 1}",
        "later": f"?page={page.number + 1}",
    }
    return TemplateResponse(request, "erasures/list.html", context)


@require_http_methods(["GET", "POST"])
@confirmed_lately
def new_erasure(request: HttpRequest) -> HttpResponse:
    """Ask for number and reason, show whom it is about, and ask once that is confirmed."""
    sent = {name: request.POST.get(name, "").strip() for name in ("record_number", "because")}
    told: dict[str, object] = {
        "section": "keeping",
        "sent": sent,
        "reasons": Erasure.Because.choices,
        "problems": {},
    }
    if request.method == "POST":
        try:
            number = sent["record_number"]
            patient = erasing.numbered_here(by=request.user, record_number=number)
            erasing.check_may_go(patient, sent["because"])
            told |= {"patient": patient, "parts": parts_of(erasing.what_would_go(patient))}
            if "repeat" in request.POST:
                if request.POST["repeat"].strip() != number:
                    raise Refused({"repeat": NOT_REPEATED})
                asked = erasing.ask_to_erase(by=request.user, **sent)
                messages.success(request, "Another administrator has to confirm it now.")
                return redirect("erasure", asked.pk)
        except Refused as refusal:
            told["problems"] = refusal.by_field
    status = 400 if told["problems"] else 200
    return TemplateResponse(request, "erasures/new.html", told, status=status)


@require_GET
@login_required
def erasure(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """Whom an erasure is about while it waits; then its certificate, checked just now."""
    return _page(request, erasing.find_erasure(by=request.user, id=erasure_id))


@only_sent_to("erasure")
@confirmed_lately
def confirm(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    number = request.POST.get("repeat", "")
    try:
        erasing.confirm_erasure(by=request.user, id=erasure_id, record_number=number)
    except Refused as refusal:
        found = erasing.find_erasure(by=request.user, id=erasure_id)
        return _page(request, found, {"repeat": str(refusal)})
    messages.success(request, "The record is erased. This is its certificate.")
    return redirect("erasure", erasure_id)


@only_sent_to("erasure")
@login_required
def withdraw(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    try:
        erasing.withdraw(by=request.user, id=erasure_id)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("erasure", erasure_id)
    messages.success(request, "It was taken back; the record stays.")
    return redirect("erasures")


@require_GET
@login_required
def certificate(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """The certificate as a file, which ``manage.py verify_erasure`` checks anywhere."""
    found = erasing.find_erasure(by=request.user, id=erasure_id)
    if found.certificate is None:
        raise NotFound("There is no certificate before it is erased.")
    told = HttpResponse(json.dumps(found.certificate, indent=2), content_type="application/json")
    told["Content-Disposition"] = 'attachment; filename="erasure-certificate.json"'
    return told


def _page(
    request: HttpRequest, found: Erasure, problems: dict[str, str] | None = None
) -> HttpResponse:
    told: dict[str, object] = {"section": "keeping", "erasure": found, "problems": problems or {}}
    if found.certificate is not None:
        told |= {
            "certificate": found.certificate,
            "parts": parts_of_certificate(found.certificate),
            "wrong": problems_with(found.certificate),
        }
        return TemplateResponse(request, "erasures/certificate.html", told)
    patient = erasing.patient_of(found, by=request.user)
    told |= {
        "patient": patient,
        "parts": parts_of(erasing.what_would_go(patient)),
        "is_own": found.asked_by_id == request.user.pk,
    }
    return TemplateResponse(request, "erasures/waiting.html", told, status=400 if problems else 200)
