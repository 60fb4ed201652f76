"""``compiled_sums`` of drawn people, each beside hazards of their own."""

from functools import partial

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled
from riskapp.risk.compiled_sums import TOGETHER, lay_group, of_group

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


def fractures_of_each(moved: Array, hazards: Array) -> Array:
    """Probabilities of hip and of major fracture of draws, each with its own hazards.

    Parameters
    ----------
    moved : ndarray, shape (3, n)
        By how much each draw's hazards are multiplied.
    hazards : ndarray, shape (3, steps, m)
        As ``columns`` of ``fractures``, of m people; draws take them in turns.

    Returns
    -------
    ndarray, shape (2, n)
    """
    n, m = moved.shape[1], hazards.shape[2]
    draws = np.arange(n)
    return _of_each(moved, hazards, draws * m + draws % m)


@partial(compiled, nogil=True)
def _of_each(bmi: Array, t_score: Array, places: Places) -> Array:
    """One group after another, so that what is laid out stays in the nearest cache."""
    steps, m = t_score.shape[1], len(places)
    values = np.empty((3, steps, TOGETHER))
    most, least = np.empty((3, steps)), np.empty((3, steps))
    rows, found = np.ones((3, 1, steps)), np.empty((2, 1, 1, m))
    every = np.arange(m)
    for group in range(-(-m // TOGETHER)):
        lay_group(bmi, t_score, places, group, values, most, least)
        here = every[group * TOGETHER : (group + 1) * TOGETHER]
        of_group(rows, values, most, least, 0, here, found)
    return found[:, 0, 0]
