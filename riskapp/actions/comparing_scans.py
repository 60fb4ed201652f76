"""What changed in one person's bone between visits, from scans that are stored."""

from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from django.contrib.auth.models import User

from imaging.errors import UnsuitableScan
from imaging.longitudinal import Comparison, compare
from imaging.result import ScanMeasurement
from riskapp.actions import finding
from riskapp.models import Patient

# Pairs grow with the square of visits; a person has a handful.
MOST_SCANS = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """Two scans of one person: what changed, or the sentence why that cannot be said."""

    earlier: UUID
    later: UUID
    comparison: Comparison | None
    refused: str | None


def changes_of(*, by: User, patient: Patient) -> list[Pair]:
    """Compare every two scans of the same kind whose regions a person has confirmed.

    The newest first; scans of different kinds or parts of the body are not paired.
    """
    patient = finding.patient(by=by, id=patient.id)
    confirmed: list[tuple[UUID, ScanMeasurement]] = []
    for scan in patient.scans.order_by("-uploaded_at")[:MOST_SCANS]:
        version = scan.confirmed_version
        if version is not None:
            confirmed.append((scan.id, version.measurement))
    confirmed.sort(key=lambda one: _day(one[1]))
    pairs = [_pair(*two) for two in combinations(confirmed, 2) if _alike(two[0][1], two[1][1])]
    return pairs[::-1]


def _day(measurement: ScanMeasurement) -> str:
    return (measurement.acquired.on if measurement.acquired else None) or ""


def _alike(one: ScanMeasurement, other: ScanMeasurement) -> bool:
    parts = {one.kind.body_part, other.kind.body_part}
    return one.kind.modality == other.kind.modality and (len(parts) == 1 or "several" in parts)


def _pair(earlier: tuple[UUID, ScanMeasurement], later: tuple[UUID, ScanMeasurement]) -> Pair:
    try:
        found = compare(earlier[1], later[1])
    except UnsuitableScan as reason:
        return Pair(earlier[0], later[0], None, str(reason))
    return Pair(earlier[0], later[0], found, None)
