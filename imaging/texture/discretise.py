"""Grey values into a few levels, as every table of counts needs them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imaging.errors import UnsuitableScan

Levels = npt.NDArray[np.integer[Any]]
OUTSIDE = -1
# Tables have a row and a column for each level: more than this are no texture, and a table of
# them needs more memory than measuring may have.
MOST_LEVELS = 1024


@dataclass(frozen=True, slots=True)
class FixedBinNumber:
    """As many levels whatever the range: for values without a calibrated unit (IBSI K15C)."""

    bins: int


@dataclass(frozen=True, slots=True)
class FixedBinSize:
    """Levels of one width: for calibrated values such as HU (IBSI Q3RU)."""

    width: float


Bins = FixedBinNumber | FixedBinSize


def fixed_bin_number(
    values: npt.NDArray[np.floating], mask: npt.NDArray[np.bool_], bins: int
) -> Levels:
    """Divide the range inside the mask into equal bins.

    Returns
    -------
    ndarray of int, shape of ``values``
        Levels 0 to bins - 1; ``OUTSIDE`` beyond the mask. IBSI counts from 1.

    References
    ----------
    IBSI reference manual, fixed bin number, id K15C.
    """
    levels = np.full(values.shape, OUTSIDE, dtype=np.int32)
    chosen = values[mask].astype(np.float64)
    low, high = chosen.min(), chosen.max()
    if high > low:
        # In place: a large region's new arrays cost more than the sums.
        chosen -= low
        chosen *= bins
        chosen /= high - low
        levels[mask] = np.minimum(chosen.astype(np.int32), bins - 1)
    else:
        levels[mask] = 0
    return levels


def fixed_bin_size(
    values: npt.NDArray[np.floating],
    mask: npt.NDArray[np.bool_],
    width: float,
    lowest: float | None,
) -> Levels:
    """Divide into bins of one width, upward from the lowest value of re-segmentation.

    Parameters
    ----------
    lowest : float or None
        None takes the least value inside the mask, as IBSI does without re-segmentation.

    Returns
    -------
    ndarray of int, shape of ``values``
        Levels from 0; ``OUTSIDE`` beyond the mask. IBSI counts from 1.

    Raises
    ------
    UnsuitableScan
        If there would be more than ``MOST_LEVELS`` levels.

    References
    ----------
    IBSI reference manual, fixed bin size, id Q3RU.
    """
    chosen = values[mask].astype(np.float64)
    start = float(chosen.min()) if lowest is None else lowest
    found = np.floor((chosen - start) / width)
    if found.max() >= MOST_LEVELS:
        raise UnsuitableScan(
            f"Bins of {width:g} give more than {MOST_LEVELS} grey levels here: choose wider ones."
        )
    levels = np.full(values.shape, OUTSIDE, dtype=np.int32)
    levels[mask] = found.astype(np.int32)
    return levels


def discretised(
    values: npt.NDArray[np.floating], mask: npt.NDArray[np.bool_], bins: Bins, lowest: float | None
) -> tuple[Levels, int]:
    """Divide by either way; give the levels and how many there are."""
    if isinstance(bins, FixedBinNumber):
        return fixed_bin_number(values, mask, bins.bins), bins.bins
    levels = fixed_bin_size(values, mask, bins.width, lowest)
    return levels, int(levels.max()) + 1
