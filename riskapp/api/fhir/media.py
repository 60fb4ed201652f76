"""Bodies as FHIR has them: JSON under its own media type, whichever of its names is asked for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, FormParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.mediatypes import _MediaType

from riskapp.api.parsing import StrictJsonParser

FHIR_JSON, JSON, PDF = "application/fhir+json", "application/json", "application/pdf"
# What `_format` may say (R4, http.html#parameters).
FORMATS = {"json": FHIR_JSON, "text/json": JSON, JSON: JSON, FHIR_JSON: FHIR_JSON}
ONLY_JSON = "FHIR is spoken here as JSON in version 4.0; ask for application/fhir+json."


class FhirParser(StrictJsonParser):
    media_type = FHIR_JSON


class SearchForm(FormParser):
    """Search parameters as a form, so that no number of a person stands in an address."""


class ResourceEncoder(JSONEncoder):
    """A resource holds no part of itself, so that nothing has to be looked for."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how | {"check_circular": False})


class FhirRenderer(JSONRenderer):
    media_type, format, charset = FHIR_JSON, "json", "utf-8"
    encoder_class = ResourceEncoder

    def get_indent(self, accepted_media_type: str, renderer_context: Mapping[str, Any]) -> Any:
        request = renderer_context.get("request")
        pretty = request is not None and request.GET.get("_pretty") == "true"
        return 2 if pretty else None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The same bytes as written at once: of millions of letters the pieces take two thirds."""
        entries = data.get("entry") if isinstance(data, dict) else None
        told = (accepted_media_type, renderer_context or {})
        is_list = isinstance(entries, list) and entries and [*data][-1] == "entry"
        if not is_list or self.get_indent(*told) is not None:
            return super().render(data, *told)
        around = super().render(data | {"entry": []}, *told)
        pieces = b",".join([super(FhirRenderer, self).render(one, *told) for one in entries])
        return around.removesuffix(b"]}") + pieces + b"]}"


class FhirNegotiation(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        given = (request.content_type or "").partition(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == given), None)

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = accepted(request)
        if asked is None:
            raise NotAcceptable(ONLY_JSON)
        renderers[0].media_type = asked  # a renderer is made for one request
        return renderers[0], asked


def accepted(request: Request | HttpRequest) -> str | None:
    """Which of FHIR's two names for JSON the caller wants; None where neither will do."""
    formatted = request.GET.get("_format")
    if formatted is not None:
        # A plus in an address is a blank.
        return FORMATS.get(formatted.partition(";")[0].strip().replace(" ", "+").lower())
    wanted = [_MediaType(one.strip()) for one in _accept(request).split(",")]
    for ours in (FHIR_JSON, JSON):
        if any(_asks_for(one, ours) for one in wanted):
            return ours
    return None


def _asks_for(wanted: _MediaType, ours: str) -> bool:
    version = wanted.params.get("fhirversion", "4.0")
    quality = wanted.params.get("q", "1")
    if not version.startswith("4.0") or quality.strip("0.") == "":
        return False
    main, _, sub = ours.partition("/")
    return wanted.main_type in ("*", main) and wanted.sub_type in ("*", sub)


def wants_the_file(request: Request) -> bool:
    """Whether a Binary is asked for as itself, which is so unless FHIR is asked for by name."""
    if "_format" in request.GET:
        return False
    told = _accept(request).lower()
    return PDF in told or not ("json" in told or "xml" in told)


def _accept(request: Request | HttpRequest) -> str:
    return request.headers.get("Accept") or "*/*"
