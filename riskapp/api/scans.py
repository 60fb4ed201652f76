"""Scans: upload, status and measurement, corrected regions, pictures."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from imaging.intake.accepted import MEASURED, UPLOAD
from riskapp.actions import finding, listing
from riskapp.actions.confirming import confirm
from riskapp.actions.correcting_regions import correct_regions, measure_again
from riskapp.actions.errors import Refused
from riskapp.actions.identifying import Comparison, compare, confirm_identity
from riskapp.actions.importing_scan import import_scan
from riskapp.api.asking import VERSION, version_asked
from riskapp.api.keyed import done_once
from riskapp.api.pages import OF_PATIENT, PAGING, one_page, patient_asked_for
from riskapp.api.scan_shapes import (
    RegionsRequest,
    ScanAccepted,
    ScanPage,
    ScanRequest,
    ScanShape,
    ScanSummary,
    VersionShape,
)
from riskapp.api.shapes import ProblemShape
from riskapp.api.states import SAME, shown_as_is
from riskapp.exchange.scan_fields import profile_fields
from riskapp.exchange.wording import SAFETY
from riskapp.models import MeasurementVersion, Scan

STATUS = OpenApiParameter("status", str, enum=Scan.Status.values, description="Any unless given.")
NOTHING_YET: dict[str, Any] = {
    "kind": None,
    "spacing": None,
    "quality": [],
    "regions": [],
    "measurements": [],
}


class Scans(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="list_scans",
        parameters=[OF_PATIENT, STATUS, *PAGING],
        responses={200: ScanPage, 400: ProblemShape, 404: ProblemShape},
        summary="List scans",
        description="Of your organisation, newest first, without their measurements.",
    )
    def get(self, request: Request) -> Response:
        status = request.query_params.get("status")
        if status is not None and status not in Scan.Status.values:
            known = ", ".join(Scan.Status.values)
            raise Refused({"status": f"There is no such status; there are {known}."})
        patient = patient_asked_for(request)
        found = listing.scans(by=request.user, patient=patient, status=status or "")
        pages, page = one_page(request, found)
        return pages.answered(ScanSummary(page, many=True).data)

    @done_once()
    @extend_schema(
        operation_id="upload_scan",
        request={"multipart/form-data": ScanRequest},
        responses={202: ScanAccepted, 400: ProblemShape, 404: ProblemShape, 413: ProblemShape},
        summary="Upload one scan",
        description=f"{UPLOAD}. It is measured in the background: ask at the status URL. What of "
        f"it is measured: {MEASURED}.",
    )
    def post(self, request: Request) -> Response:
        # Without a body and its type there is no form; the framework then gives a plain dict.
        if not isinstance(request.data, QueryDict):
            raise UnsupportedMediaType(request.content_type or "")
        # Files are taken as they are: what they hold, empty ones included, the measuring tells.
        unknown = set(request.data) - {"patient", "files"}
        if unknown:
            raise Refused({name[:60]: "There is no field of this name." for name in unknown})
        if len(request.data.getlist("patient")) > 1:
            raise Refused({"patient": "Say once whose scan it is: patient was sent twice."})
        if not request.data.get("patient"):
            raise Refused({"patient": "Say whose scan it is: send the id of a patient."})
        patient = finding.patient(by=request.user, id=str(request.data["patient"]))
        scan = import_scan(by=request.user, patient=patient, files=request.FILES.getlist("files"))
        return _accepted(scan)


class OneScan(APIView):
    @extend_schema(
        operation_id="read_scan",
        parameters=[SAME],
        responses={200: ScanShape, 304: None, 404: ProblemShape},
        summary="Status and measurement",
        description="Ask here after an upload, every second or so, until status is none of "
        "queued and measuring.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        scan = finding.scan(by=request.user, id=id)
        versions = list(finding.versions(by=request.user, scan=scan))
        newest = versions[-1] if versions else None
        return shown_as_is(
            request,
            {
                "id": scan.id,
                "patient": scan.patient_id,
                "uploaded_at": scan.uploaded_at,
                "uploaded_by": scan.uploaded_by.get_username(),
                "sha256": scan.sha256,
                "status": scan.status,
                "reason": scan.reason or None,
                "identity": identity_json(compare(scan)),
                **(_measurement(scan, newest) if newest else _nothing_yet()),
                "versions": [version_json(version) for version in versions],
                "safety": SAFETY,
            },
        )


class ScanRegions(APIView):
    @done_once()
    @extend_schema(
        operation_id="correct_regions",
        request=RegionsRequest,
        responses={202: ScanAccepted, 400: ProblemShape, 404: ProblemShape},
        summary="Correct the regions",
        description="The scan is measured again with these regions; both versions are kept.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        scan = finding.scan(by=request.user, id=id)
        reader = RegionsRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        regions = reader.validated_data["regions"]
        return _accepted(correct_regions(by=request.user, scan=scan, regions=regions))


class ScanMeasuredAgain(APIView):
    @done_once()
    @extend_schema(
        operation_id="measure_scan_again",
        request=None,
        responses={202: ScanAccepted, 400: ProblemShape, 404: ProblemShape},
        summary="Measure again",
        description="Places the regions anew, for instance after measuring failed.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        scan = finding.scan(by=request.user, id=id)
        return _accepted(measure_again(by=request.user, scan=scan))


class ScanConfirmation(APIView):
    @done_once()
    @extend_schema(
        operation_id="confirm_version",
        request=None,
        responses={200: VersionShape, 400: ProblemShape, 404: ProblemShape},
        parameters=[
            OpenApiParameter(
                "side_checked",
                bool,
                description="true where a person looked at the side of the body: needed where the "
                "finding laterality_contradicts says that it is in doubt.",
            )
        ],
        summary="Confirm a version for use",
        description="Records that a person looked at the regions of the newest version and "
        "stands by them.",
    )
    def post(self, request: Request, id: UUID, number: int) -> Response:
        scan = finding.scan(by=request.user, id=id)
        checked = request.query_params.get("side_checked", "").lower() == "true"
        confirmed = confirm(by=request.user, scan=scan, number=number, side_checked=checked)
        return Response(version_json(confirmed))


class ScanIdentityConfirmation(APIView):
    @done_once()
    @extend_schema(
        operation_id="confirm_identity",
        request=None,
        responses={202: ScanAccepted, 400: ProblemShape, 404: ProblemShape},
        summary="Confirm whose scan it is",
        description="For a scan of status `mismatch`, whose files name another person than the "
        "patient it was uploaded for. It is measured then, unless it was before.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        scan = finding.scan(by=request.user, id=id)
        return _accepted(confirm_identity(by=request.user, scan=scan))


class ScanPictureFile(APIView):
    @extend_schema(
        operation_id="read_scan_picture",
        parameters=[VERSION],
        responses={
            (200, "image/png"): OpenApiTypes.BINARY,
            400: ProblemShape,
            404: ProblemShape,
        },
        summary="A picture of the scan",
        description="As PNG, without what was printed at its edge.",
    )
    def get(self, request: Request, id: UUID, name: str) -> FileResponse:
        number = version_asked(request)
        file = finding.picture_file(by=request.user, scan_id=id, name=name, number=number)
        return FileResponse(file, content_type="image/png", headers={"Cache-Control": "private"})


def version_json(version: MeasurementVersion) -> dict[str, Any]:
    confirmed_by = version.confirmed_by
    return {
        "number": version.number,
        "made_at": version.made_at,
        "made_by": version.made_by.get_username(),
        "origin": version.origin,
        "confirmed_at": version.confirmed_at,
        "confirmed_by": confirmed_by.get_username() if confirmed_by else None,
        "software_version": version.software_version,
    }


def identity_json(comparison: Comparison) -> dict[str, Any]:
    identity = comparison.identity
    confirmed_by = identity.confirmed_by if identity else None
    return {
        "told": comparison.told,
        "sentence": comparison.sentence,
        "differences": [
            {"field": one.field, "scan": one.scan, "record": one.record}
            for one in comparison.differences
        ],
        "confirmed_at": identity.confirmed_at if identity else None,
        "confirmed_by": confirmed_by.get_username() if confirmed_by else None,
    }


def _accepted(scan: Scan) -> Response:
    where = reverse("api_scan", args=[scan.id])
    return Response(
        {"id": scan.id, "status": scan.status, "status_url": where},
        status=202,
        headers={"Location": where},
    )


def _nothing_yet() -> dict[str, Any]:
    return NOTHING_YET | {"profile_fields": {}, "pictures": []}


def _measurement(scan: Scan, newest: MeasurementVersion) -> dict[str, Any]:
    return {name: newest.result[name] for name in NOTHING_YET} | {
        "profile_fields": profile_fields(newest.measurement),
        "pictures": [
            {
                "name": picture.name,
                "title": picture.title,
                "width": picture.width,
                "height": picture.height,
                "slice_index": picture.slice_index,
                "url": reverse("api_scan_picture", args=[scan.id, picture.name]),
            }
            for picture in newest.pictures.all()
        ],
    }
