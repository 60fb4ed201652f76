"""Hazards of the three causes on a grid of inputs, kept as the products or sums that they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, CauseTerms, Terms
from riskapp.risk.missing import Grid
from riskapp.risk.modifiers import Modifiers
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
    """Values on a grid that are a sum, which is larger than all of its parts and rarely made."""

    factors: Array  # (outcomes, one axis for each of ``FACTORS``)
    bmi: Array  # (outcomes, bmi)
    t_score: Array  # (outcomes, T)


@dataclass(frozen=True, slots=True)
class Laid:
    """Logarithms of the pieces of one person's hazards, with any part of the modifiers known.

    What is the same whatever part is known is made once.
    """

    terms: Terms
    grid: Grid
    steps: Array  # years from now
    plain: Mapping[str, Pieces]  # before anything beside the risk factors
    _by_factor: dict[tuple[str, bool], tuple[Array, Array]] = field(default_factory=dict)

    def on(self, grid: Grid) -> "Laid":
        """The same with the T-scores of another grid."""
        plain = {
            name: replace(one, t_score=_log_t(name, self.terms, grid))
            for name, one in self.plain.items()
        }
        return replace(self, grid=grid, plain=plain)

    def pieces(self, modifiers: Modifiers) -> tuple[Pieces, ...]:
        """Hazards of each of ``CAUSES``."""
        return tuple(
            Pieces(
                self._factors(name, modifiers)[1],
                np.exp(self.plain[name].bmi),
                np.exp(self._t_score(name, modifiers)),
            )
            for name in CAUSES
        )

    def log_fractures(self, known_beside: Sequence[Modifiers]) -> Added:
        """Log-hazards of hip and of other major fracture at the first of the steps, for each."""
        both = [(name, one) for one in known_beside for name in FRACTURES]
        factors = np.stack([self._factors(name, one)[0][:, 0] for name, one in both])
        return Added(
            factors.reshape(-1, *axes(self.grid)[:-2]),
            np.stack([self.plain[name].bmi for name, _ in both]),
            np.stack([self._t_score(name, one)[:, 0] for name, one in both]),
        )

    def _t_score(self, name: str, modifiers: Modifiers) -> Array:
        plain = self.plain[name].t_score
        return np.asarray(plain + modifiers.everywhere(name, self.grid.t_score)[:, None])

    def _factors(self, name: str, modifiers: Modifiers) -> tuple[Array, Array]:
        """What combinations of factors add to the log-hazard, and by how much they multiply it.

        Of the modifiers of one person details are always there and diabetes may be.
        """
        told = name, modifiers.diabetes is not None
        if told not in self._by_factor:
            added = self._added(name, modifiers) if name in FRACTURES else self.plain[name].factors
            self._by_factor[told] = added, np.exp(added)
        return self._by_factor[told]

    def _added(self, name: str, modifiers: Modifiers) -> Array:
        plain, cause = self.plain[name].factors, getattr(self.terms, name)
        by_factor = plain.reshape(*axes(self.grid)[: len(FACTORS)], -1)
        for axis, (factor, values) in enumerate(zip(FACTORS, self.grid.factors, strict=True)):
            if factor in modifiers.moved:
                described = np.zeros_like(values)
                described[-1] = factor in modifiers.described
                effect = cause.factors.get(factor, np.zeros_like(cause.base))
                added = modifiers.beside_factor(name, factor, values, described, effect, self.steps)
                by_factor = by_factor + _along(added, axis)
        return by_factor.reshape(plain.shape)


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
    return Pieces(log_factors, cause.bmi_term(grid.bmi_kg_m2), _log_t(name, found, grid))


def _log_t(name: str, found: Terms, grid: Grid) -> Array:
    cause: CauseTerms = getattr(found, name)
    return np.asarray(cause.base + cause.t_term(grid.t_score[:, None], found.mean_t))


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
