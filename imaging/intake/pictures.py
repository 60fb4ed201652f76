"""PNG, JPEG and TIFF: their pixels, upright and without anything that is transparent."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake.gathering import check_ratio
from imaging.limits import LIMITS, Limits
from imaging.projection import Projection, checked_pixels

DEEP = ("I;16", "I;16B", "I;16L", "I", "F")
MOST_COUNTED = 100  # pages of a TIFF
FORMATS = ("PNG", "JPEG", "TIFF")
# SyntaxError is how Pillow reports a broken PNG.
BROKEN_PICTURE = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, struct.error, TypeError,
    KeyError, IndexError, OverflowError, MemoryError,
)  # fmt: skip


def read_picture(data: bytes, limits: Limits = LIMITS) -> Projection:
    """Read a PNG, JPEG or TIFF as grey; size first, pixels after.

    Raises
    ------
    UnreadableScan
        If it is broken, cut short or larger than allowed.
    UnsuitableScan
        If it holds several pictures, or nothing to see.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                _check_size(picture, len(data), limits)
                pixels = shown(picture)
                grey = pixels if pixels.mode in DEEP else pixels.convert("L")
                values = np.asarray(grey, dtype=np.float32)
    except Image.DecompressionBombError as error:
        raise UnreadableScan("The picture claims far more pixels than are read.") from error
    except BROKEN_PICTURE as error:
        raise UnreadableScan("The picture file is damaged or cut short.") from error
    # No spacing: dots per inch in a picture file is a print size, not the patient's.
    return Projection(checked_pixels(values))


def shown(picture: Image.Image) -> Image.Image:
    """Give the pixels as a viewer shows them: turned as its tags say, and laid upon white.

    Raises
    ------
    OSError
        If the file is cut short.
    """
    with _whole_files_only():
        upright = ImageOps.exif_transpose(picture)
    if upright.mode == "P" or upright.mode == "PA":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    if upright.mode not in {"LA", "RGBA", "La", "RGBa"}:
        return upright
    paper = Image.new("RGBA", upright.size, "white")
    flat = Image.alpha_composite(paper, upright.convert("RGBA"))
    return flat.convert("L" if upright.mode in {"LA", "La"} else "RGB")


def _check_size(picture: Image.Image, held: int, limits: Limits) -> None:
    columns, rows = picture.size
    deep = 4 if picture.mode in {"I", "F"} else 2 if picture.mode.startswith("I;16") else 1
    plain = rows * columns * len(picture.getbands()) * deep
    if max(rows, columns) > limits.side_pixels or plain > limits.image_bytes:
        raise UnreadableScan(f"The picture claims {columns} × {rows} pixels, more than is read.")
    check_ratio(held, plain, limits)
    count = _pages(picture)
    # Telephones put a small copy behind their picture (format MPO).
    if count > 1 and picture.format != "MPO":
        raise UnsuitableScan(
            f"The file is a stack of {count}{' or more' if count == MOST_COUNTED else ''} pictures "
            "without positions or spacing: "
            "send the DICOM series, or one picture."
        )


def _pages(picture: Image.Image) -> int:
    """Count the pictures of a file; of a TIFF, whose pages form a chain, no more than a few."""
    if picture.format != "TIFF":
        return int(getattr(picture, "n_frames", 1))
    count = 1
    try:
        while count < MOST_COUNTED:
            picture.seek(count)
            count += 1
    except EOFError:
        pass
    picture.seek(0)
    return count


@contextmanager
def _whole_files_only() -> Iterator[None]:
    """Refuse what is cut short: other libraries tell Pillow to fill it up with black."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
