"""STOW-RS (PS3.18 section 10.5): objects that an archive or another program sends."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions import arriving
from riskapp.actions.arriving import Announced, Peer, ReceivedObject
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.api.dicom_shapes import STOW_ANSWER
from riskapp.api.shapes import ProblemShape
from riskapp.exchange.multipart_related import BrokenMessage, Part, media_type, parts
from riskapp.exchange.receiving import RECEIVING, Outcome
from riskapp.exchange.stow_answer import MEDIA_TYPE, StoredObject, http_status, stow_answer

SCOPES = {"POST": "ImagingStudy.c"}
MESSAGE = "multipart/related"
DESCRIBED: dict[str, Any] = {
    "description": "STOW-RS (PS3.18 section 10.5): each object is answered for itself, once it is "
    "durably kept. 200 where all are, 202 where some are, 409 where none is.",
    "request": {MESSAGE: OpenApiTypes.BINARY},
    "responses": {(status, MEDIA_TYPE): STOW_ANSWER for status in (200, 202, 409)}
    | {(status, "application/problem+json"): ProblemShape for status in (400, 411)},
}
PIECE_BYTES = 64 * 2**10
TAKEN = 'Send multipart/related; type="application/dicom"; boundary=...'


class LengthRequired(APIException):
    status_code = 411
    default_detail = "This server cannot read a body of unknown length; send Content-Length."


class Studies(APIView):
    scopes = SCOPES

    @extend_schema(operation_id="store_instances", summary="Send DICOM objects", **DESCRIBED)
    def post(self, request: Request) -> Response:
        return _store(request, Announced())


class OneStudy(APIView):
    scopes = SCOPES

    @extend_schema(
        operation_id="store_instances_of_study",
        summary="Send DICOM objects of one study",
        parameters=[OpenApiParameter("study_uid", str, OpenApiParameter.PATH)],
        **DESCRIBED,
    )
    def post(self, request: Request, study_uid: str) -> Response:
        return _store(request, Announced(study_uid=study_uid))


def _store(request: Request, announced: Announced) -> Response:
    sent = media_type(request.headers.get("Content-Type", ""))
    if sent.name != MESSAGE or sent.parameters.get("type") != "application/dicom":
        raise UnsupportedMediaType(sent.name, TAKEN)
    user = request.user
    # Whose an image is, is found out later and may be somebody else's than the token's.
    check_unconfined(user)
    peer = Peer(user, organisation_of(user), f"stow:{user.get_username()}"[:100])
    body = parts(_body(request._request), sent.parameters.get("boundary", ""))
    objects = [
        StoredObject(one.outcome, one.sop_class_uid, one.instance_uid)
        for one in _stored(peer, body, announced)
    ]
    return Response(stow_answer(objects), status=http_status(objects), content_type=MEDIA_TYPE)


def _stored(peer: Peer, body: Iterator[Part], announced: Announced) -> list[ReceivedObject]:
    """Store each part; a message that breaks off keeps what came before."""
    objects: list[ReceivedObject] = []
    try:
        for part in body:
            if part.media_type.name in ("application/dicom", ""):
                objects.append(arriving.receive_object(peer, part.chunks, announced))
            else:
                objects.append(ReceivedObject(Outcome.NOT_UNDERSTOOD))
    except BrokenMessage as broken:
        if not objects:
            raise Refused({"": str(broken)}) from broken
        objects.append(ReceivedObject(Outcome.NOT_UNDERSTOOD))
    finally:
        arriving.no_more_of(one.arrival for one in objects if one.arrival)
    if not objects:
        raise Refused({"": "The message has no part: there is nothing to store."})
    return objects


def _body(request: HttpRequest) -> Iterator[bytes]:
    """Read the body in pieces, whether its length was told or not.

    Django takes a body without a told length for an empty one; a server that ends such a body
    itself says so (``wsgi.input_terminated``).
    """
    source: Any = request
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        if not request.META.get("wsgi.input_terminated"):
            raise LengthRequired
        source = request.META["wsgi.input"]
    left = RECEIVING.request_bytes
    pieces = iter(partial(source.read, PIECE_BYTES), b"")
    while True:
        try:
            piece = next(pieces, b"")
        except OSError as cut:
            raise BrokenMessage("The message was cut off; send it again.") from cut
        left -= len(piece)
        if left < 0:
            raise RequestDataTooBig
        if not piece:
            return
        yield piece
