"""The whole of a person's record as a file, for that person."""

import tempfile
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from riskapp.actions import finding
from riskapp.actions.exporting import export_patient
from riskapp.web.stepping_up import confirmed_lately
from riskapp.web.views.keeping import NOT_REPEATED
from riskapp.web.views.people import banner


@never_cache
@require_http_methods(["GET", "POST"])
@confirmed_lately
def give_out(request: HttpRequest, patient_id: UUID) -> HttpResponse | FileResponse:
    """Say what the file holds, and give it once the record number is typed."""
    patient = finding.patient(by=request.user, id=patient_id)
    problems = {}
    if request.method == "POST":
        if request.POST.get("repeat", "").strip() == patient.record_number:
            # Gone with the answer; in a container it lies in memory.
            target = tempfile.TemporaryFile()
            export_patient(by=request.user, id=patient.pk, target=target)
            target.seek(0)
            return FileResponse(target, as_attachment=True, filename="record.zip")
        problems = {"repeat": NOT_REPEATED}
    told = banner(patient, "timeline") | {"problems": problems}
    status = 400 if problems else 200
    return TemplateResponse(request, "patient/give_out.html", told, status=status)
