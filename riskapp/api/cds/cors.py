"""What a browser needs before a record system that runs in it may ask here.

CDS Hooks 2.0, section "Cross-Origin Resource Sharing". No cookie has a part in it: who asks is
told by the token alone.
"""

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.api.cds.authentication import allowed_origin

KEPT_S = "600"


class ForBrowsers(APIView):
    """A view that pages of other origins may ask; which ones, ``origin_for`` says."""

    def origin_for(self, request: Request) -> str:
        """The origin that may ask, or blank."""
        return allowed_origin(request)

    def get_permissions(self) -> list[Any]:
        # A browser asks first whether it may ask, and never signs that question.
        return [AllowAny()] if self.request.method == "OPTIONS" else super().get_permissions()

    def perform_authentication(self, request: Request) -> None:
        if request.method != "OPTIONS":
            super().perform_authentication(request)

    def options(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        origin = self.origin_for(request)
        answer["Vary"] = "Origin"
        if origin:
            answer["Access-Control-Allow-Origin"] = origin
            if request.method == "OPTIONS":
                answer["Access-Control-Allow-Methods"] = ", ".join(self.allowed_methods)
                answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept"
                answer["Access-Control-Max-Age"] = KEPT_S
        return answer
