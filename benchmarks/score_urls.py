"""The product's addresses, and two that parse what is sent and do nothing else."""

from importlib import import_module

from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# By name, as a type checker that begins here would read the table before what it is made of.
access = import_module("riskapp.access")
access.ACCESS.update(empty=access.ANYBODY, empty_with_key=access.SIGNED_IN)


class EmptyWithKey(APIView):
    """All that an answer costs whoever has a key, which is checked and counted."""

    permission_classes = (IsAuthenticated, import_module("riskapp.gate").MayOpen)

    def post(self, request: Request) -> Response:
        return Response({"fields": len(request.data)})


class Empty(EmptyWithKey):
    """The same before anybody is known."""

    authentication_classes = ()
    permission_classes = ()  # type: ignore[assignment]
    throttle_classes = ()


# As riskapp.urls has it, which does not count where it is included.
handler500 = "riskapp.web.troubles.failed"
urlpatterns = [
    path("empty/", Empty.as_view(), name="empty"),
    path("empty-with-key/", EmptyWithKey.as_view(), name="empty_with_key"),
    path("", include("riskapp.urls")),
]
