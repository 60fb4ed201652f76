"""What changed in one person's bone between visits."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions import comparing_scans, finding
from riskapp.actions.comparing_scans import changes_of, earlier_than, measured_scans
from riskapp.actions.errors import NotFound
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.changes import pair_views
from riskapp.web.presenters.grey import grey_scale
from riskapp.web.presenters.visits import side_by_side, visit
from riskapp.web.views.people import banner


@require_GET
@login_required
def show_changes(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(by=request.user, id=patient_id)
    scans = {scan.pk: scan for scan in patient.scans.all()}
    pairs = pair_views(changes_of(by=request.user, patient=patient), scans)
    context = banner(patient, "changes") | {"pairs": pairs}
    return TemplateResponse(request, "patient/changes.html", context)


@require_GET
@login_required
def compare_visits(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Two scans side by side; without a choice, the newest that has an earlier one like it."""
    patient = finding.patient(by=request.user, id=patient_id)
    known = measured_scans(by=request.user, patient=patient)
    context = banner(patient, "changes") | {
        "known": [visit(one, "") for one in known],
        "sides": None,
    }
    chosen = _chosen(request, known)
    if chosen is None:
        return TemplateResponse(request, "patient/compare.html", context)
    first, second = sorted(chosen, key=comparing_scans.day_of_version)
    ids = first.scan_id, second.scan_id
    pair = comparing_scans.compare_two(
        by=request.user, patient=patient, first=ids[0], second=ids[1]
    )
    scans = {version.scan_id: version.scan for version in chosen}
    change = pair_views([pair], scans)[0] if pair.comparison else None
    return TemplateResponse(
        request,
        "patient/compare.html",
        context
        | {
            "sides": side_by_side(visit(first, "first-"), visit(second, "second-")),
            "change": change,
            "refused": pair.refused,
            "grey": grey_scale(second.measurement.kind),
        },
    )


def _chosen(
    request: HttpRequest, known: list[MeasurementVersion]
) -> tuple[MeasurementVersion, MeasurementVersion] | None:
    asked = [request.GET.get(name) for name in ("first", "second")]
    if any(asked):
        found = [one for id in asked for one in known if str(one.scan_id) == id]
        if len(found) != len(asked):
            raise NotFound("There is no such scan.")
        return found[0], found[1]
    return next(((earlier[0], one) for one in known if (earlier := earlier_than(one, known))), None)
