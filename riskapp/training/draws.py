"""How many draws of the unknown each person has, and their weights."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import Floats
from riskapp.training.outcomes import Taught

Indices = npt.NDArray[np.intp]

# Draws for a person about whom something is not known: many where few people are to be drawn for,
# and of those with a fracture, which says which draws are likely.
MOST_ROWS, LEAST_DRAWS, MOST_DRAWS, FRACTURED_DRAWS = 60_000, 2, 8, 16


def how_many(
    values: Sequence[Mapping[str, float]], columns: tuple[str, ...], causes: Taught
) -> Indices:
    """How many rows each person is to have, shape (n,); 1 where all is known."""
    holed = np.array([any(name not in each for name in columns) for each in values])
    fractures = [each.event for cause, each in causes.follow_up.items() if cause != "death"]
    broke = np.any(fractures, axis=0)
    draws = np.ones(len(values), dtype=np.intp)
    for chosen, most in ((holed & ~broke, MOST_DRAWS), (holed & broke, FRACTURED_DRAWS)):
        draws[chosen] = np.clip(MOST_ROWS // max(1, chosen.sum()), LEAST_DRAWS, most)
    return draws


def normalised(log_weights: Floats, owners: Indices) -> Floats:
    """Weights that sum to 1 for each owner, shape (N,); owners come in runs from 0 on."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    most = np.maximum.reduceat(log_weights, starts)
    weights = np.exp(log_weights - most[owners])
    return np.asarray(weights / np.add.reduceat(weights, starts)[owners])
