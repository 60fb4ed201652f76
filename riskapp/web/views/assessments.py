"""The record, the answer to it, the stored assessment and the page for deciding together."""

from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from riskapp.actions import finding
from riskapp.actions.assessing import assess
from riskapp.actions.errors import Refused
from riskapp.actions.impressions import IMPRESSIONS
from riskapp.actions.remembering import preferences, remember
from riskapp.actions.stored_answers import evidence_of, warnings_of
from riskapp.actions.supposing import without_risk_factors_then
from riskapp.actions.telling import narrative_of
from riskapp.actions.writing_back import ways_back
from riskapp.exchange.evidence_wording import WHEN_TO_USE_WHICH
from riskapp.models import Patient
from riskapp.risk.effect_sources import effect_sources
from riskapp.risk.errors import EngineWithheld, RiskError
from riskapp.web import answers as form
from riskapp.web import measures
from riskapp.web.asking import Outcome, asked_for
from riskapp.web.presenters.answer import answer as shaped
from riskapp.web.presenters.decide import decide_of
from riskapp.web.presenters.evidence import evidence_choices
from riskapp.web.presenters.facts import facts
from riskapp.web.presenters.fields import record
from riskapp.web.presenters.guideline import guideline_choices
from riskapp.web.presenters.imported import readings
from riskapp.web.presenters.languages import reading
from riskapp.web.presenters.measurement_choice import slot_views, stored_slots
from riskapp.web.presenters.same_age import same_age
from riskapp.web.presenters.scan_beside import of_choice, of_measurements
from riskapp.web.presenters.site_fields import site_groups
from riskapp.web.presenters.treatments import trials
from riskapp.web.views.people import banner
from riskapp.web.views.record_form import filled_for, reader_of
from riskapp.web.views.sending import save_as


