"""A picture and its region from two NIfTI files, as they come from other programs."""

import struct
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.limits import LIMITS, Limits

# NIfTI-1 codes of the unit of length: metre, millimetre, micrometre; where there is none,
# millimetres are meant.
LENGTH_BITS = 0x07
MILLIMETRES = {1: 1000.0, 2: 1.0, 3: 0.001}
# How far two headers may differ that are meant to be the same, in mm.
APART_MM = 0.01
LABELS_TOLD = 8

Pair = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], tuple[float, float, float]]


def read_pair(image: Path, mask: Path, label: int | None = None, limits: Limits = LIMITS) -> Pair:
    """Read a picture and the region in it.

    Parameters
    ----------
    label : int, optional
        The number that marks the region; needed only where the second file has several.

    Returns
    -------
    image : ndarray of float, shape (slices, rows, columns)
        The file's third axis as slices.
    mask : ndarray of bool, same shape
        Where the second file is not 0, or is ``label``.
    spacing_mm : tuple of float
        (slice, row, column).

    Raises
    ------
    UnreadableScan
        If a file is no NIfTI volume, broken or too large.
    UnsuitableScan
        If the two do not lie in the same place, or it is not clear what the region is.
    """
    values, affine, scale = _read(image, limits)
    region, region_affine, _ = _read(mask, limits)
    if values.shape != region.shape:
        sizes = [" x ".join(map(str, one.shape)) for one in (values, region)]
        raise UnsuitableScan(
            f"The picture has {sizes[0]} voxels and the region {sizes[1]}: both must have as many."
        )
    if not np.allclose(affine, region_affine, atol=APART_MM):
        raise UnsuitableScan(
            "Picture and region do not lie on the same grid: place or size differ."
        )
    column_mm, row_mm, slice_mm = (
        float(mm) * scale for mm in np.linalg.norm(affine[:3, :3], axis=0)
    )
    return values.T, _marked(region.T, label), (slice_mm, row_mm, column_mm)


def _marked(region: npt.NDArray[np.float64], label: int | None) -> npt.NDArray[np.bool_]:
    """Tell what belongs to the region."""
    if not np.isfinite(region).all():
        raise UnsuitableScan("The region holds values that are not numbers.")
    labels = np.unique(region[region != 0])
    if label is None and len(labels) > 1:
        first = ", ".join(f"{one:g}" for one in labels[:LABELS_TOLD])
        more = ", ..." if len(labels) > LABELS_TOLD else ""
        raise UnsuitableScan(
            f"The region's file marks {len(labels)} labels ({first}{more}): choose one of them."
        )
    if label is not None and label not in labels:
        raise UnsuitableScan(f"The region's file has no voxel with the label {label}.")
    return np.asarray(region != 0 if label is None else region == label)


def _read(
    path: Path, limits: Limits
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    try:
        file = nibabel.load(path)
        if not isinstance(file, nibabel.Nifti1Image):
            raise UnreadableScan(f"{path.name} is not a NIfTI file.")
        shape = file.shape[:3]
        size = int(np.prod(file.shape, dtype=np.float64))
        if len(shape) != 3 or size != int(np.prod(shape, dtype=np.float64)):
            raise UnreadableScan(f"{path.name} is not a single volume.")
        if not 1 <= 4 * size <= limits.image_bytes:
            raise UnreadableScan(f"{path.name} claims more than is read.")
        values = np.asarray(file.dataobj, dtype=np.float64).reshape(shape)
        affine = np.asarray(file.affine, dtype=np.float64)
        unit = int(file.header["xyzt_units"]) & LENGTH_BITS
    except (
        nibabel.filebasedimages.ImageFileError,
        nibabel.spatialimages.HeaderDataError,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        OverflowError,
        MemoryError,
        struct.error,
    ) as error:
        raise UnreadableScan(f"{path.name} cannot be read as a NIfTI volume.") from error
    return values, affine, MILLIMETRES.get(unit, 1.0)
