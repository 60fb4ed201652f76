"""Learned engines beside the evidence, folded away until somebody opens them."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from riskapp.actions import finding
from riskapp.actions.agreeing import in_another_category
from riskapp.actions.assessing import score_for
from riskapp.actions.errors import Refused
from riskapp.actions.scoring import EVIDENCE, Scored
from riskapp.actions.serving import answers
from riskapp.actions.stored_answers import score_as_stored, stored_profile
from riskapp.exchange.assessment_json import estimate_json
from riskapp.risk.errors import RiskError
from riskapp.risk.profile import RiskProfile
from riskapp.web import answers as form
from riskapp.web.presenters.answer import LEARNED, OtherAnswer, other_answer
from riskapp.web.presenters.guideline_lines import drawn_lines
from riskapp.web.presenters.side_by_side import agreement, said, side_by_side
from riskapp.web.views.record_form import filled_for, reader_of


@require_POST
@login_required
def other_engines(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What learned engines say about what the form holds now. Nothing is stored."""
    patient = finding.patient(by=request.user, id=patient_id)
    try:
        filled = filled_for(request, patient)
    except Refused as gone:
        context = _engines_context([], {"Learned engines": str(gone)}, None)
        return TemplateResponse(request, "assessment/_engines.html", context)
    sent = form.sent_answers(request.POST, patient, filled.site)
    complete = form.completed(patient, sent, filled)
    # The same evidence set and guideline as those of the answer above them.
    options = form.options(sent, reader_of(request, filled))
    for_patient = partial(score_for, patient=patient, complete=complete, options=options)
    there = [name for name in LEARNED if answers(name, patient.organisation_id)]
    estimates, silent, profile = _ask((EVIDENCE, *there), for_patient)
    context = _engines_context([other_answer(one) for one in estimates], silent, profile)
    return TemplateResponse(request, "assessment/_engines.html", context)


@require_GET
@login_required
def stored_engines(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """What engines said when the assessment was made; those that were not asked say it now."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    stored = {one["engine"]: one for one in assessment.estimates}
    asked = assessment.patient.organisation_id
    missing = [name for name in LEARNED if name not in stored and answers(name, asked)]
    # Of the person as they were then: the record's age has moved on since.
    today, silent, _ = _ask(missing, partial(score_as_stored, assessment))
    context = _engines_context(
        [
            *(other_answer(one) for one in stored.values()),
            *(other_answer(one, is_of_today=True) for one in today),
        ],
        silent,
        stored_profile(assessment),
    )
    return TemplateResponse(request, "assessment/_engines.html", context)


def _ask(
    engines: Iterable[str], scoring: Callable[..., Scored]
) -> tuple[list[dict[str, Any]], dict[str, str], RiskProfile | None]:
    """One engine at a time, so that one that has nothing to say does not silence the others."""
    estimates: list[dict[str, Any]] = []
    silent: dict[str, str] = {}
    profile = None
    for engine in engines:
        try:
            scored = scoring(engines=(engine,))
        except (RiskError, Refused) as refusal:
            silent[LEARNED.get(engine, engine)] = str(refusal)
        else:
            estimates.append(estimate_json(scored.estimates[0]))
            profile = scored.profile
    return estimates, silent, profile


def _engines_context(
    engines: list[OtherAnswer], silent: dict[str, str], profile: RiskProfile | None
) -> dict[str, object]:
    estimates = [engine.estimate for engine in engines]
    evidence = next((engine.estimate for engine in engines if engine.is_evidence), None)
    return {
        "engines": engines,
        "charts": side_by_side(
            engines, drawn_lines(evidence, profile.age_years) if evidence and profile else {}
        ),
        "agreement": agreement(
            engines, in_another_category(profile, estimates) if profile else None
        ),
        "said": said(engines),
        "silent": silent,
    }
