"""What is kept of a DICOM image has the same pixels, places and tags of the technique."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from imaging.intake.codestream import without_notes
from imaging.intake.dicom import read_dicom, stored_values
from imaging.intake.frames import volume_from_frames
from imaging.intake.gathering import gather
from imaging.intake.series import volume_from_slices
from imaging.phantoms import ct_lumbar_dicoms
from tests.imaging.named_scans import SPINE, WORDS, assert_nameless, kept, named
from tests.imaging.test_mr_volume import enhanced


def test_a_series_stays_one() -> None:
    originals = [
        named(data, SOPInstanceUID=f"1.2.777.3.{at}")
        for at, data in enumerate(ct_lumbar_dicoms(2, slice_mm=10.0))
    ]
    bare = kept(*originals)
    assert_nameless(bare)
    before, after = (
        volume_from_slices([read_dicom(data) for data in files]) for files in (originals, bare)
    )
    np.testing.assert_array_equal(after.voxels, before.voxels)
    np.testing.assert_allclose(after.affine, before.affine)
    assert after.tags == before.tags


def test_frames_keep_their_places_and_lose_the_rest() -> None:
    dataset = enhanced(5)
    for name, value in WORDS.items():
        setattr(dataset, name, value)
    dataset.PerFrameFunctionalGroupsSequence[1].FrameAnatomySequence = [Dataset()]
    dataset.PerFrameFunctionalGroupsSequence[1].FrameAnatomySequence[0].ImageComments = "QQZXFRAME"
    sink = BytesIO()
    dataset.save_as(sink, enforce_file_format=True)
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    before, after = (volume_from_frames(read_dicom(data)) for data in (sink.getvalue(), bare))
    np.testing.assert_array_equal(after.voxels, before.voxels)
    np.testing.assert_allclose(after.affine, before.affine)


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "image_dfl.dcm", "6154",
        "SC_rgb_jpeg.dcm", "SC_rgb_rle_2frame.dcm", "693_J2KI.dcm", "rtdose.dcm",
        "SC_ybr_full_422_uncompressed.dcm", "SC_rgb_small_odd_big_endian.dcm", "liver_1frame.dcm",
    ],
)  # fmt: skip
def test_pixels_of_every_packing_stay_the_same(name: str, odd: Callable[[str], Path]) -> None:
    (source,) = gather([odd(name)])
    (bare,) = kept(source.data)
    before, after = read_dicom(source.data), read_dicom(bare)
    np.testing.assert_array_equal(stored_values(after), stored_values(before))
    assert after.tags == before.tags


def test_every_shared_scan_is_kept_with_the_same_tags(shared: Callable[[str], Path]) -> None:
    for folder in ("scans/dxa_ge_lunar", "scans/ct_lumbar_labelled/example_ct_dicom"):
        for source in gather([shared(folder)])[:6]:
            (bare,) = kept(source.data)
            before, after = read_dicom(source.data), read_dicom(bare)
            assert after.tags == before.tags
            np.testing.assert_array_equal(stored_values(after), stored_values(before))
            for told in (before.identity.identifier, before.identity.name):
                assert not told or told.encode() not in bare


def test_notes_inside_compressed_pixels_are_blanked() -> None:
    dataset = pydicom.dcmread(BytesIO(SPINE))
    dataset.compress(pydicom.uid.JPEG2000Lossless, generate_instance_uid=False)
    whole = bytes(dataset.PixelData)
    # Behind the first segment (SIZ) of the JPEG 2000 stream a comment of the sender's.
    at = whole.index(b"\xff\x4f\xff\x51") + 4
    at += int.from_bytes(whole[at : at + 2], "big")
    note = b"\xff\x64\x00\x0e\x00\x01QQZXSECRET"
    length_at = whole.index(b"\xff\x4f\xff\x51") - 4
    length = int.from_bytes(whole[length_at : length_at + 4], "little") + len(note)
    noted = whole[:length_at] + length.to_bytes(4, "little") + whole[length_at + 4 : at] + note
    noted += whole[at:]
    dataset.PixelData = noted
    sink = BytesIO()
    dataset.save_as(sink)
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    np.testing.assert_array_equal(
        stored_values(read_dicom(bare)), stored_values(read_dicom(sink.getvalue()))
    )


@settings(max_examples=30, deadline=None)
@given(junk=st.binary(max_size=60), length=st.integers(0, 2**32 - 1))
def test_blanking_notes_never_changes_the_length(junk: bytes, length: int) -> None:
    pixels = b"\xfe\xff\x00\xe0" + length.to_bytes(4, "little") + b"\xff\xd8" + junk
    assert len(without_notes(pixels)) == len(pixels)
