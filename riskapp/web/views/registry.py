"""One model's life: its card, who trained and approved it, and what can be done with it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions import laboratory_finding as finding
from riskapp.actions import registry, run_queue
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.serving import outdated, reads
from riskapp.actions.shadowing import AGREEMENT, shadow_of
from riskapp.models import CohortFile, RegisteredModel
from riskapp.web.presenters.registry import card_of, model_row, offered, shadow_rows
from riskapp.web.views.sending import only_sent_to

SNAPSHOTS_SHOWN = 12
SIDE_BY_SIDE = 6


@require_GET
@login_required
def show_model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    model = finding.model(by=request.user, id=model_id)
    return TemplateResponse(request, "laboratory/model.html", _context(request, model))


@only_sent_to("model")
@login_required
def change_model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    model = finding.model(by=request.user, id=model_id)
    step, why = request.POST.get("step", ""), request.POST.get("why", "")
    try:
        changed = registry.change(by=request.user, model=model, step=step, why=why)
    except Refused as refused:
        return _refused(request, model, refused)
    messages.success(request, f"{changed.model_id} is {changed.status} now.")
    return redirect("model", model.pk)


@only_sent_to("model")
@login_required
def monitor_model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    model = finding.model(by=request.user, id=model_id)
    return redirect("run", run_queue.ask_for_monitoring(by=request.user, model=model).pk)


@only_sent_to("model")
@login_required
def recalibrate_model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    model = finding.model(by=request.user, id=model_id)
    try:
        run = run_queue.ask_for_recalibration(
            by=request.user,
            model=model,
            cohort=_cohort(request),
            model_id=request.POST.get("model_id", ""),
        )
    except Refused as refused:
        return _refused(request, model, refused)
    return redirect("run", run.pk)


@require_GET
@login_required
def compare_models(request: HttpRequest) -> HttpResponse:
    """Some models side by side: those that were ticked, or the newest."""
    ids = request.GET.getlist("model")[:SIDE_BY_SIDE]
    models = (
        [finding.model(by=request.user, id=id) for id in ids]
        if ids
        else finding.models(by=request.user)[:SIDE_BY_SIDE]
    )
    rows = [model_row(model) for model in models]
    everywhere = set.intersection(*(set(row.columns) for row in rows)) if rows else set()
    context = {
        "section": "laboratory",
        "rows": [(row, [name for name in row.columns if name not in everywhere]) for row in rows],
        "shared": sorted(everywhere),
    }
    return TemplateResponse(request, "laboratory/compare.html", context)


def _cohort(request: HttpRequest) -> CohortFile:
    try:
        return finding.cohort(by=request.user, id=request.POST.get("cohort", ""))
    except NotFound as missing:
        raise Refused({"cohort": "Choose the cohort to recalibrate on."}) from missing


def _refused(request: HttpRequest, model: RegisteredModel, refused: Refused) -> HttpResponse:
    context = _context(request, model) | {
        "problem": str(refused),
        "why": request.POST.get("why", ""),
        "new_id": request.POST.get("model_id", ""),
    }
    return TemplateResponse(request, "laboratory/model.html", context, status=400)


def _context(request: HttpRequest, model: RegisteredModel) -> dict[str, object]:
    shadow = shadow_of(by=request.user, model=model)
    usable = finding.cohorts(by=request.user).filter(status=CohortFile.Status.USABLE)
    return {
        "section": "laboratory",
        "model": model,
        "row": model_row(model),
        "card": card_of(model),
        "asks": reads(model),
        "outdated": "" if model.status == RegisteredModel.Status.RETIRED else outdated(model),
        "changes": model.changes.select_related("by"),
        "steps": offered(registry.possible(request.user, model)),
        "shadow": shadow,
        "shadow_rows": shadow_rows(shadow),
        "agreement": round(100 * AGREEMENT),
        "snapshots": model.snapshots.all()[:SNAPSHOTS_SHOWN],
        "usable_cohorts": usable,
    }
