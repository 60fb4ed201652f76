"""Regions in a DICOM structured report: as segments, or as coordinates in their image."""

import numpy as np
from highdicom.seg import Segmentation
from highdicom.sr import (
    CoordinatesForMeasurement,
    GraphicTypeValues,
    ImageRegion,
    ReferencedSegment,
    SourceImageForRegion,
)

from imaging.result import Region
from riskapp.exchange.dicom_origin import Origin


def segment_of(segmentation: Segmentation, name: str) -> ReferencedSegment:
    """Refer to the segment that bears a region's name."""
    labels = [one.SegmentLabel for one in segmentation.SegmentSequence]
    return ReferencedSegment.from_segmentation(segmentation, labels.index(name[:64]) + 1)


def _in_the_file(
    origin: Origin, size: tuple[int, ...] | None, region: Region
) -> np.ndarray[tuple[int, int], np.dtype]:
    """Give corners as SCOORD has them: (0, 0) is the corner of the first pixel, not its centre.

    PS3.3 C.18.6.1.1: column and row offset, the top left corner of the picture at 0\\0.
    """
    rows = int(origin.first.Rows)
    block = max(1, rows // (size or (rows,))[0])
    return (np.asarray(region.polygon, dtype=np.float64) + 0.5) * block


def _source(origin: Origin) -> SourceImageForRegion:
    image = origin.first
    return SourceImageForRegion(image.SOPClassUID, image.SOPInstanceUID)


def outlined(origin: Origin, size: tuple[int, ...] | None, region: Region) -> ImageRegion:
    """Give the outline of a region, closed, in the first image; ``size``: (rows, columns) of it."""
    corners = _in_the_file(origin, size, region)
    closed = np.vstack([corners, corners[:1]])
    return ImageRegion(GraphicTypeValues.POLYLINE, closed, _source(origin))


def coordinates(
    origin: Origin, size: tuple[int, ...] | None, region: Region
) -> list[CoordinatesForMeasurement]:
    """Give the points of a line or of landmarks in the first image, as one graphic."""
    kind = GraphicTypeValues.POLYLINE if region.outline == "line" else GraphicTypeValues.MULTIPOINT
    corners = _in_the_file(origin, size, region)
    if len(corners) == 1:
        kind = GraphicTypeValues.POINT
    return [CoordinatesForMeasurement(kind, corners, _source(origin))]
