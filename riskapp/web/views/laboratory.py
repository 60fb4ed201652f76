"""Where statisticians work: cohorts, runs, and what became of them."""

from uuid import UUID

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from imaging.limits import LIMITS
from riskapp.actions import cohort_files, outcomes, run_files, run_queue
from riskapp.actions import laboratory_finding as finding
from riskapp.actions.errors import Refused
from riskapp.models import CohortFile, LaboratoryRun, RegisteredModel
from riskapp.web.answers import population_names
from riskapp.web.presenters.answer import LEARNED
from riskapp.web.presenters.cohort_report import cohort_report
from riskapp.web.presenters.registry import OUTCOMES, doing_in_words, model_row
from riskapp.web.views.sending import only_sent_to

RUNS_SHOWN = 20
# A report is written by the laboratory and carries its own styles and pictures, but no script:
# in a frame it is given no rights at all, not even those of this site.
REPORT_POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "connect-src": [NONE],
    "form-action": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


@require_GET
@login_required
def laboratory(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "laboratory/show.html", _overview(request))


@only_sent_to("laboratory")
@login_required
def upload_cohort(request: HttpRequest) -> HttpResponse:
    table, schema = request.FILES.get("cohort"), request.FILES.get("schema")
    try:
        if table is None:
            raise Refused({"cohort": "Choose the file of the cohort."})
        cohort = cohort_files.take_cohort(by=request.user, table=table, schema=schema)
    except Refused as refused:
        context = _overview(request) | {"upload_problem": str(refused)}
        return TemplateResponse(request, "laboratory/show.html", context, status=400)
    return redirect("cohort", cohort.pk)


@only_sent_to("laboratory")
@login_required
def upload_outcomes(request: HttpRequest) -> HttpResponse:
    table = request.FILES.get("outcomes")
    try:
        if table is None:
            raise Refused({"outcomes": "Choose the table of outcomes."})
        rows = outcomes.rows_of_csv(table.read(LIMITS.outcomes_bytes + 1))
        told = outcomes.record_outcomes(by=request.user, rows=rows)
    except Refused as refused:
        context = _overview(request) | {"outcomes_problem": str(refused)}
        return TemplateResponse(request, "laboratory/show.html", context, status=400)
    context = _overview(request) | {"told": told, "refused": told.refused[: outcomes.MOST_NAMED]}
    return TemplateResponse(request, "laboratory/show.html", context)


@require_GET
@login_required
def show_cohort(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    cohort = finding.cohort(by=request.user, id=cohort_id)
    context = _cohort_context(request, cohort)
    return TemplateResponse(request, "laboratory/cohort.html", context)


@require_GET
@login_required
def cohort_status(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    cohort = finding.cohort(by=request.user, id=cohort_id)
    context = _cohort_context(request, cohort)
    return TemplateResponse(request, "laboratory/_cohort.html", context)


@only_sent_to("cohort")
@login_required
def delete_cohort(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    cohort = finding.cohort(by=request.user, id=cohort_id)
    try:
        cohort_files.delete_cohort(by=request.user, cohort=cohort)
    except Refused as refused:
        return _cohort_refused(request, cohort, refused)
    messages.success(request, "The cohort’s people are deleted.")
    return redirect("laboratory")


@only_sent_to("cohort")
@login_required
def train(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    cohort = finding.cohort(by=request.user, id=cohort_id)
    try:
        run = run_queue.ask_for_training(
            by=request.user,
            cohort=cohort,
            engines=request.POST.getlist("engines"),
            model_id=request.POST.get("model_id", ""),
        )
    except Refused as refused:
        return _cohort_refused(request, cohort, refused)
    return redirect("run", run.pk)


@only_sent_to("cohort")
@login_required
def ask_for_report(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    cohort = finding.cohort(by=request.user, id=cohort_id)
    try:
        run = run_queue.ask_for_report(
            by=request.user,
            cohort=cohort,
            outcome=request.POST.get("outcome", ""),
            engines=request.POST.getlist("engines"),
            model=_model(request),
        )
    except Refused as refused:
        return _cohort_refused(request, cohort, refused)
    return redirect("run", run.pk)


def _model(request: HttpRequest) -> RegisteredModel | None:
    """The model that a report is asked for; none means engines that are trained anew."""
    id = request.POST.get("model", "")
    return finding.model(by=request.user, id=id) if id else None


@require_GET
@login_required
def show_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return TemplateResponse(request, "laboratory/run.html", _run_context(request, run_id))


@require_GET
@login_required
def run_status(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The changing part alone; it asks again only while the run is pending."""
    return TemplateResponse(request, "laboratory/_run.html", _run_context(request, run_id))


@only_sent_to("run")
@login_required
def cancel_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = finding.run(by=request.user, id=run_id)
    try:
        run_queue.cancel(by=request.user, run=run)
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("run", run.pk)


@csp_replace(REPORT_POLICY)
@xframe_options_sameorigin
@require_GET
@login_required
def run_report(request: HttpRequest, run_id: UUID) -> FileResponse:
    path = run_files.report_path(by=request.user, run_id=run_id)
    return FileResponse(path.open("rb"), content_type="text/html; charset=utf-8")


@csp_update({"frame-src": [SELF]})
@require_GET
@login_required
def show_report(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The laboratory's report in a frame that may do nothing."""
    run_files.report_path(by=request.user, run_id=run_id)
    run = finding.run(by=request.user, id=run_id)
    context = {"section": "laboratory", "run": run}
    return TemplateResponse(request, "laboratory/report.html", context)


def _overview(request: HttpRequest) -> dict[str, object]:
    return {
        "section": "laboratory",
        "models": [model_row(model) for model in finding.models(by=request.user)],
        "runs": finding.runs(by=request.user)[:RUNS_SHOWN],
        "cohorts": finding.cohorts(by=request.user),
        "most_mib": LIMITS.cohort_bytes // 2**20,
    }


def _cohort_context(request: HttpRequest, cohort: CohortFile) -> dict[str, object]:
    return {
        "section": "laboratory",
        "cohort": cohort,
        "report": cohort_report(cohort.report, population_names()) if cohort.report else None,
        "engines": [(name, LEARNED.get(name, name)) for name in run_queue.TRAINABLE],
        "chosen": run_queue.TRAINABLE,
        "outcomes": [(name, OUTCOMES[name]) for name in run_queue.OUTCOMES],
        "models": finding.models(by=request.user),
        "runs": cohort.runs.select_related("asked_by"),
        "problems": {},
    }


def _cohort_refused(request: HttpRequest, cohort: CohortFile, refused: Refused) -> HttpResponse:
    context = _cohort_context(request, cohort) | {
        "problems": refused.by_field,
        "model_id": request.POST.get("model_id", ""),
        "chosen": request.POST.getlist("engines"),
    }
    return TemplateResponse(request, "laboratory/cohort.html", context, status=400)


def _run_context(request: HttpRequest, run_id: UUID) -> dict[str, object]:
    run = finding.run(by=request.user, id=run_id)
    return {
        "section": "laboratory",
        "run": run,
        "models": [] if run.is_pending else [model_row(model) for model in run.models.all()],
        "looked_at": finding.models(by=request.user).filter(model_id=run.model_id).first()
        if run.kind == LaboratoryRun.Kind.MONITOR
        else None,
        "doing": doing_in_words(run.doing),
        "log": run_files.log_of(run),
        "has_report": run_files.has_report(run),
        "percent": round(100 * run.done_share),
    }
