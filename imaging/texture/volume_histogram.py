"""The intensity-volume histogram: how much of a region lies above a value."""

import numpy as np
import numpy.typing as npt

from imaging.errors import UnsuitableScan
from imaging.texture.discretise import Bins, FixedBinNumber

Values = npt.NDArray[np.float64]
Range = tuple[float | None, float | None]
# Whole numbers up to this many steps are counted one by one.
MOST_STEPS = 1_000_000


def volume_histogram(values: Values, bins: Bins | None, kept: Range) -> dict[str, float]:
    """Compute the IBSI intensity-volume histogram features (id P88C) at 10 % and 90 %.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Values in the region.
    bins : FixedBinNumber, FixedBinSize or None
        None takes whole numbers as they are, which HU rounded after interpolation are.
    kept : tuple of (low, high)
        The range of re-segmentation; None takes the region's own.

    Returns
    -------
    dict of str to float
        Names of ``catalogue.VOLUME_HISTOGRAM``. With ``FixedBinNumber`` intensities are the
        numbers of bins.

    Raises
    ------
    UnsuitableScan
        If values that are not whole numbers come without bins.
    """
    low = float(values.min()) if kept[0] is None else kept[0]
    high = float(values.max()) if kept[1] is None else kept[1]
    step, index, grid = _steps(values, bins, low, high)
    above = 1 - np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(grid)))]) / len(
        index
    )
    volume = above[: len(grid)]
    span = grid[-1] - grid[0]
    fraction = (grid - grid[0]) / span if span else np.zeros(len(grid))
    # An intensity beyond the last one is present nowhere.
    beyond = np.append(grid, grid[-1] + step)
    found = {}
    for percent in (10, 90):
        found[f"volume_at_{percent}_percent_intensity"] = float(
            volume[fraction >= percent / 100 - 1e-9].max(initial=0.0)
        )
        found[f"intensity_at_{percent}_percent_volume"] = float(
            beyond[np.argmax(above <= percent / 100 + 1e-12)]
        )
    for name in ("volume", "intensity"):
        ten, ninety = (f"{name}_at_{p}_percent_{_other(name)}" for p in (10, 90))
        found[f"{name}_difference_10_90"] = found[ten] - found[ninety]
    return found


def _other(name: str) -> str:
    return "intensity" if name == "volume" else "volume"


def _steps(
    values: Values, bins: Bins | None, low: float, high: float
) -> tuple[float, npt.NDArray[np.intp], Values]:
    """Give the step, each value's place on the grid of intensities, and that grid."""
    if isinstance(bins, FixedBinNumber):
        least, most = float(values.min()), float(values.max())
        width = (most - least) / bins.bins or 1.0
        index = np.minimum(((values - least) / width).astype(np.intp), bins.bins - 1)
        return 1.0, index, np.arange(1, bins.bins + 1, dtype=np.float64)
    if bins is None:
        if not np.array_equal(values, np.rint(values)):
            raise UnsuitableScan(
                "The intensity-volume histogram needs bins where intensities are not whole "
                "numbers: choose some, or round after interpolation."
            )
        step, middle = 1.0, 0.0
    else:
        step, middle = bins.width, bins.width / 2
    count = int(np.ceil((high - low) / step)) + (1 if bins is None else 0)
    if not 1 <= count <= MOST_STEPS:
        raise UnsuitableScan("The intensities reach too far for a histogram of this bin width.")
    index = np.clip(np.floor((values - low) / step).astype(np.intp), 0, count - 1)
    return step, index.astype(np.intp), (low + middle + step * np.arange(count)).astype(np.float64)
