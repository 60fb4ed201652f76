"""Requests that a program may send again: its ``Idempotency-Key`` has them done once."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from riskapp.actions.sent_twice import KEPT_FOR, KEY, KEY_LENGTH, answered_once

Post = Callable[..., Response]
PARAMETER = OpenApiParameter(
    KEY,
    {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH},
    OpenApiParameter.HEADER,
    description="A name of your own for this request, such as a UUID. Sent again by the same "
    "account with the same body, nothing is done and the first answer is given again, for "
    f"{KEPT_FOR.total_seconds() / 3600:.0f} hours; with another body or address it is refused.",
)


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
                body = json.loads(JSONRenderer().render(done[0].data))
                hidden = dict.fromkeys(never_kept)
                return {"status": done[0].status_code, "body": body | hidden}

            asked = json.dumps([request.path, request.data], sort_keys=True)
            kept = answered_once(by=request.user, key=key, asked=asked, answer=answer)
            return done[0] if done else Response(kept["body"], status=kept["status"])

        return answered

    return decorated
