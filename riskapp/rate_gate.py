"""Refuses callers who send too much: pages and token doors in a middleware, JSON doors once they
know who asks. Answers carry ``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-
headers, 10), a refusal also ``Retry-After``.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from riskapp import metrics
from riskapp.client_address import caller_of
from riskapp.counting import Counted, take
from riskapp.rates import rate_of

STATUS = 429
TOO_MANY = "Too many requests were sent in a short time; wait {wait} seconds and try again."


class TooMany(APIException):
    """The same refusal for the JSON doors."""

    status_code = STATUS

    def __init__(self, counted: Counted) -> None:
        super().__init__(TOO_MANY.format(wait=counted.wait_s))
        self.wait = counted.wait_s


class RateGate:
    """Counts what is no JSON door, and keys that turned out not to be valid."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code == 401 and "Authorization" in request.headers:
            response = _after_a_wrong_key(request) or response
        counted = getattr(request, "counted", None)
        if counted:
            _say(response, counted)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if hasattr(view, "cls"):
            return None  # a JSON door: OfCaller counts
        user = request.user
        counted = _count_view(request, str(user.pk) if user.is_authenticated else "")
        return _refusal(request, counted) if counted and not counted.is_allowed else None


class OfCaller(BaseThrottle):
    """Counts at the JSON doors, by the account that they found."""

    def allow_request(self, request: Request, view: Any) -> bool:
        user = request.user
        account = str(user.pk) if user and user.is_authenticated else ""
        counted = _count_view(request._request, account)
        if counted and not counted.is_allowed:
            raise TooMany(counted)
        return True


def _count_view(request: HttpRequest, account: str) -> Counted | None:
    match = request.resolver_match
    name = rate_of((match.view_name if match else "") or "", request.method or "")
    if name not in settings.RATES:
        return None
    is_of_address = settings.RATES[name].of == "address" or not account
    counted = _count(request, name, caller_of(request) if is_of_address else f"account {account}")
    request.counted = counted  # type: ignore[attr-defined]
    return counted


def _count(request: HttpRequest, name: str, caller: str) -> Counted | None:
    if name not in settings.RATES:
        return None
    counted = take(settings.RATES[name], caller)
    if not counted.is_allowed:
        metrics.REFUSED_BY_RATE.labels(name).inc()
    return counted


def _after_a_wrong_key(request: HttpRequest) -> HttpResponse | None:
    """Count it for its address; from where too many came the next ones wait.

    Keys that are valid do not: a hospital's programs share an address, and one of them that is
    set up wrongly would silence all others. Keys are too long to be found by trying.
    """
    counted = _count(request, "refused_keys", caller_of(request))
    return _refusal(request, counted) if counted and not counted.is_allowed else None


def _refusal(request: HttpRequest, counted: Counted) -> HttpResponse:
    told = {"sentence": TOO_MANY.format(wait=counted.wait_s)}
    response = render(request, "429.html", told, status=STATUS)
    _say(response, counted)
    return response


def _say(response: HttpResponse, counted: Counted) -> None:
    rate = counted.rate
    response.headers["RateLimit-Policy"] = f'"{rate.name}";q={rate.count};w={rate.per_s}'
    response.headers["RateLimit"] = f'"{rate.name}";r={counted.left};t={counted.wait_s}'
    if response.status_code == STATUS:
        response.headers["Retry-After"] = str(max(1, counted.wait_s))
