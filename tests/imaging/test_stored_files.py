"""What is kept of pictures and NIfTI volumes: the same pixels, and no text."""

import gzip
import struct
from io import BytesIO

import nibabel
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from imaging.errors import UnreadableScan
from tests.imaging.named_scans import (
    apart,
    assert_nameless,
    kept,
)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("L", "RGB", "P", "I;16", "LA")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("TIFF", mode) for mode in ("L", "RGB", "P", "I;16", "F", "CMYK", "LA")),
    ],
)
def test_pictures_keep_their_pixels_and_nothing_else(kind: str, mode: str) -> None:
    values = np.random.default_rng(1).integers(0, 255, (40, 30), dtype=np.uint8)
    picture = Image.fromarray(values).convert(mode if mode != "I;16" else "I").convert(mode)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "QQZXJANE")
    exif = Image.Exif()
    exif[0x010E] = "QQZXDOE"
    sink = BytesIO()
    picture.save(sink, format=kind, pnginfo=texts, exif=exif, comment="QQZXCOMMENT")
    assert b"QQZX" in sink.getvalue()
    (bare,) = kept(sink.getvalue())
    assert_nameless([bare])
    with Image.open(BytesIO(sink.getvalue())) as before, Image.open(BytesIO(bare)) as after:
        deep = before.mode in ("I;16", "I;16B", "I", "F")
        np.testing.assert_array_equal(
            np.asarray(after if deep else after.convert("L")),
            np.asarray(before if deep else before.convert("L")),
        )


@pytest.mark.parametrize("holder", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("endian", ["<", ">"])
def test_a_nifti_keeps_voxels_and_place_but_no_text(holder: type, endian: str) -> None:
    voxels = np.random.default_rng(0).integers(-1000, 500, (6, 7, 8)).astype(np.int16)
    image = holder(voxels, np.diag([-0.8, -0.8, 3.0, 1.0]))
    image.header["descrip"], image.header["aux_file"] = b"QQZXDOE QQZXJANE", b"QQZXAUX"
    image.header["intent_name"] = b"QQZXINTENT"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"QQZXEXTENSION"))
    header = image.header.as_byteswapped(endian)
    sink = BytesIO()
    swapped = holder(voxels, image.affine, header)
    swapped.file_map["image"].fileobj = sink
    swapped.to_file_map()
    data = sink.getvalue() + b"QQZXBEHIND"
    (bare,) = kept(data)
    assert_nameless([bare])
    before, after = (holder.from_bytes(each) for each in (data, bare))
    np.testing.assert_array_equal(np.asarray(after.dataobj), voxels)
    np.testing.assert_allclose(after.affine, before.affine)


def test_a_compressed_nifti_is_kept_unpacked() -> None:
    image = nibabel.Nifti1Image(
        np.full((4, 4, 4), -1000, dtype=np.int16), np.diag([1.0, 1.0, 1.0, 1.0])
    )
    packed = gzip.compress(image.to_bytes())
    assert struct.unpack_from("<i", packed)[0] != 348
    with pytest.raises(UnreadableScan):
        apart(packed)  # gather unpacks; what is still packed here was packed twice
