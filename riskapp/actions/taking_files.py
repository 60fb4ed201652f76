"""Somebody takes a file about a scan away; each file that names the patient leaves a trace."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from imaging.errors import ScanError, UnsuitableScan
from riskapp import __version__
from riskapp.actions import auditing, finding, identifying
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.stored_bytes import open_kept, read_kept
from riskapp.actions.stored_pictures import pictures_of
from riskapp.exchange.dicom_origin import NOT_DICOM, Origin, Sender, restored_origin
from riskapp.exchange.editions import Edition, Verified
from riskapp.exchange.scan_files import FileKind, ScanResult, giveable, kinds
from riskapp.models import MeasurementVersion, Scan, ScanIdentity

NOT_THIS_PATIENT = (
    "The scan names another person: nothing goes back under that name until somebody confirms "
    "that it is this patient’s."
)
SEXES = {"female": "F", "male": "M"}  # PS3.3 C.7.1.1


@dataclass(frozen=True, slots=True)
class TakenFile:
    """One file ready to be sent; ``name`` says scan and version and nobody's name."""

    name: str
    media_type: str
    content: bytes


def offered(version: MeasurementVersion) -> tuple[FileKind, ...]:
    """Files that can be taken of one version, in the order to show them."""
    return giveable(version.measurement, pictures_of(version), goes_back=goes_back(version.scan))


def goes_back(scan: Scan) -> bool:
    """Whether there is an archive that knows the scan, and it is settled whose it is."""
    identity = ScanIdentity.objects.filter(scan=scan).first()
    if identity is None or not identity.study_uid or identifying.compare(scan).must_be_confirmed:
        return False
    if not any(all(pair) for pair in identity.instances):
        return False
    return any(_is_dicom(one.sha256) for one in scan.files.filter(size_bytes__gt=0))


def _is_dicom(sha256: str) -> bool:
    with open_kept(sha256) as file:
        return file.read(132)[128:] == b"DICM"


def take_file(*, by: User, scan_id: UUID | str, name: str, number: int | None = None) -> TakenFile:
    """Write one file about a scan: of its newest version unless another is asked for.

    Raises
    ------
    NotFound
        If the scan is another organisation's, or it has no such version or file.
    Refused
        If this scan does not give the file, with the reason.
    """
    scan = finding.scan(by=by, id=scan_id)
    versions = scan.versions.order_by("number")
    version = versions.last() if number is None else versions.filter(number=number).first()
    if version is None:
        raise NotFound("There is no such version.")
    try:
        kind, content = written(scan, version, name)
    except ScanError as reason:
        raise Refused({"file": str(reason)}) from reason
    if kind.names_the_patient:
        target = f"{scan.id}/{version.number}/{name}"
        # Written first: making a file takes seconds, for which nobody else should wait.
        with transaction.atomic():
            auditing.record(by=by, action="scan.send_back", target=target, patient=scan.patient_id)
    return TakenFile(f"scan-{scan.id}-v{version.number}-{name}", kind.media_type, content)


def written(scan: Scan, version: MeasurementVersion, name: str) -> tuple[FileKind, bytes]:
    """Write one file; whoever sends it away leaves the trace.

    Raises
    ------
    NotFound
        If there is no such file.
    ScanError
        If this scan does not give the file.
    """
    result = _result(scan, version)
    kind = {one.name: one for one in kinds(result.result, result.pictures)}.get(name)
    if kind is None:
        raise NotFound("There is no such file of this scan.")
    return kind, kind.write(result)


def _result(scan: Scan, version: MeasurementVersion) -> ScanResult:
    return ScanResult(
        result=version.measurement,
        pictures=pictures_of(version, with_bytes=True),
        heading=f"Scan {scan.id}, version {version.number}",
        edition=_edition(scan, version),
        origin=partial(_origin, scan),
    )


def _edition(scan: Scan, version: MeasurementVersion) -> Edition:
    """Name the state of a version; it replaces what was written of it and of the one before."""
    by, at = version.confirmed_by, version.confirmed_at
    before = scan.versions.filter(number__lt=version.number, result__status="measured").last()
    replaces = [] if before is None else [_key(before, before.software_version)]
    verified = None
    if by is not None and at is not None:
        replaces.append(_key(version, __version__, is_confirmed=False))
        verified = Verified(
            family_name=by.last_name or by.get_username(),
            given_name=by.first_name if by.last_name else "",
            organisation=scan.patient.organisation.name,
            at=timezone.localtime(at),
        )
    return Edition(
        key=_key(version, __version__),
        made_at=timezone.localtime(at or version.made_at),
        number=version.number,
        placed=version.origin,
        replaces=tuple(replaces),
        verified=verified,
    )


def _key(version: MeasurementVersion, software: str, *, is_confirmed: bool | None = None) -> str:
    confirmed = version.confirmed_at is not None if is_confirmed is None else is_confirmed
    state = "confirmed" if confirmed else "not confirmed"
    return f"{version.scan_id}/{version.number}/{state}/{software}"


def _origin(scan: Scan) -> Origin:
    """Whose the kept files are, and under which names the archive knows them."""
    identity = ScanIdentity.objects.filter(scan=scan).first()
    if identity is None:
        raise UnsuitableScan(NOT_DICOM)
    if identifying.compare(scan).must_be_confirmed:
        raise UnsuitableScan(NOT_THIS_PATIENT)
    sender = Sender(
        study_uid=identity.study_uid,
        frame_uid=identity.frame_uid,
        instances=identity.instances,
        identity={
            "PatientName": identity.name,
            "PatientID": identity.identifier,
            "PatientBirthDate": f"{identity.birth_date:%Y%m%d}" if identity.birth_date else "",
            "PatientSex": SEXES.get(identity.sex, ""),
            "AccessionNumber": identity.accession_number,
        },
    )
    files = (read_kept(one.sha256) for one in scan.files.order_by("position"))
    return restored_origin(files, sender)
