"""Addresses that only take what is sent: asking for one leads to the page that sends it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

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
