"""MR slices and enhanced MR files become volumes without a demand for Hounsfield units."""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.dataset import Dataset

from imaging.intake.dicom import read_dicom
from imaging.intake.frames import volume_from_frames
from imaging.intake.gathering import Format, Source
from imaging.intake.opening import open_scan
from imaging.measure import measure
from imaging.phantoms.writing import header, with_pixels
from imaging.result import Status
from imaging.volume import Volume

# Sagittal slices: rows run from front to back, columns from head to foot, slices 4.4 mm apart.
SAGITTAL = [0, 1, 0, 0, 0, -1]
STEP_MM = 4.4


def plane(index: int) -> npt.NDArray[np.uint16]:
    values = np.full((30, 20), 100 + index, dtype=np.uint16)
    values[2, 17] = 900  # near the head and the back
    return values


def sagittal_slices(count: int = 7, **changes: object) -> list[bytes]:
    files = []
    for index in range(count):
        dataset = header("mr", pydicom.uid.MRImageStorage, "MR", number=index + 1)
        dataset.PixelSpacing = [0.6, 0.5]
        dataset.ImageOrientationPatient = SAGITTAL
        dataset.ImagePositionPatient = [-13 + STEP_MM * index, -40, 90]
        for name, value in changes.items():
            setattr(dataset, name, value)
        files.append(with_pixels(dataset, plane(index), bits=16, signed=False))
    return files


def opened(files: list[bytes]) -> Volume:
    scan, _ = open_scan([Source(data, Format.DICOM) for data in files])
    assert isinstance(scan, Volume)
    return scan


def test_sagittal_slices_are_a_volume_from_foot_to_head() -> None:
    volume = opened(sagittal_slices()[::-1])
    assert volume.tags["Modality"] == "MR"
    assert volume.voxels.shape == (30, 20, 7)
    assert volume.spacing_mm == pytest.approx((0.6, 0.5, STEP_MM))
    # Foot to head, front to back, right to left: the bright point lies near head and back.
    assert volume.voxels[27, 17].tolist() == [900] * 7
    assert volume.voxels[0, 0].tolist() == [100 + index for index in range(7)]
    place = volume.affine @ [27, 17, 3, 1]
    assert place[:3] == pytest.approx((-13 + 3 * STEP_MM, -40 + 17 * 0.5, 90 - 2 * 0.6))


def test_a_slope_of_its_own_puts_no_band_into_the_volume() -> None:
    files = []
    for index, data in enumerate(sagittal_slices()):
        dataset = pydicom.dcmread(BytesIO(data))
        dataset.RescaleSlope, dataset.RescaleIntercept = 1 + index, 0
        dataset.PixelData = (dataset.pixel_array // (1 + index)).astype(np.uint16).tobytes()
        sink = BytesIO()
        dataset.save_as(sink)
        files.append(sink.getvalue())
    even = opened(files).voxels
    assert np.abs(even - opened(sagittal_slices()).voxels).max() < 8


def enhanced(count: int = 4) -> Dataset:
    dataset = header("enhanced", pydicom.uid.EnhancedMRImageStorage, "MR")
    with_pixels(dataset, plane(0), bits=16, signed=False)
    dataset.NumberOfFrames = count
    dataset.PixelData = np.stack([plane(at) for at in range(count)]).tobytes()
    shared = Dataset()
    lie, measure_of = Dataset(), Dataset()
    lie.ImageOrientationPatient = SAGITTAL
    measure_of.PixelSpacing = [0.6, 0.5]
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [lie], [measure_of]
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = frames = [Dataset() for _ in range(count)]
    for at, frame in enumerate(frames):
        place = Dataset()
        place.ImagePositionPatient = [-13 + STEP_MM * at, -40, 90]
        frame.PlanePositionSequence = [place]
    return dataset


def written(dataset: Dataset) -> bytes:
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def test_an_enhanced_file_without_a_rescaling_is_the_same_volume() -> None:
    dataset = enhanced(7)
    volume = volume_from_frames(read_dicom(written(dataset)))
    np.testing.assert_array_equal(volume.voxels, opened(sagittal_slices()).voxels)


def test_an_enhanced_ct_still_has_to_say_its_hounsfield_units(tmp_path: Path) -> None:
    dataset = enhanced()
    dataset.Modality = "CT"
    (tmp_path / "scan").write_bytes(written(dataset))
    result = measure([tmp_path]).measurement
    assert result.status is Status.REFUSED
    assert result.kind.modality == "ct"
    assert "Hounsfield" in (result.reason or "")


def test_several_files_of_many_frames_are_asked_for_one_at_a_time(tmp_path: Path) -> None:
    for number in (1, 2):
        dataset = enhanced()
        dataset.SOPInstanceUID = f"1.2.{number}"
        (tmp_path / str(number)).write_bytes(written(dataset))
    result = measure([tmp_path]).measurement
    assert result.status is Status.REFUSED
    assert "many pictures each" in (result.reason or "")


def test_an_mr_series_that_is_no_volume_says_that_it_was_mri(tmp_path: Path) -> None:
    for number, data in enumerate(sagittal_slices(ImagePositionPatient=[0, 0, 0])):
        (tmp_path / str(number)).write_bytes(data)
    result = measure([tmp_path]).measurement
    assert result.status is Status.REFUSED
    assert result.kind.modality == "mri"
    assert "same place" in (result.reason or "")


def test_a_volume_that_no_way_is_for_is_refused_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imaging.measure.VOLUME_WAYS", {})
    for number, data in enumerate(sagittal_slices()):
        (tmp_path / str(number)).write_bytes(data)
    result = measure([tmp_path]).measurement
    assert result.status is Status.REFUSED
    assert result.kind.modality == "mri"
    assert result.spacing is not None
    assert "MRI" in (result.reason or "")
