"""The product's addresses, and two that parse what is sent and do nothing else."""

from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp import access
from riskapp.gate import MayOpen

access.ACCESS |= {"empty": access.ANYBODY, "empty_with_key": access.SIGNED_IN}


class Empty(APIView):
    """All that an answer costs before anybody is known."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def post(self, request: Request) -> Response:
        return Response({"fields": len(request.data)})


class EmptyWithKey(Empty):
    """The same for whoever has a key, which is checked and counted."""

    authentication_classes = APIView.authentication_classes
    permission_classes = (IsAuthenticated, MayOpen)
    throttle_classes = APIView.throttle_classes


urlpatterns = [
    path("empty/", Empty.as_view(), name="empty"),
    path("empty-with-key/", EmptyWithKey.as_view(), name="empty_with_key"),
    path("", include("riskapp.urls")),
]
