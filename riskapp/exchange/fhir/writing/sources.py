"""References to what an answer rests on: resources of another system, and scans."""

import re
from collections.abc import Mapping
from typing import Any

from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import HOME, Json
from riskapp.exchange.fhir.writing.elements import said

# A relative reference, whose first part names the kind of resource.
RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}")
ABSOLUTE = re.compile(r"(https?://\S+|urn:uuid:[0-9a-fA-F\-]{36}|urn:oid:[0-9.]+)")
SCANS = f"{HOME}/scan"
ELSEWHERE = f"{HOME}/resource-elsewhere"


def elsewhere(told: Assessed, chosen: Mapping[str, Any]) -> Json:
    """Point to a resource that another system gave.

    Who has just sent it can follow its name. In what is stored the name would mean a resource of
    ours, so that it stands as an identifier there.
    """
    name = str(chosen["resource"])
    shown = said(str(chosen.get("words") or chosen.get("field") or name))
    return {**pointing_at(name, is_stored=told.is_stored), "display": shown}


def pointing_at(name: str, *, is_stored: bool = False) -> Json:
    """A reference where the name can be followed, else the name as an identifier."""
    name = said(name)
    relative = RELATIVE.fullmatch(name)
    if ABSOLUTE.fullmatch(name) or (relative and not is_stored):
        return {"reference": name}
    kind = {"type": relative[1]} if relative else {}
    return {**kind, "identifier": {"system": ELSEWHERE, "value": name}}


def scan_of(scan: Mapping[str, Any]) -> Json:
    """Point to images that lie with us and are no FHIR resource."""
    return {
        "type": "ImagingStudy",
        "identifier": {"system": SCANS, "value": str(scan["scan"])},
        "display": f"Scan, version {scan['version']} of its measurements",
    }
