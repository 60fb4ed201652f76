"""Worklist, new patient, and one patient's timeline with the upload box."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Max
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from imaging.intake.accepted import UPLOAD
from riskapp.actions import finding
from riskapp.actions.errors import AlreadyHere, Refused
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import problems_of, register_patient
from riskapp.models import Patient
from riskapp.web.forms import PatientForm
from riskapp.web.presenters.story import timeline, waiting_scan, worklist_row
from riskapp.web.views.sending import only_sent_to

PATIENTS_PER_PAGE = 50


@require_GET
@login_required
def worklist(request: HttpRequest) -> HttpResponse:
    """Everyone, the latest activity first, with what they wait for."""
    sought = request.GET.get("q", "").strip()
    found = (
        finding.patients(by=request.user, matching=sought)
        .annotate(
            active_at=Greatest(
                "registered_at",
                Coalesce(Max("scans__uploaded_at"), "registered_at"),
                Coalesce(Max("assessments__created_at"), "registered_at"),
            )
        )
        .order_by("-active_at")
        .prefetch_related("scans__versions", "assessments")
    )
    page = Paginator(found, PATIENTS_PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "section": "worklist",
        "rows": [worklist_row(patient, today) for patient in page],
        "page": page,
        "sought": sought,
    }
    return TemplateResponse(request, "patient/worklist.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def new_patient(request: HttpRequest) -> HttpResponse:
    form = PatientForm(request.POST or None)
    if form.is_bound and not form.is_valid():
        # What else is wrong is said at once, and not after the first is mended.
        for field, sentence in problems_of(by=request.user, given=form.cleaned_data).items():
            form.add_error(field, sentence)
    elif form.is_valid():
        try:
            patient = register_patient(by=request.user, **form.cleaned_data)
        except Refused as refused:
            for field, sentence in refused.by_field.items():
                form.add_error(field, sentence)
        else:
            return redirect("patient", patient.pk)
    return TemplateResponse(request, "patient/new.html", {"form": form}, status=_status(form))


@require_GET
@login_required
def show_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(by=request.user, id=patient_id)
    return TemplateResponse(request, "patient/show.html", _timeline_context(patient))


@only_sent_to("patient")
@login_required
def upload_scan(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Take one scan's files and go to its page; a script may ask for the address instead."""
    patient = finding.patient(by=request.user, id=patient_id)
    try:
        scan = import_scan(
            by=request.user, patient=patient, files=request.FILES.getlist("files"), once=True
        )
    except AlreadyHere as here:
        messages.warning(request, "These files are already here: this is the scan that they gave.")
        return redirect("scan", here.scan_id)
    except Refused as refused:
        context = _timeline_context(patient) | {"upload_problem": str(refused)}
        return TemplateResponse(request, "patient/show.html", context, status=400)
    return redirect("scan", scan.pk)


def banner(patient: Patient, tab: str) -> dict[str, object]:
    """What the bar under the site's own shows on every page about one person."""
    return {
        "patient": patient,
        "age_years": patient.age_years_on(timezone.localdate()),
        "latest_scan": waiting_scan(patient.scans.prefetch_related("versions")),
        "latest_assessment": patient.assessments.first(),
        "tab": tab,
    }


def _timeline_context(patient: Patient) -> dict[str, object]:
    story = timeline(patient)
    confirmed = [one for one in story if one.kind == "scan" and one.state == "confirmed"]
    return banner(patient, "timeline") | {
        "story": story,
        "upload_takes": UPLOAD,
        "can_be_compared": len(confirmed) > 1,
    }


def _status(form: PatientForm) -> int:
    return 400 if form.is_bound else 200
