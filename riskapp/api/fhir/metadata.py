"""What the doors can do and what our codes mean; anybody may ask."""

from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp import __version__
from riskapp.api.fhir.base import FhirView, base_of, told
from riskapp.api.fhir.problems import refused
from riskapp.api.fhir.served import DEFINED, SERVED
from riskapp.exchange.fhir.writing.bundle import searchset, versioned
from riskapp.exchange.fhir.writing.capability import capability_statement
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.definitions import definitions

# How our definitions are found: search parameter and element.
FOUND_BY = {"url": "url", "_id": "id"}
# Where programs get their tokens, by the names that SMART has for it.
OAUTH = {
    "authorize": "oauth_authorize",
    "token": "oauth_token",
    "introspect": "oauth_introspect",
    "revoke": "oauth_revoke",
}


class Metadata(FhirView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get(self, request: Request) -> Response | HttpResponse:
        mode = request.query_params.get("mode", "full")
        if mode not in ("full", "normative"):
            raise refused("The mode is full or normative; terminology is not served.", "mode")
        stated = capability_statement(
            base=base_of(request),
            software_version=__version__,
            served={**SERVED, **DEFINED},
            oauth=_oauth(request),
        )
        return told(request, versioned(stated))


class Definitions(FhirView):
    """Our code systems, value sets, extensions, profile and operation: found by id or url."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get(self, request: Request, resource_type: str) -> Response:
        found = _of(resource_type)
        for name in request.query_params:
            # R4: a modifier that is not understood must not be left out, as it may turn the search.
            if name.partition(":")[0] in FOUND_BY and name not in FOUND_BY:
                raise refused(f"Definitions are found by url or _id alone, not by {name[:60]!r}.")
        for name, ours in FOUND_BY.items():
            wanted = request.query_params.get(name)
            if wanted is not None:
                found = [one for one in found if one[ours] == wanted]
        base = base_of(request)
        address = request.build_absolute_uri()
        return Response(
            searchset(
                found, base=base, total=len(found), links={"self": address}, at=timezone.localtime()
            )
        )


class OneDefinition(FhirView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    def get(self, request: Request, resource_type: str, id: str) -> Response | HttpResponse:
        for one in _of(resource_type):
            if one["id"] == id:
                return told(request, one)
        raise refused(f"There is no {resource_type} of this id.", status=404)


def _of(kind: str) -> list[Json]:
    return [versioned(one) for one in definitions(__version__) if one["resourceType"] == kind]


def _oauth(request: Request) -> dict[str, str]:
    """The addresses that this release has."""
    found = {}
    for name, view in OAUTH.items():
        try:
            found[name] = request.build_absolute_uri(reverse(view))
        except NoReverseMatch:
            continue
    return found
