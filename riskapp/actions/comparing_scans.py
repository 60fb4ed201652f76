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
from imaging.result import Kind, Measured, ScanMeasurement
from riskapp.actions import finding, identifying
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.recording_precision import precisions_of
from riskapp.actions.stored_pictures import pictures_of
from riskapp.models import MeasurementVersion, Patient, ScanIdentity

# Pairs grow with the square of visits; a person has a handful.
MOST_SCANS = 20
# Laying two pictures upon each other takes half a second.
MOST_ALIGNED = 6
NOT_CONFIRMED = (
    "The regions of both scans must be confirmed by a person first: a change is told of confirmed "
    "regions only."
)
NOT_ALIKE = "The two scans are of different kinds or parts of the body, which are not compared."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two scans of one person: what changed, or the sentence why that cannot be said."""

    earlier: UUID
    later: UUID
    comparison: Comparison | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One scan whose regions a person has confirmed."""

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


@needs(Ability.READ_SCANS)
def changes_of(*, by: User, patient: Patient) -> list[Pair]:
    """Compare every two scans of the same kind whose regions a person has confirmed.

    The newest first; scans of different kinds or parts of the body are not paired. Regions of
    pictures are compared where they lie on the same bone, and changes judged by the site's own
    precision where it has recorded one.
    """
    patient = finding.patient(by=by, id=patient.id)
    return pairs_of(visits_of(patient), patient, MOST_ALIGNED)


def visits_of(patient: Patient, holding: str = "") -> list[Visit]:
    """Confirmed scans by day; only those with a measurement of the name ``holding``, if given."""
    visits = []
    for scan in patient.scans.order_by("-uploaded_at")[:MOST_SCANS]:
        version = scan.confirmed_version
        if version is not None and (not holding or _holds(version, holding)):
            visits.append(Visit(version, version.measurement, identifying.compare(scan).identity))
    return sorted(visits, key=lambda one: one.day)


def pairs_of(visits: Sequence[Visit], patient: Patient, most_aligned: int = 0) -> list[Pair]:
    """Compare every two visits; pictures of so many pairs are laid upon each other first.

    What was measured on pictures that were not is not compared; numbers of reports are.
    """
    pairs = [two for two in combinations(visits, 2) if _alike(*two)]
    pairs.sort(key=lambda two: (two[1].day, two[0].day), reverse=True)
    pictured = [two for two in pairs if all(one.is_measured_on_a_picture for one in two)]
    return [_pair(two, patient, is_aligned=two in pictured[:most_aligned]) for two in pairs]


def _holds(version: MeasurementVersion, name: str) -> bool:
    return any(number["name"] == name for number in version.result.get("measurements", ()))


def measured_scans(*, by: User, patient: Patient) -> list[MeasurementVersion]:
    """Give what can be looked at side by side, by day, the newest first: confirmed or not.

    Of a scan that is confirmed that version, else its newest one.
    """
    scans = finding.scans(by=by).filter(patient=patient).order_by("-uploaded_at")[:MOST_SCANS]
    found = [scan.confirmed_version or scan.newest_measured for scan in scans]
    return sorted(
        (version for version in found if version is not None), key=day_of_version, reverse=True
    )


def day_of_version(version: MeasurementVersion) -> str:
    """Day of the scan as ISO 8601 writes it; that of the upload where the scan does not say."""
    acquired = version.measurement.acquired
    return (acquired.on if acquired else None) or version.scan.uploaded_at.date().isoformat()


def earlier_than(
    version: MeasurementVersion, versions: Sequence[MeasurementVersion]
) -> list[MeasurementVersion]:
    """Pick those of an earlier day that show the same part in the same way, the newest first."""
    kind, day = version.measurement.kind, day_of_version(version)
    return [
        other
        for other in versions
        if day_of_version(other) < day and same_part(kind, other.measurement.kind)
    ]


def same_part(one: Kind, other: Kind) -> bool:
    """Whether two scans are of one kind and part of the body."""
    parts = {one.body_part, other.body_part}
    return one.modality == other.modality and (len(parts) == 1 or "several" in parts)


@needs(Ability.READ_SCANS)
def compare_two(*, by: User, patient: Patient, first: UUID, second: UUID) -> Pair:
    """Compare two scans of one person, whatever they are; in what order they come plays no part.

    Raises
    ------
    NotFound
        If either is not this patient's, or not to be seen.
    """
    scans = [finding.scan_of(by=by, patient=patient, id=id) for id in (first, second)]
    versions = [scan.confirmed_version for scan in scans]
    if any(version is None for version in versions):
        return Pair(first, second, None, NOT_CONFIRMED)
    visits = [
        Visit(version, version.measurement, identifying.compare(scan).identity)
        for scan, version in zip(scans, versions, strict=True)
        if version is not None
    ]
    visits.sort(key=lambda one: one.day)
    if not _alike(*visits):
        return Pair(first, second, None, NOT_ALIKE)
    pictured = all(one.is_measured_on_a_picture for one in visits)
    return _pair(visits, patient, is_aligned=pictured)


def _alike(one: Visit, other: Visit) -> bool:
    return same_part(one.measurement.kind, other.measurement.kind)


def _pair(two: Sequence[Visit], patient: Patient, *, is_aligned: bool) -> Pair:
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


def _all(two: Sequence[Visit]) -> tuple[str, ...]:
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


def _measured(visit: Visit) -> Measured:
    return Measured(
        measurement=visit.measurement, pictures=tuple(pictures_of(visit.version, with_bytes=True))
    )
