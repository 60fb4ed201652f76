"""What happened: weighted survival until a horizon."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def share_until(years: Array, event: Flags, weights: Array, horizon_years: float) -> float:
    """1 - Kaplan-Meier at the horizon, each person counting by a survey weight.

    Parameters
    ----------
    years : ndarray, shape (n,)
        Until the event, or until the person was last known to be without it.
    event : ndarray of bool, shape (n,)
    weights : ndarray, shape (n,)

    References
    ----------
    Kaplan EL, Meier P, 1958. J Am Stat Assoc 53:457-481, doi:10.1080/01621459.1958.10501452.
    """
    order = np.argsort(years, kind="stable")
    years, event, weights = years[order], event[order], weights[order]
    at_risk = np.cumsum(weights[::-1])[::-1]
    times, first = np.unique(years, return_index=True)
    happened = np.add.reduceat(weights * event, first)
    factors = 1 - happened / at_risk[first]
    return float(1 - np.prod(factors[times <= horizon_years]))
