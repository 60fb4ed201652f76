"""Another person like this one: nothing is stored."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.remembering import preferences
from riskapp.actions.supposing import Person, has_moved_on, others_like, person_of, person_then
from riskapp.exchange.another_wording import NOT_AN_EFFECT
from riskapp.models import Assessment, Patient
from riskapp.risk.errors import RiskError
from riskapp.risk.neighbours import has_neighbours
from riskapp.web import answers as form
from riskapp.web.presenters.fields import label_of
from riskapp.web.presenters.supposed import other_person
from riskapp.web.views.people import banner


@require_POST
@login_required
def another(request: HttpRequest, patient_id: UUID, field: str) -> HttpResponse:
    """People like the one whom the form describes, but for one answer."""
    patient = finding.patient(by=request.user, id=patient_id)
    try:
        person = on_the_form(request, patient)
    except (RiskError, Refused) as refusal:
        return _others(request, patient, None, field, problem=str(refusal))
    return _others(request, patient, person, field)


@require_GET
@login_required
def another_then(request: HttpRequest, assessment_id: UUID, field: str) -> HttpResponse:
    """People like the one of a stored assessment, but for one answer."""
    assessment = finding.assessment(by=request.user, id=assessment_id)
    person = person_then(assessment)
    return _others(request, assessment.patient, person, field, assessment=assessment)


def on_the_form(request: HttpRequest, patient: Patient) -> Person:
    """The person whom the record's form describes.

    Raises
    ------
    Refused, RiskError
        If the answers cannot be used.
    """
    filled = form.prefilled(patient, "", None, form.applied_wishes(request.POST))
    sent = form.sent_answers(request.POST, patient, filled.site)
    reader = form.chosen(request.POST, preferences(by=request.user), filled)
    return person_of(
        patient=patient,
        complete=form.completed(patient, sent, filled),
        options=form.options(sent, reader),
    )


def _others(
    request: HttpRequest,
    patient: Patient,
    person: Person | None,
    field: str,
    *,
    assessment: Assessment | None = None,
    problem: str = "",
) -> HttpResponse:
    if not has_neighbours(field):
        raise Http404
    others = others_like(person, field) if person else ()
    context = {
        "others": [other_person(person, field, one) for one in others] if person else (),
        "not_an_effect": NOT_AN_EFFECT,
        "evidence_moved_on": bool(assessment and others)
        and has_moved_on(assessment, others[0].scored),
        "label": label_of(field),
        "assessment": assessment,
        "problem": problem,
    }
    if request.headers.get("HX-Request") == "true":
        return TemplateResponse(request, "assessment/_another.html", context)
    context |= banner(patient, "assessment")
    return TemplateResponse(request, "assessment/another.html", context)
