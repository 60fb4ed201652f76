"""Pages about people stay out of every cache, the browser's own after signing out included."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class KeepPagesPrivate:
    """Forbid storing whatever a signed-in person is shown, unless its view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response
