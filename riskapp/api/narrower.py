"""What the readers beneath refuse, said of each field in the OpenAPI description.

A serializer looks at types; the action behind it reads the rest and has the better sentence. A
program that is written from the description, or a tool that makes requests up, should know both.
"""

from typing import Any

from imaging.densitometry.precision_study import FEWEST_DEGREES
from imaging.densitometry.sites import SIDES, SITES
from imaging.limits import LIMITS
from riskapp.actions.recording_precision import MOST_ROWS, PLAUSIBLE_G_CM2
from riskapp.actions.sharing import DAYS_LEAST, DAYS_MOST
from riskapp.exchange.archive.answers import UID, UID_LETTERS
from riskapp.exchange.cds_services import SERVICES
from riskapp.exchange.scan_fields import SLOTS
from riskapp.modelstore.engines import ENGINES
from riskapp.risk import evidence_sets
from riskapp.risk.guideline_data import listed

Json = dict[str, Any]

# Years from 0001, as FHIR and every calendar here have them.
YEAR = r"([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = r"([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_NO_LEAP_DAY = (
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    r"|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))"
)
MONTH = rf"{YEAR}-(0[1-9]|1[0-2])"
DAY = rf"({YEAR}-{_NO_LEAP_DAY}|{_LEAP}-02-29)"
PARTIAL_DATE = rf"({YEAR}|{MONTH}|{DAY})"

_SCAN = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_NUMBER = {"type": "number", "minimum": -1, "maximum": LIMITS.side_pixels}
_SLICE = {"type": "integer", "minimum": 0, "maximum": LIMITS.frames}
_UID = {"pattern": f"^{UID.pattern}$", "maxLength": UID_LETTERS}
_PARTIAL = {"pattern": f"^{PARTIAL_DATE}$"}

# Neither control characters nor ends of lines; what else is not seen is refused by its sentence.
_SEEN = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]"
_NAME = {"pattern": rf"^{_SEEN}*[^\s\u0000-\u001f\u007f-\u009f]{_SEEN}*$"}

# By shape and field.
NARROWER: dict[str, dict[str, Json]] = {
    "AssessmentRequest": {
        "measurements": {
            "propertyNames": {"enum": list(SLOTS)},
            "additionalProperties": {"type": "string", "pattern": f"^(none|{_SCAN})$"},
        },
    },
    "PatientRequest": {"name": _NAME, "record_number": _NAME},
    "PatchedPatientChange": {"name": _NAME},
    "FractureRequest": {"happened_on": _PARTIAL},
    "TreatmentRequest": {"started_on": _PARTIAL, "ended_on": {"pattern": f"^{PARTIAL_DATE}?$"}},
    "TreatmentEndRequest": {"ended_on": _PARTIAL},
    "RegionRequest": {
        "polygon": {
            "type": "array",
            "minItems": 1,
            "maxItems": LIMITS.corners,
            "items": {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
        },
        "slice_index": {"maximum": LIMITS.frames},
        "depth_slices": {
            "type": ["array", "null"],
            "items": _SLICE,
            "minItems": 2,
            "maxItems": 2,
            "description": "The first and the last slice.",
        },
    },
    "FetchRequest": {"series": {"items": {"type": "string", **_UID}}},
    "PrecisionRequest": {"measurements": {"minItems": FEWEST_DEGREES + 1, "maxItems": MOST_ROWS}},
    "RepeatedValue": {
        "region": {
            "pattern": f"^(lumbar_spine|L.*[,-].*|({'|'.join(SITES)})(_({'|'.join(SIDES)}))?)$"
        },
        "value": {"minimum": PLAUSIBLE_G_CM2[0], "maximum": PLAUSIBLE_G_CM2[1]},
    },
    "RegionsRequest": {"regions": {"minItems": 1, "maxItems": LIMITS.regions}},
    "OutcomesRequest": {"outcomes": {"minItems": 1}},
    "ShareRequest": {"days": {"minimum": DAYS_LEAST, "maximum": DAYS_MOST}},
    "WebhookRequest": {
        "url": {"pattern": r"^https://[A-Za-z0-9._~\[\]:-]+([/?][!-\"$-~]*)?$"},
        "events": {"uniqueItems": True},
    },
    "HookRequest": {"hook": {"enum": sorted({one.hook for one in SERVICES.values()})}},
}


def narrow(shapes: Json) -> None:
    """Say of each field what its reader refuses."""
    for shape, fields in NARROWER.items():
        for field, rules in fields.items():
            _say(shapes[shape]["properties"][field], rules)
    # What is held lies in files, which are read when the description is.
    held: dict[str, Json] = {
        "engines": {"items": {"type": "string", "enum": list(ENGINES)}},
        "evidence_set": {"enum": list(evidence_sets.listed())},
        "guideline": {"enum": [*(one.code for one in listed()), None]},
    }
    for shape in ("ScoreRequest", "AssessmentRequest"):
        for field, rules in held.items():
            _say(shapes[shape]["properties"][field], rules)
    shapes["ScoreRequest"]["oneOf"] = [{"required": [one]} for one in ("profile", "profiles")]


def _say(told: Json, rules: Json) -> None:
    """Write rules into a field, in place of those that they make needless."""
    if "enum" in rules:
        told.pop("pattern")
    if "type" in rules:
        told.pop("oneOf", None)
    told |= rules
