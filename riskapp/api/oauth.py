"""Where other programs get their tokens, give them back, and learn how (RFC 6749, 7009, 7662)."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import Request as OAuthlibRequest
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, OAuth2Error

from riskapp.actions.oauth.validator import token_of
from riskapp.actions.own_keys import own_public_keys
from riskapp.exchange.json_web_keys import ALGORITHMS
from riskapp.exchange.smart_scopes import LAUNCH, LAUNCH_PATIENT, OFFLINE, OPENID

# SMART App Launch 2.2, "Conformance": what of its capabilities is there.
CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "context-ehr-patient",
    "context-standalone-patient",
    "permission-offline",
    "permission-patient",
    "permission-user",
    "permission-v2",
)
SCOPES = (
    OPENID,
    LAUNCH,
    LAUNCH_PATIENT,
    OFFLINE,
    *(f"{level}/*.cruds" for level in ("patient", "user", "system")),
)
METHODS = ("private_key_jwt", "client_secret_basic", "client_secret_post")
GRANTS = ("authorization_code", "client_credentials", "refresh_token")


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """One token for a proof of identity and a grant; every refusal as RFC 6749, 5.2, has it."""
    if refusal := _unreadable(request):
        return refusal
    _, headers, body, status = get_oauthlib_core().create_token_response(request)
    return _answer(headers, body, status)


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Give a token back; one that is none, or another client's, is answered alike."""
    if refusal := _unreadable(request):
        return refusal
    _, headers, body, status = get_oauthlib_core().create_revocation_response(request)
    return _answer(headers, body, status)


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """Tell a client what a token of its own organisation is good for."""
    if refusal := _unreadable(request):
        return refusal
    asker = _client_of(request)
    if isinstance(asker, HttpResponse):
        return asker
    held = token_of(request.POST.get("token", ""))
    if held is None or held.application.api_client.organisation_id != asker.organisation_id:
        return _json({"active": False})
    told = {
        "active": True,
        "scope": held.scope,
        "client_id": held.application.client_id,
        "exp": int(held.expires.timestamp()),
        "token_type": "Bearer",
    }
    if held.user:
        issuer = request.build_absolute_uri(reverse("oauth_token")).removesuffix("/token")
        told |= {
            "iss": issuer,
            "sub": str(held.user.pk),
            "username": held.user.get_username(),
        }
    if launched := getattr(held, "launched", None):
        told["patient"] = str(launched.patient_id)
    return _json(told)


# Nothing is changed by any method here: another than GET is answered 405, not 403.
@csrf_exempt
@cache_control(max_age=3600)
@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """What our own signatures are checked by."""
    return _open(JsonResponse(own_public_keys()))


@csrf_exempt
@require_safe
def smart_configuration(request: HttpRequest) -> JsonResponse:
    """How a program gets in (SMART App Launch 2.2, "Conformance")."""
    return _open(JsonResponse(_metadata(request)))


@csrf_exempt
@require_safe
def openid_configuration(request: HttpRequest) -> JsonResponse:
    """The same for whoever checks an id_token (OpenID Connect Discovery 1.0)."""
    about_identity = {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return _open(JsonResponse(_metadata(request) | about_identity))


def _metadata(request: HttpRequest) -> dict[str, Any]:
    return metadata(lambda name: request.build_absolute_uri(reverse(name)))


def metadata(at: Callable[[str], str]) -> dict[str, Any]:
    """What SMART and OpenID Connect have programs told; ``at`` gives the address of a view."""
    return {
        "issuer": at("oauth_token").removesuffix("/token"),
        "jwks_uri": at("oauth_keys"),
        "authorization_endpoint": at("oauth_authorize"),
        "token_endpoint": at("oauth_token"),
        "revocation_endpoint": at("oauth_revoke"),
        "introspection_endpoint": at("oauth_introspect"),
        "grant_types_supported": GRANTS,
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": SCOPES,
        "capabilities": CAPABILITIES,
    }


def _client_of(request: HttpRequest) -> Any:
    """The client that proves itself in this request, or the refusal."""
    core = get_oauthlib_core()
    uri, method, body, headers = core._extract_params(request)
    asking = OAuthlibRequest(uri, method, body, headers)
    try:
        if core.server.request_validator.authenticate_client(asking):
            return asking.client.api_client
        raise InvalidClientError(request=asking)
    except OAuth2Error as refusal:
        return _answer({**refusal.headers, "Content-Type": "application/json"}, refusal.json, 401)


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """A body that is no form would otherwise look like one that says nothing."""
    if request.content_type != "application/x-www-form-urlencoded":
        why = "Send application/x-www-form-urlencoded."
        return _json({"error": "invalid_request", "error_description": why}, 400)
    try:
        fields = list(request.POST.lists())
    except (SuspiciousOperation, UnreadablePostError):
        why = "The form could not be read: it is too large, has too many fields or was cut off."
        return _json({"error": "invalid_request", "error_description": why}, 400)
    for name, values in fields:
        if len(values) > 1:
            why = f"{name[:40]} is sent more than once."
            return _json({"error": "invalid_request", "error_description": why}, 400)
    return None


def _answer(headers: dict[str, str], body: str | None, status: int) -> HttpResponse:
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    return response


def _json(told: dict[str, Any], status: int = 200) -> HttpResponse:
    return _answer({}, json.dumps(told), status)


def _open(response: JsonResponse) -> JsonResponse:
    """For programs in a browser too: nothing in it is anybody's (SMART asks for CORS here)."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
