"""The report of a stored assessment, as PDF."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from riskapp.actions.reporting import ReportPart
from riskapp.api.shapes import ProblemShape

PART = OpenApiParameter(
    "part", str, enum=[part.value for part in ReportPart], description="Both unless said."
)
LANGUAGE = OpenApiParameter(
    "language",
    {"type": "string", "pattern": "^([A-Za-z]{2,3}(-[A-Za-z]{2,8})?)?$"},
    description="Of the patient's part, by its code (`de`, `zh-hans`); `en` unless said. One that "
    "does not exist, or is a draft that this site has not asked for, is refused with those that "
    "can be had. The clinical page is English: asked for alone, it takes no other.",
)


class AssessmentReport(APIView):
    """``make`` lays the pages out; whoever joins doors and pages gives it (``riskapp.urls``)."""

    make: Callable[..., Any] | None = None

    @extend_schema(
        operation_id="read_report",
        parameters=[PART, LANGUAGE],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            400: ProblemShape,
            404: ProblemShape,
        },
        summary="Report as PDF",
        description="One clinical page, which names the patient, and the patient's two, which do "
        "not. PDF/UA-1: tagged, with text that can be searched and read out, each page in the "
        "language that it names. A draft translation says so on each of its pages.",
    )
    def get(self, request: Request, id: UUID) -> HttpResponse:
        asked = {name: request.query_params.get(name, "") for name in ("part", "language")}
        report = self.make(by=request.user, id=id, **asked)
        return HttpResponse(
            report.content,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="{report.name}"',
                "Cache-Control": "private, no-store",
            },
        )
