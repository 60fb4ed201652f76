"""Flat pictures: how large they are and their pixels, which way is bright, which side."""

from io import BytesIO

import numpy as np
import pydicom
import pytest

from imaging.intake.dicom import read_dicom
from imaging.intake.flat import MOST_PIXELS, projection_from_dicom
from imaging.kinds.recognising import laterality
from imaging.projection import Projection
from imaging.quality.common import projection_findings
from tests.drawn import spine_file


def drawn(repeat: int = 1, **tags: object) -> Projection:
    """Give a drawn spine, every pixel repeated, with these tags beside its Exposed Area."""
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    pixels = np.kron(dataset.pixel_array, np.ones((repeat, repeat), dtype=np.uint8))
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelData = pixels.tobytes()
    for name, value in tags.items():
        setattr(dataset, name, value)
    sink = BytesIO()
    dataset.save_as(sink)
    return projection_from_dicom(read_dicom(sink.getvalue()))


def test_an_enormous_picture_is_averaged_down_and_keeps_its_size_in_mm() -> None:
    usual, enlarged = drawn(), drawn(repeat=4)
    assert usual.reduced == 1
    assert enlarged.reduced == 2
    assert enlarged.pixels.size <= MOST_PIXELS
    assert enlarged.size_mm == pytest.approx(usual.size_mm)
    # Twice as fine as the original in each direction, so every second pixel is its pixel.
    np.testing.assert_array_equal(enlarged.pixels[::2, ::2], usual.pixels)


@pytest.mark.parametrize(("signed", "both_ends"), [(0, 255), (1, -1)])
def test_dark_bone_is_turned_about_what_can_be_stored(signed: int, both_ends: int) -> None:
    shown = drawn(PixelRepresentation=signed)
    turned = drawn(PixelRepresentation=signed, PhotometricInterpretation="MONOCHROME1")
    assert set(np.unique(shown.pixels + turned.pixels)) == {both_ends}


@pytest.mark.parametrize(
    ("words", "part", "side"),
    [
        ("Left Femur", "hip", "left"),
        ("Left Femur", "lumbar_spine", "unknown"),
        ("Right Knee", "knee", "right"),
        ("Knee", "knee", "unknown"),
    ],
)
def test_words_give_a_side_only_to_what_comes_in_pairs(words: str, part: str, side: str) -> None:
    assert laterality({"ProtocolName": words}, part) == side
    assert laterality({"ProtocolName": words, "Laterality": "R"}, part) == "right"


@pytest.mark.parametrize(
    ("tags", "contradicts"),
    [
        ({}, False),
        ({"PixelSpacing": [0.251, 0.249]}, False),
        ({"PixelSpacing": [0.27, 0.27]}, False),
        ({"PixelSpacing": [0.28, 0.28]}, True),
        ({"PixelSpacing": [0.6, 0.6]}, True),
        ({"PixelSpacing": [0.3, 1.2]}, True),
        ({"PixelSpacing": [0.25, 0.25], "ImagerPixelSpacing": [0.5, 0.5]}, True),
    ],
)
def test_sizes_of_a_pixel_that_do_not_agree_are_a_finding(
    tags: dict[str, object], contradicts: bool
) -> None:
    codes = {finding.code for finding in projection_findings(drawn(**tags), ())}
    assert ("spacing_contradicts" in codes) == contradicts


def test_a_pixel_four_times_as_wide_as_high_is_not_believed() -> None:
    spacing = drawn(PixelSpacing=[0.3, 1.2]).spacing
    assert spacing is not None
    assert spacing.source == "ExposedArea"
    assert spacing.mm == pytest.approx((0.25, 0.25), abs=0.002)
