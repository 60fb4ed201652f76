"""The record, the answer to it, the stored assessment and the page for deciding together."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from riskapp.actions import finding
from riskapp.actions.assessing import assess, score_for
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.scoring import EVIDENCE, Scored
from riskapp.actions.serving import answers
from riskapp.actions.stored_answers import score_as_stored
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.evidence_wording import WHEN_TO_USE_WHICH
from riskapp.models import Patient
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions
from riskapp.web import answers as form
from riskapp.web.presenters.answer import LEARNED, OtherAnswer, differ, other_answer
from riskapp.web.presenters.answer import answer as shaped
from riskapp.web.presenters.decide import decide_view
from riskapp.web.presenters.evidence import evidence_choices
from riskapp.web.presenters.facts import facts
from riskapp.web.presenters.fields import record
from riskapp.web.presenters.guideline import guideline_choices
from riskapp.web.presenters.measurement_choice import slot_views, stored_slots
from riskapp.web.presenters.side_by_side import said, side_by_side
from riskapp.web.presenters.site_fields import site_groups
from riskapp.web.presenters.story import evidence_of
from riskapp.web.presenters.treatments import trials
from riskapp.web.views.people import banner


@require_http_methods(["GET", "POST"])
@login_required
def new_assessment(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The form. Saving stores an assessment; calculating, for those without script, does not."""
    patient = finding.patient(by=request.user, id=patient_id)
    filled = _filled(request, patient)
    if request.method == "GET":
        return _page(request, patient, filled, dict(filled.answers))
    sent = form.sent_answers(request.POST, patient, filled.site)
    if "choose" in request.POST:
        return _chosen_anew(request, patient, filled, sent)
    if "calculate" in request.POST:
        return _page(request, patient, filled, sent)
    try:
        stored = assess(
            by=request.user,
            patient=patient,
            answers=filled.unrounded(sent),
            scans=filled.kept(sent),
            considered=filled.scans,
            measurements=filled.wishes(sent),
            options=form.options(sent, _reader(request, filled)),
            id=_save_as(request),
        )
    except (RiskError, Refused) as refusal:
        return _page(request, patient, filled, sent, refusal)
    request.session["population"] = stored.profile["population"]
    return redirect("assessment", stored.pk)


