"""Who gave the right password and still owes a second factor, for ten minutes."""

import time
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

HALF = "half_signed_in"
SECONDS_FOR_A_FACTOR = 600


def remember_half(request: HttpRequest, user: User, then: str) -> None:
    """The password was right: whose it was, and where they were going."""
    request.session[HALF] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "at": time.time(),
        "then": then,
    }


def half_signed_in(request: HttpRequest) -> tuple[dict[str, Any], User | None]:
    """Who gave the right password in this browser, while it is theirs and they may come in."""
    half = request.session.get(HALF, {})
    if not half or half["at"] + SECONDS_FOR_A_FACTOR < time.time():
        return {}, None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    is_same = user is not None and user.get_session_auth_hash() == half["password"]
    return half, user if is_same else None


def forget_half(request: HttpRequest) -> None:
    request.session.pop(HALF, None)
