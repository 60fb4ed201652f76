"""Flat pictures: how large they are, and how large their pixels."""

from io import BytesIO

import numpy as np
import pydicom
import pytest

from imaging.dicom import read_dicom
from imaging.phantoms import dxa_spine_dicom
from imaging.projection import MOST_PIXELS, Projection, projection_from_dicom


def drawn(repeat: int = 1, **tags: object) -> Projection:
    """Give a drawn spine, every pixel repeated, with these tags beside its Exposed Area."""
    dataset = pydicom.dcmread(BytesIO(dxa_spine_dicom(1)))
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
