"""Doors without the framework in the OpenAPI description.

Tokens and what is told of them, health, and the description itself.
"""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from riskapp.actions.proving_identity import ASSERTION_TYPE
from riskapp.api.description import ANYTHING_ELSE, Json
from riskapp.api.oauth import GRANTS, metadata

TAGS = (
    {
        "name": "Tokens",
        "description": "How programs get in: OAuth 2.0 as SMART App Launch 2.2 has it. People sign "
        "in for an app at /oauth/authorize, a page. docs/identity.md.",
    },
    {"name": "Service", "description": "Is it alive, can it work, and what can it do."},
)
SECRET = "clientSecret"  # noqa: S105 (a name)
SECURITY_SCHEME = {
    "type": "http",
    "scheme": "basic",
    "description": "client_id and client_secret (RFC 6749, 2.3.1), of a program without keys.",
}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TEXT = {"type": "string"}
URL = {"type": "string", "format": "uri"}
PROOF = {
    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
    "client_assertion": TEXT | {"description": "A JWT signed with a registered key (RFC 7523)."},
    "client_id": TEXT,
    "client_secret": TEXT,
}
OF_A_PROOF: Json = {
    "client_assertion_type": ASSERTION_TYPE,
    "client_assertion": "eyJhbGciOiJSUzM4NCIsImtpZCI6InJzMzg0In0.(claims).(signature)",
}
ERROR = {
    "type": "object",
    "description": "RFC 6749, 5.2.",
    "required": ["error"],
    "properties": {"error": TEXT, "error_description": TEXT},
}
REFUSED = {
    "400": "The form is not one, lacks something, or asks what is not granted.",
    "401": "Who asks did not prove who they are.",
}
ISSUED: Json = {
    "access_token": TEXT,
    "token_type": {"const": "Bearer"},
    "expires_in": {"type": "integer", "minimum": 1},
    "scope": TEXT,
    "refresh_token": TEXT,
    "id_token": TEXT | {"description": "Where the scope openid was granted."},
    "patient": TEXT | {"description": "The one patient that the token reaches."},
}
EXAMPLE_OF_ISSUED = {
    "access_token": "(secret)", "token_type": "Bearer", "expires_in": 300,
    "scope": "system/Patient.rs",
}  # fmt: skip
STATUS = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": TEXT,
        "reason": TEXT,
        "checks": {"type": "object", "additionalProperties": TEXT},
        "withheld": {"type": "array", "items": TEXT},
    },
}