@require_POST
@login_required
def answer(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Only the answer to what the form holds now. Nothing is stored."""
    patient = finding.patient(by=request.user, id=patient_id)
    filled = _filled(request, patient)
    sent = form.sent_answers(request.POST, patient, filled.site)
    outcome = form.asked_for(patient, sent, filled, _reader(request, filled))
    context = _answer_context(patient, outcome) | {
        "is_fragment": True,
        "shows_hip": request.POST.get("explained") == "hip",
    }
    return TemplateResponse(request, "assessment/_answer.html", context)


@require_POST
@login_required
def other_engines(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What learned engines say about what the form holds now. Nothing is stored."""
    patient = finding.patient(by=request.user, id=patient_id)
    filled = _filled(request, patient)
    sent = form.sent_answers(request.POST, patient, filled.site)
    complete = form.completed(patient, sent, filled)
    # The same evidence set as the answer above them.
    options = EstimateOptions(evidence_set=_reader(request, filled).evidence_set)
    for_patient = partial(score_for, patient=patient, complete=complete, options=options)
    there = [name for name in LEARNED if answers(name, patient.organisation_id)]
    estimates, silent = _ask((EVIDENCE, *there), for_patient)
    context = _engines_context([other_answer(one) for one in estimates], silent)
    return TemplateResponse(request, "assessment/_engines.html", context)


@require_GET
@login_required
def show_assessment(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """A stored assessment, as it was answered then."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    names = form.population_names()
    estimate = evidence_of(assessment)
    context = banner(assessment.patient, "assessment") | {
        "assessment": assessment,
        "answer": estimate
        and shaped(
            estimate, assessment.profile, names, assessment.warnings, assessment.other_evidence
        ),
        "trials": trials(estimate) if estimate else (),
        "facts": facts(assessment.profile, assessment.provenance, names, assessment.site_values),
        "slots": stored_slots(assessment.measurements),
        "is_stored": True,
    }
    return TemplateResponse(request, "assessment/show.html", context)


@require_GET
@login_required
def stored_engines(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """What engines said when the assessment was made; those that were not asked say it now."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    stored = {one["engine"]: one for one in assessment.estimates}
    asked = assessment.patient.organisation_id
    missing = [name for name in LEARNED if name not in stored and answers(name, asked)]
    # Of the person as they were then: the record's age has moved on since.
    today, silent = _ask(missing, partial(score_as_stored, assessment))
    context = _engines_context(
        [
            *(other_answer(one) for one in stored.values()),
            *(other_answer(one, is_of_today=True) for one in today),
        ],
        silent,
    )
    return TemplateResponse(request, "assessment/_engines.html", context)


@require_GET
@login_required
def decide(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """The patient's page: published epidemiology only, and no name."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    names = form.population_names()
    estimate = evidence_of(assessment)
    if estimate is None:
        return redirect("assessment", assessment.pk)
    made_on = timezone.localdate(assessment.created_at)
    age_then = assessment.patient.age_years_on(made_on)
    context = {
        "assessment": assessment,
        "view": decide_view(estimate, assessment.profile, age_then, made_on),
        "answer": shaped(estimate, assessment.profile, names),
    }
    return TemplateResponse(request, "decide/show.html", context)


def _filled(request: HttpRequest, patient: Patient) -> form.Prefilled:
    """What the form starts from; ``?from=`` names an assessment whose answers are taken over."""
    named = request.GET.get("from", "")
    earlier = finding.assessment(by=request.user, id=named) if named else None
    if earlier is not None and earlier.patient_id != patient.pk:
        raise NotFound("There is no such assessment of this patient.")
    population = request.session.get("population", "")
    return form.prefilled(patient, population, earlier, form.applied_wishes(request.POST))


def _chosen_anew(
    request: HttpRequest, patient: Patient, before: form.Prefilled, sent: dict[str, str]
) -> HttpResponse:
    """The form with other measurements; what was typed stays."""
    wishes = form.new_wishes(request.POST)
    try:
        after = form.prefilled(patient, request.session.get("population", ""), None, wishes)
    except Refused as refusal:
        return _page(request, patient, before, sent, refusal)
    return _page(request, patient, after, form.rechosen(sent, before, after))


def _reader(request: HttpRequest, filled: form.Prefilled) -> form.Reader:
    """The reader's own guideline and evidence set, remembered for the next record once sent."""
    session = request.session
    reader = form.chosen(request.POST, session, filled)
    for name, code in asdict(reader).items():
        if name in request.POST and session.get(name) != code:
            session[name] = code
    return reader


def _save_as(request: HttpRequest) -> UUID | None:
    """The id that the form was given, so that a double click stores one assessment."""
    try:
        return UUID(request.POST.get("save_as", ""))
    except ValueError:
        return None


def _page(
    request: HttpRequest,
    patient: Patient,
    filled: form.Prefilled,
    given: dict[str, str],
    refusal: RiskError | Refused | None = None,
) -> HttpResponse:
    reader = _reader(request, filled)
    outcome = form.asked_for(patient, given, filled, reader)
    untouched = {
        name: origin
        for name, origin in filled.origins.items()
        if given.get(name) == filled.answers[name]
    }
    # A blank that is needed is a problem only once somebody tried to save.
    refused = form.on_the_form(getattr(refusal, "by_field", {}), filled.site)
    problems = refused if refusal else outcome.problems
    context = banner(patient, "assessment") | _answer_context(patient, outcome)
    slots = slot_views(filled.choice)
    context |= {
        "record": record(
            given,
            form.choices_of_population(given, patient.sex),
            problems=problems,
            origins=untouched,
            further=site_groups(filled.site, given, problems, untouched),
        ),
        "guidelines": guideline_choices(reader.guideline),
        "evidence_sets": evidence_choices(reader.evidence_set),
        "about_evidence_sets": WHEN_TO_USE_WHICH,
        "slots": slots,
        "slots_used": sum(bool(slot.used) for slot in slots),
        "choosing": "choose" in request.POST or any(slot.waits for slot in slots),
        "problems": problems,
        "save_as": uuid4(),
        "today": timezone.localdate(),
        "shows_hip": request.POST.get("explained") == "hip",
    }
    status = 400 if refusal else 200
    return TemplateResponse(request, "assessment/new.html", context, status=status)


def _answer_context(patient: Patient, outcome: form.Outcome) -> dict[str, object]:
    return {"patient": patient, "outcome": outcome, "answer": outcome.answer}


def _ask(
    engines: Iterable[str], scoring: Callable[..., Scored]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """One engine at a time, so that one that has nothing to say does not silence the others."""
    estimates: list[dict[str, Any]] = []
    silent: dict[str, str] = {}
    for engine in engines:
        try:
            scored = scoring(engines=(engine,))
        except (RiskError, Refused) as refusal:
            silent[LEARNED.get(engine, engine)] = str(refusal)
        else:
            estimates.append(estimate_json(scored.estimates[0]))
    return estimates, silent


def _engines_context(engines: list[OtherAnswer], silent: dict[str, str]) -> dict[str, object]:
    estimates = [engine.estimate for engine in engines]
    return {
        "engines": engines,
        "rows": side_by_side(engines),
        "said": said(engines),
        "silent": silent,
        "differ": differ(estimates),
    }
