"""Slices into one volume, or a sentence that says why they are not one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imaging.broken import BROKEN_FILE
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.identity.whose import check_one_person
from imaging.intake.dicom import DicomImage, hounsfield_values, signal_values
from imaging.limits import LIMITS, Limits
from imaging.volume import Volume, body_ordered

Vector = npt.NDArray[np.float64]
# Directions are written with six decimals or fewer.
PARALLEL = 1e-3
# Table positions are rounded to 0.01-0.1 mm; beyond this part of a step, slices are uneven.
UNEVEN = 0.1
SAME_PLACE_MM = 0.01
# A leaning stack (gantry tilt) shears the body: allowed shift per mm of travel, about 1 degree.
SHEAR = 0.02
LONGEST_STEP_MM = 20.0
LONGEST_BODY_MM = 3_000.0  # nobody is as long


def volume_from_slices(images: Sequence[DicomImage], limits: Limits = LIMITS) -> Volume:
    """Order single slices by position and stack them: a CT in Hounsfield units, MR as signal.

    Raises
    ------
    UnsuitableScan
        If they come from several series, are not parallel, not evenly spaced, or too few.
    """
    check_one_series(images)
    first = images[0]
    decoded = hounsfield_values if first.text("Modality") == "CT" else signal_values
    across, down = _directions(first)
    row_mm, column_mm = _pixel_mm(first)
    normal = np.cross(across, down)
    positions = np.array([_position(image) for image in images])
    places = positions @ normal
    order = np.argsort(places, kind="stable")
    step = even_step(places[order], positions[order], normal)
    size = (len(images), int(first.number("Rows") or 0), int(first.number("Columns") or 0))
    if 4 * size[0] * size[1] * size[2] > limits.image_bytes:
        raise UnreadableScan("The series would need more memory than is allowed here.")
    voxels = np.empty(size, dtype=np.float32)
    for at, index in enumerate(order):
        voxels[at] = decoded(images[index])[0]
    affine = np.eye(4)
    affine[:3, 0] = normal * step
    affine[:3, 1] = down * row_mm
    affine[:3, 2] = across * column_mm
    affine[:3, 3] = positions[order[0]]
    return body_ordered(voxels, affine, "PixelSpacing, ImagePositionPatient", first.tags)


def check_one_series(images: Sequence[DicomImage]) -> None:
    """Refuse a mixture: every slice must share series, size and direction."""
    if any((image.number("NumberOfFrames") or 1) > 1 for image in images):
        raise UnsuitableScan(
            f"The series comes as {len(images)} files, some of many pictures each: send one file "
            "of many pictures, or single slices."
        )
    series = {image.series for image in images}
    if len(series) > 1:
        raise UnsuitableScan(
            f"The files belong to {len(series)} different series: send one series at a time."
        )
    check_one_person([image.identity for image in images])
    # Blank says nothing: some archives clear one of the two.
    if len(_named(images, "FrameOfReferenceUID")) > 1:
        raise UnsuitableScan(
            "The slices do not share one frame of reference, so their positions do not fit "
            "together: send one series at a time."
        )
    if len({(image.number("Rows"), image.number("Columns")) for image in images}) > 1:
        raise UnsuitableScan("The slices differ in size, so they are not one series.")
    if len({image.numbers("PixelSpacing", 2) for image in images}) > 1:
        raise UnsuitableScan("The slices differ in pixel spacing, so they are not one series.")
    directions = np.array([np.concatenate(_directions(image)) for image in images])
    if np.abs(directions - directions[0]).max() > PARALLEL:
        raise UnsuitableScan(
            "The slices are not parallel; an overview picture may lie among them: "
            "send the axial series alone."
        )


def _named(images: Sequence[DicomImage], name: str) -> set[str]:
    """Collect what the slices give for an identifier; none of it is kept or shown."""
    try:
        given = {str(image.dataset.get(name) or "").strip() for image in images}
    except BROKEN_FILE as error:
        raise UnreadableScan("An identifier of a slice is damaged: export it again.") from error
    return given - {""}


def even_step(places: Vector, positions: Vector, normal: Vector) -> float:
    """Give the distance between slices, or say what is wrong with it."""
    if len(places) < 3:
        raise UnsuitableScan(
            f"There are only {len(places)} slice(s): a vertebra needs the whole series."
        )
    steps = np.diff(places)
    step = float(np.median(steps))
    if steps.min() < SAME_PLACE_MM:
        raise UnsuitableScan(
            "Two slices lie at the same place, so there is more than one series here."
        )
    if steps.max() > LONGEST_BODY_MM:
        raise UnsuitableScan("A slice lies metres away from the others: send one series.")
    if steps.max() > 1.5 * step:
        raise UnsuitableScan(
            f"At least one slice is missing: the gap of {steps.max():.1f} mm is wider than the "
            f"{step:.1f} mm between the others."
        )
    if np.abs(steps - step).max() > UNEVEN * step:
        raise UnsuitableScan("The distance between slices changes within the series.")
    if step > LONGEST_STEP_MM:
        raise UnsuitableScan(f"The slices lie {step:.0f} mm apart: a vertebra falls between them.")
    drift = positions[-1] - positions[0]
    sideways = drift - normal * float(drift @ normal)
    if np.linalg.norm(sideways) > SHEAR * abs(float(drift @ normal)):
        raise UnsuitableScan(
            "The slices were taken with a tilted gantry: reconstruct them untilted."
        )
    return step


def split_directions(six: tuple[float, ...]) -> tuple[Vector, Vector]:
    """Give the unit vectors along a row and down a column of Image Orientation (Patient)."""
    across, down = np.array(six[:3]), np.array(six[3:6])
    lengths = np.linalg.norm(across), np.linalg.norm(down)
    if min(lengths) < 0.5 or abs(float(across @ down)) > 0.01:
        raise UnreadableScan("The directions of a slice contradict each other.")
    return across / lengths[0], down / lengths[1]


def _directions(image: DicomImage) -> tuple[Vector, Vector]:
    six = image.numbers("ImageOrientationPatient", 6)
    if six is None:
        raise UnsuitableScan("A slice does not say how it lies in the body (orientation missing).")
    return split_directions(six)


def _position(image: DicomImage) -> tuple[float, ...]:
    three = image.numbers("ImagePositionPatient", 3)
    if three is None:
        raise UnsuitableScan("A slice does not say where it lies in the body (position missing).")
    return three


def _pixel_mm(image: DicomImage) -> tuple[float, float]:
    pair = image.numbers("PixelSpacing", 2)
    if pair is None or not all(0.02 <= mm <= 10 for mm in pair):
        raise UnsuitableScan("The slices do not say how large a pixel is (PixelSpacing missing).")
    return pair[0], pair[1]
