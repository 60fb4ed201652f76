"""Lists that can grow, a page at a time: the same parameters, body and headers everywhere."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions import finding
from riskapp.api.asking import LARGEST, whole
from riskapp.models import Patient

USUALLY, MOST = 50, 200
PAGING = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUALLY},
        description=f"How many at most; {USUALLY} unless given.",
    ),
    OpenApiParameter(
        "offset",
        {"type": "integer", "minimum": 0, "maximum": LARGEST, "default": 0},
        description="How many are passed over first.",
    ),
]


OF_PATIENT = OpenApiParameter("patient", UUID, description="Of this patient only.")


class PageShape(serializers.Serializer):
    count = serializers.IntegerField(help_text="Of all pages together.")
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")
    previous = serializers.CharField(allow_null=True)


class Pages(LimitOffsetPagination):
    default_limit = USUALLY
    max_limit = MOST

    def get_limit(self, request: Request) -> int:
        return whole(request, "limit", self.default_limit, 1, self.max_limit)

    def get_offset(self, request: Request) -> int:
        return whole(request, "offset", 0, 0, LARGEST)

    def answered(self, shown: Iterable[Any], *, under: str = "results", **more: Any) -> Response:
        """The page that was taken, as JSON; its neighbours also in ``Link`` (RFC 8288)."""
        places = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        links = {"next": places["next"], "prev": places["previous"]}
        said = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
        body = {"count": self.count, **places, under: list(shown), **more}
        return Response(body, headers={"Link": said} if said else {})


def one_page(request: Request, rows: Any) -> tuple[Pages, Sequence[Any]]:
    """The rows of the page asked for, and what answers with them.

    Raises
    ------
    Refused
        If ``limit`` or ``offset`` cannot be used.
    """
    pages = Pages()
    return pages, pages.paginate_queryset(rows, request) or []


def patient_asked_for(request: Request) -> Patient | None:
    """The patient that the query names, if it names one.

    Raises
    ------
    NotFound
        If that patient is another organisation's.
    """
    asked = request.query_params.get("patient")
    return None if asked is None else finding.patient(by=request.user, id=asked)
