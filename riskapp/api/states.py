"""Which state of a record an answer shows: ``ETag``, ``If-None-Match`` and ``If-Match``."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.errors import ChangedMeanwhile, StateNotNamed

SAME = OpenApiParameter(
    "If-None-Match",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="ETag of the state that you hold; where it is still so, 304 and no body.",
)
ONLY_IF = OpenApiParameter(
    "If-Match",
    {"type": "string", "minLength": 1, "pattern": r"\S"},
    OpenApiParameter.HEADER,
    required=True,
    description="ETag of the state that you change; another one is refused (412), none too (428). "
    "An asterisk takes whatever state there is.",
)


def etag_of(shown: Mapping[str, Any]) -> str:
    """A name of what is shown, the same for the same answer."""
    return f'"{hashlib.sha256(JSONRenderer().render(shown)).hexdigest()[:32]}"'


def shown_as_is(request: Request, shown: Mapping[str, Any], **headers: str) -> Response:
    """200 with its ETag, or 304 where the caller holds this state already."""
    etag = etag_of(shown)
    told = {"ETag": etag, "Cache-Control": "private, no-store", **headers}
    held = parse_etags(request.headers.get("If-None-Match", ""))
    # Weak comparison, as RFC 9110 (13.1.2) asks for here.
    if request.method == "GET" and {"*", etag, f"W/{etag}"} & set(held):
        return Response(status=304, headers=told)
    return Response(shown, headers=told)


def check_state(request: Request, shown: Mapping[str, Any]) -> None:
    """Refuse a change of another state than the one stored now.

    Raises
    ------
    StateNotNamed, ChangedMeanwhile
    """
    given = request.headers.get("If-Match", "")
    if not given.strip():
        raise StateNotNamed({"If-Match": "Say which state you change: send its ETag in If-Match."})
    # Strong comparison (13.1.1): a weak name never matches.
    if not {"*", etag_of(shown)} & set(parse_etags(given)):
        raise ChangedMeanwhile(
            {"If-Match": "This was changed since you read it, or If-Match is no ETag of it."}
        )
