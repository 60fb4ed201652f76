"""Reading one resource, and searching for some."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.fhir.searching import read, search
from riskapp.api.fhir.base import FhirView, base_of, told
from riskapp.api.fhir.media import SearchForm
from riskapp.api.fhir.parameters import Asked, read_parameters
from riskapp.api.fhir.problems import refused
from riskapp.api.fhir.served import SERVED
from riskapp.exchange.fhir.writing.bundle import searchset
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.outcome import outcome


class OneResource(FhirView):
    scopes = {"GET": "{resource_type}.r"}

    def get(self, request: Request, resource_type: str, id: str) -> Response | HttpResponse:
        return told(request, read(by=request.user, kind=resource_type, id=id))


class Search(FhirView):
    scopes = {"GET": "{resource_type}.s"}

    def get(self, request: Request, resource_type: str) -> Response:
        return Response(_found(self, resource_type, request.query_params))


class SearchByForm(FhirView):
    """The same as a form: an address is written to logs, a body is not."""

    parser_classes = [SearchForm]
    scopes = {"POST": "{resource_type}.s"}

    def post(self, request: Request, resource_type: str) -> Response:
        given: Any = QueryDict(mutable=True)
        # A body that is empty and says that it is something else is read as no form at all.
        sent = request.data if isinstance(request.data, QueryDict) else QueryDict()
        for part in (request.query_params, sent):
            for name, values in part.lists():
                given.setlistdefault(name).extend(values)
        return Response(_found(self, resource_type, given))


class Unserved(FhirView):
    """A kind of FHIR that is not here, or a name that FHIR does not know."""

    permission_classes = [AllowAny]

    def get(self, request: Request, resource_type: str) -> Response:
        raise refused(
            f"There is no {resource_type[:40]} here; there are {', '.join(SERVED)}.",
            status=404,
            code="not-supported",
        )

    post = put = patch = delete = get


def _found(view: FhirView, kind: str, given: QueryDict) -> Json:
    base = base_of(view.request)
    handling = view.prefer().get("handling", "lenient")
    if handling not in ("lenient", "strict"):
        raise refused("Prefer: handling is lenient or strict.")
    asked = read_parameters(
        by=view.request.user, kind=kind, given=given, strict=handling == "strict", base=base
    )
    page = search(by=view.request.user, kind=kind, query=asked.query)
    return searchset(
        page.resources,
        base=base,
        total=page.total,
        links=_links(f"{base}/{kind}", asked, page.total),
        at=timezone.localtime(),
        remarks=outcome(asked.remarks) if asked.remarks else None,
    )


def _links(address: str, asked: Asked, total: int) -> dict[str, str]:
    """This page, and where they are the first, the ones beside it and the last."""

    def at(offset: int) -> str:
        paging: dict[str, Any] = {"_count": query.count} if query.count else {}
        paging |= {"_offset": offset} if offset else {}
        told = urlencode({**asked.used, **paging}, doseq=True)
        return f"{address}?{told}" if told else address

    query = asked.query
    links = {"self": at(query.offset)}
    if not query.count:
        return links
    links["first"] = at(0)
    if query.offset:
        links["previous"] = at(max(0, query.offset - query.count))
    if query.offset + query.count < total:
        links["next"] = at(query.offset + query.count)
    return links
