"""Where air, fat and muscle lie in a CT: the peaks of smooth places, whatever the bone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.volume import Volume

# Peaks are looked for here; outside, a scale is too far off to be put right by a line.
AIR_HU = (-1080.0, -900.0)
FAT_HU = (-145.0, -50.0)
MUSCLE_HU = (15.0, 90.0)
BIN_HU = 2.0
SMOOTH_BINS = 3.0  # a peak of noisy tissue is ragged
PATCH_MM = 5.0
# Spread within a patch: tissue of one kind, not an edge or streaks.
EVEN_HU = 30.0
FEWEST = 400  # patches of a tissue
SLICES = 24  # as many say what all would


@dataclass(frozen=True, slots=True)
class Tissues:
    """Peak attenuation in HU; None where a tissue is not seen."""

    air: float | None
    fat: float | None
    muscle: float | None


def find_tissues(volume: Volume, first: int, last: int) -> Tissues:
    """Find the tissues beside the vertebrae, in slices ``first`` to ``last``."""
    values = even_means(volume, first, last)
    return Tissues(peak(values, AIR_HU), peak(values, FAT_HU), peak(values, MUSCLE_HU))


def even_means(volume: Volume, first: int, last: int) -> npt.NDArray[np.float64]:
    """Collect the mean of every patch of even tissue or air in slices ``first`` to ``last``."""
    step = max(1, (last - first + 1) // SLICES)
    _, row_mm, column_mm = volume.spacing_mm
    size = (max(1, round(PATCH_MM / row_mm)), max(1, round(PATCH_MM / column_mm)))
    means = []
    for index in range(first, last + 1, step):
        plane = volume.voxels[index].astype(np.float64)
        mean = ndimage.uniform_filter(plane, size, mode="nearest")
        spread = np.sqrt(
            np.maximum(ndimage.uniform_filter(plane**2, size, mode="nearest") - mean**2, 0)
        )
        # What was never scanned is filled with one value: it has no noise at all.
        means.append(mean[(spread < EVEN_HU) & (spread > 0)])
    return np.concatenate(means)


def peak(values: npt.NDArray[np.float64], limits: tuple[float, float]) -> float | None:
    """Find the commonest value between limits; None where too few, or where it is at a limit."""
    edges = np.arange(limits[0], limits[1] + BIN_HU, BIN_HU)
    counts, _ = np.histogram(values, edges)
    if counts.sum() < FEWEST:
        return None
    smooth = ndimage.gaussian_filter1d(counts.astype(np.float64), SMOOTH_BINS, mode="nearest")
    top = int(smooth.argmax())
    if top in (0, len(smooth) - 1):
        return None
    # The crown of the peak by its own weight: finer than a bin.
    crown = slice(max(0, top - 3), top + 4)
    middles = (edges[:-1] + edges[1:]) / 2
    return float(np.average(middles[crown], weights=smooth[crown]))
