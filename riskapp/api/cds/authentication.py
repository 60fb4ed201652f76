"""Who asks at a hook: a signed token, or on this machine a client that needs none."""

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from riskapp.actions.cds_proving import NotProven, cds_clients, prove, unsigned_client
from riskapp.actions.connecting import service_account
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_cds_client import CdsClient

SCHEME = "Bearer"
LOOPBACK = ("127.0.0.1", "::1")
# What a proxy in front adds: then the address seen is the proxy's, and not who asks.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


class SiteUnusable(APIException):
    """Our own list of peers is broken: the caller can do nothing about it."""

    status_code = 503
    default_detail = (
        "The site’s list of connections cannot be used; an administrator has to mend it."
    )


class HookToken(BaseAuthentication):
    """The account of the record system that signed the token; ``request.auth`` is the client."""

    def authenticate(self, request: Request) -> tuple[User, CdsClient] | None:
        try:
            client = _client(request)
        except UnusableConnection as broken:
            raise SiteUnusable from broken
        if client is None:
            return None
        return service_account("cds_client", client.name, client.organisation), client

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def allowed_origin(request: Request) -> str:
    """The web origin that asks, if the site has named it; else blank."""
    origin = request.headers.get("Origin", "")
    try:
        named = {one for client in cds_clients() for one in client.origins}
    except UnusableConnection:
        return ""
    return origin if origin in named else ""


def _client(request: Request) -> CdsClient | None:
    scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
    if not scheme:
        return unsigned_client() if _is_this_machine(request) else None
    if scheme.lower() != SCHEME.lower():
        raise AuthenticationFailed("A hook is called with Authorization: Bearer, a signed token.")
    try:
        # As the caller has it: the address that was called, without what stands behind a "?".
        return prove(token.strip(), address=request.build_absolute_uri(request.path))
    except NotProven as refusal:
        raise AuthenticationFailed(str(refusal)) from refusal


def _is_this_machine(request: Request) -> bool:
    """Whether a program here asks, and no page of a web site that somebody is looking at."""
    if request.META.get("REMOTE_ADDR") not in LOOPBACK:
        return False
    if any(name in request.headers for name in FORWARDED):
        return False
    return "Origin" not in request.headers or bool(allowed_origin(request))
