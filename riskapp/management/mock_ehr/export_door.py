"""The bulk export of the made-up hospital (FHIR Bulk Data Access 2.0): asked for, waited for, read.

Nothing here tells when a resource was changed, so that `_since` leaves nothing out.
"""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from riskapp.management.mock_ehr.exports import Export
from riskapp.management.mock_ehr.fhir_door import BASE, grant_of
from riskapp.management.mock_ehr.hospital import NotThere, Resource, Unusable, patient_of
from riskapp.management.mock_ehr.permits import FORBIDDEN, Denied, Grant
from riskapp.management.mock_ehr.scopes import allowing
from riskapp.management.mock_ehr.wire import address

NDJSON = "application/fhir+ndjson"
FORMATS = ("", NDJSON, "application/ndjson", "ndjson")


def start(request: HttpRequest, level: str = "") -> HttpResponse:
    """Take what is held now, to be asked for at another address."""
    grant, asked = _backend(request), request.GET
    if "respond-async" not in request.headers.get("Prefer", ""):
        raise Unusable("An export is asked for with the header Prefer: respond-async.")
    if asked.get("_outputFormat", "") not in FORMATS:
        raise Unusable(f"Exports are written as {NDJSON}.")
    wanted = {kind for told in asked.getlist("_type") for kind in told.split(",") if kind}
    kinds: dict[str, list[Resource]] = {}
    for one in request.ehr.hospital.all():
        kind = one["resourceType"]
        if (
            (not wanted or kind in wanted)
            and (level != "Patient" or patient_of(one))
            and "system" in allowing(grant.scopes, kind, "r")
        ):
            kinds.setdefault(kind, []).append(one)
    export = Export(grant.client.id, request.build_absolute_uri(), datetime.now(UTC), kinds)
    id = request.ehr.exports.keep(export)
    place = f"{address(request, BASE)}/$export-status/{id}"
    return HttpResponse(status=HTTPStatus.ACCEPTED, headers={"Content-Location": place})


def status(request: HttpRequest, id: str) -> HttpResponse:
    """Not ready when it is first asked, so that waiting can be seen; then the manifest."""
    export = request.ehr.exports.of(id, _backend(request).client.id)
    if request.method == "DELETE":
        request.ehr.exports.dismiss(id)
        return HttpResponse(status=HTTPStatus.ACCEPTED)
    export.looks += 1
    if export.looks == 1:
        told = {"X-Progress": "half of it is written", "Retry-After": "1"}
        return HttpResponse(status=HTTPStatus.ACCEPTED, headers=told)
    files = f"{address(request, BASE)}/$export-file/{id}"
    output = [
        {"type": kind, "url": f"{files}/{kind}.ndjson", "count": len(resources)}
        for kind, resources in sorted(export.kinds.items())
    ]
    return JsonResponse(
        {
            "transactionTime": export.at.isoformat(),
            "request": export.asked,
            "requiresAccessToken": True,
            "output": output,
            "error": [],
        }
    )


def file(request: HttpRequest, id: str, kind: str) -> HttpResponse:
    export = request.ehr.exports.of(id, _backend(request).client.id)
    if kind not in export.kinds:
        raise NotThere(kind)
    lines = "".join(f"{json.dumps(one)}\n" for one in export.kinds[kind])
    return HttpResponse(lines, content_type=NDJSON)


def _backend(request: HttpRequest) -> Grant:
    """The grant of a program that acts for itself."""
    grant = grant_of(request)
    if not grant.client.is_backend:
        raise Denied(FORBIDDEN, "Exports are for programs that act for themselves.")
    return grant
