"""The description of the JSON doors, as OpenAPI 3 and as a page."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.api import security_description as security_description  # the generator's to find
from riskapp.api.problems import problem


@extend_schema(exclude=True)
class Schema(SpectacularAPIView):
    # It describes addresses, not people, so anyone may read it.
    permission_classes = [AllowAny]
    authentication_classes = []


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
