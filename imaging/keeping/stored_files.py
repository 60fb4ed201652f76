"""Pictures and NIfTI volumes without identity: the same pixels, and nothing else."""

import struct
import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from imaging.intake.pictures import FORMATS, shown

# Modes that a PNG holds as they are; the others go into a TIFF without any text.
OF_PNG = {"1", "L", "I;16", "RGB"}


class _Header(NamedTuple):
    """Where a NIfTI header has what is needed here, https://nifti.nimh.nih.gov."""

    length: int
    offset_of_voxels: tuple[int, str]
    dimensions: tuple[int, str]
    bits: int
    texts: tuple[tuple[int, int], ...]  # offset and length


NIFTI_1 = _Header(
    348, (108, "f"), (40, "8h"), 72, ((4, 10), (14, 18), (148, 80), (228, 24), (328, 16))
)
NIFTI_2 = _Header(540, (168, "q"), (16, "8q"), 14, ((240, 80), (320, 24), (508, 16), (524, 16)))


def stored_picture(data: bytes) -> bytes:
    """Write the pixels of a PNG, JPEG or TIFF anew, as they are shown: without texts and tags.

    The file was read before, so that it is known to be whole and within the limits.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            pixels = shown(picture)
            bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    sink = BytesIO()
    bare.save(sink, format="PNG" if bare.mode in OF_PNG else "TIFF")
    return sink.getvalue()


def stored_nifti(data: bytes) -> bytes:
    """Blank the texts and extensions of a NIfTI file; its voxels stay as they are.

    The file was read before, so that its header is known to be whole.
    """
    header = NIFTI_2 if data[4:7] == b"n+2" else NIFTI_1
    order = "<" if int.from_bytes(data[:4], "little") == header.length else ">"
    at, form = header.offset_of_voxels
    (start,) = struct.unpack_from(order + form, data, at)
    start = max(int(start), header.length)
    at, form = header.dimensions
    count, *sides = struct.unpack_from(order + form, data, at)
    (bits,) = struct.unpack_from(order + "h", data, header.bits)
    voxels = 1
    for side in sides[:count]:
        voxels *= max(side, 1)
    bare = bytearray(data[: start + voxels * bits // 8])
    for offset, length in (*header.texts, (header.length, start - header.length)):
        bare[offset : offset + length] = bytes(length)
    return bytes(bare)
