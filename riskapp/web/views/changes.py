"""What changed in one person's bone between visits."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions import finding
from riskapp.actions.comparing_scans import changes_of
from riskapp.web.presenters.changes import pair_views
from riskapp.web.views.people import banner


@require_GET
@login_required
def show_changes(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = finding.patient(by=request.user, id=patient_id)
    scans = {scan.pk: scan for scan in patient.scans.all()}
    pairs = pair_views(changes_of(by=request.user, patient=patient), scans)
    context = banner(patient, "changes") | {"pairs": pairs}
    return TemplateResponse(request, "patient/changes.html", context)
