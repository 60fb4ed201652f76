"""The answer of STOW-RS (PS3.18 section 10.5.3): what became of each object, as DICOM JSON."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from riskapp.exchange.receiving import Outcome

MEDIA_TYPE = "application/dicom+json"
# Attributes of PS3.6, by number as the JSON model has them (PS3.18 annex F).
RETRIEVE_URL = "00081190"
FAILURE_REASON = "00081197"
FAILED, REFERENCED, OTHER_FAILURES = "00081198", "00081199", "0008119A"
CLASS_UID, INSTANCE_UID = "00081150", "00081155"
# Nothing can be fetched from here: the attribute is there and empty (type 2).
NO_URL = {RETRIEVE_URL: {"vr": "UR"}}


class StoredObject(NamedTuple):
    """One object and what became of it; UIDs are blank where it was not understood."""

    outcome: Outcome
    sop_class_uid: str
    instance_uid: str


def http_status(objects: Sequence[StoredObject]) -> int:
    """200 where all are here, 202 where some are, 409 where none is (PS3.18 table 10.5.3-1)."""
    here = [one.outcome.is_success for one in objects]
    return 200 if all(here) else 202 if any(here) else 409


def stow_answer(objects: Iterable[StoredObject]) -> dict[str, Any]:
    """Give the Store Instances Response Module."""
    by_sequence: dict[str, list[dict[str, Any]]] = {}
    for one in objects:
        failed = {FAILURE_REASON: {"vr": "US", "Value": [one.outcome.status]}}
        if one.outcome.is_success:
            by_sequence.setdefault(REFERENCED, []).append(_reference(one) | NO_URL)
        elif one.instance_uid:
            by_sequence.setdefault(FAILED, []).append(_reference(one) | failed)
        else:
            by_sequence.setdefault(OTHER_FAILURES, []).append(failed)
    sequences = {tag: {"vr": "SQ", "Value": items} for tag, items in by_sequence.items()}
    return dict(sorted((NO_URL | sequences).items()))


def _reference(one: StoredObject) -> dict[str, Any]:
    return {
        CLASS_UID: {"vr": "UI", "Value": [one.sop_class_uid]},
        INSTANCE_UID: {"vr": "UI", "Value": [one.instance_uid]},
    }
