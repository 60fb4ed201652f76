"""Discs of the lumbar spine as an ordered chain with anatomical gaps."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.chains import Gaps, best_chain
from imaging.regions.peaks import find_peaks
from imaging.regions.spine_column import SIDE_MM, STEP_MM, Array

# From disc to disc in adults: bodies of 24-32 mm with discs of 7-14 mm, enlarged a little by the
# fan beam; a crushed vertebra is shorter. Limits of our own, to be confirmed (of the lower lumbar
# spine: Zhou et al. 2000, Eur Spine J 9:242-248; RECALLED).
GAP_MM = (24.0, 52.0)
# Each lumbar gap is a little taller than the one above: an assumption, as is its spread.
GROWTH = 1.05
GROWTH_SD = 0.13
# A disc is at least this much darker than the bone around it, as a share of that bone.
FAINTEST = 0.06
CERTAIN = 0.25
LARGEST_TILT = 0.21  # 12 degrees to the column


@dataclass(frozen=True, slots=True)
class Chain:
    """Discs from head to foot.

    Attributes
    ----------
    rows : tuple of float
        Where each disc crosses the centre line, in steps of the working grid.
    tilts : tuple of float
        Rise of each disc per step to the picture's right.
    depths : tuple of float
        How much darker than the bone around it, as a share.
    score : float
    """

    rows: tuple[float, ...]
    tilts: tuple[float, ...]
    depths: tuple[float, ...]
    score: float


def side_bands(strip: Array) -> tuple[Array, Array]:
    """Average the strip beside the spinous processes; left and right profile along the spine."""
    half = strip.shape[1] // 2
    near, far = (round(mm / STEP_MM) for mm in SIDE_MM)
    return (
        strip[:, half - far : half - near + 1].mean(axis=1),
        strip[:, half + near : half + far + 1].mean(axis=1),
    )


def darkness(strip: Array) -> npt.NDArray[np.float64]:
    """Measure how far each row lies under the bone around it, between two bright plates."""
    left, right = side_bands(strip)
    band = ndimage.gaussian_filter1d((left + right) / 2, 1.5 / STEP_MM)
    around = ndimage.gaussian_filter1d(band, 14 / STEP_MM, mode="nearest")
    dip = 1 - band / np.maximum(around, 1e-3)
    # Endplates: the brightest row 3-9 mm above and below a disc.
    near, far = round(3 / STEP_MM), round(9 / STEP_MM)
    highest = ndimage.maximum_filter1d(band, far - near + 1, mode="nearest")
    above, below = (
        ndimage.shift(highest, side * (near + far) // 2, order=0, mode="nearest")
        for side in (1, -1)
    )
    plates = np.minimum(above, below) / np.maximum(around, 1e-3) - 1
    depth: npt.NDArray[np.float64] = dip + 0.5 * np.clip(plates, -0.3, 0.3)
    return depth


def find_chain(strip: Array, leaning: bool = True) -> Chain | None:
    """Choose the ordered set of dips that looks most like discs; None where there is none.

    How each leans is found last and takes longest: without ``leaning``, all are taken as level.
    """
    depth = darkness(strip)
    margin = round(4 / STEP_MM)
    peaks = find_peaks(depth, height=FAINTEST, distance=round(5 / STEP_MM))
    peaks = peaks[(peaks >= margin) & (peaks < len(depth) - margin)]
    low, high = (mm / STEP_MM for mm in GAP_MM)
    gaps = Gaps(low, high, growth=GROWTH, spread=GROWTH_SD, fewest=3)
    best = best_chain(peaks, depth, gaps)
    if best is None:
        return None
    tilts = tuple(_tilt(strip, row) if leaning else 0.0 for row in best[1])
    return Chain(
        tuple(float(row) for row in best[1]),
        tilts,
        tuple(float(depth[row]) for row in best[1]),
        best[0],
    )


def _tilt(strip: Array, row: int) -> float:
    """Lean a short profile until the endplates are sharpest and the disc darkest."""
    half = strip.shape[1] // 2
    near, far = (round(mm / STEP_MM) for mm in SIDE_MM)
    offsets = np.concatenate([np.arange(-far, -near + 1), np.arange(near, far + 1)])
    reach = round(10 / STEP_MM)
    rows = np.arange(-reach, reach + 1)
    best, best_score = 0.0, -np.inf
    for tilt in np.linspace(-LARGEST_TILT, LARGEST_TILT, 17):
        where = row + rows[:, None] + tilt * offsets[None, :]
        columns = np.broadcast_to(half + offsets, where.shape)
        values = ndimage.map_coordinates(strip, [where, columns], order=1, mode="nearest")
        profile = values.mean(axis=1)
        disc = profile[np.abs(rows) <= 2 / STEP_MM].mean()
        plates = profile[rows < -2 / STEP_MM].max() + profile[rows > 2 / STEP_MM].max()
        score = (plates / 2 - disc) / max(float(values.mean()), 1e-3) - 0.15 * (
            tilt / LARGEST_TILT
        ) ** 2
        if score > best_score:
            best, best_score = float(tilt), float(score)
    return best
