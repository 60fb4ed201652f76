"""The spinal column on a frontal image: valid field, centre line, straightened strip, edges."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial
from scipy import ndimage

from imaging.regions.paths import best_path
from imaging.sheet import Sheet, resampled

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

STEP_MM = 0.5  # working grid
# Lumbar bodies are 35-55 mm wide (Zhou et al. 2000, Eur Spine J 9:242-248;
# RECALLED); the strip reaches past the widest.
HALF_STRIP_MM = 32.0
SIDE_MM = (5.0, 17.0)  # beside the spinous processes, inside any lumbar body
BORDER = 0.93  # share of the lightest value that counts as border
FLANK_MM = (27.0, 38.0)  # soft tissue beside the column


@dataclass(frozen=True, slots=True)
class Column:
    """The column on the working grid.

    Attributes
    ----------
    strip : ndarray, shape (n, 2 * half + 1)
        Grey values straightened along the centre line.
    centre : ndarray, shape (n, 2)
        (row, column) of the centre line on the working grid.
    across : ndarray, shape (n, 2)
        Unit vector (row, column) pointing to the picture's right, perpendicular to the line.
    left, right : ndarray, shape (n,)
        Distance in steps from the centre line to each edge of the bone.
    """

    strip: Array
    centre: npt.NDArray[np.float64]
    across: npt.NDArray[np.float64]
    left: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]

    def place(self, row: float, offset: float) -> tuple[float, float]:
        """Give (row, column) on the working grid of a place in the strip; steps, not mm."""
        at = np.clip(row, 0, len(self.centre) - 1)
        rows = np.arange(len(self.centre))
        point = [
            np.interp(at, rows, self.centre[:, k]) + offset * np.interp(at, rows, self.across[:, k])
            for k in (0, 1)
        ]
        # Beyond the ends the line is prolonged, so that a tilted region keeps its corners.
        return float(point[0] + (row - at)), float(point[1])


def exposed_field(pixels: Array) -> Mask:
    """Find where the densitometer looked: its stepped border is filled with the top value."""
    reach = 2
    # A little under the top, averaged over a few pixels: copies of the image are noisy.
    light = ndimage.uniform_filter(pixels, 2 * reach + 1, mode="nearest") >= (
        BORDER * pixels.max() + (1 - BORDER) * pixels.min()
    )
    seen = np.ones(pixels.shape, dtype=bool)
    shortest = max(3, pixels.shape[1] // 100)
    wide = pixels.shape[1]
    columns = np.arange(wide)
    for flipped in (False, True):
        view = light[:, ::-1] if flipped else light
        length = np.where(view.all(axis=1), wide, view.argmin(axis=1))
        # A few bright pixels at the edge are bone or noise; a border is a longer run.
        length = np.where(length >= shortest, length + reach, 0)
        run = columns[None, :] < length[:, None]
        seen &= ~(run[:, ::-1] if flipped else run)
    return seen


def on_working_grid(pixels: Array, spacing_mm: tuple[float, float]) -> Array:
    """Resample to STEP_MM, blurred just enough not to alias."""
    return resampled(pixels, spacing_mm, STEP_MM)


def find_column(image: Array) -> Column:
    """Follow the column from top to bottom.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        On the working grid, bright bone, unexposed border filled with zero.
    """
    scale = float(np.percentile(image, 98)) or 1.0
    smooth = np.asarray(ndimage.gaussian_filter(image / scale, 1.0), dtype=np.float32)
    fit = ndimage.gaussian_filter1d(_bilateral(smooth), 10 / STEP_MM, axis=0, mode="nearest")
    path = best_path(np.asarray(fit, dtype=np.float32), bend_cost=0.02)
    rows = np.arange(len(path), dtype=np.float64)
    # A cubic follows a double curve, but not the pull of sacrum and ribs at the ends.
    columns = Polynomial.fit(rows, path.astype(np.float64), 3)(rows)
    slope = np.gradient(columns)
    across = np.column_stack([-slope, np.ones_like(slope)]) / np.hypot(slope, 1)[:, None]
    centre = np.column_stack([rows, columns])
    half = round(HALF_STRIP_MM / STEP_MM)
    offsets = np.arange(-half, half + 1)
    where = centre[:, :, None] + across[:, :, None] * offsets
    strip = Sheet(smooth).read(where[:, 0], where[:, 1])
    return Column(strip, centre, across, _edge(strip[:, half::-1]), _edge(strip[:, half:]))


def _bilateral(image: Array) -> Array:
    """Score each place as a mid-line: bright on both sides of it, dark beyond.

    The darker of two mirrored places counts, so that a rib or the pelvis on one side does
    not pull the line.
    """
    score = np.zeros_like(image)
    wide, most = image.shape[1], round(max(SIDE_MM[1], FLANK_MM[1]) / STEP_MM)
    padded = np.pad(image, ((0, 0), (most, most)), mode="edge")
    for (near, far), weight in ((SIDE_MM, 1.0), (FLANK_MM, -0.5)):
        offsets = range(round(near / STEP_MM), round(far / STEP_MM) + 1)
        for offset in offsets:
            to_right = padded[:, most + offset : most + offset + wide]
            to_left = padded[:, most - offset : most - offset + wide]
            score += weight / len(offsets) * np.minimum(to_right, to_left)
    return score


def _edge(outward: Array) -> npt.NDArray[np.float64]:
    """Follow the outer edge of one side: the strongest lasting drop 14-29 mm out."""
    drop = -ndimage.gaussian_filter1d(outward, 1.5 / STEP_MM, axis=1, order=1)
    first, last = round(14 / STEP_MM), round(29 / STEP_MM)
    window = np.asarray(ndimage.gaussian_filter1d(drop[:, first:last], 1 / STEP_MM, axis=0))
    window = window / (window.max() or 1.0)
    path = best_path(np.asarray(window, dtype=np.float32), bend_cost=0.7)
    smooth: npt.NDArray[np.float64] = ndimage.gaussian_filter1d(
        path.astype(np.float64), 2 / STEP_MM
    )
    return first + smooth
