"""Parts of a cohort that never share a person."""

import numpy as np
import numpy.typing as npt

from riskapp.laboratory.asking import Flags

Positions = npt.NDArray[np.intp]


def folds(people: npt.NDArray[np.str_], event: Flags, number: int, seed: int) -> list[Positions]:
    """Split rows into folds of like size and like number of events; one person, one fold.

    Parameters
    ----------
    people : ndarray of str, shape (n,)
        Who each row is about.
    event : ndarray of bool, shape (n,)

    Returns
    -------
    list of ndarray
        Positions of the rows of each fold, in order; together every row once.

    Raises
    ------
    ValueError
        If there are fewer people than folds.
    """
    names, row_of = np.unique(people, return_inverse=True)
    if names.size < number:
        raise ValueError(f"{names.size} people cannot be split into {number} folds.")
    had = np.bincount(row_of, weights=event, minlength=names.size) > 0
    rng = np.random.default_rng(seed)
    fold_of = np.empty(names.size, dtype=np.intp)
    dealt = 0
    # Those with an event are dealt first, so that each fold has its share of them.
    for group in (np.flatnonzero(had), np.flatnonzero(~had)):
        shuffled = rng.permutation(group)
        fold_of[shuffled] = (dealt + np.arange(group.size)) % number
        dealt += group.size
    return [np.flatnonzero(fold_of[row_of] == fold) for fold in range(number)]
