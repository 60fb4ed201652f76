"""New patient, and one patient's timeline with the upload box."""

from contextlib import suppress
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from riskapp.actions import finding
from riskapp.actions.alike import Alike
from riskapp.actions.archives import has_archives
from riskapp.actions.density_over_time import densities_of
from riskapp.actions.errors import AlreadyHere, Refused
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.opening_apps import address_to_open, apps_of
from riskapp.actions.permitting import Ability, may
from riskapp.actions.registering import problems_of, register_patient
from riskapp.actions.worklist import waits_for
from riskapp.models import Patient
from riskapp.web.forms import PatientForm
from riskapp.web.presenters.next_steps import next_steps
from riskapp.web.presenters.patient_page import patient_page
from riskapp.web.presenters.story import waiting_scan
from riskapp.web.presenters.upload import UploadBox
from riskapp.web.views.sending import only_sent_to


@require_http_methods(["GET", "POST"])
@login_required
def new_patient(request: HttpRequest) -> HttpResponse:
    form = PatientForm(request.POST or None)
    found: tuple[Patient, ...] = ()
    if form.is_bound and not form.is_valid():
        # What else is wrong is said at once, and not after the first is mended.
        for field, sentence in problems_of(by=request.user, given=form.cleaned_data).items():
            form.add_error(field, sentence)
    elif form.is_valid():
        try:
            patient = register_patient(
                by=request.user, not_one_of=not_one_of(request), **form.cleaned_data
            )
        except Alike as refused:
            found = refused.found
        except Refused as refused:
            for field, sentence in refused.by_field.items():
                form.add_error(field, sentence)
        else:
            return redirect("patient", patient.pk)
    context = {"form": form, "alike": found}
    return TemplateResponse(request, "patient/new.html", context, status=_status(form))


@require_GET
@login_required
def show_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    context = _page_context(request, patient_id)
    return TemplateResponse(request, "patient/show.html", context)


@require_GET
@login_required
def open_app(request: HttpRequest, patient_id: UUID, app_id: UUID) -> HttpResponse:
    """Open an app of somebody else's with this patient."""
    iss = request.build_absolute_uri("/fhir")
    address = address_to_open(by=request.user, app_id=app_id, patient_id=patient_id, iss=iss)
    return HttpResponseRedirect(address)


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
        context = _page_context(request, patient_id) | {"upload_problem": str(refused)}
        return TemplateResponse(request, "patient/show.html", context, status=400)
    return redirect("scan", scan.pk)


def not_one_of(request: HttpRequest) -> list[UUID]:
    """Whom the page was showing beside the person to be registered, who is none of them."""
    found = []
    for told in request.POST.getlist("not_one_of"):
        with suppress(ValueError):
            found.append(UUID(told))
    return found


def banner(patient: Patient, tab: str) -> dict[str, object]:
    """What the bar under the site's own shows on every page about one person."""
    return {
        "patient": patient,
        "age_years": patient.age_years_on(timezone.localdate()),
        "latest_scan": waiting_scan(patient.scans.prefetch_related("versions")),
        "latest_assessment": patient.assessments.first(),
        "tab": tab,
    }


def _page_context(request: HttpRequest, patient_id: UUID) -> dict[str, object]:
    patient = finding.whole_patient(by=request.user, id=patient_id)
    courses = densities_of(by=request.user, patient=patient)
    read = partial(finding.whole_assessments, by=request.user, patient=patient)
    reads_estimates = may(request.user, Ability.READ_ASSESSMENTS)
    page = patient_page(patient, courses, read if reads_estimates else None, request.GET)
    return banner(patient, "timeline") | {
        "apps": apps_of(by=request.user),
        "page": page,
        "steps": next_steps(waits_for(by=request.user, patient=patient), timezone.localdate()),
        "upload": UploadBox(),
        "has_archives": has_archives(request.user),
    }


def _status(form: PatientForm) -> int:
    return 400 if form.is_bound else 200
