"""The product's addresses, and three that parse what is sent and do nothing that answers it."""

from importlib import import_module

from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

# By name, as a type checker that begins here would read the table before what it is made of.
access = import_module("riskapp.access")
access.ACCESS.update(
    empty=access.ANYBODY,
    empty_with_key=access.SIGNED_IN,
    empty_with_row=access.SIGNED_IN,
)
record_scores = import_module("riskapp.actions.recording_scores").record_scores


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


class EmptyWithRow(EmptyWithKey):
    """All that must be done for whoever asks, but for what is asked: a row of the trail too."""

    def post(self, request: Request) -> Response:
        record_scores(by=request.user, door="scores", answers=[request.data])
        return super().post(request)


# As riskapp.urls has it, which does not count where it is included.
handler500 = "riskapp.web.troubles.failed"
urlpatterns = [
    path("empty/", Empty.as_view(), name="empty"),
    path("empty-with-key/", EmptyWithKey.as_view(), name="empty_with_key"),
    path("empty-with-row/", EmptyWithRow.as_view(), name="empty_with_row"),
    path("", include("riskapp.urls")),
]