def add_plain_doors(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Add what the generator cannot see."""
    result["tags"] = [*result.get("tags", []), *TAGS]
    result["components"].setdefault("securitySchemes", {})[SECRET] = SECURITY_SCHEME
    for path, method, one in (*_tokens(), *_told(), *_service()):
        result["paths"].setdefault(path, {})[method] = one
    return result


def _tokens() -> Iterator[tuple[str, str, Json]]:
    asked = {
        "grant_type": {"type": "string", "enum": list(GRANTS)},
        "scope": TEXT,
        "code": TEXT,
        "redirect_uri": TEXT,
        "code_verifier": TEXT,
        "refresh_token": TEXT,
    }
    example = {"grant_type": "client_credentials", "scope": "system/Patient.rs", **OF_A_PROOF}
    answer = _json(_object(ISSUED, list(ISSUED)[:4]), EXAMPLE_OF_ISSUED)
    yield "/oauth/token", "post", _of_a_client(
        "get_token", "Get a token", asked, "grant_type", example, answer
    )  # fmt: skip
    named = {"token": TEXT | {"minLength": 1}, "token_type_hint": TEXT}
    example = {"token": "(secret)", **OF_A_PROOF}
    yield "/oauth/revoke", "post", _of_a_client(
        "give_token_back", "Give a token back (RFC 7009)", named, "token", example, {}
    )  # fmt: skip
    known = {
        "active": {"type": "boolean"},
        "scope": TEXT,
        "client_id": TEXT,
        "exp": {"type": "integer"},
        "token_type": {"const": "Bearer"},
        "iss": TEXT,
        "sub": TEXT,
        "username": TEXT,
        "patient": TEXT,
    }
    answer = _json(_object(known, ["active"]), {"active": False})
    yield "/oauth/introspect", "post", _of_a_client(
        "tell_about_token", "What a token is good for (RFC 7662)", named, "token", example, answer
    )  # fmt: skip


def _of_a_client(
    name: str, summary: str, asked: Json, needed: str, example: Json, answer: Json
) -> Json:
    """A form of a program that proves who it is."""
    # What is not known is passed over, and nothing may be sent twice (RFC 6749, 3.2).
    schema = _object(asked | PROOF, [needed]) | {"additionalProperties": TEXT}
    body = {"schema": schema, "example": example}
    refused = {
        status: {"description": words, "content": {JSON: {"schema": ERROR}}}
        for status, words in REFUSED.items()
    }
    made = _operation(name, summary, "Tokens", {"200": answer, **refused})
    return made | {
        "requestBody": {"required": True, "content": {FORM: body}},
        "security": [{}, {SECRET: []}],
    }


def _told() -> Iterator[tuple[str, str, Json]]:
    """What anybody may read: how to get in, and what our signatures are checked by."""
    keys = {"keys": {"type": "array", "items": {"type": "object", "required": ["kty", "kid"]}}}
    example = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "n": "...", "e": "AQAB"}
    answer = _json(_object(keys, ["keys"]), {"keys": [example]})
    yield "/oauth/jwks.json", "get", _open("read_keys", "Our public keys (RFC 7517)", answer)
    smart = metadata(lambda name: f"https://trabecula.example{reverse(name)}")
    answer = _json(_like(smart), smart)
    summary = "How a program gets in (SMART App Launch 2.2)"
    yield "/.well-known/smart-configuration", "get", _open("read_smart", summary, answer)
    where = "/fhir/.well-known/smart-configuration"
    yield where, "get", _open("fhir_read_smart", summary, answer)
    where = "/oauth/.well-known/openid-configuration"
    yield where, "get", _open("read_openid", "The same, for OpenID Connect", answer)


def _service() -> Iterator[tuple[str, str, Json]]:
    yield "/health/live", "get", _open(
        "read_health", "The process answers", _json(STATUS, {"status": "live"})
    )  # fmt: skip
    ready = _open("read_readiness", "It can work", _json(STATUS, {"status": "ready"}))
    ready["responses"]["503"] = _json(STATUS, {"status": "not ready", "reason": "..."})
    yield "/health/ready", "get", ready
    form = {
        "name": "format",
        "in": "query",
        "schema": {"type": "string", "examples": ["json", "yaml"]},
        "description": "Else as the header Accept asks; YAML where it says neither.",
    }
    yaml = {"schema": {"type": "string"}, "example": "openapi: 3.1.0"}
    json = {"schema": {"type": "object", "required": ["openapi"]}, "example": {"openapi": "3.1.0"}}
    content = {
        "application/vnd.oai.openapi": yaml,
        "application/vnd.oai.openapi+json": json,
    }
    answer = {"description": "OpenAPI 3.1.", "content": content}
    yield "/api/schema/", "get", _open("read_description", "This description", answer) | {
        "parameters": [form]
    }  # fmt: skip


def _open(name: str, summary: str, answer: Json) -> Json:
    place = "Service" if name in ("read_health", "read_readiness", "read_description") else "Tokens"
    return _operation(name, summary, place, {"200": answer}) | {"security": [{}]}


def _operation(name: str, summary: str, tag: str, responses: Json) -> Json:
    for answer in responses.values():
        answer.setdefault("description", "Done.")
    responses["4XX"] = {"description": ANYTHING_ELSE}
    return {"operationId": name, "summary": summary, "tags": [tag], "responses": responses}


def _json(schema: Json, example: Json) -> Json:
    return {"description": "Done.", "content": {JSON: {"schema": schema, "example": example}}}


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "required": required, "properties": properties}


def _like(told: Json) -> Json:
    """The shape of metadata: addresses, lists of words, and yes or no."""
    kinds = {str: URL, bool: {"type": "boolean"}}
    words = {"type": "array", "items": TEXT}
    shapes = {name: kinds.get(type(value), words) for name, value in told.items()}
    return _object(shapes, list(told))
