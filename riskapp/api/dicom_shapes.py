"""What STOW-RS answers, for the OpenAPI description: PS3.18 section 10.5.3, as DICOM JSON."""

from typing import Any

from riskapp.exchange.stow_answer import (
    CLASS_UID,
    FAILED,
    FAILURE_REASON,
    INSTANCE_UID,
    OTHER_FAILURES,
    REFERENCED,
    RETRIEVE_URL,
)

Json = dict[str, Any]


def _attribute(vr: str, value: Json) -> Json:
    """One attribute as the JSON model has it (PS3.18 annex F)."""
    values = {"type": "array", "minItems": 1, "items": value}
    return {
        "type": "object",
        "required": ["vr", "Value"],
        "properties": {"vr": {"type": "string", "enum": [vr]}, "Value": values},
    }


def _items(description: str, **attributes: Json) -> Json:
    item = {"type": "object", "required": list(attributes), "properties": attributes}
    return _attribute("SQ", item) | {"description": description}


UID = _attribute("UI", {"type": "string"})
OBJECT = {CLASS_UID: UID, INSTANCE_UID: UID}
REASON = {FAILURE_REASON: _attribute("US", {"type": "integer"})}
# Empty: nothing can be fetched from here.
NO_URL: Json = {"type": "object", "properties": {"vr": {"type": "string", "enum": ["UR"]}}}
STOW_ANSWER: Json = {
    "type": "object",
    "required": [RETRIEVE_URL],
    "properties": {
        RETRIEVE_URL: NO_URL,
        REFERENCED: _items("Each object that is kept.", **OBJECT, **{RETRIEVE_URL: NO_URL}),
        FAILED: _items("Each object that is not kept, and why.", **OBJECT, **REASON),
        OTHER_FAILURES: _items("Each part that was not understood.", **REASON),
    },
}
