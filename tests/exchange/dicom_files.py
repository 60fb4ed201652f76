"""The objects that go back to an archive, written for scans of the tests."""

from pathlib import Path

import pytest

from riskapp.exchange.dicom_origin import read_origin
from riskapp.exchange.scan_files import ScanResult, kinds
from tests.exchange import dicom_scans
from tests.exchange.dicom_scans import Measured

FOR_ARCHIVE = ("report-sr.dcm", "regions-seg.dcm", "report-pdf.dcm")


WHOLE_BONES = ("bones-seg.dcm",)


def files(scan: Measured, name: str = "out", confirmed_by: str = "") -> dict[str, Path]:
    """Write what goes back beside the scan's folder, not into it."""
    into = scan.folder.with_name(f"{scan.folder.name}-{name}")
    into.mkdir()
    result = ScanResult(
        scan.result,
        (),
        "Scan 1, version 1",
        "key",
        lambda: read_origin([scan.folder]),
        confirmed_by,
    )
    written = {}
    for kind in kinds(scan.result, ()):
        if kind.names_the_patient:
            written[kind.name] = into / kind.name
            written[kind.name].write_bytes(kind.write(result))
    whole = WHOLE_BONES if any(region.bone for region in scan.result.regions) else ()
    assert tuple(written) == (*FOR_ARCHIVE, *whole)
    return written


@pytest.fixture(scope="module")
def dxa(tmp_path_factory: pytest.TempPathFactory) -> tuple[Measured, dict[str, Path]]:
    scan = dicom_scans.dxa(tmp_path_factory.mktemp("dxa"))
    return scan, files(scan, confirmed_by="reader")


@pytest.fixture(scope="module")
def ct(tmp_path_factory: pytest.TempPathFactory) -> tuple[Measured, dict[str, Path]]:
    scan = dicom_scans.ct(tmp_path_factory.mktemp("ct"))
    return scan, files(scan)
