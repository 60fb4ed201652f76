"""Somebody takes a file about a scan away; each file that names the patient leaves a trace."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from imaging.errors import ScanError
from imaging.result import Picture
from riskapp.actions import auditing, finding
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.stored_bytes import path_of
from riskapp.exchange.dicom_origin import read_origin
from riskapp.exchange.scan_files import FileKind, ScanResult, kinds
from riskapp.models import MeasurementVersion, Scan


@dataclass(frozen=True, slots=True)
class TakenFile:
    """One file ready to be sent; ``name`` says scan and version and nobody's name."""

    name: str
    media_type: str
    content: bytes


def offered(version: MeasurementVersion) -> tuple[FileKind, ...]:
    """Files that can be taken of one version, in the order to show them."""
    return kinds(version.measurement, _pictures(version))


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
    paths = [path_of(sha256) for sha256 in scan.files.values_list("sha256", flat=True)]
    by = version.confirmed_by
    return ScanResult(
        result=version.measurement,
        pictures=_pictures(version, with_bytes=True),
        heading=f"Scan {scan.id}, version {version.number}",
        key=f"{scan.id}/{version.number}",
        origin=partial(read_origin, paths),
        confirmed_by=by.get_username() if by else "",
    )


def _pictures(version: MeasurementVersion, *, with_bytes: bool = False) -> list[Picture]:
    return [
        Picture(
            name=one.name,
            png=path_of(one.sha256).read_bytes() if with_bytes else b"",
            width=one.width,
            height=one.height,
            slice_index=one.slice_index,
            title=one.title,
        )
        for one in version.pictures.all()
    ]
