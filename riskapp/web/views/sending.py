"""What is sent: addresses that take nothing else, and forms that are sent twice."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

View = Callable[..., HttpResponse]


def only_sent_to(page: str) -> Callable[[View], View]:
    """Let a POST through; GET, from a reload or a bookmark, goes to ``page`` of the same id."""

    def decorated(view: View) -> View:
        sent = require_POST(view)

        @wraps(view)
        def answered(request: HttpRequest, **ids: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return redirect(page, *ids.values())
            return sent(request, **ids)

        return answered

    return decorated


def save_as(request: HttpRequest) -> UUID | None:
    """The id that the form was given, so that sending it twice saves once."""
    try:
        return UUID(request.POST.get("save_as", ""))
    except ValueError:
        return None
