"""Recall: who is due for what, and bone that was seen on CT by chance."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.incidental import incidental_findings, mark_radiology
from riskapp.actions.recalling import QUARTER, download_recall, recall_list
from riskapp.exchange.incidental import CONDITIONS, LOW_HU, THRESHOLDS
from riskapp.exchange.recall_csv import recall_csv
from riskapp.risk.recall_rules import recall_rules
from riskapp.web.presenters.lists import link
from riskapp.web.presenters.recall import (
    WITHIN,
    ct_row,
    ct_tabs,
    recall_cells,
    recall_row,
    recall_tabs,
)
from riskapp.web.views.sending import only_sent_to, save_as

PER_PAGE = 50
CTS_PER_PAGE = 25


@require_GET
@login_required
def recall(request: HttpRequest) -> HttpResponse:
    """One page of those who are due."""
    asked = _asked(request, "for", "within", "q")
    within = asked["within"] or QUARTER
    try:
        found = recall_list(
            by=request.user, due_for=asked["for"], within=within, matching=asked["q"]
        )
    except Refused as refused:
        raise Http404 from refused
    page = Paginator(found.waits, PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "section": "recall",
        "part": "due",
        "found": found,
        "rows": [recall_row(wait, today) for wait in page],
        "page": page,
        "earlier": link(asked, page=str(page.number - 1)),
        "later": link(asked, page=str(page.number + 1)),
        "download": link(asked),
        "tabs": recall_tabs(found, asked),
        "withins": WITHIN.items(),
        "within": within,
        "due_for": asked["for"],
        "sought": asked["q"],
        "rules": recall_rules().values(),
        "today": today,
    }
    return TemplateResponse(request, "recall/show.html", context)


@require_GET
@login_required
def recall_download(request: HttpRequest) -> HttpResponse:
    """The same list as a file, all of it."""
    asked = _asked(request, "for", "within", "q")
    try:
        waits = download_recall(
            by=request.user,
            due_for=asked["for"],
            within=asked["within"] or QUARTER,
            matching=asked["q"],
        )
    except Refused as refused:
        raise Http404 from refused
    name = f"recall-{timezone.localdate().isoformat()}.csv"
    return HttpResponse(
        recall_csv(recall_cells(wait) for wait in waits),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_GET
@login_required
def recall_ct(request: HttpRequest) -> HttpResponse:
    """CTs with low attenuation at L1, or with a vertebra that lost height."""
    asked = _asked(request, "state", "below", "q")
    below = asked["below"] or f"{LOW_HU:g}"
    wanted = {f"{one.hu:g}": one for one in THRESHOLDS}.get(below)
    try:
        found = incidental_findings(
            by=request.user,
            state=asked["state"] or "open",
            below_hu=wanted.hu if wanted else 0,
            matching=asked["q"],
        )
    except Refused as refused:
        raise Http404 from refused
    page = Paginator(found.findings, CTS_PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "section": "recall",
        "part": "ct",
        "found": found,
        "rows": [ct_row(one, today) for one in page],
        "page": page,
        "earlier": link(asked, page=str(page.number - 1)),
        "later": link(asked, page=str(page.number + 1)),
        "tabs": ct_tabs(found, asked),
        "state": asked["state"],
        "thresholds": THRESHOLDS,
        "below": wanted,
        "sought": asked["q"],
        "conditions": CONDITIONS,
    }
    return TemplateResponse(request, "recall/ct.html", context)


@only_sent_to("scan")
@login_required
def mark_incidental(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """What became of an incidental finding, from the scan's own page."""
    scan = finding.scan(by=request.user, id=scan_id)
    try:
        mark_radiology(
            by=request.user,
            scan=scan,
            step=request.POST.get("step", ""),
            because=request.POST.get("because", ""),
            id=save_as(request),
        )
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect(f"{reverse('scan', args=[scan_id])}#incidental")


def _asked(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip() for name in names}
