"""A disk as a scanner burns it: folders, a DICOMDIR, a viewer; as a folder and as an archive."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.phantoms import ct_lumbar_dicoms
from imaging.volume import Volume


@pytest.mark.parametrize("packed", [False, True])
def test_a_disk_with_a_directory_is_its_series(packed: bool, tmp_path: Path) -> None:
    directory = get_testdata_file("DICOMDIR", download=False)
    assert directory is not None
    series = ct_lumbar_dicoms(1)[:6]
    disk = tmp_path / "disk"
    (disk / "DICOM" / "PAT1" / "STUDY1").mkdir(parents=True)
    for at, data in enumerate(series):
        (disk / "DICOM" / "PAT1" / "STUDY1" / f"IM{at:04d}").write_bytes(data)
    (disk / "DICOMDIR").write_bytes(Path(directory).read_bytes())
    (disk / "AUTORUN.INF").write_text("[autorun]")
    (disk / "viewer.exe").write_bytes(b"MZ" + bytes(200))
    whole = disk
    if packed:
        whole = tmp_path / "disk.zip"
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(disk.rglob("*")):
                archive.write(file, file.relative_to(disk))
    scan, findings = open_scan(gather([whole]))
    assert isinstance(scan, Volume)
    alone, _ = open_scan(gather([disk / "DICOM"]))
    assert isinstance(alone, Volume)
    np.testing.assert_array_equal(scan.voxels, alone.voxels)
    (finding,) = findings
    assert finding.code == "files_left_out"
    assert finding.advice.startswith("3 file(s)")
