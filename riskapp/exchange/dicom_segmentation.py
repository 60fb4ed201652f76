"""Measured regions as a DICOM Segmentation: the very pixels that the numbers were read from."""

from collections.abc import Sequence
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
from riskapp import __version__
from riskapp.exchange.dicom_codes import own_code, site_code
from riskapp.exchange.dicom_origin import Origin, uid_for

ANATOMY = CodedConcept("91723000", "SCT", "Anatomical Structure")  # PS3.16 CID 7150
SERIES_NUMBER = 9001
# A projection has no third dimension and often no place in the body (PS3.3 A.51: then the
# segmentation lies on the pixels of its source).
Mask = npt.NDArray[np.bool_]
# As the volume type of the library has them: what a layer stands for.
Channels = dict[
    BaseTag | int | str | highdicom.ChannelDescriptor, Sequence[int | str | float | Enum]
]


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
    descriptions = [
        _described(number, region, result, key) for number, region in enumerate(areas, start=1)
    ]
    is_volume = len(result.size or ()) == 3
    pixels = _in_volume(areas, result, origin) if is_volume else _in_picture(areas, result, origin)
    try:
        made = Segmentation(
            source_images=list(origin.images),
            pixel_array=pixels,
            segmentation_type=SegmentationTypeValues.BINARY,
            segment_descriptions=descriptions,
            series_instance_uid=uid_for(key, "segmentation series"),
            series_number=SERIES_NUMBER,
            sop_instance_uid=uid_for(key, "segmentation"),
            instance_number=1,
            manufacturer="Trabecula",
            manufacturer_model_name="Trabecula",
            software_versions=__version__,
            device_serial_number=__version__,
            content_label="BONE_REGIONS",
            content_description="Regions of bone that were measured",
        )
    except ValueError as problem:
        raise UnsuitableScan(
            "The images of this scan cannot be referenced by a DICOM segmentation: "
            "their tags contradict each other."
        ) from problem
    if not is_volume:
        # Type 2C where there is no orientation in space (PS3.3 C.7.6.1): blank, as untold.
        made.PatientOrientation = origin.first.get("PatientOrientation") or ""
    return made


def _described(
    number: int, region: Region, result: ScanMeasurement, key: str
) -> SegmentDescription:
    by_hand = region.method == BY_HAND
    kinds = SegmentAlgorithmTypeValues
    site = site_code(region.id, result.kind.body_part)
    return SegmentDescription(
        segment_number=number,
        segment_label=region.id[:64],
        segmented_property_category=ANATOMY,
        segmented_property_type=site,
        algorithm_type=kinds.MANUAL if by_hand else kinds.AUTOMATIC,
        algorithm_identification=None
        if by_hand
        else highdicom.AlgorithmIdentificationSequence(
            name=region.method[:64], family=own_code("geometry"), version=__version__
        ),
        tracking_uid=uid_for(key, "region", region.id),
        tracking_id=region.id[:64],
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
    areas: Sequence[Region], result: ScanMeasurement, origin: Origin
) -> highdicom.Volume:
    if result.affine is None or result.size is None:
        raise UnsuitableScan("Where this volume lies in the body is not known; measure it again.")
    spans = [region.depth_slices or (region.slice_index or 0,) * 2 for region in areas]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    shape = (result.size[1], result.size[2])
    masks = [inside(region.polygon, shape) for region in areas]
    slices = [slice(low - first, high - first + 1) for low, high in spans]
    layers, channels = _layers(masks, slices, last - first + 1)
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


def _layers(
    masks: Sequence[Mask], slices: Sequence[slice], depth: int
) -> tuple[npt.NDArray[np.uint8], Channels | None]:
    """Number the voxels by region while regions keep apart; else a layer for each region."""
    rows, columns = masks[0].shape
    numbered = np.zeros((depth, rows, columns), dtype=np.uint8)
    for number, (mask, here) in enumerate(zip(masks, slices, strict=True), start=1):
        if numbered[here, mask].any():
            break
        numbered[here, mask] = number
    else:
        return numbered, None
    layers = np.zeros((depth, rows, columns, len(masks)), dtype=np.uint8)
    for at, (mask, here) in enumerate(zip(masks, slices, strict=True)):
        layers[here, mask, at] = 1
    return layers, {"SegmentNumber": list(range(1, len(masks) + 1))}


def _frame_of_reference(image: Dataset) -> str | None:
    uid = image.get("FrameOfReferenceUID")
    return str(uid) if uid else None
