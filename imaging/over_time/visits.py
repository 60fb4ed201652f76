"""Two visits' pictures laid upon each other: which regions are not on the bone they were on."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from imaging.over_time.registration import align, elsewhere
from imaging.projection import Projection
from imaging.result import Measured, Picture, Region, Spacing

ALL = "all regions"


def misplaced(earlier: Measured, later: Measured) -> tuple[str, ...]:
    """Name regions of the later visit that do not lie where they lay, by aligning the pictures.

    Returns
    -------
    tuple of str
        Empty where every region lies on the same bone, or where there is nothing to align: a CT,
        a report, a picture without size in mm. Just ``ALL`` where the pictures do not fit upon
        each other, so that their regions cannot be told to be the same.
    """
    one, other = _picture_of(earlier), _picture_of(later)
    if one is None or other is None:
        return ()
    rigid = align(one, other)
    if rigid is None:
        return (ALL,)
    regions = earlier.measurement.regions, later.measurement.regions
    return tuple(elsewhere(regions[0], regions[1], rigid, (one, other)))


def _picture_of(measured: Measured) -> Projection | None:
    """Take back the picture that regions were placed on; its pixels are those of the regions."""
    flat = [picture for picture in measured.pictures if picture.slice_index is None]
    spacing = measured.measurement.spacing
    areas = [region for region in measured.measurement.regions if region.outline == "area"]
    if len(flat) != 1 or spacing is None or len(spacing.mm) != 2 or not areas:
        return None
    return _projection(flat[0], spacing, areas)


def _projection(picture: Picture, spacing: Spacing, areas: Sequence[Region]) -> Projection | None:
    with Image.open(BytesIO(picture.png)) as shown:
        pixels = np.asarray(shown.convert("L"), dtype=np.float32)
    outside = any(
        not (-1 <= x <= picture.width and -1 <= y <= picture.height)
        for region in areas
        for x, y in region.polygon
    )
    return None if outside else Projection(pixels, spacing)
