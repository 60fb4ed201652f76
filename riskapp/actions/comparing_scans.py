"""What changed in one person's bone between visits, from scans that are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from django.contrib.auth.models import User

from imaging.errors import UnsuitableScan
from imaging.identity.whose import names_somebody, same_identifier, same_name
from imaging.over_time.change import Comparison, compare
from imaging.over_time.comparable import check_day
from imaging.over_time.visits import ALL, misplaced
from imaging.result import Measured, ScanMeasurement
from riskapp.actions import finding, identifying
from riskapp.actions.recording_precision import precisions_of
from riskapp.actions.stored_pictures import pictures_of
from riskapp.models import MeasurementVersion, Patient, ScanIdentity

# Pairs grow with the square of visits; a person has a handful.
MOST_SCANS = 20
# Laying two pictures upon each other takes half a second.
MOST_ALIGNED = 6


@dataclass(frozen=True, slots=True)
class Pair:
    """Two scans of one person: what changed, or the sentence why that cannot be said."""

    earlier: UUID
    later: UUID
    comparison: Comparison | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class _Visit:
    version: MeasurementVersion
    measurement: ScanMeasurement
    identity: ScanIdentity | None

    @property
    def day(self) -> str:
        acquired = self.measurement.acquired
        return (acquired.on if acquired else None) or ""

    @property
    def is_measured_on_a_picture(self) -> bool:
        return any(number.stability is not None for number in self.measurement.measurements)


def changes_of(*, by: User, patient: Patient) -> list[Pair]:
    """Compare every two scans of the same kind whose regions a person has confirmed.

    The newest first; scans of different kinds or parts of the body are not paired. Regions of
    pictures are compared where they lie on the same bone, and changes judged by the site's own
    precision where it has recorded one.
    """
    patient = finding.patient(by=by, id=patient.id)
    visits: list[_Visit] = []
    for scan in patient.scans.order_by("-uploaded_at")[:MOST_SCANS]:
        version = scan.confirmed_version
        if version is not None:
            visits.append(_Visit(version, version.measurement, identifying.compare(scan).identity))
    visits.sort(key=lambda one: one.day)
    pairs = [two for two in combinations(visits, 2) if _alike(*two)]
    pairs.sort(key=lambda two: (two[1].day, two[0].day), reverse=True)
    pictured = [two for two in pairs if all(one.is_measured_on_a_picture for one in two)]
    return [_pair(two, patient, two in pictured[:MOST_ALIGNED]) for two in pairs]


def _alike(one: _Visit, other: _Visit) -> bool:
    kinds = one.measurement.kind, other.measurement.kind
    parts = {kind.body_part for kind in kinds}
    same_part = len(parts) == 1 or "several" in parts
    return kinds[0].modality == kinds[1].modality and same_part


def _pair(two: Sequence[_Visit], patient: Patient, is_aligned: bool) -> Pair:
    earlier, later = two
    places = earlier.version.scan_id, later.version.scan_id
    try:
        _check_one_person(earlier.identity, later.identity)
        for visit in two:
            check_day(visit.measurement.acquired, born=patient.date_of_birth)
        found = compare(
            earlier.measurement,
            later.measurement,
            precisions_of(patient.organisation, later.measurement.acquired),
            misplaced=misplaced(*(_measured(one) for one in two)) if is_aligned else _all(two),
        )
    except UnsuitableScan as reason:
        return Pair(*places, None, str(reason))
    return Pair(*places, found, None)


def _all(two: Sequence[_Visit]) -> tuple[str, ...]:
    """Nothing measured on a picture is compared that was not laid upon the other one."""
    return (ALL,) if all(one.is_measured_on_a_picture for one in two) else ()


def _check_one_person(one: ScanIdentity | None, other: ScanIdentity | None) -> None:
    """Refuse two scans whose files name different people, though both were filed under one.

    Raises
    ------
    UnsuitableScan
    """
    if one is None or other is None:
        return
    if any(
        each.removed and not names_somebody(each.name, each.identifier) for each in (one, other)
    ):
        return
    # A person stands by it that what the files of one of them name is this patient.
    if one.confirmed_at is not None or other.confirmed_at is not None:
        return
    numbers_differ = (
        one.identifier
        and other.identifier
        and one.issuer == other.issuer
        and not same_identifier(one.identifier, other.identifier)
    )
    names_differ = one.name and other.name and not same_name(one.name, other.name)
    births_differ = one.birth_date and other.birth_date and one.birth_date != other.birth_date
    if numbers_differ or names_differ or births_differ:
        raise UnsuitableScan(
            "The files of the two scans name different people: compare both with the record."
        )


def _measured(visit: _Visit) -> Measured:
    return Measured(
        measurement=visit.measurement, pictures=tuple(pictures_of(visit.version, with_bytes=True))
    )
