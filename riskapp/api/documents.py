"""The description of the JSON doors, as OpenAPI 3 and as a page."""

from functools import cache
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.api import security_description as security_description  # the generator's to find
from riskapp.api.parsing import JsonAlways
from riskapp.api.problems import problem


class JsonOrYaml(JsonAlways):
    """JSON for who asks for it; else YAML, which is never refused either."""

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format") or request.headers.get("Accept", "")
        wanted = "json" if "json" in asked.lower() else "yaml"
        chosen = next(one for one in renderers if one.format == wanted)
        return chosen, chosen.media_type


@cache
def description() -> Any:
    """The same for whoever asks, and takes seconds to make."""
    return SchemaGenerator().get_schema(public=True)


@cache
def _as_yaml() -> bytes:
    """Seconds again."""
    written: bytes = OpenApiYamlRenderer().render(description())
    return written


class YamlOnce(OpenApiYamlRenderer):
    """The description is written once, a refusal each time."""

    def render(self, data: Any, *given: Any, **named: Any) -> Any:
        return _as_yaml() if data is description() else super().render(data, *given, **named)


class Schema(APIView):
    # It describes addresses, not people, so anyone may read it.
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    renderer_classes = [YamlOnce, OpenApiJsonRenderer]
    content_negotiation_class = JsonOrYaml
    schema = None  # described among the plain doors

    def get(self, request: Request) -> Response:
        return Response(description())


# Swagger UI's style sheet draws its icons from data: addresses.
@csp_update({"img-src": ["data:"]})
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")


@extend_schema(exclude=True)
class Nothing(APIView):
    """Every other address under /api/: a problem as JSON, not a page."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """No method is allowed or refused where there is nothing."""

    def _nothing(self, request: Request, *args: object, **kwargs: object) -> Response:
        words = "There is nothing at this address; addresses here end with a slash."
        return problem(404, words, path=request.path)

    get = post = put = patch = delete = _nothing
