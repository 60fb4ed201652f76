"""A series comes with its overview, which is left out; an overview alone is none the better."""

from pathlib import Path

import pydicom
import pytest

from imaging.errors import UnsuitableScan
from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.volume import Volume
from riskapp.exchange.dicom_origin import read_origin
from tests.exchange import dicom_scans


def overview(folder: Path, **tags: str) -> None:
    """Add a scout picture of another series, upright and wider than the slices."""
    dataset = pydicom.dcmread(next(iter(sorted(folder.glob("*.dcm")))))
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    dataset.SeriesInstanceUID, dataset.SOPInstanceUID = "1.2.3.4", "1.2.3.4.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.save_as(folder / "scout.dcm")


def test_an_overview_beside_its_series_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    measured = dicom_scans.ct(tmp_path)
    overview(tmp_path)
    scan, findings = open_scan(gather([tmp_path]))
    assert isinstance(scan, Volume)
    assert scan.voxels.shape == measured.result.size
    assert [one.code for one in findings] == ["overviews_left_out"]
    uids = {str(one.SOPInstanceUID) for one in measured.sources}
    assert {str(one.SOPInstanceUID) for one in read_origin([tmp_path]).images} == uids


def test_two_series_or_two_people_are_still_refused(tmp_path: Path) -> None:
    dicom_scans.ct(tmp_path)
    overview(tmp_path, PatientID="ANOTHER")
    with pytest.raises(UnsuitableScan, match="more than one patient"):
        open_scan(gather([tmp_path]))
    overview(tmp_path, ImageType="ORIGINAL")
    with pytest.raises(UnsuitableScan, match="2 different series"):
        open_scan(gather([tmp_path]))


def test_an_overview_alone_is_no_series(tmp_path: Path) -> None:
    dicom_scans.ct(tmp_path)
    overview(tmp_path)
    with pytest.raises(UnsuitableScan, match="single CT slice"):
        open_scan(gather([tmp_path / "scout.dcm"]))
