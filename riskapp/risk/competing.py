"""Cumulative incidence of a fracture when death may come first."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def cumulative_incidence(fracture: Array, death: Array, step_years: float) -> Array:
    """Probability that the fracture has happened, at the end of each step.

    Within a step both hazards are constant, so the sum is exact for step-wise hazards:
    ``p = sum S q h / (h + m)`` with ``q = 1 - exp(-(h + m) step)`` and S the chance of having
    neither fractured nor died before the step.

    Parameters
    ----------
    fracture, death : ndarray, shape (..., steps)
        Hazards per year; the fracture hazard is above 0.
    step_years : float
        Length of a step.

    Returns
    -------
    ndarray, shape (..., steps)

    References
    ----------
    Putter H, Fiocco M, Geskus RB, 2007. Stat Med 26:2389-2430, doi:10.1002/sim.2712.
    """
    total = fracture + death
    survival = np.exp(-np.cumsum(total, axis=-1) * step_years)
    before = np.concatenate([np.ones_like(survival[..., :1]), survival[..., :-1]], axis=-1)
    cumulative: Array = np.cumsum((before - survival) * fracture / total, axis=-1)
    return cumulative
