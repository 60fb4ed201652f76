"""Flat DICOM pictures in colour, of a palette, of 16 bits or of several frames become grey."""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.datadict import dictionary_VR
from pydicom.uid import (
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from imaging.errors import UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.keeping.stored_dicom import stored_dicom
from imaging.measure import measure
from imaging.phantoms.writing import header, with_pixels
from imaging.projection import Projection
from imaging.result import Finding, Status
from tests.drawn import spine_file

GREY = np.add.outer(np.arange(40), np.arange(60)).astype(np.uint8)
Pixels = npt.NDArray[np.generic]


def capture(pixels: Pixels, photometric: str, **tags: object) -> bytes:
    dataset = pydicom.dcmread(
        BytesIO(
            with_pixels(
                header("capture", SecondaryCaptureImageStorage, "OT"), GREY, 8, signed=False
            )
        )
    )
    dataset.PhotometricInterpretation = photometric
    dataset.PixelData = pixels.tobytes()
    for name, value in tags.items():
        vr = "OW" if name.endswith("TableData") else "US" if "Descriptor" in name else None
        dataset.add_new(name, vr or dictionary_VR(name), value)
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def pixels_of(data: bytes) -> npt.NDArray[np.float32]:
    """Read what was sent and what is kept of it, which are the same."""
    image = read_dicom(data)
    read = projection_from_dicom(image).pixels
    kept = projection_from_dicom(read_dicom(stored_dicom(image, b"key"))).pixels
    np.testing.assert_array_equal(read, kept)
    return read


@pytest.mark.parametrize("planar", [0, 1])
def test_grey_in_three_colours_stays_as_it_is(planar: int) -> None:
    colours = np.stack([GREY] * 3, axis=0 if planar else -1)
    data = capture(colours, "RGB", SamplesPerPixel=3, PlanarConfiguration=planar)
    np.testing.assert_allclose(pixels_of(data), GREY, atol=1e-4)


def test_brightness_and_two_colours_become_grey() -> None:
    neutral = np.full_like(GREY, 128)
    data = capture(
        np.stack([GREY, neutral, neutral], axis=-1),
        "YBR_FULL",
        SamplesPerPixel=3,
        PlanarConfiguration=0,
    )
    np.testing.assert_allclose(pixels_of(data), GREY, atol=1)


def table(values: npt.NDArray[np.uint16]) -> dict[str, object]:
    tags: dict[str, object] = {}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [len(values), 0, 16]
        tags[f"{colour}PaletteColorLookupTableData"] = values.tobytes()
    return tags


def test_places_in_a_palette_are_looked_up() -> None:
    values = (65535 - 256 * np.arange(256)).astype(np.uint16)
    data = capture(GREY, "PALETTE COLOR", **table(values))
    np.testing.assert_array_equal(pixels_of(data), values[GREY])


def test_places_in_a_palette_that_is_not_there_are_no_grey_values() -> None:
    with pytest.raises(UnsuitableScan, match="palette"):
        projection_from_dicom(read_dicom(capture(GREY, "PALETTE COLOR")))
    cut = table(np.arange(256, dtype=np.uint16)) | {"BluePaletteColorLookupTableData": b""}
    with pytest.raises(UnsuitableScan, match="palette"):
        projection_from_dicom(read_dicom(capture(GREY, "PALETTE COLOR", **cut)))


def test_dark_bone_of_sixteen_bits_is_turned_and_its_window_changes_nothing() -> None:
    deep = GREY.astype(np.uint16) * 40
    tags = {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}
    window = {"WindowCenter": 900, "WindowWidth": 300}
    np.testing.assert_array_equal(pixels_of(capture(deep, "MONOCHROME2", **tags, **window)), deep)
    np.testing.assert_array_equal(
        pixels_of(capture(deep, "MONOCHROME1", **tags, **window)), 4095 - deep
    )


def opened(data: bytes, folder: Path) -> tuple[Projection, list[Finding]]:
    (folder / "capture").write_bytes(data)
    scan, findings = open_scan(gather([folder / "capture"]))
    assert isinstance(scan, Projection)
    return scan, findings


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_of_several_frames_the_first_that_shows_something_is_taken(
    colour: bool, packed: bool, tmp_path: Path
) -> None:
    frames = np.stack([np.zeros_like(GREY), GREY, GREY[::-1]])
    several = np.stack([frames] * 3, axis=-1) if colour else frames
    tags = {"SamplesPerPixel": 3, "PlanarConfiguration": 0} if colour else {}
    kind = (
        MultiFrameTrueColorSecondaryCaptureImageStorage
        if colour
        else MultiFrameGrayscaleByteSecondaryCaptureImageStorage
    )
    data = capture(
        several, "RGB" if colour else "MONOCHROME2", NumberOfFrames=3, SOPClassUID=kind, **tags
    )
    if packed:
        dataset = pydicom.dcmread(BytesIO(data))
        dataset.compress(RLELossless, generate_instance_uid=False)
        sink = BytesIO()
        dataset.save_as(sink)
        data = sink.getvalue()
    np.testing.assert_allclose(pixels_of(data), GREY, atol=1e-4)
    findings = opened(data, tmp_path)[1]
    assert [one.code for one in findings] == ["first_of_several_pictures"]
    assert "3 pictures" in findings[0].advice


def test_one_frame_is_not_remarked(tmp_path: Path) -> None:
    assert opened(capture(GREY, "MONOCHROME2", NumberOfFrames=1), tmp_path)[1] == []


def test_a_spine_in_several_frames_is_measured_with_the_sentence(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(7)))
    dataset.NumberOfFrames, dataset.PixelData = 2, dataset.PixelData * 2
    dataset.save_as(tmp_path / "two")
    result = measure([tmp_path / "two"]).measurement
    (tmp_path / "one").write_bytes(spine_file(7))
    alone = measure([tmp_path / "one"]).measurement
    assert result.status is Status.MEASURED
    assert result.regions == alone.regions
    assert "first_of_several_pictures" in {finding.code for finding in result.quality}
