"""One scan: how far it is, what was measured, where, and a person's correction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from imaging.intake.accepted import KINDS
from riskapp.actions import (
    comparing_scans,
    confirming,
    correcting_regions,
    finding,
    identifying,
    queueing,
)
from riskapp.actions.errors import Refused
from riskapp.actions.returning import returns_of
from riskapp.actions.stored_bytes import open_kept
from riskapp.models import MeasurementVersion, Scan
from riskapp.web.presenters.compared import compared
from riskapp.web.presenters.placing import placeable, short_reason
from riskapp.web.presenters.progress import ProgressView, progress_view
from riskapp.web.presenters.scan import as_sent, scan_view
from riskapp.web.presenters.scan_use import scan_use
from riskapp.web.presenters.visits import beside, visit
from riskapp.web.region_form import in_plain_words, read_regions
from riskapp.web.views.people import banner
from riskapp.web.views.sending import only_sent_to

PICTURES_ARE_FRESH_FOR_S = 3600


@require_GET
@login_required
def show_scan(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    scan = finding.scan(by=request.user, id=scan_id)
    context = banner(scan.patient, "scan") | _context(request, scan)
    return TemplateResponse(request, "scan/show.html", context)


@require_GET
@login_required
def scan_status(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """The changing part alone; it asks again only while there is work left."""
    scan = finding.scan(by=request.user, id=scan_id)
    return TemplateResponse(request, "scan/_body.html", _context(request, scan))


@require_GET
@cache_control(private=True, max_age=PICTURES_ARE_FRESH_FOR_S)
@login_required
def scan_picture(request: HttpRequest, scan_id: UUID, number: int, name: str) -> FileResponse:
    picture = finding.picture(by=request.user, scan_id=scan_id, name=name, number=number)
    return FileResponse(open_kept(picture.sha256), content_type="image/png")


@only_sent_to("scan")
@login_required
def correct_regions(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    scan = finding.scan(by=request.user, id=scan_id)
    corrected = correcting_regions.can_be_drawn_in(scan)
    shown = corrected.measurement.regions if corrected else ()
    missing = correcting_regions.left_out(finding.versions(by=request.user, scan=scan))
    known = (*shown, *missing)
    try:
        regions = read_regions(request.POST, known)
        correcting_regions.correct_regions(by=request.user, scan=scan, regions=regions)
    except Refused as refused:
        return _refused(request, scan, refused, request.POST)
    return redirect("scan", scan.pk)


@only_sent_to("scan")
@login_required
def confirm_regions(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """Stand by the regions and go on to the record, which takes over what was measured."""
    scan = finding.scan(by=request.user, id=scan_id)
    number = request.POST.get("version", "")
    try:
        if not (number.isascii() and number.isdigit()):
            raise Refused({"version": "Which version is meant is missing; load the page again."})
        confirmed = confirming.confirm(
            by=request.user,
            scan=scan,
            number=int(number[:9]),
            side_checked="side_checked" in request.POST,
        )
    except Refused as refused:
        return _refused(request, scan, refused)
    use = scan_use(confirmed)
    messages.add_message(
        request, messages.SUCCESS if use.used else messages.WARNING, use.on_confirming
    )
    return redirect("assessment_new", scan.patient_id)


@only_sent_to("scan")
@login_required
def measure_again(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    scan = finding.scan(by=request.user, id=scan_id)
    try:
        correcting_regions.measure_again(by=request.user, scan=scan)
    except Refused as refused:
        return _refused(request, scan, refused)
    return redirect("scan", scan.pk)


@only_sent_to("scan")
@login_required
def confirm_identity(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    scan = finding.scan(by=request.user, id=scan_id)
    try:
        identifying.confirm_identity(by=request.user, scan=scan)
    except Refused as refused:
        return _refused(request, scan, refused)
    return redirect("scan", scan.pk)


def _refused(
    request: HttpRequest, scan: Scan, refused: Refused, sent: Mapping[str, str] | None = None
) -> HttpResponse:
    problem = in_plain_words(str(refused))
    context = banner(scan.patient, "scan") | _context(request, scan) | {"problem": problem}
    if sent and context["to_correct"]:
        context["to_correct"] = as_sent(context["to_correct"], sent, problem)
        context["was_sent"] = True
    return TemplateResponse(request, "scan/show.html", context, status=400)


def _context(request: HttpRequest, scan: Scan) -> dict[str, Any]:
    versions = list(finding.versions(by=request.user, scan=scan))
    context: dict[str, Any] = {
        "scan": scan,
        "reason": short_reason(scan.reason),
        "kinds_measured": KINDS,
        "versions": versions[::-1],
        "comparison": identifying.compare(scan),
        "progress": _progress(scan),
        "shown": None,
        "to_correct": None,
        "save_as": uuid4(),
    }
    if scan.is_pending or not versions:
        return context
    measured = [version for version in versions if version.result["status"] == "measured"]
    left_out = correcting_regions.left_out(versions)
    # A correction that was refused must not hide the regions that it was made from.
    drawn_in = correcting_regions.can_be_drawn_in(scan)
    if drawn_in and not measured and not _leads_anywhere(drawn_in):
        drawn_in = None
    to_correct = scan_view(drawn_in, left_out) if drawn_in else None
    is_newest = measured[-1:] == versions[-1:]
    shown = to_correct if is_newest else scan_view(versions[-1])
    earlier = _earlier(request, scan, versions[-1])
    pairs = beside(shown.overlays, earlier) if shown and earlier and earlier.confirmed_at else ()
    quality = versions[-1].measurement.quality
    return context | {
        # What the reason says already is not said again.
        "other_findings": [one for one in quality if one.advice not in scan.reason],
        "shown": shown,
        "side_in_doubt": confirming.side_in_doubt(versions[-1].result),
        "pairs": pairs,
        "to_correct": to_correct,
        "placing": drawn_in is not None and not measured,
        "placeable": placeable(drawn_in.measurement.kind) if drawn_in else (),
        "compared": compared(measured),
        "earlier": earlier,
        "earlier_visit": visit(earlier, "earlier-") if earlier else None,
        "returns": returns_of(by=request.user, scan=scan),
    }


def _progress(scan: Scan) -> ProgressView | None:
    """How far it is; what has just been finished shows at the next asking."""
    progress = queueing.progress_of(scan) if scan.is_pending else None
    return progress_view(progress, timezone.now()) if progress else None


def _earlier(
    request: HttpRequest, scan: Scan, version: MeasurementVersion
) -> MeasurementVersion | None:
    """The latest visit before this one that shows the same part."""
    known = comparing_scans.measured_scans(by=request.user, patient=scan.patient)
    others = [one for one in known if one.scan_id != scan.pk]
    return next(iter(comparing_scans.earlier_than(version, others)), None)


def _leads_anywhere(refused: MeasurementVersion) -> bool:
    """Whether regions that a person places on a refused scan could be measured."""
    measurement = refused.measurement
    return bool(measurement.regions or placeable(measurement.kind))
