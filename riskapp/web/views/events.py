"""Writing down what happened: fractures, treatments, and results that were discussed."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from riskapp.actions import finding
from riskapp.actions.discussing import record_discussion
from riskapp.actions.errors import Refused
from riskapp.actions.recording_events import end_treatment, record_fracture, record_treatment
from riskapp.actions.striking_out import strike_out
from riskapp.models import Patient
from riskapp.web.presenters.event_forms import (
    Question,
    discussion_questions,
    end_questions,
    fracture_questions,
    treatment_questions,
    written_date,
)
from riskapp.web.views.people import banner
from riskapp.web.views.sending import save_as

THREE_WAY = {"true": True, "false": False}
Problems = Mapping[str, str]


@require_http_methods(["GET", "POST"])
@login_required
def new_fracture(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(by=request.user, id=patient_id)
    problems: Problems = {}
    if request.method == "POST":
        try:
            record_fracture(
                by=request.user,
                patient=patient,
                site=request.POST.get("site", ""),
                happened_on=written_date(request.POST, "happened_on"),
                is_fragility=THREE_WAY.get(request.POST.get("is_fragility", "")),
                circumstance=request.POST.get("circumstance", ""),
                id=save_as(request),
            )
        except Refused as refusal:
            problems = refusal.by_field
        else:
            messages.success(request, "The fracture is in the record.")
            return redirect("patient", patient.pk)
    questions = fracture_questions(request.POST, problems)
    return _form(request, patient, "fracture", questions, problems)


@require_http_methods(["GET", "POST"])
@login_required
def new_treatment(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(by=request.user, id=patient_id)
    problems: Problems = {}
    if request.method == "POST":
        try:
            record_treatment(
                by=request.user,
                patient=patient,
                agent=request.POST.get("agent", ""),
                started_on=written_date(request.POST, "started_on"),
                ended_on=written_date(request.POST, "ended_on"),
                why_ended=request.POST.get("why_ended", ""),
                id=save_as(request),
            )
        except Refused as refusal:
            problems = refusal.by_field
        else:
            messages.success(request, "The treatment is in the record.")
            return redirect("patient", patient.pk)
    questions = treatment_questions(request.POST, problems)
    return _form(request, patient, "treatment", questions, problems)


@require_http_methods(["GET", "POST"])
@login_required
def end_of_treatment(request: HttpRequest, patient_id: UUID, treatment_id: UUID) -> HttpResponse:
    patient = finding.patient(by=request.user, id=patient_id)
    treatment = finding.treatment(by=request.user, patient_id=patient_id, id=treatment_id)
    problems: Problems = {}
    if request.method == "POST":
        try:
            end_treatment(
                by=request.user,
                treatment=treatment,
                ended_on=written_date(request.POST, "ended_on"),
                why_ended=request.POST.get("why_ended", ""),
            )
        except Refused as refusal:
            problems = refusal.by_field
        else:
            messages.success(request, "The end of the treatment is in the record.")
            return redirect("patient", patient.pk)
    questions = end_questions(request.POST, problems)
    return _form(request, patient, "end", questions, problems, treatment=treatment)


@require_http_methods(["GET", "POST"])
@login_required
def new_discussion(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    assessment = finding.assessment(by=request.user, id=assessment_id)
    problems: Problems = {}
    if request.method == "POST":
        try:
            record_discussion(
                by=request.user,
                assessment=assessment,
                decided=request.POST.get("decided", ""),
                review_on=_day(request.POST.get("review_on", "")),
                id=save_as(request),
            )
        except Refused as refusal:
            problems = refusal.by_field
        else:
            messages.success(request, "What was decided is in the record.")
            return redirect("patient", assessment.patient_id)
    questions = discussion_questions(request.POST, problems)
    return _form(
        request, assessment.patient, "discussion", questions, problems, assessment=assessment
    )


@require_http_methods(["GET", "POST"])
@login_required
def strike_out_fracture(request: HttpRequest, patient_id: UUID, fracture_id: UUID) -> HttpResponse:
    fracture = finding.fracture(by=request.user, patient_id=patient_id, id=fracture_id)
    if request.method == "POST":
        strike_out(by=request.user, entry=fracture)
        messages.success(request, "The fracture is struck out.")
        return redirect("patient", patient_id)
    return _question(request, fracture.patient, fracture=fracture)


@require_http_methods(["GET", "POST"])
@login_required
def strike_out_treatment(
    request: HttpRequest, patient_id: UUID, treatment_id: UUID
) -> HttpResponse:
    treatment = finding.treatment(by=request.user, patient_id=patient_id, id=treatment_id)
    if request.method == "POST":
        strike_out(by=request.user, entry=treatment)
        messages.success(request, "The treatment is struck out.")
        return redirect("patient", patient_id)
    return _question(request, treatment.patient, treatment=treatment)


@require_http_methods(["GET", "POST"])
@login_required
def strike_out_discussion(
    request: HttpRequest, assessment_id: UUID, discussion_id: UUID
) -> HttpResponse:
    discussion = finding.discussion(by=request.user, assessment_id=assessment_id, id=discussion_id)
    patient = discussion.assessment.patient
    if request.method == "POST":
        strike_out(by=request.user, entry=discussion)
        messages.success(request, "The discussion is struck out.")
        return redirect("patient", patient.pk)
    return _question(request, patient, discussion=discussion)


def _form(
    request: HttpRequest,
    patient: Patient,
    noun: str,
    questions: tuple[Question, ...],
    problems: Problems,
    **about: object,
) -> HttpResponse:
    context = banner(patient, "timeline") | about
    context |= {"noun": noun, "questions": questions, "problems": problems, "save_as": uuid4()}
    status = 400 if problems else 200
    return TemplateResponse(request, "patient/event_form.html", context, status=status)


def _question(request: HttpRequest, patient: Patient, **about: object) -> HttpResponse:
    context = banner(patient, "timeline") | about
    return TemplateResponse(request, "patient/strike_out.html", context)


def _day(written: str) -> date | None:
    """The day of a date box; blank is none.

    Raises
    ------
    Refused
    """
    if not written.strip():
        return None
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise Refused({"review_on": "A day is written as 2027-06-01."}) from None
