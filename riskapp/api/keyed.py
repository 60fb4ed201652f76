"""Requests that a program may send again: its ``Idempotency-Key`` has them done once."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions import finding
from riskapp.actions.noticing import gathering
from riskapp.actions.sent_twice import KEPT_FOR, KEY, KEY_LENGTH, answered_once

Post = Callable[..., Response]
# Printable; spaces around the value of a header do not count.
PATTERN = "^[!-~]([ -~]*[!-~])?$"
KEY_SHAPE = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": PATTERN}
PARAMETER = OpenApiParameter(
    KEY,
    KEY_SHAPE,
    OpenApiParameter.HEADER,
    description="A name of your own for this request, such as a UUID. Sent again by the same "
    "account with the same body, nothing is done and the first answer is given again, for "
    f"{KEPT_FOR.total_seconds() / 3600:.0f} hours; with another body or address it is refused.",
)
KEPT_HEADERS = ("Location", "ETag")


def done_once(never_kept: tuple[str, ...] = ()) -> Callable[[Post], Post]:
    """Do a request that carries a key once; ``never_kept`` are secrets, null when told again."""

    def decorated(post: Post) -> Post:
        @extend_schema(parameters=[PARAMETER])
        @wraps(post)
        def answered(self: Any, request: Request, **ids: Any) -> Response:
            key = request.headers.get(KEY)
            if key is None:
                return post(self, request, **ids)
            done: list[Response] = []

            def answer() -> dict[str, Any]:
                done.append(post(self, request, **ids))
                return _kept(done[0], never_kept)

            asked = json.dumps([request.get_full_path(), _body(request.data)], sort_keys=True)
            kept = answered_once(by=request.user, key=key, asked=asked, answer=answer)
            return done[0] if done else _again(kept, request)

        return answered

    return decorated


def _kept(response: Response, never_kept: tuple[str, ...]) -> dict[str, Any]:
    body = json.loads(JSONRenderer().render(response.data))
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    hidden = dict.fromkeys(never_kept)
    return {
        "status": response.status_code,
        "body": body | hidden,
        "headers": headers,
        "about": gathering().about(),
    }


def _again(kept: dict[str, Any], request: Request) -> Response:
    """Told as long as the records that it is about are open to who asks, who has read them then."""
    for patient in kept.get("about", []):
        finding.still_open(by=request.user, patient=patient)
    return Response(kept["body"], status=kept["status"], headers=kept.get("headers"))


def _body(data: Any) -> Any:
    """A body in a form that is the same when it is sent again; of files, their hashes."""
    if not isinstance(data, QueryDict):
        return data
    return {
        name: [_digest(one) if isinstance(one, UploadedFile) else one for one in values]
        for name, values in data.lists()
    }


def _digest(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
