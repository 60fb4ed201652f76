"""JSON Schemas of CDS Hooks 2.0, written from the specification's tables.

https://cds-hooks.hl7.org/2.0/, sections named beside each. "JSON attributes SHALL NOT be null";
optional strings, arrays and objects without a value are left out; objects are not empty.
"""

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

TEXT: dict[str, Any] = {"type": "string", "pattern": r"\S"}
URL: dict[str, Any] = {"type": "string", "pattern": r"^https?://[^\s]+$"}
UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
SECOND: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(needed: dict[str, Any], may: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": needed | may | {"extension": {"type": "object", "minProperties": 1}},
        "required": list(needed),
        "additionalProperties": False,
        "minProperties": 1,
    } | more


def _list(of: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


# Section "Coding" (Data Types); an override reason is shown to people, so it has a display.
CODING = _object({"code": TEXT}, {"system": TEXT, "display": TEXT})
OVERRIDE_REASON = _object({"code": TEXT, "system": TEXT, "display": TEXT}, {})
RESOURCE = {
    "type": "object",
    "properties": {"resourceType": TEXT},
    "required": ["resourceType"],
}
# Section "Discovery".
SERVICE = _object(
    {"hook": TEXT, "description": TEXT, "id": {"type": "string", "pattern": r"^[\w\-.]+$"}},
    {
        "title": TEXT,
        "prefetch": {"type": "object", "additionalProperties": TEXT, "minProperties": 1},
        "usageRequirements": TEXT,
    },
)
DISCOVERY = _object({"services": _list(SERVICE, 0)}, {})
# Section "Calling a CDS Service".
AUTHORIZATION = _object(
    {
        "access_token": TEXT,
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer"},
        "scope": TEXT,
        "subject": TEXT,
    },
    {"patient": TEXT},
)
REQUEST = _object(
    {"hook": TEXT, "hookInstance": UUID, "context": {"type": "object", "minProperties": 1}},
    {
        "fhirServer": URL,
        "fhirAuthorization": AUTHORIZATION,
        "prefetch": {
            "type": "object",
            "additionalProperties": {"anyOf": [RESOURCE, {"type": "null"}]},
        },
    },
    dependentRequired={"fhirAuthorization": ["fhirServer"]},
)
# Section "CDS Service Response".
ACTION = _object(
    {"type": {"enum": ["create", "update", "delete"]}, "description": TEXT},
    {"resource": RESOURCE, "resourceId": TEXT},
    allOf=[
        {
            "if": {"properties": {"type": {"enum": ["create", "update"]}}},
            "then": {"required": ["resource"]},
            "else": {"required": ["resourceId"]},
        }
    ],
)
SUGGESTION = _object(
    {"label": TEXT}, {"uuid": UUID, "isRecommended": {"type": "boolean"}, "actions": _list(ACTION)}
)
LINK = _object(
    {"label": TEXT, "url": URL, "type": {"enum": ["absolute", "smart"]}},
    {"appContext": TEXT},
    # "only be valued if the link type is smart"
    allOf=[
        {"if": {"required": ["appContext"]}, "then": {"properties": {"type": {"const": "smart"}}}}
    ],
)
SOURCE = _object({"label": TEXT}, {"url": URL, "icon": URL, "topic": CODING})
CARD = _object(
    {
        "summary": TEXT | {"maxLength": 139},
        "indicator": {"enum": ["info", "warning", "critical"]},
        "source": SOURCE,
    },
    {
        "uuid": UUID,
        "detail": TEXT,
        "suggestions": _list(SUGGESTION),
        "selectionBehavior": {"enum": ["at-most-one", "any"]},
        "overrideReasons": _list(OVERRIDE_REASON),
        "links": _list(LINK),
    },
    dependentRequired={"suggestions": ["selectionBehavior"]},
)
RESPONSE = _object({"cards": _list(CARD, 0)}, {"systemActions": _list(ACTION)})
# Section "Feedback".
ACCEPTED = _object({"id": TEXT}, {})
OVERRIDE = _object({}, {"reason": CODING, "userComment": TEXT})
FEEDBACK = _object(
    {
        "feedback": _list(
            _object(
                {
                    "card": TEXT,
                    "outcome": {"enum": ["accepted", "overridden"]},
                    "outcomeTimestamp": SECOND,
                },
                {"acceptedSuggestions": _list(ACCEPTED), "overrideReason": OVERRIDE},
                allOf=[
                    {
                        "if": {"properties": {"outcome": {"const": "accepted"}}},
                        "then": {"required": ["acceptedSuggestions"]},
                    }
                ],
            )
        )
    },
    {},
)


def holds(schema: dict[str, Any], told: Any) -> Any:
    """What was told, if it is as the specification has it."""
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(told)
    return told
