"""Somebody takes a file about a scan away; each file that names the patient leaves a trace."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from imaging.errors import ScanError, UnsuitableScan
from riskapp.actions import auditing, finding, identifying
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.stored_bytes import path_of
from riskapp.actions.stored_pictures import pictures_of
from riskapp.exchange.dicom_origin import NOT_DICOM, Origin, Sender, restored_origin
from riskapp.exchange.scan_files import FileKind, ScanResult, kinds
from riskapp.models import MeasurementVersion, Scan, ScanIdentity

NOT_THIS_PATIENT = (
    "The scan names another person: nothing goes back under that name until somebody confirms "
    "that it is this patient's."
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
    return kinds(version.measurement, pictures_of(version))


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
    result = _result(scan, version)
    kind = {one.name: one for one in kinds(result.result, result.pictures)}.get(name)
    if kind is None:
        raise NotFound("There is no such file of this scan.")
    try:
        content = kind.write(result)
    except ScanError as reason:
        raise Refused({"file": str(reason)}) from reason
    if kind.names_the_patient:
        target = f"{scan.id}/{version.number}/{name}"
        # Written first: making a file takes seconds, for which nobody else should wait.
        with transaction.atomic():
            auditing.record(by=by, action="scan.send_back", target=target)
    return TakenFile(f"scan-{scan.id}-v{version.number}-{name}", kind.media_type, content)


def _result(scan: Scan, version: MeasurementVersion) -> ScanResult:
    by = version.confirmed_by
    return ScanResult(
        result=version.measurement,
        pictures=pictures_of(version, with_bytes=True),
        heading=f"Scan {scan.id}, version {version.number}",
        key=f"{scan.id}/{version.number}",
        origin=partial(_origin, scan),
        confirmed_by=by.get_username() if by else "",
    )


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
    files = (path_of(one.sha256).read_bytes() for one in scan.files.order_by("position"))
    return restored_origin(files, sender)
