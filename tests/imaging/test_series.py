"""Slices become a volume in patient space, or a sentence says why not."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.intake.frames import volume_from_frames
from imaging.intake.series import volume_from_slices
from imaging.kinds.recognising import recognise_volume
from imaging.phantoms.writing import header, with_pixels
from imaging.regions.ct_vertebrae import find_regions
from imaging.volume import Volume, body_ordered


def slices(count: int = 6) -> list[Dataset]:
    made = []
    for index in range(count):
        dataset = header("series", pydicom.uid.CTImageStorage, "CT", number=index + 1)
        dataset.PixelSpacing = [0.8, 0.7]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.ImagePositionPatient = [-10, -20, 100 + 2.5 * index]
        dataset.RescaleIntercept, dataset.RescaleSlope = -1000, 2
        plane = np.full((20, 24), index, dtype=np.int16)
        plane[3, 5] = 50
        made.append(pydicom.dcmread(BytesIO(with_pixels(dataset, plane, bits=16, signed=True))))
    return made


def built(datasets: list[Dataset]) -> Volume:
    images = []
    for dataset in datasets:
        sink = BytesIO()
        dataset.save_as(sink)
        images.append(read_dicom(sink.getvalue()))
    return volume_from_slices(images)


def test_slices_are_ordered_by_position_not_by_file() -> None:
    shuffled = [slices()[i] for i in (3, 0, 5, 1, 4, 2)]
    volume = built(shuffled)
    assert volume.voxels[:, 0, 0].tolist() == [-1000 + 2 * i for i in range(6)]
    assert volume.spacing_mm == pytest.approx((2.5, 0.8, 0.7))


def test_affine_leads_to_the_patient() -> None:
    volume = built(slices())
    assert volume.voxels[2, 3, 5] == -900
    place = volume.affine @ [2, 3, 5, 1]
    assert place[:3] == pytest.approx((-10 + 5 * 0.7, -20 + 3 * 0.8, 105))


def test_a_ct_that_would_be_shown_inverted_keeps_its_hounsfield_units() -> None:
    datasets = slices()
    for dataset in datasets:
        dataset.PhotometricInterpretation = "MONOCHROME1"
    assert built(datasets).voxels[2, 3, 5] == -900


@pytest.mark.parametrize("name", ["RescaleSlope", "RescaleIntercept"])
def test_a_ct_without_hounsfield_units_is_refused(name: str) -> None:
    datasets = slices()
    delattr(datasets[4], name)
    with pytest.raises(UnsuitableScan, match="Hounsfield"):
        built(datasets)


def enhanced(count: int = 4) -> Dataset:
    """Write one file of many frames, each with groups of its own."""
    dataset = header("enhanced", pydicom.uid.EnhancedCTImageStorage, "CT")
    with_pixels(dataset, np.zeros((20, 24), dtype=np.int16), bits=16, signed=True)
    stack = np.arange(count, dtype=np.int16)[:, None, None].repeat(20, 1).repeat(24, 2)
    dataset.NumberOfFrames, dataset.PixelData = count, stack.tobytes()
    dataset.SharedFunctionalGroupsSequence = [Dataset()]
    dataset.PerFrameFunctionalGroupsSequence = frames = [Dataset() for _ in range(count)]
    for at, frame in enumerate(frames):
        place, lie, measure, values = (Dataset() for _ in range(4))
        place.ImagePositionPatient = [-10, -20, 100 + 2.5 * at]
        lie.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        measure.PixelSpacing = [0.8, 0.7]
        values.RescaleSlope, values.RescaleIntercept = 10 + at, -1000 - at
        frame.PlanePositionSequence, frame.PlaneOrientationSequence = [place], [lie]
        frame.PixelMeasuresSequence, frame.PixelValueTransformationSequence = [measure], [values]
    return dataset


def from_frames(dataset: Dataset) -> Volume:
    sink = BytesIO()
    dataset.save_as(sink)
    return volume_from_frames(read_dicom(sink.getvalue()))


def test_every_frame_is_rescaled_once_and_by_its_own_numbers() -> None:
    dataset = enhanced()
    # What stands outside the frame groups is for readers that do not know them.
    dataset.RescaleSlope, dataset.RescaleIntercept = 7, 7
    volume = from_frames(dataset)
    assert volume.voxels[:, 0, 0].tolist() == [-1000 - i + i * (10 + i) for i in range(4)]
    assert volume.spacing_mm == pytest.approx((2.5, 0.8, 0.7))


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
@pytest.mark.parametrize(
    ("group", "name", "value", "word"),
    [
        ("PlaneOrientationSequence", "ImageOrientationPatient", [0, 1, 0, 0, 0, -1], "parallel"),
        ("PixelMeasuresSequence", "PixelSpacing", [0.9, 0.9], "spacing"),
        ("PixelValueTransformationSequence", "RescaleSlope", 0, "Hounsfield"),
        ("PixelValueTransformationSequence", "RescaleSlope", "nan", "Hounsfield"),
        ("PixelValueTransformationSequence", "RescaleIntercept", "inf", "Hounsfield"),
        ("PlanePositionSequence", "ImagePositionPatient", [-10, -20, 100], "same place"),
        ("PlanePositionSequence", "ImagePositionPatient", [-10, -20], "positions"),
        ("PlaneOrientationSequence", "ImageOrientationPatient", [1, 0, 0], "positions"),
    ],
)
def test_frames_that_are_no_series_are_refused(
    group: str, name: str, value: object, word: str
) -> None:
    dataset = enhanced()
    setattr(dataset.PerFrameFunctionalGroupsSequence[2][group].value[0], name, value)
    with pytest.raises(UnsuitableScan, match=word):
        from_frames(dataset)


def changed(index: int, name: str, value: object) -> Callable[[list[Dataset]], None]:
    return lambda datasets: setattr(datasets[index], name, value)


def each(name: str, stem: str) -> Callable[[list[Dataset]], None]:
    def edit(datasets: list[Dataset]) -> None:
        for number, dataset in enumerate(datasets):
            setattr(dataset, name, f"{stem}.{number}")

    return edit


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (changed(2, "SeriesInstanceUID", "1.2.3"), "series"),
        (each("PatientID", "ANOTHER"), "more than one patient"),
        (each("FrameOfReferenceUID", "1.2.3"), "frame of reference"),
        (changed(2, "PixelSpacing", [0.9, 0.9]), "spacing"),
        (changed(2, "ImageOrientationPatient", [0, 1, 0, 0, 0, -1]), "parallel"),
        (changed(2, "ImagePositionPatient", [-10, -20, 100]), "same place"),
        (changed(2, "ImagePositionPatient", [-10, -20, 106]), "distance"),
        (changed(5, "ImagePositionPatient", [-10, -20, "1e308"]), "metres"),
        (lambda datasets: datasets.pop(3), "missing"),
        (lambda datasets: datasets.__delitem__(slice(2, None)), "only 2"),
        (lambda datasets: delattr(datasets[1], "ImagePositionPatient"), "position"),
        (lambda datasets: delattr(datasets[1], "ImageOrientationPatient"), "orientation"),
        (
            lambda datasets: [
                setattr(d, "ImagePositionPatient", [-10, -20 + i, 100 + 2.5 * i])
                for i, d in enumerate(datasets)
            ],
            "tilted",
        ),
    ],
)
def test_what_is_no_series_is_refused(edit: Callable[[list[Dataset]], None], word: str) -> None:
    datasets = slices()
    edit(datasets)
    with pytest.raises(UnsuitableScan, match=word):
        built(datasets)


@pytest.mark.parametrize("flipped", [(0,), (1,), (2,), (0, 2)])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_any_axis_order_ends_in_the_same_body(
    order: tuple[int, ...], flipped: tuple[int, ...]
) -> None:
    volume = built(slices())
    voxels, affine = volume.voxels, volume.affine.copy()
    for axis in flipped:
        voxels = np.flip(voxels, axis)
        affine[:3, 3] += affine[:3, axis] * (voxels.shape[axis] - 1)
        affine[:3, axis] *= -1
    turned = body_ordered(
        np.transpose(voxels, order), affine[:, [*order, 3]], volume.source, volume.tags
    )
    np.testing.assert_array_equal(turned.voxels, volume.voxels)
    np.testing.assert_allclose(turned.affine, volume.affine)


def test_pixels_that_are_no_numbers_are_not_read() -> None:
    datasets = slices()
    plane = np.full((20, 24), np.nan, dtype=np.float32)
    del datasets[3].PixelData
    datasets[3].FloatPixelData, datasets[3].BitsAllocated = plane.tobytes(), 32
    with pytest.raises(UnreadableScan, match="not numbers"):
        built(datasets)


def test_a_stack_of_a_millimetre_is_no_spine() -> None:
    thin = Volume(np.zeros((5, 64, 64), np.float32), (0.2, 5.0, 5.0), np.eye(4), "made")
    with pytest.raises(UnsuitableScan, match="No row of vertebrae"):
        find_regions(thin)


def test_a_leaning_stack_is_refused() -> None:
    angle = np.deg2rad(40)
    affine = np.eye(4)
    affine[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    with pytest.raises(UnsuitableScan, match="lean"):
        body_ordered(np.zeros((9, 9, 9), dtype=np.float32), affine[:, [2, 1, 0, 3]], "x", {})


def test_a_series_is_measured_from_its_folder(tmp_path: Path) -> None:
    from imaging.measure import measure
    from imaging.phantoms import ct_lumbar_dicoms
    from imaging.result import Status

    for number, data in enumerate(ct_lumbar_dicoms(2, slice_mm=5.0)):
        (tmp_path / f"{997 * number % 1000}").write_bytes(data)
    result = measure([tmp_path]).measurement
    assert result.status is Status.MEASURED
    assert {"L1", "L2", "L3", "L4", "L5"} <= {region.id for region in result.regions}
    named = {m.region for m in result.measurements if m.name == "trabecular_attenuation_hu"}
    assert "L1" in named


def test_noise_in_air_is_no_trunk() -> None:
    noise = np.random.default_rng(0).normal(0, 300, (20, 60, 60)).astype(np.float32)
    assert recognise_volume({}, noise).kind.body_part == "unknown"
    body = np.full((20, 60, 60), -1000, dtype=np.float32)
    body[:, 10:50, 10:50] = 40 + noise[:, 10:50, 10:50] / 10
    assert recognise_volume({}, body).kind.body_part == "trunk"
