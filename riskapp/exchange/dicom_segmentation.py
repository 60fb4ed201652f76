"""Measured regions as a DICOM Segmentation: the very pixels that the numbers were read from.

The whole bones about them make a second one: they overlap, and few readers tell layers apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import highdicom
import numpy as np
import numpy.typing as npt
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from imaging.errors import UnsuitableScan
from imaging.polygons import BY_HAND, inside
from imaging.result import Region, ScanMeasurement
from imaging.voxels import Voxels
from riskapp import __version__
from riskapp.exchange.dicom_codes import own_code, site_code
from riskapp.exchange.dicom_origin import Origin, uid_for

ANATOMY = CodedConcept("91723000", "SCT", "Anatomical Structure")  # PS3.16 CID 7150
SERIES_NUMBER, BONES_SERIES_NUMBER = 9001, 9003
# A projection has no third dimension and often no place in the body (PS3.3 A.51: then the
# segmentation lies on the pixels of its source).
Mask = npt.NDArray[np.bool_]
# As the volume type of the library has them: what a layer stands for.
Channels = dict[
    BaseTag | int | str | highdicom.ChannelDescriptor, Sequence[int | str | float | Enum]
]


@dataclass(frozen=True, slots=True)
class _Segment:
    """One segment: its name, the region it comes from, and its voxels where it has its own."""

    label: str
    region: Region
    voxels: Voxels | None


def segmentation(result: ScanMeasurement, origin: Origin, key: str) -> Segmentation:
    """Write the areas of a measured scan as one segment each.

    Parameters
    ----------
    result : ScanMeasurement
        Measured; of a volume with its ``affine``.
    origin : Origin
        The images it was measured on.
    key : str
        Names this version of this scan; the same key gives the same UIDs.

    Raises
    ------
    UnsuitableScan
        If there is no area to write, or the slices do not lie on a right-angled grid.
    """
    areas = [region for region in result.regions if region.outline == "area"]
    if not areas:
        raise UnsuitableScan("There is no outlined area to write as a segmentation.")
    made = _made(
        [_Segment(region.id, region, region.voxels) for region in areas],
        result,
        origin,
        key,
        ("segmentation", SERIES_NUMBER, "BONE_REGIONS", "Bone regions measured"),
    )
    if len(result.size or ()) != 3:
        # Type 2C where there is no orientation in space (PS3.3 C.7.6.1): blank, as untold.
        made.PatientOrientation = origin.first.get("PatientOrientation") or ""
    return made


def bones(result: ScanMeasurement, origin: Origin, key: str) -> Segmentation:
    """Write the whole bones about the regions of a volume, such as vertebral bodies.

    Raises
    ------
    UnsuitableScan
        If none was outlined as a whole, or as ``segmentation`` does.
    """
    segments = [
        _Segment(f"{region.id} whole", region, region.bone)
        for region in result.regions
        if region.bone is not None
    ]
    if not segments:
        raise UnsuitableScan("No whole bone was outlined in this scan.")
    told = ("bones", BONES_SERIES_NUMBER, "WHOLE_BONES", "Bones about regions")
    return _made(segments, result, origin, key, told)


def _made(
    segments: Sequence[_Segment],
    result: ScanMeasurement,
    origin: Origin,
    key: str,
    told: tuple[str, int, str, str],
) -> Segmentation:
    name, series, label, words = told
    is_volume = len(result.size or ()) == 3
    pixels = (
        _in_volume(segments, result, origin)
        if is_volume
        else _in_picture([segment.region for segment in segments], result, origin)
    )
    try:
        made = Segmentation(
            source_images=list(origin.images),
            pixel_array=pixels,
            segmentation_type=SegmentationTypeValues.BINARY,
            segment_descriptions=[
                _described(number, segment, result, key)
                for number, segment in enumerate(segments, start=1)
            ],
            series_instance_uid=uid_for(key, f"{name} series"),
            series_number=series,
            sop_instance_uid=uid_for(key, name),
            instance_number=1,
            manufacturer="Trabecula",
            manufacturer_model_name="Trabecula",
            software_versions=__version__,
            device_serial_number=__version__,
            content_label=label,
            content_description=words,
        )
    except ValueError as problem:
        raise UnsuitableScan(
            "The images of this scan cannot be referenced by a DICOM segmentation, which says of "
            f"them: {problem}"
        ) from problem
    made.SeriesDescription = words
    return made


def _described(
    number: int, segment: _Segment, result: ScanMeasurement, key: str
) -> SegmentDescription:
    region = segment.region
    by_hand = region.method == BY_HAND
    kinds = SegmentAlgorithmTypeValues
    site = site_code(region.id, result.kind.body_part)
    return SegmentDescription(
        segment_number=number,
        segment_label=segment.label[:64],
        segmented_property_category=ANATOMY,
        segmented_property_type=site,
        algorithm_type=kinds.MANUAL if by_hand else kinds.AUTOMATIC,
        algorithm_identification=None
        if by_hand
        else highdicom.AlgorithmIdentificationSequence(
            name=region.method[:64], family=own_code("geometry"), version=__version__
        ),
        tracking_uid=uid_for(key, "region", segment.label),
        tracking_id=segment.label[:64],
    )


def _in_picture(
    areas: Sequence[Region], result: ScanMeasurement, origin: Origin
) -> npt.NDArray[np.uint8]:
    shape = (int(origin.first.Rows), int(origin.first.Columns))
    # What was averaged to be measured is drawn in the pixels of the file.
    block = max(1, shape[0] // (result.size or shape)[0])
    masks = [inside(_enlarged(region, block), shape) for region in areas]
    return np.stack(masks, axis=-1)[None].astype(np.uint8)


def _enlarged(region: Region, block: int) -> list[tuple[float, float]]:
    shift = (block - 1) / 2
    return [(column * block + shift, row * block + shift) for column, row in region.polygon]


def _in_volume(
    segments: Sequence[_Segment], result: ScanMeasurement, origin: Origin
) -> highdicom.Volume:
    if result.affine is None or result.size is None:
        raise UnsuitableScan("Where this volume lies in the body is not known; measure it again.")
    boxes = [_box(segment, (result.size[1], result.size[2])) for segment in segments]
    first = min(low for low, _ in boxes)
    depth = max(low + len(mask) for low, mask in boxes) - first
    layers, channels = _layers([(low - first, mask) for low, mask in boxes], depth)
    affine = np.array(result.affine)
    affine[:3, 3] += first * affine[:3, 0]
    try:
        return highdicom.Volume(
            array=layers,
            affine=affine,
            coordinate_system="PATIENT",
            frame_of_reference_uid=_frame_of_reference(origin.first),
            channels=channels,
        )
    except ValueError as problem:
        raise UnsuitableScan(
            "The slices of this scan do not lie on a right-angled grid, which a DICOM "
            "segmentation needs."
        ) from problem


def _box(segment: _Segment, shape: tuple[int, int]) -> tuple[int, Mask]:
    """Give the first slice of a segment, and its mask from there in whole slices."""
    if segment.voxels is None:
        region = segment.region
        low, high = region.depth_slices or (region.slice_index or 0,) * 2
        return low, np.repeat(inside(region.polygon, shape)[None], high - low + 1, axis=0)
    corner, size = segment.voxels.corner, segment.voxels.shape
    mask = np.zeros((size[0], *shape), dtype=bool)
    rows, columns = (slice(at, at + n) for at, n in zip(corner[1:], size[1:], strict=True))
    mask[:, rows, columns] = segment.voxels.mask
    return corner[0], mask


def _layers(
    boxes: Sequence[tuple[int, Mask]], depth: int
) -> tuple[npt.NDArray[np.uint8], Channels | None]:
    """Number the voxels by segment while segments keep apart; else a layer for each."""
    rows, columns = boxes[0][1].shape[1:]
    numbered = np.zeros((depth, rows, columns), dtype=np.uint8)
    for number, (low, mask) in enumerate(boxes, start=1):
        here = numbered[low : low + len(mask)]
        if here[mask].any():
            break
        here[mask] = number
    else:
        return numbered, None
    layers = np.zeros((depth, rows, columns, len(boxes)), dtype=np.uint8)
    for at, (low, mask) in enumerate(boxes):
        layers[low : low + len(mask), ..., at] = mask
    return layers, {"SegmentNumber": list(range(1, len(boxes) + 1))}


def _frame_of_reference(image: Dataset) -> str | None:
    uid = image.get("FrameOfReferenceUID")
    return str(uid) if uid else None
