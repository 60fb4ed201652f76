"""Cuts along the spine: upright planes that follow it from slice to slice, in true proportions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.drawing.display import CT_WINDOW_HU, as_png
from imaging.result import Picture
from imaging.volume import Volume

Vector = npt.NDArray[np.float64]
Points = list[tuple[float, float]]
# Finer pixels show nothing more, coarser ones steps at every edge.
PIXEL_MM = (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut from front to back or from right to left, head up, with square pixels.

    Attributes
    ----------
    name : str
        ``sagittal`` (front to the left) or ``coronal`` (the patient's right to the left).
    off_mm : ndarray, shape (slices,)
        Where the cut passes each slice: mm along columns (sagittal) or rows (coronal).
    slice_mm, pixel_mm : float
        Distance of the slices, and size of a pixel.
    top_mm, first_mm : float
        Height of the first row of pixels, and place of the first column of pixels.
    size : tuple of int
        Rows and columns of the picture.
    """

    name: Literal["sagittal", "coronal"]
    off_mm: Vector
    slice_mm: float
    pixel_mm: float
    top_mm: float
    first_mm: float
    size: tuple[int, int]

    def place(self, up: Vector, across: Vector) -> Vector:
        """Give mm (slice, row, column) of places in the cut; shape (k, 3)."""
        off = np.interp(up, np.arange(len(self.off_mm)) * self.slice_mm, self.off_mm)
        inner = (across, off) if self.name == "sagittal" else (off, across)
        return np.column_stack([up, *inner])

    def pixels(self, up: Vector, across: Vector) -> Points:
        """Give (column, row) in the picture of places in the cut, mm."""
        columns = (np.asarray(across) - self.first_mm) / self.pixel_mm
        rows = (self.top_mm - np.asarray(up)) / self.pixel_mm
        return [
            (round(float(x), 2), round(float(y), 2)) for x, y in zip(columns, rows, strict=True)
        ]

    def picture(self, volume: Volume) -> Picture:
        rows, columns = self.size
        up = self.top_mm - np.arange(rows) * self.pixel_mm
        across = self.first_mm + np.arange(columns) * self.pixel_mm
        at = self.place(np.repeat(up, columns), np.tile(across, rows)) / np.array(volume.spacing_mm)
        plane = ndimage.map_coordinates(volume.voxels, at.T, order=1, mode="nearest")
        ways = {"sagittal": "Sagittal", "coronal": "Coronal"}
        return Picture(
            name=self.name,
            png=as_png(np.asarray(plane, dtype=np.float32).reshape(self.size), *CT_WINDOW_HU),
            width=columns,
            height=rows,
            slice_index=None,
            title=f"{ways[self.name]} cut along the spine, {self.pixel_mm:.2f} mm pixels",
        )


def cut_along(
    volume: Volume,
    name: Literal["sagittal", "coronal"],
    off_mm: Vector | None = None,
    up_mm: tuple[float, float] = (-np.inf, np.inf),
    across_mm: tuple[float, float] = (-np.inf, np.inf),
) -> Cut:
    """Lay a cut through a volume, as far as both reach.

    Parameters
    ----------
    off_mm : ndarray, shape (slices,), optional
        Where it passes each slice; the middle of the pictures by default.
    up_mm, across_mm : tuple of float
        Lowest and highest place shown, along slices and along rows or columns.
    """
    slice_mm, row_mm, column_mm = volume.spacing_mm
    slices, rows, columns = volume.voxels.shape
    reach = ((rows - 1) * row_mm, (columns - 1) * column_mm)
    wide, other = reach if name == "sagittal" else reach[::-1]
    if off_mm is None:
        off_mm = np.full(slices, other / 2)
    pixel_mm = float(np.clip(min(row_mm, column_mm, slice_mm), *PIXEL_MM))
    low, high = max(up_mm[0], 0.0), min(up_mm[1], (slices - 1) * slice_mm)
    left, right = max(across_mm[0], 0.0), min(across_mm[1], wide)
    size = tuple(
        max(2, int((end - start) / pixel_mm) + 1) for start, end in ((low, high), (left, right))
    )
    return Cut(name, off_mm, slice_mm, pixel_mm, high, left, (size[0], size[1]))
