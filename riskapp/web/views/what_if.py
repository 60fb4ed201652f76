"""What-if: this person beside another, whose answers are moved. Nothing is stored."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.supposing import Person, has_moved_on, like, person_then
from riskapp.exchange.another_wording import NOT_AN_EFFECT
from riskapp.models import Assessment, Patient
from riskapp.risk.errors import InvalidProfile, RiskError
from riskapp.web.presenters.what_if import changes_of, controls, recorded_values, two_people
from riskapp.web.views.people import banner
from riskapp.web.views.supposing import on_the_form

ANSWER_ALONE = "what-if-answer"  # the part of the page that changes with each move


@require_http_methods(["GET", "POST"])
@login_required
def what_if(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Beside the person whom the form describes."""
    if request.method == "GET":
        return redirect("assessment_new", patient_id)
    patient = finding.patient(by=request.user, id=patient_id)
    try:
        person = on_the_form(request, patient)
    except (RiskError, Refused) as refusal:
        return _told(request, patient, {"problem": str(refusal)})
    sent = {} if "anew" in request.POST else request.POST
    # Without script the page carries the record along.
    record = [
        (name, value)
        for name, value in request.POST.items()
        if not name.startswith("if-") and name not in ("csrfmiddlewaretoken", "anew")
    ]
    return _told(request, patient, _beside(person, sent) | {"record": record})


@require_GET
@login_required
def what_if_then(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Beside the person as a stored assessment knew them; its address can be passed on."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    context = _beside(person_then(assessment), request.GET)
    context["evidence_moved_on"] = has_moved_on(assessment, context["base"])
    return _told(request, assessment.patient, context, assessment)


def _beside(person: Person, sent: Mapping[str, str]) -> dict[str, Any]:
    base = like(person, {})
    recorded = recorded_values(base.profile)
    changes = changes_of(recorded, sent)
    context: dict[str, Any] = {"controls": controls(recorded, changes), "base": base}
    try:
        other = like(person, changes) if changes else base
    except InvalidProfile as invalid:
        return context | {"problems": invalid.by_field}
    except RiskError as outside:
        return context | {"problem": str(outside)}
    return context | {"both": two_people(person, changes, base, other)}


def _told(
    request: HttpRequest,
    patient: Patient,
    context: dict[str, Any],
    assessment: Assessment | None = None,
) -> HttpResponse:
    context |= {
        "patient": patient,
        "assessment": assessment,
        "is_stored": assessment is not None,
        "not_an_effect": NOT_AN_EFFECT,
    }
    if request.headers.get("HX-Request") != "true":
        context |= banner(patient, "assessment") | {"is_page": True}
        return TemplateResponse(request, "assessment/what_if.html", context)
    alone = request.headers.get("HX-Target") == ANSWER_ALONE
    template = "_what_if_answer.html" if alone else "_what_if.html"
    return TemplateResponse(request, f"assessment/{template}", context | {"is_fragment": True})
