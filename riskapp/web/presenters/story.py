"""In what state a scan is, and which one a patient waits for."""

from collections.abc import Iterable, Mapping
from typing import Any

from imaging.result import Severity
from riskapp.models import Scan


def scan_state(scan: Scan) -> str:
    """In what state a scan waits: measuring, stopped, to_confirm or confirmed."""
    if scan.is_pending:
        return "measuring"
    if scan.status != Scan.Status.MEASURED:
        return "stopped"
    versions = sorted(scan.versions.all(), key=lambda version: version.number)
    return "confirmed" if versions and versions[-1].confirmed_at else "to_confirm"


def waiting_scan(scans: Iterable[Scan]) -> Scan | None:
    """The scan to look at next: the latest, but regions to confirm come before everything.

    A scan without a measurement waits only where nothing else does.
    """
    order = ("stopped", "confirmed", "measuring", "to_confirm")
    return max(
        scans, key=lambda scan: (order.index(scan_state(scan)), scan.uploaded_at), default=None
    )


def result_of(scan: Scan) -> Mapping[str, Any]:
    versions = sorted(scan.versions.all(), key=lambda version: version.number)
    return versions[-1].result if versions else {}


def findings_of(scan: Scan) -> int:
    """How many findings ask to be looked at; notes do not."""
    return sum(
        finding["severity"] != Severity.INFO.value for finding in result_of(scan).get("quality", [])
    )
