"""Files about a measured scan: what there is, and each of them."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from riskapp.actions import finding
from riskapp.actions.taking_files import TakenFile, offered, take_file
from riskapp.api.asking import VERSION, version_asked
from riskapp.api.shapes import ProblemShape

MEDIA_TYPES = (
    "application/pdf", "application/dicom", "image/png", "image/svg+xml",
    "text/csv", "text/plain",
)  # fmt: skip


class FileShape(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    media_type = serializers.CharField()
    names_the_patient = serializers.BooleanField(
        help_text="True of what is meant to go back to the archive that sent the scan."
    )
    url = serializers.CharField()


class FilesShape(serializers.Serializer):
    version = serializers.IntegerField(allow_null=True)
    files = FileShape(many=True)


class ScanFiles(APIView):
    @extend_schema(
        operation_id="list_scan_files",
        responses={200: FilesShape, 404: ProblemShape},
        summary="What can be taken of a scan",
        description="Files about the newest version: pictures, tables, a page, and DICOM objects "
        "for the archive.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        scan = finding.scan(by=request.user, id=id)
        newest = scan.newest_version
        files = offered(newest) if newest else ()
        return Response(
            {
                "version": newest.number if newest else None,
                "files": [
                    {
                        "name": one.name,
                        "title": one.title,
                        "media_type": one.media_type,
                        "names_the_patient": one.names_the_patient,
                        "url": reverse("api_scan_file", args=[scan.id, one.name]),
                    }
                    for one in files
                ],
            }
        )


class ScanFile(APIView):
    @extend_schema(
        operation_id="read_scan_file",
        parameters=[VERSION],
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            **{(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES},
            400: ProblemShape,
            404: ProblemShape,
        },
        summary="One file about a scan",
        description="DICOM objects repeat patient and study of the images and are meant for the "
        "archive that sent them; no other file names the patient.",
    )
    def get(self, request: Request, id: UUID, name: str) -> HttpResponse:
        number = version_asked(request)
        return as_attachment(take_file(by=request.user, scan_id=id, name=name, number=number))


def as_attachment(taken: TakenFile) -> HttpResponse:
    return HttpResponse(
        taken.content,
        content_type=taken.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{taken.name}"',
            "Cache-Control": "private, no-store",
        },
    )
