"""Somebody comes in, by whichever way: one door, so that each leaves its row in the trail."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from riskapp.actions import counting_attempts, sessions
from riskapp.actions.sessions import WayIn
from riskapp.web.sessions import ROW

PASSWORD_CHECKS = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 (a class, no password)


def come_in(request: HttpRequest, user: User, way: WayIn) -> None:
    """Sign somebody in in this browser, under a new name of its session."""
    request.signs_in_by = way
    login(request, user, backend=PASSWORD_CHECKS)
    sessions.note_came_in(by=user, way=way, id=request.session[ROW])


def device_of(request: HttpRequest) -> str:
    """What this browser was given at an earlier sign-in; it may be made up."""
    return request.COOKIES.get(_cookie_name(), "")


def keep_device(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    """Let this browser be known: what fails elsewhere does not make this person wait in it.

    It opens nothing, and stays when somebody signs out.
    """
    response.set_cookie(
        _cookie_name(),
        counting_attempts.know_device(user=user, device=device_of(request)),
        max_age=counting_attempts.DEVICE_KEPT // timedelta(seconds=1),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )
    return response


def _cookie_name() -> str:
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"