@require_http_methods(["GET", "POST"])
@login_required
def new_assessment(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The form. Saving stores an assessment; calculating, for those without script, does not."""
    patient = finding.patient(by=request.user, id=patient_id)
    try:
        filled = filled_for(request, patient)
    except Refused as gone:
        return _without_measurements(request, patient, gone)
    if request.method == "GET":
        return _page(request, patient, filled, dict(filled.answers))
    sent = form.sent_answers(request.POST, patient, filled.site)
    if "choose" in request.POST:
        return _chosen_anew(request, patient, filled, sent)
    if "calculate" in request.POST or "kept" in request.POST:
        return _page(request, patient, filled, sent)
    try:
        stored = assess(
            by=request.user,
            patient=patient,
            answers=filled.unrounded(sent),
            scans=filled.kept(sent),
            considered=filled.scans,
            measurements=filled.wishes(sent),
            left_blank=filled.left_blank(sent),
            options=form.options(sent, reader_of(request, filled)),
            own_impression=request.POST.get("own_impression", ""),
            id=save_as(request),
        )
    except (RiskError, Refused) as refusal:
        return _page(request, patient, filled, sent, refusal)
    remember(by=request.user, population=stored.profile["population"])
    return redirect("assessment", stored.pk)


@require_POST
@login_required
def answer(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Only the answer to what the form holds now. Nothing is stored."""
    patient = finding.patient(by=request.user, id=patient_id)
    written: dict[str, measures.Measure] = {}
    try:
        filled = filled_for(request, patient)
    except Refused as gone:
        outcome = Outcome(sentence=str(gone))
    else:
        sent = form.sent_answers(request.POST, patient, filled.site)
        reader = reader_of(request, filled)
        written = measures.sent(request.POST, reader.units)
        outcome = asked_for(patient, sent, filled, reader, written)
    context = _answer_context(patient, outcome) | {
        "switched": measures.switched(written, request.POST),
        "is_fragment": True,
        "is_stored": False,
        "shows_hip": request.POST.get("explained") == "hip",
    }
    return TemplateResponse(request, "assessment/_answer.html", context)


@require_GET
@login_required
def show_assessment(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """A stored assessment, as it was answered then."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    names = form.population_names()
    estimate = evidence_of(assessment)
    context = banner(assessment.patient, "assessment") | {
        "assessment": assessment,
        "narrative": narrative_of(assessment),
        "answer": estimate
        and shaped(
            estimate,
            assessment.profile,
            names,
            warnings_of(assessment),
            assessment.other_evidence,
            made_on=timezone.localdate(assessment.created_at),
        ),
        "trials": estimate and trials(estimate, assessment.profile),
        "facts": facts(assessment.profile, assessment.provenance, names, assessment.site_values),
        "slots": stored_slots(assessment.measurements),
        "scans_beside": of_measurements(assessment.patient, assessment.measurements),
        "discussions": assessment.discussions.standing().select_related("by"),
        "same_age": estimate
        and same_age(estimate, assessment.profile, without_risk_factors_then(assessment)),
        "ways_back": ways_back(by=request.user, assessment=assessment),
        "is_stored": True,
        "own_impression": IMPRESSIONS.get(assessment.own_impression),
    }
    return TemplateResponse(request, "assessment/show.html", context)


@require_GET
@login_required
def decide(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """The patient's page: published epidemiology only, and no name."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    view = decide_of(assessment)
    if view is None:
        return redirect("assessment", assessment.pk)
    context = {
        "assessment": assessment,
        "view": view,
        "reading": reading(request.GET.get("language", ""), settings.DRAFT_LANGUAGES),
    }
    return TemplateResponse(request, "decide/show.html", context)


def _chosen_anew(
    request: HttpRequest, patient: Patient, before: form.Prefilled, sent: dict[str, str]
) -> HttpResponse:
    """The form with other measurements; what was typed stays."""
    wishes = form.new_wishes(request.POST)
    try:
        after = form.prefilled(patient, preferences(by=request.user).population, None, wishes)
    except Refused as refusal:
        return _page(request, patient, before, sent, refusal)
    return _page(request, patient, after, form.rechosen(sent, before, after))


def _without_measurements(request: HttpRequest, patient: Patient, gone: Refused) -> HttpResponse:
    """A measurement that the form was made with is gone, as after measuring again: say so."""
    filled = form.prefilled(patient, preferences(by=request.user).population)
    sent = form.sent_answers(request.POST, patient, filled.site)
    return _page(request, patient, filled, sent, gone)


def _page(
    request: HttpRequest,
    patient: Patient,
    filled: form.Prefilled,
    given: dict[str, str],
    refusal: RiskError | Refused | None = None,
) -> HttpResponse:
    reader = reader_of(request, filled)
    there = measures.sent(request.POST, reader.units)
    written = measures.shown(given, there, reader.units)
    outcome = asked_for(patient, given, filled, reader, written)
    untouched = {
        name: origin
        for name, origin in filled.origins.items()
        if given.get(name) == filled.answers[name]
    }
    # A blank that is needed is a problem only once somebody tried to save.
    refused = form.on_the_form(getattr(refusal, "by_field", {}), filled.site)
    problems = measures.said(refused, written) if refusal else outcome.problems
    context = banner(patient, "assessment") | _answer_context(patient, outcome)
    slots = slot_views(filled.choice)
    context |= {
        "record": record(
            given,
            form.choices_of_population(given, patient.sex),
            problems=problems,
            origins=untouched,
            further=site_groups(filled.site, given, problems, untouched),
            measures=written,
            beside=outcome.beside,
            sources=effect_sources(reader.evidence_set),
        ),
        "guidelines": guideline_choices(reader.guideline),
        "evidence_sets": evidence_choices(reader.evidence_set),
        "about_evidence_sets": WHEN_TO_USE_WHICH,
        "slots": slots,
        "imported": readings(patient),
        "scans_beside": of_choice(patient, filled.choice),
        "slots_used": sum(bool(slot.used) for slot in slots),
        "choosing": "choose" in request.POST or any(slot.waits for slot in slots),
        "problems": problems,
        "save_as": uuid4(),
        "impressions": IMPRESSIONS,
        "own_impression": request.POST.get("own_impression", ""),
        "today": timezone.localdate(),
        "shows_hip": request.POST.get("explained") == "hip",
    }
    status = 200
    if refusal:
        status = 503 if isinstance(refusal, EngineWithheld) else 400
    return TemplateResponse(request, "assessment/new.html", context, status=status)


def _answer_context(patient: Patient, outcome: Outcome) -> dict[str, object]:
    return {
        "patient": patient,
        "outcome": outcome,
        "answer": outcome.answer,
        "same_age": outcome.same_age,
    }
