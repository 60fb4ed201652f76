"""Pages about people stay out of every cache, the browser's own after signing out included."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SHARED = "/shared/"
# Nobody but the reader's own browser may keep or find a shared page, or learn where it was.
CLOSED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
}
# What no page here asks a browser for, so that nothing which got into one can either.
NOT_ASKED_FOR = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
    "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock",
    "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{name}=()" for name in NOT_ASKED_FOR)


class ForThisSiteOnly:
    """No other site may load what is answered here into its pages, and no page asks for devices."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class KeepPagesPrivate:
    """Forbid storing whatever a signed-in person is shown, unless its view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


class KeepSharedPagesClosed:
    """Close every answer at the address of a shared link, which holds the secret that opens it.

    Outside of everything else, so that refusals and faults are answered alike.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path_info.startswith(SHARED):
            for name, value in CLOSED.items():
                response[name] = value
        return response
