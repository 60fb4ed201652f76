"""A stack of slices in patient space."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from imaging.errors import UnsuitableScan
from imaging.identity.deidentify import Value

# Slices may lean this far from an axis of the body before "up" loses its meaning.
LARGEST_LEAN_DEG = 30.0


@dataclass(frozen=True, slots=True)
class Volume:
    """Voxels ordered foot to head, front to back, right to left.

    Attributes
    ----------
    voxels : ndarray of float32, shape (slices, rows, columns)
        Hounsfield units where the scanner gave them.
    spacing_mm : tuple of float
        Distance between slices, rows and columns.
    affine : ndarray, shape (4, 4)
        Index (slice, row, column, 1) to patient position in mm; DICOM's axes, that is towards
        the patient's left, back and head (LPS).
    source : str
        Where the spacing comes from.
    """

    voxels: npt.NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    affine: npt.NDArray[np.float64]
    source: str
    tags: dict[str, Value] = field(default_factory=dict)


def body_ordered(
    voxels: npt.NDArray[np.float32],
    affine: npt.NDArray[np.float64],
    source: str,
    tags: dict[str, Value],
) -> Volume:
    """Swap and flip axes so that they run foot to head, front to back, right to left.

    No voxel is interpolated: a sagittal series becomes axial slices of its own spacing.

    Parameters
    ----------
    affine : ndarray, shape (4, 4)
        Index along the axes of ``voxels`` to LPS mm.
    """
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    # Body axes in the order slice, row, column: head (z), back (y), left (x).
    order = [int(np.argmax(np.abs(directions[axis]))) for axis in (2, 1, 0)]
    if len(set(order)) < 3:
        raise UnsuitableScan("The slices lie too obliquely in the body to tell up from forward.")
    lean = [abs(directions[axis, order[2 - axis]]) for axis in range(3)]
    if min(lean) < np.cos(np.deg2rad(LARGEST_LEAN_DEG)):
        raise UnsuitableScan(
            f"The slices lean more than {LARGEST_LEAN_DEG:.0f} degrees from the body’s axes: "
            "reconstruct them axially."
        )
    turned = np.transpose(voxels, order)
    matrix = affine[:, [*order, 3]].copy()
    for axis, body_axis in enumerate((2, 1, 0)):
        if matrix[body_axis, axis] < 0:
            turned = np.flip(turned, axis)
            matrix[:3, 3] += matrix[:3, axis] * (turned.shape[axis] - 1)
            matrix[:3, axis] *= -1
    slice_mm, row_mm, column_mm = (float(mm) for mm in np.linalg.norm(matrix[:3, :3], axis=0))
    return Volume(
        np.ascontiguousarray(turned, dtype=np.float32),
        (slice_mm, row_mm, column_mm),
        matrix,
        source,
        tags,
    )
