"""The trail for auditors, a patient's own log, and a number computed again."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.reproducing import reproduce
from riskapp.actions.trail.checking import last_check
from riskapp.actions.trail.searching import AT_ONCE, Asked, accesses, export, search
from riskapp.actions.trail.turning import Turned, turned
from riskapp.models import AuditEvent
from riskapp.web.presenters.lists import link
from riskapp.web.presenters.trail import KINDS, cells, lines
from riskapp.web.presenters.trail import accesses as told_to_patients

PER_PAGE = 100
MOST_DIGITS = 18  # of what a database counts by
PLAIN = "text/plain; charset=utf-8"
HEADINGS = ("number", "time", "who", "action", "what", "patient", "detail")


@require_GET
@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """One page of what was asked for, and how the last look at the chain ended."""
    asked, problems = _asked(request), {}
    edges = {name: _number(request.GET.get(name, "")) for name in ("below", "above")}
    try:
        page = turned(by=request.user, asked=asked, **edges, many=PER_PAGE)
    except Refused as refused:
        page, problems = Turned((), None, None), refused.by_field
    told = asdict(asked)
    context = {
        "section": "trail",
        "asked": asked,
        "kinds": KINDS.items(),
        "problems": problems,
        "lines": lines(page.rows),
        "newer": page.newer and link(told, above=str(page.newer)),
        "older": page.older and link(told, below=str(page.older)),
        "query": link(told),
        "check": last_check(),
    }
    status = 400 if problems else 200
    return TemplateResponse(request, "trail/show.html", context, status=status)


@require_GET
@login_required
def trail_proof(request: HttpRequest) -> HttpResponse:
    """What was found as JSON lines, with all that somebody else needs to check the chain."""
    try:
        rows = export(by=request.user, asked=_asked(request))
    except Refused as refused:
        return HttpResponse(str(refused), status=400, content_type=PLAIN)
    return _file((f"{json.dumps(row)}\n" for row in rows), "jsonl", "application/jsonl")


@require_GET
@login_required
def trail_table(request: HttpRequest) -> HttpResponse:
    """What was found as a table for a spreadsheet."""
    asked = _asked(request)
    try:
        export(by=request.user, asked=asked)  # leaves the row that says so
    except Refused as refused:
        return HttpResponse(str(refused), status=400, content_type=PLAIN)
    rows = search(by=request.user, asked=asked).order_by("number")
    return _file(_csv(rows.iterator(chunk_size=AT_ONCE)), "csv", "text/csv; charset=utf-8")


@require_GET
@login_required
def patient_accesses(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who has seen this record and what was done with it; fit to be printed for the patient."""
    patient = finding.patient(by=request.user, id=patient_id)
    page = Paginator(accesses(by=request.user, patient=patient), PER_PAGE * 5)
    shown = page.get_page(request.GET.get("page"))
    context = {
        "section": "worklist",
        "patient": patient,
        "told": told_to_patients(shown, patient.organisation_id),
        "page": shown,
        "earlier": f"?page={shown.number - 1}",
        "later": f"?page={shown.number + 1}",
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "trail/accesses.html", context)


@require_GET
@login_required
def reproduction(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Whether a stored estimate is still what its inputs and models give."""
    context = {"found": reproduce(by=request.user, id=assessment_id), "section": "worklist"}
    return TemplateResponse(request, "trail/reproduction.html", context)


def _asked(request: HttpRequest) -> Asked:
    names = ("person", "patient", "kind", "since", "until")
    return Asked(**{name: request.GET.get(name, "").strip() for name in names})


def _number(text: str) -> int | None:
    """A number of the trail, as a link of ours has it; anything else begins at the top."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _csv(rows: Iterator[AuditEvent]) -> Iterator[str]:
    yield ",".join(HEADINGS) + "\r\n"
    some: list[AuditEvent] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield _written(some)
            some = []
    yield _written(some)


def _written(some: list[AuditEvent]) -> str:
    text = StringIO()
    csv.writer(text).writerows(cells(line) for line in lines(some))
    return text.getvalue()


def _file(parts: Iterator[Any], ending: str, media_type: str) -> HttpResponse:
    name = f"trail-{timezone.localdate().isoformat()}.{ending}"
    made = StreamingHttpResponse(parts, content_type=media_type)
    made["Content-Disposition"] = f'attachment; filename="{name}"'
    return made
