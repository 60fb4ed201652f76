"""Hazards of the three causes on a grid of inputs, kept as the products or sums that they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, BmiBends, CauseTerms, Terms, below_bend
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
            name: replace(one, t_score=log_t)
            for (name, one), log_t in zip(self.plain.items(), _log_t(self.terms, grid), strict=True)
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
    causes = _causes(terms)
    bends = BmiBends(grid.bmi_kg_m2)
    apart = zip(_log_factors(causes, grid), causes, _log_t(terms, grid), strict=True)
    plain = [Pieces(rows, cause.bmi_term(bends), log_t) for rows, cause, log_t in apart]
    return Laid(terms, grid, steps, dict(zip(CAUSES, plain, strict=True)))


def _causes(terms: Terms) -> list[CauseTerms]:
    return [getattr(terms, name) for name in CAUSES]


def _log_factors(causes: Sequence[CauseTerms], grid: Grid) -> Array:
    """What combinations of factors add to the log-hazards, shape (causes, combinations, steps)."""
    none = np.zeros_like(causes[0].base)
    found: Array = np.zeros((len(causes), 1, len(none)))
    for factor, values in zip(FACTORS, grid.factors, strict=True):
        if factor != NO_HAZARD:
            effects = np.stack([cause.factors.get(factor, none) for cause in causes])
            added = values[:, None] * effects[:, None]
            found = (found[:, :, None] + added[:, None]).reshape(len(causes), -1, len(none))
    return found


def _log_t(terms: Terms, grid: Grid) -> list[Array]:
    """What T-scores add to the log-hazards, shape (T, steps) for each of ``CAUSES``."""
    t_score = grid.t_score[:, None]
    bent = below_bend(t_score)
    return [
        np.asarray(cause.base + cause.t_term(t_score, terms.mean_t, bent))
        for cause in _causes(terms)
    ]


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
