"""What went wrong, or is worth knowing, as FHIR tells it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.elements import said

# Status of HTTP -> code of the value set issue-type (R4, required).
CODES: Mapping[int, str] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    410: "deleted",
    412: "conflict",
    413: "too-costly",
    415: "not-supported",
    422: "business-rule",
    429: "throttled",
    503: "transient",
    507: "no-store",
}


class Issue(NamedTuple):
    """One sentence; ``expression`` is the FHIRPath of what it is about, blank for the whole."""

    sentence: str
    expression: str = ""
    code: str = "invalid"
    severity: str = "error"


def outcome(issues: Iterable[Issue]) -> Json:
    """An OperationOutcome with at least one issue."""
    told = [_issue(one) for one in issues]
    return {"resourceType": "OperationOutcome", "issue": told or [_issue(ALL_WELL)]}


ALL_WELL = Issue("Everything that was sent was used.", "", "informational", "information")


def _issue(one: Issue) -> Json:
    told: Json = {
        "severity": one.severity,
        "code": one.code,
        "details": {"text": said(one.sentence)},
        "diagnostics": said(one.sentence),
    }
    return told | ({"expression": [one.expression]} if one.expression else {})
