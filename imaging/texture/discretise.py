"""Grey values into a few levels, as co-occurrence needs them."""

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.intp]
OUTSIDE = -1


def fixed_bin_number(
    values: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], bins: int
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
    levels = np.full(values.shape, OUTSIDE, dtype=np.intp)
    chosen = values[mask].astype(np.float64)
    low, high = chosen.min(), chosen.max()
    if high > low:
        levels[mask] = np.minimum((bins * (chosen - low) / (high - low)).astype(np.intp), bins - 1)
    else:
        levels[mask] = 0
    return levels
