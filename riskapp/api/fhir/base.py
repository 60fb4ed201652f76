"""What every door of FHIR does alike."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import http_date, parse_http_date_safe
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.api.fhir import problems
from riskapp.api.fhir.media import FhirNegotiation, FhirParser, FhirRenderer
from riskapp.api.parsing import StrictJsonParser
from riskapp.exchange.fhir.spans import span_of
from riskapp.exchange.fhir.writing.codes import Json


class FhirView(APIView):
    """FHIR as JSON in and out; every refusal is an OperationOutcome."""

    content_negotiation_class = FhirNegotiation
    parser_classes = [FhirParser, StrictJsonParser]
    renderer_classes = [FhirRenderer]
    schema = None  # described from the tables that the doors obey, in described.py

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return problems.answer

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def prefer(self) -> Mapping[str, str]:
        """What the header Prefer says (RFC 7240), by name."""
        parts = [
            part
            for one in self.request.headers.get("Prefer", "").split(",")
            for part in one.split(";")
        ]
        told = (part.partition("=") for part in parts)
        return {name.strip().lower(): value.strip(' "') for name, _, value in told if name.strip()}


class Nothing(FhirView):
    """Every other address under /fhir/."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """No method is allowed or refused where there is nothing."""

    def _nothing(self, request: Request, *args: object, **kwargs: object) -> Response:
        raise problems.refused(
            "There is nothing of FHIR at this address; /fhir/metadata tells what there is.",
            status=404,
        )

    get = post = put = patch = delete = _nothing


def base_of(request: Request) -> str:
    """The address that everything of FHIR stands under, without a slash at its end."""
    return request.build_absolute_uri(reverse("fhir_metadata")).removesuffix("/metadata")


def told(request: Request, resource: Json, status: int = 200) -> Response | HttpResponse:
    """A resource with its version, or 304 where the caller has that version."""
    meta = resource["meta"]
    headers = {"ETag": f'W/"{meta["versionId"]}"'}
    changed = span_of(meta.get("lastUpdated", ""))
    if changed:
        headers["Last-Modified"] = http_date(changed[0].timestamp())
    if status == 200 and _has_it(request, headers):
        return HttpResponse(status=304, headers=headers)
    return Response(resource, status=status, headers=headers)


def _has_it(request: Request, headers: Mapping[str, str]) -> bool:
    """As RFC 9110 13.2.2 has it: a date counts only where no version is named."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        named = [one.strip().removeprefix("W/") for one in known.split(",")]
        return "*" in named or headers["ETag"].removeprefix("W/") in named
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    last = parse_http_date_safe(headers.get("Last-Modified", ""))
    return since is not None and last is not None and last <= since
