"""The gate before every address: it opens what the table of ``riskapp.access`` opens.

Pages are judged here. A JSON door finds out itself who asks, so that its own permission
``MayOpen`` judges; a door that forgets it is named by ``manage.py check``.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_resolver
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from riskapp.access import ACCESS, ANYBODY, SIGNED_IN, START, STARTS, Needed, needed, walked
from riskapp.actions import permitting

NOT_LISTED = "This address is open to nobody; tell the makers of Trabecula that it is not listed."


class Gate:
    """Refuse what is not in the table, and who may not open what is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else None
        asked = needed(name, request.method)
        if asked is None:
            raise PermissionDenied(NOT_LISTED)
        if asked is ANYBODY or hasattr(view, "cls"):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if name == START and asked not in permitting.abilities(request.user):
            start = start_of(request.user)
            if start and request.method == "GET":
                return redirect(start)
        check(request.user, asked)
        return None


class MayOpen(BasePermission):
    """The gate for JSON doors, once they know who asks."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "OPTIONS":
            return True  # says what there is
        match = request.resolver_match
        asked = needed(match.view_name if match else None, request.method)
        if asked is None:
            raise PermissionDenied(NOT_LISTED)
        if asked is not ANYBODY:
            check(request.user, asked)
        return True


def check(by: Any, asked: Needed) -> None:
    """Refuse who may not; signing in was asked for before.

    Raises
    ------
    NotAllowed
    """
    if asked not in (ANYBODY, SIGNED_IN):
        permitting.check(by, permitting.Ability(asked))


def start_of(by: Any) -> str:
    """The first page that somebody may open; blank where there is none."""
    held = permitting.abilities(by)
    return next((name for name in STARTS if ACCESS.get(name) in held), "")


@register()
def every_address_is_listed(app_configs: Any, **more: Any) -> list[CheckMessage]:
    """Find addresses that nobody could open, or that nobody guards."""
    problems: list[CheckMessage] = []
    for one in walked(get_resolver()):
        if one.name not in ACCESS:
            words = f"The address {one.pattern} ({one.name}) is not in riskapp/access.py."
            problems.append(Error(words, id="riskapp.E001"))
            continue
        view = getattr(one.callback, "cls", None)
        is_open = ACCESS[one.name] is ANYBODY
        if view is not None and not is_open and MayOpen not in view.permission_classes:
            words = f"{view.__name__} ({one.name}) does not ask MayOpen."
            problems.append(Error(words, id="riskapp.E002"))
    return problems
