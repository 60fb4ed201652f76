"""Hazards of the three causes on a grid of inputs, kept as the products or sums that they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, CauseTerms, Terms
from riskapp.risk.missing import Grid
from riskapp.risk.modifiers import ARTHRITIS, Modifiers
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

CAUSES = (*FRACTURES, "death")
NOW: Array = np.zeros(1)
# Acts through the T-score only, so hazards are computed once for both of its values.
NO_HAZARD = "secondary_osteoporosis"


@dataclass(frozen=True, slots=True)
class Pieces:
    """One cause's hazards as products: (factors, 1, 1) x (1, bmi, 1) x (1, 1, T), by step.

    Or their logarithms, which are added.
    """

    factors: Array  # (combinations, steps)
    bmi: Array  # (bmi,)
    t_score: Array  # (T, steps), base included


@dataclass(frozen=True, slots=True)
class Added:
    """Values on a grid that are a sum, which is larger than both of its parts and rarely made."""

    others: Array  # (outcomes, one axis for each of ``INPUTS`` but the T-score)
    t_score: Array  # (outcomes, T)


@dataclass(frozen=True, slots=True)
class Laid:
    """Logarithms of the pieces of one person's hazards before anything beside the risk factors.

    They are the same whatever else is known, and so are made once.
    """

    terms: Terms
    grid: Grid
    steps: Array  # years from now
    plain: Mapping[str, Pieces]

    def pieces(self, modifiers: Modifiers) -> tuple[Pieces, ...]:
        """Hazards of each of ``CAUSES``."""
        logs = (self._logs(name, modifiers) for name in CAUSES)
        return tuple(
            Pieces(np.exp(one.factors), np.exp(one.bmi), np.exp(one.t_score)) for one in logs
        )

    def log_fractures(self, known_beside: Sequence[Modifiers]) -> Added:
        """Log-hazards of hip and of other major fracture at the first of the steps, for each."""
        logs = [self._logs(name, one) for one in known_beside for name in FRACTURES]
        others = [np.add.outer(one.factors[:, 0], one.bmi) for one in logs]
        shape = axes(self.grid)[:-1]
        return Added(
            np.stack(others).reshape(-1, *shape), np.stack([one.t_score[:, 0] for one in logs])
        )

    def _logs(self, name: str, modifiers: Modifiers) -> Pieces:
        """Logarithms of one cause's pieces, with what is known beside the risk factors."""
        plain, cause = self.plain[name], getattr(self.terms, name)
        if name not in FRACTURES:
            return plain
        by_factor = plain.factors.reshape(*axes(self.grid)[: len(FACTORS)], -1)
        moved = {*modifiers.details, *((ARTHRITIS,) if modifiers.diabetes else ())}
        for axis, (factor, values) in enumerate(zip(FACTORS, self.grid.factors, strict=True)):
            if factor in moved:
                described = np.zeros_like(values)
                described[-1] = factor in modifiers.details
                effect = cause.factors.get(factor, np.zeros_like(cause.base))
                added = modifiers.beside_factor(name, factor, values, described, effect, self.steps)
                by_factor = by_factor + _along(added, axis)
        t_score = plain.t_score + modifiers.everywhere(name, self.grid.t_score)[:, None]
        return Pieces(by_factor.reshape(plain.factors.shape), plain.bmi, t_score)


def laid(terms: Terms, grid: Grid, steps: Array = STEP_MIDDLES_YEARS) -> Laid:
    """Lay terms at some steps from now out on a grid."""
    return Laid(terms, grid, steps, {name: _plain(name, terms, grid) for name in CAUSES})


def _plain(name: str, found: Terms, grid: Grid) -> Pieces:
    cause: CauseTerms = getattr(found, name)
    log_factors: Array = np.zeros((1, len(cause.base)))
    for factor, values in zip(FACTORS, grid.factors, strict=True):
        if factor != NO_HAZARD:
            effect = cause.factors.get(factor, np.zeros_like(cause.base))
            added = np.multiply.outer(values, effect)
            log_factors = (log_factors[:, None, :] + added).reshape(-1, len(cause.base))
    log_t = cause.base + cause.t_term(grid.t_score[:, None], found.mean_t)
    return Pieces(log_factors, cause.bmi_term(grid.bmi_kg_m2), log_t)


def _along(values: Array, axis: int) -> Array:
    """Values of one factor by step, laid along its axis."""
    return values.reshape(
        *[-1 if axis == other else 1 for other in range(len(FACTORS))], values.shape[1]
    )


def axes(grid: Grid) -> tuple[int, ...]:
    """Lengths of the axes of what is computed on a grid."""
    sizes = [len(values) for values in grid.factors]
    sizes[FACTORS.index(NO_HAZARD)] = 1
    return (*sizes, len(grid.bmi_kg_m2), len(grid.t_score))
