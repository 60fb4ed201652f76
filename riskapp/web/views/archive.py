"""A patient's scans in the archive: find, choose, fetch; and results on their way back to it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from riskapp.actions import finding
from riskapp.actions.archives import LAST_PAGE, Asked, archives, look_into, search
from riskapp.actions.archives import MODALITIES as LOOKED_FOR
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.fetching import ask_for, fetches
from riskapp.actions.finding import organisation_of
from riskapp.actions.returning import return_again
from riskapp.models import Patient
from riskapp.web.presenters.archive import (
    BODY_PARTS,
    MODALITIES,
    fetch_row,
    in_words,
    series_rows,
    study_rows,
)
from riskapp.web.views.people import banner
from riskapp.web.views.sending import only_sent_to

LATEST = 10
ANY = ("", "Any")


class SearchForm(forms.Form):
    """What to look for; nothing but the archive has to be said."""

    archive = forms.CharField(required=False, max_length=200)
    first_day = forms.DateField(
        required=False, error_messages={"invalid": "From should be a date, such as 2020-01-31."}
    )
    last_day = forms.DateField(
        required=False, error_messages={"invalid": "To should be a date, such as 2026-01-31."}
    )
    modality = forms.ChoiceField(
        required=False, choices=[ANY, *((one, MODALITIES[one]) for one in LOOKED_FOR)]
    )
    body_part = forms.ChoiceField(required=False, choices=[ANY, *BODY_PARTS.items()])
    page = forms.IntegerField(required=False, min_value=1, max_value=LAST_PAGE)


@require_GET
@login_required
def show_archive(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The latest fetches, and with ``find`` what the archive tells."""
    patient = finding.patient(by=request.user, id=patient_id)
    context = banner(patient, "timeline") | _fetches(request, patient)
    form = SearchForm(request.GET)
    try:
        names = [one.name for one in archives(organisation_of(request.user))]
    except Refused as refused:
        names, context["problem"] = [], str(refused)
    context |= {"form": form, "archives": names, "asked": form.data}
    if names and request.GET.get("study"):
        context |= _one_study(request, patient)
    elif names and request.GET.get("find"):
        context |= _found(request, patient, form)
    return TemplateResponse(request, "patient/archive.html", context)


@require_GET
@login_required
def archive_status(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The fetches alone; it asks again only while one is on its way."""
    patient = finding.patient(by=request.user, id=patient_id)
    context = {"patient": patient} | _fetches(request, patient)
    return TemplateResponse(request, "patient/_archive_fetches.html", context)


@only_sent_to("patient_archive")
@login_required
def fetch_study(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Promise to fetch a study, or the series that were ticked."""
    patient = finding.patient(by=request.user, id=patient_id)
    study_uid, series = request.POST.get("study", ""), request.POST.getlist("series")
    archive = request.POST.get("archive", "")
    if "chosen" in request.POST and not series:
        messages.warning(request, "Tick at least one series.")
        told = urlencode({"archive": archive, "study": study_uid})
        return redirect(f"{reverse('patient_archive', args=[patient.pk])}?{told}")
    try:
        ask_for(
            by=request.user, patient=patient, archive=archive, study_uid=study_uid, series=series
        )
    except Refused as refused:
        messages.warning(request, str(refused))
    except NotFound:
        messages.warning(request, "The archive has no such study of this patient.")
    else:
        messages.success(request, "It is being fetched. You can leave this page: the work goes on.")
    return redirect("patient_archive", patient.pk)


@only_sent_to("scan")
@login_required
def return_scan(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """Send the confirmed results of a scan to an archive, for the first time or again."""
    scan = finding.scan(by=request.user, id=scan_id)
    try:
        return_again(by=request.user, scan=scan, archive=request.POST.get("archive", ""))
        messages.success(request, "The results are on their way to the archive.")
    except Refused as refused:
        messages.warning(request, str(refused))
    except NotFound:
        messages.warning(request, "There is no such archive.")
    return redirect("scan", scan.pk)


def _fetches(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    rows = [fetch_row(one) for one in fetches(by=request.user, patient=patient)[:LATEST]]
    return {"fetches": rows, "is_fetching": _any_pending(one.state for one in rows)}


def _any_pending(states: Iterable[str]) -> bool:
    return bool({"waiting", "fetching"} & set(states))


def _found(request: HttpRequest, patient: Patient, form: SearchForm) -> dict[str, Any]:
    if not form.is_valid():
        return {"problem": " ".join(text for texts in form.errors.values() for text in texts)}
    told = form.cleaned_data
    asked = Asked(
        first_day=told["first_day"],
        last_day=told["last_day"],
        modality=told["modality"],
        body_part=told["body_part"],
        page=told["page"] or 1,
    )
    try:
        found = search(by=request.user, patient=patient, archive=told["archive"], asked=asked)
    except Refused as refused:
        return {"problem": str(refused), "can_wait": True}
    except NotFound as absent:
        return {"problem": str(absent)}
    return {
        "found": found,
        "studies": study_rows(found.studies),
        "number": asked.page,
        "earlier": _page(request, asked.page - 1) if asked.page > 1 else "",
        "later": _page(request, asked.page + 1) if found.has_more else "",
    }


def _one_study(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    archive, study_uid = request.GET.get("archive", ""), request.GET["study"]
    try:
        study, series = look_into(
            by=request.user, patient=patient, archive=archive, study_uid=study_uid
        )
    except Refused as refused:
        return {"problem": str(refused), "can_wait": True}
    except NotFound as absent:
        return {"problem": str(absent)}
    return {
        "study": study,
        "study_day": study.day,
        "study_what": in_words(study.modalities),
        "series": series_rows(series),
    }


def _page(request: HttpRequest, number: int) -> str:
    told = request.GET.copy()
    told["page"] = str(number)
    return f"?{told.urlencode()}"
