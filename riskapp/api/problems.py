"""Refusals as RFC 9457 problem details: one sentence that a person can act on."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.http import Http404, UnreadablePostError
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions
from rest_framework.response import Response

from riskapp.actions.errors import (
    ChangedMeanwhile,
    KeyOfAnother,
    NotAllowed,
    NotFound,
    RecordRestricted,
    Refused,
    StateNotNamed,
    TooLarge,
    Unreachable,
)
from riskapp.api.problem_types import type_of
from riskapp.request_id import current_request_id
from riskapp.risk.errors import EngineWithheld, InvalidProfile, OutsideModelRange, RiskError

MEDIA_TYPE = "application/problem+json"
# Nobody reads on behind so many; the answer to a body full of slips would be ten times the body.
MOST_TOLD = 100


def problem(
    status: int,
    detail: str,
    errors: Mapping[str, str] | None = None,
    *,
    code: str = "",
    path: str = "",
    **headers: str,
) -> Response:
    """One refusal; ``errors`` has a sentence for each field that must be mended.

    ``code`` names the kind where its status has several, ``path`` is what was asked for.
    """
    body = problem_body(status, detail, code=code, path=path)
    # What is about the whole request is said in the detail and belongs to no field.
    by_field = {field: sentence for field, sentence in (errors or {}).items() if field}
    if by_field:
        body["errors"] = by_field
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def problem_body(status: int, detail: str, *, code: str = "", path: str = "") -> dict[str, Any]:
    """The members that RFC 9457 names; ``instance`` is the address without its query."""
    kind = type_of(status, code)
    body: dict[str, Any] = {
        "type": kind.address if kind.code else "about:blank",
        "title": kind.title,
        "status": status,
        "detail": detail,
    }
    if path:
        body["instance"] = escape_uri_path(path)
    if asked := current_request_id():
        body["request_id"] = asked
    return body


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Translate whatever a view raised; the one place where this is done.

    None leaves an error of ours to Django, which writes the log (``ProblemsUnderApi`` answers).
    """
    made = _made(error)
    if made is not None and "request" in context and "instance" not in made.data:
        made.data["instance"] = escape_uri_path(context["request"].path)
    return made


def _made(error: Exception) -> Response | None:
    if isinstance(error, Refused | InvalidProfile):
        status, code = _kind_of(error)
        return problem(status, str(error), error.by_field, code=code)
    if isinstance(error, EngineWithheld):
        return problem(503, str(error), code="engine-withheld")
    if isinstance(error, RiskError):
        return problem(422 if isinstance(error, OutsideModelRange) else 400, str(error))
    if isinstance(error, RecordRestricted):
        return problem(403, str(error), code="restricted-record")
    if isinstance(error, NotFound | NotAllowed):
        return problem(404 if isinstance(error, NotFound) else 403, str(error))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return _of_django(error)


def _kind_of(error: Refused | InvalidProfile) -> tuple[int, str]:
    for kind, status in (
        (TooLarge, 413),
        (ChangedMeanwhile, 412),
        (StateNotNamed, 428),
        (Unreachable, 502),
    ):
        if isinstance(error, kind):
            return status, ""
    return (422, "key-used-before") if isinstance(error, KeyOfAnother) else (400, "")


def _of_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        found = _flat(error.detail)
        errors = dict(found[:MOST_TOLD])
        # A validator's message may leave the field unsaid.
        sentences = [f"{field}: {text}" if field else text for field, text in errors.items()]
        if len(found) > MOST_TOLD:
            sentences.append(f"There are {len(found) - MOST_TOLD:,} more like these.")
        return problem(400, " ".join(sentences), errors, **headers)
    return problem(error.status_code, str(error.detail), **headers)


def _of_django(error: Exception) -> Response | None:
    if isinstance(error, Http404):
        return problem(404, "There is nothing at this address.")
    if isinstance(error, PermissionDenied):
        return problem(403, "This account may not do that.")
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return problem(413, "The request is larger than this service takes; send less at a time.")
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return problem(400, "The request could not be read; check it and send it again.")
    return None


def _flat(detail: Any, path: str = "") -> list[tuple[str, str]]:
    """Nested messages as (path, sentences) pairs."""
    if isinstance(detail, Mapping):
        return [
            pair
            for name, below in detail.items()
            for pair in _flat(below, path if name == "non_field_errors" else _joined(path, name))
        ]
    if isinstance(detail, list) and any(isinstance(each, Mapping | list) for each in detail):
        return [
            pair
            for number, below in enumerate(detail)
            for pair in _flat(below, _joined(path, number))
        ]
    texts = detail if isinstance(detail, list) else [detail]
    return [(path, " ".join(str(text) for text in texts))]


def _joined(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)
