"""A flat image: grey values, the size of a pixel and where that size comes from."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.identity.deidentify import Value
from imaging.reports.printed import Report
from imaging.result import Spacing


@dataclass(frozen=True, slots=True)
class Projection:
    """One flat image, brighter where more is absorbed.

    Attributes
    ----------
    pixels : ndarray of float32, shape (rows, columns)
        Grey values without absolute calibration.
    spacing : Spacing or None
        (row, column) in mm; None where the file does not say.
    tags : dict
        Kept tags; empty for ordinary picture files.
    reduced : int
        How many pixels of the file, in each direction, were averaged into one.
    results : Report or None
        What the densitometer measured itself and wrote into the tags.
    """

    pixels: npt.NDArray[np.float32]
    spacing: Spacing | None = None
    tags: dict[str, Value] = field(default_factory=dict)
    reduced: int = 1
    results: Report | None = None

    @property
    def size_mm(self) -> tuple[float, float] | None:
        """Height and width in mm."""
        if self.spacing is None:
            return None
        rows, columns = self.pixels.shape
        return rows * self.spacing.mm[0], columns * self.spacing.mm[1]

    def inverted(self) -> "Projection":
        """Turn dark to bright: some exports show bone dark without saying so."""
        return replace(self, pixels=self.pixels.max() + self.pixels.min() - self.pixels)


def checked_pixels(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Refuse pictures that hold nothing to see."""
    if not np.isfinite(values).all():
        raise UnreadableScan("The picture holds values that are not numbers.")
    if min(values.shape) < 16:
        rows, columns = values.shape
        raise UnsuitableScan(f"The picture is only {columns} × {rows} pixels, too small for bone.")
    if float(values.max()) == float(values.min()):
        raise UnsuitableScan("The picture is blank: every pixel has the same value.")
    return values
