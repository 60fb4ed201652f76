"""One file of many frames (enhanced CT or MR) into a volume, by the groups of each frame."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.identity.tags import FRAME_GROUPS, SHARED_GROUPS
from imaging.intake.dicom import DicomImage, stored_values
from imaging.intake.series import PARALLEL, even_step, split_directions
from imaging.volume import Volume, body_ordered


def volume_from_frames(image: DicomImage) -> Volume:
    """Stack the frames of one enhanced CT or MR file, each by its own frame groups.

    A CT is given in Hounsfield units, and must say how; MR as signal.

    Raises
    ------
    UnsuitableScan
        If frames have no place, or differ in direction or size of a pixel.
    """
    try:
        shared = image.dataset[SHARED_GROUPS].value[0]
        frames = [
            _Frame.read(shared, frame, calibrated=image.text("Modality") == "CT")
            for frame in image.dataset[FRAME_GROUPS].value
        ]
        across, down = split_directions(frames[0].orientation)
        row_mm, column_mm = frames[0].spacing
    except BROKEN_FILE as error:
        raise UnsuitableScan(
            "The file holds several pictures without their positions in space, or is a CT that "
            "does not say how its numbers become Hounsfield units: send the series as single "
            "slices."
        ) from error
    orientations = np.array([frame.orientation for frame in frames])
    if np.abs(orientations - orientations[0]).max() > PARALLEL:
        raise UnsuitableScan("The pictures in the file are not parallel: send one series.")
    if len({frame.spacing for frame in frames}) > 1:
        raise UnsuitableScan("The pictures in the file differ in pixel spacing: send one series.")
    if not (0.02 <= row_mm <= 10 and 0.02 <= column_mm <= 10):
        raise UnsuitableScan("The file does not say how large a pixel is.")
    normal = np.cross(across, down)
    values = stored_values(image)
    if len(values) != len(frames):
        raise UnreadableScan("The file has not as many positions as pictures.")
    for plane, frame in zip(values, frames, strict=True):
        plane *= np.float32(frame.slope)
        plane += np.float32(frame.intercept)
    positions = np.array([frame.position for frame in frames])
    places = positions @ normal
    order = np.argsort(places, kind="stable")
    step = even_step(places[order], positions[order], normal)
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([normal * step, down * row_mm, across * column_mm])
    affine[:3, 3] = positions[order[0]]
    return body_ordered(values[order], affine, "PixelMeasuresSequence", image.tags)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What one frame's groups say of it (PS3.3 C.7.6.16.2)."""

    orientation: tuple[float, ...]
    position: tuple[float, ...]
    spacing: tuple[float, ...]
    slope: float
    intercept: float

    @classmethod
    def read(cls, shared: Dataset, frame: Dataset, *, calibrated: bool) -> "_Frame":
        """Read one frame; ``calibrated`` demands that it says what its numbers mean."""

        def group(name: str) -> Dataset:
            holder = shared if name in shared else frame
            item: Dataset = holder[name].value[0]
            return item

        def numbers(values: Iterable[object], count: int) -> tuple[float, ...]:
            read = tuple(float(str(value)) for value in values)
            if len(read) != count or not all(map(math.isfinite, read)):
                raise ValueError("Not as many numbers as there must be.")
            return read

        slope, intercept = 1.0, 0.0
        name = "PixelValueTransformationSequence"
        if calibrated or name in shared or name in frame:
            transform = group(name)
            slope, intercept = numbers((transform.RescaleSlope, transform.RescaleIntercept), 2)
        if not slope:
            raise ValueError("A slope of zero maps every number to one.")
        return cls(
            orientation=numbers(group("PlaneOrientationSequence").ImageOrientationPatient, 6),
            position=numbers(group("PlanePositionSequence").ImagePositionPatient, 3),
            spacing=numbers(group("PixelMeasuresSequence").PixelSpacing, 2),
            slope=slope,
            intercept=intercept,
        )
