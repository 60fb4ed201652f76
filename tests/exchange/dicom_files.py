"""The objects that go back to an archive, written for scans of the tests."""

import shutil
import subprocess
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from riskapp.exchange.dicom_origin import read_origin
from riskapp.exchange.editions import Edition, Verified
from riskapp.exchange.scan_files import ScanResult, kinds
from tests.exchange import dicom_scans
from tests.exchange.dicom_scans import Measured

FOR_ARCHIVE = ("report-sr.dcm", "regions-seg.dcm", "report-pdf.dcm")


WHOLE_BONES = ("bones-seg.dcm",)


AT = datetime(2026, 1, 3, 9, 30, 15, tzinfo=UTC)


def edition(confirmed_by: str = "", **more: Any) -> Edition:
    verified = Verified(family_name=confirmed_by, organisation="A clinic", at=AT)
    told = {"key": "key", "made_at": AT, "verified": verified if confirmed_by else None}
    return Edition(**(told | more))


def read_back(scan: Measured, name: str) -> Dataset:
    """One of the objects that go back, written and read again."""
    (kind,) = (kind for kind in kinds(scan.result, ()) if kind.name == name)
    return pydicom.dcmread(BytesIO(kind.write(_result_of(scan))))


def files(scan: Measured, name: str = "out", confirmed_by: str = "") -> dict[str, Path]:
    """Write what goes back beside the scan's folder, not into it."""
    into = scan.folder.with_name(f"{scan.folder.name}-{name}")
    into.mkdir()
    result = _result_of(scan, confirmed_by)
    written = {}
    for kind in kinds(scan.result, ()):
        if kind.names_the_patient:
            written[kind.name] = into / kind.name
            written[kind.name].write_bytes(kind.write(result))
    whole = WHOLE_BONES if any(region.bone for region in scan.result.regions) else ()
    assert tuple(written) == (*FOR_ARCHIVE, *whole)
    return written


def _result_of(scan: Measured, confirmed_by: str = "") -> ScanResult:
    origin = partial(read_origin, [scan.folder])
    return ScanResult(scan.result, (), "Scan 1, version 1", edition(confirmed_by), origin)


def validated(path: Path) -> list[str]:
    """Give the errors that dciodvfy finds in a file; the test is skipped where it is not there."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs dciodvfy, which is not here: on Debian, the package dicom3tools")
    told = subprocess.run(
        ["dciodvfy", str(path)],
        capture_output=True,
        text=True,
        errors="replace",  # it cuts texts of UTF-8 in the middle of a letter
        check=False,
    )
    return [line for line in told.stderr.splitlines() if line.startswith("Error")]


@pytest.fixture(scope="module")
def dxa(tmp_path_factory: pytest.TempPathFactory) -> tuple[Measured, dict[str, Path]]:
    scan = dicom_scans.dxa(tmp_path_factory.mktemp("dxa"))
    return scan, files(scan, confirmed_by="reader")


@pytest.fixture(scope="module")
def ct(tmp_path_factory: pytest.TempPathFactory) -> tuple[Measured, dict[str, Path]]:
    scan = dicom_scans.ct(tmp_path_factory.mktemp("ct"))
    return scan, files(scan)
