"""A volume as sagittal pictures: head up, front to the left, as spines are read on MRI."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.volume import Volume


@dataclass(frozen=True, slots=True)
class Sagittal:
    """The voxels of a volume in another order; none is interpolated.

    Attributes
    ----------
    planes : ndarray of float32, shape (slices, rows, columns)
        From the patient's right to left, head to foot, front to back.
    spacing_mm : tuple of float
        Distance between slices, rows and columns.
    affine : ndarray, shape (4, 4)
        Index (slice, row, column, 1) to patient position in mm towards left, back and head.
    """

    planes: npt.NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    affine: npt.NDArray[np.float64]

    @property
    def pixel_mm(self) -> tuple[float, float]:
        """Size of a pixel of one picture: (row, column)."""
        return self.spacing_mm[1], self.spacing_mm[2]


def sagittal(volume: Volume) -> Sagittal:
    """Order a volume (foot to head, front to back, right to left) by its sagittal planes."""
    planes = np.ascontiguousarray(volume.voxels.transpose(2, 0, 1)[:, ::-1])
    up_mm, back_mm, left_mm = volume.spacing_mm
    affine = volume.affine[:, [2, 0, 1, 3]].copy()
    affine[:3, 3] += affine[:3, 1] * (planes.shape[1] - 1)
    affine[:3, 1] *= -1
    return Sagittal(planes, (left_mm, up_mm, back_mm), affine)
