"""How the OpenAPI description tells who may ask, and which scope each call needs."""

from functools import cache
from typing import Any

from django.urls import get_resolver
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from riskapp.access import walked
from riskapp.api.scopes import REST, needs_of

SCHEME = "oauth2"
MEANS = {"c": "create", "r": "read", "u": "change", "d": "delete", "s": "search"}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """For the generator, which finds it by being imported."""

    target_class = "riskapp.api.authentication.BearerAuthentication"
    name = SCHEME

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        scopes = dict(sorted(_scopes().items()))
        token = {"tokenUrl": "/oauth/token"}
        return {
            "type": "oauth2",
            "description": "SMART: a backend signs with its key (client_credentials, scopes of "
            "system/), an app acts for who signed in (scopes of user/ or patient/).",
            "flows": {
                "clientCredentials": token
                | {"scopes": {f"system/{scope}": words for scope, words in scopes.items()}},
                "authorizationCode": token
                | {"authorizationUrl": "/oauth/authorize", "refreshUrl": "/oauth/token"}
                | {"scopes": {f"user/{scope}": words for scope, words in scopes.items()}},
            },
        }

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        view = auto_schema.view
        needs = needs_of(view, _names().get(type(view))) or {}
        needed = needs.get(str(auto_schema.method), "").split()
        return {SCHEME: [f"system/{scope}" for scope in needed]}


class HookScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The signed tokens of hooks."""

    target_class = "riskapp.api.cds.authentication.HookToken"
    name = "cdsHooksToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "CDS Hooks 2.0, Trusting CDS Clients: signed by the record system for "
            "this one call (ES384, RS384, ES256 or RS256), with iss, aud, exp, iat and jti.",
        }


@cache
def _names() -> dict[type, str]:
    """The name of each door's address: a description is made without asking at it."""
    doors = walked(get_resolver())
    return {door.callback.cls: door.name for door in doors if hasattr(door.callback, "cls")}


def _scopes() -> dict[str, str]:
    """Every scope that the table of ``api.scopes`` names, in words."""
    told = {}
    for scope in " ".join(needed for needs in REST.values() for needed in needs.values()).split():
        resource, _, letters = scope.partition(".")
        told[scope] = f"{' and '.join(MEANS[letter] for letter in letters)} {resource}"
    return told
