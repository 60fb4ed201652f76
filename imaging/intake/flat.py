"""A flat DICOM image, decoded: its grey values and where the size of its pixels comes from."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from imaging.identity.deidentify import Value
from imaging.intake.dicom import DicomImage, shown_values
from imaging.projection import Projection, checked_pixels
from imaging.reports.carried import read_carried
from imaging.result import Spacing

# A pixel of any bone image lies between a micro-CT's and a whole-body overview's.
PIXEL_MM = (0.005, 12.0)
# Densitometers write up to about 2 million pixels; of what is enlarged beyond this, neighbouring
# pixels are averaged before anything is sought in it, or finding would take minutes.
MOST_PIXELS = 4_000_000


def projection_from_dicom(image: DicomImage) -> Projection:
    """Decode one flat DICOM image; of several pictures in it the first that shows something.

    Raises
    ------
    UnreadableScan
        If its pixels cannot be decoded.
    UnsuitableScan
        If it is blank.
    """
    frames = shown_values(image)
    seen = next((frame for frame in frames if np.ptp(frame) > 0), frames[0])
    shown = Projection(checked_pixels(seen), spacing_of(image), image.tags)
    return replace(_worked_on(shown), results=read_carried(image.dataset))


def _worked_on(whole: Projection) -> Projection:
    """Average blocks of an enormous picture; less than one block at the far edges is cut off."""
    rows, columns = whole.pixels.shape
    block = math.ceil(math.sqrt(rows * columns / MOST_PIXELS))
    if block <= 1 or min(rows, columns) < 16 * block:
        return whole
    high, wide = rows // block, columns // block
    blocks = whole.pixels[: high * block, : wide * block].reshape(high, block, wide, block)
    spacing = whole.spacing
    if spacing is not None:
        mm = tuple(side * block for side in spacing.mm)
        spacing = Spacing(mm=mm, source=f"{spacing.source}, {block} pixels averaged into one")
    return replace(whole, pixels=blocks.mean(axis=(1, 3)), spacing=spacing, reduced=block)


def spacing_of(image: DicomImage) -> Spacing | None:
    """Find the size of a pixel, best source first; None where the file does not say."""
    for name in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        pair = image.numbers(name, 2)
        if pair is not None and _plausible(pair):
            return Spacing(mm=pair, source=name)
    pair = exposed_spacing(image.tags)
    return None if pair is None else Spacing(mm=pair, source="ExposedArea")


def exposed_spacing(tags: Mapping[str, Value]) -> tuple[float, float] | None:
    """Divide Exposed Area (0040,0303), the exposed width and height in mm, by the pixels.

    Bone densitometers that write no pixel spacing write it, and their picture covers just that
    area.
    """
    area, rows, columns = tags.get("ExposedArea"), tags.get("Rows"), tags.get("Columns")
    if not isinstance(area, tuple) or len(area) != 2:
        return None
    if not isinstance(rows, float) or not isinstance(columns, float) or not rows or not columns:
        return None
    pair = (area[1] / rows, area[0] / columns)
    return pair if _plausible(pair) else None


def _plausible(pair: tuple[float, ...]) -> bool:
    """Accept what a pixel of a densitometer can be.

    It is about as high as wide; a total body image is compressed lengthwise by up to 2.
    """
    return all(PIXEL_MM[0] <= mm <= PIXEL_MM[1] for mm in pair) and 0.4 < pair[0] / pair[1] < 2.5
