"""Cumulative incidence of a fracture when death may come first."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Product = tuple[Array, Array]  # two arrays to be multiplied, which broadcast


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


def fractures_by_step(
    hip: Sequence[Product], other: Sequence[Product], death: Sequence[Product]
) -> Iterator[Array]:
    """The same sum for hip and for major fracture, a step at a time and without new arrays.

    Over many combinations an array for every step would not stay in the processor's cache, and
    most of the time would go into fetching it.

    Parameters
    ----------
    hip, other, death : sequence of two ndarray, one for each step
        Their product is minus the hazard times the length of the step; its shape is that of the
        combinations.

    Yields
    ------
    ndarray, shape (2, ...)
        Probabilities at the end of the step, hip first; written over by the next.
    """
    shape = np.broadcast_shapes(*(one.shape for cause in (hip, other, death) for one in cause[0]))
    survival, cumulative = np.ones((2, *shape)), np.zeros((2, *shape))
    hazards, total, after = (np.empty((2, *shape)) for _ in range(3))
    beside = np.empty(shape)
    for of_hip, of_other, of_death in zip(hip, other, death, strict=True):
        np.multiply(*of_hip, out=hazards[0])
        np.add(hazards[0], np.multiply(*of_other, out=beside), out=hazards[1])
        np.add(hazards, np.multiply(*of_death, out=beside), out=total)
        np.exp(total, out=after)
        after *= survival
        survival -= after
        hazards /= total
        hazards *= survival
        cumulative += hazards
        survival, after = after, survival
        yield cumulative
