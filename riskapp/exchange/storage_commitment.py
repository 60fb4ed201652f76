"""The promise of an archive to keep objects, as it reports it (PS3.4 annex J)."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE

# Storage Commitment Push Model and its one instance (PS3.6 annex A).
COMMITMENT = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
REQUEST = 1  # action type, PS3.4 table J.3-1
ALL_KEPT, SOME_FAILED = 1, 2  # event types, PS3.4 table J.3-2
MOST_OBJECTS = 1_000  # of one report; we ask for a handful


class UnreadableReport(ValueError):
    """What was reported is no answer to a request for storage commitment."""


@dataclass(frozen=True, slots=True)
class Report:
    """An archive's answer to one request: which objects it keeps, and which it does not."""

    transaction_uid: str
    kept: frozenset[str]
    failed: frozenset[str]


def read_report(event_type: object, told: Dataset) -> Report:
    """Read the information of an N-EVENT-REPORT.

    Raises
    ------
    UnreadableReport
        If it is none of the two events, names no transaction, or is damaged.
    """
    if event_type not in (ALL_KEPT, SOME_FAILED):
        raise UnreadableReport("There is no such event.")
    try:
        transaction = str(told.get("TransactionUID") or "")
        kept = frozenset(_uids(told, "ReferencedSOPSequence"))
        failed = frozenset(_uids(told, "FailedSOPSequence"))
    except BROKEN_FILE as error:
        raise UnreadableReport("The report is damaged.") from error
    if not transaction or len(kept) + len(failed) > MOST_OBJECTS:
        raise UnreadableReport("The report names no transaction, or too many objects.")
    return Report(transaction, kept, failed)


def _uids(told: Dataset, name: str) -> Iterator[str]:
    for item in told.get(name) or ():
        yield str(item.get("ReferencedSOPInstanceUID") or "")
