"""The report of an assessment as Binary: the file itself, or FHIR around it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.fhir.searching import identified
from riskapp.api.fhir.base import FhirView, told
from riskapp.api.fhir.media import PDF, FhirNegotiation, wants_the_file
from riskapp.exchange.fhir.writing.bundle import versioned
from riskapp.exchange.fhir.writing.report import binary


class FileOrFhir(FhirNegotiation):
    """Who asks for the file is not asked whether they take FHIR."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        if wants_the_file(request):
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


class BinaryFile(FhirView):
    """``make`` lays the pages out; whoever joins doors and pages gives it (``riskapp.urls``)."""

    make: Callable[..., Any] | None = None
    content_negotiation_class = FileOrFhir
    scopes = {"GET": "Binary.r RiskAssessment.r Patient.r"}

    def get(self, request: Request, id: str) -> Response | HttpResponse:
        report = self.make(by=request.user, id=identified(id))
        if not wants_the_file(request):
            return told(request, versioned(binary(id, report.content)))
        named = f'attachment; filename="{report.name}"'
        return HttpResponse(
            report.content,
            content_type=PDF,
            headers={"Content-Disposition": named, "Cache-Control": "private, no-store"},
        )
