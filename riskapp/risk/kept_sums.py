"""Probabilities on a full grid, each block made once for all whose hazards there are the same.

A full grid holds both answers to every yes/no question whatever was answered, so most of it is the
same for everybody of one age and sex. What is known adds a few combinations beside these: when an
answer is changed on a page, they alone are summed anew. Summing is most of what an answer takes.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskapp.risk.grid_hazards import NO_HAZARD, Pieces
from riskapp.risk.missing import BMI, T_SCORE, Grid, Known, as_often, ways
from riskapp.risk.modifiers import ARTHRITIS
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import ROUNDING, Columns, columns, places_by_hazard

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Rows = tuple[slice, ...]  # one for each factor

# At most 0.4 MB each, most of them far less: three people about whom everything is known, or many
# about whom less is.
BLOCKS_KEPT = 192
ALL, ALL_BUT_LAST, LAST = slice(None), slice(-1), slice(-1, None)


class Weighed:
    """Weights of all combinations, laid out as their probabilities are summed."""

    def __init__(self, weights: Array, seen: Flags, known: Known, causes: Sequence[Pieces]) -> None:
        """Lay them out.

        Parameters
        ----------
        weights : ndarray, one axis for each of ``INPUTS``
        seen : ndarray, shape (bmi, T)
            As by ``seen_in_means``; the others count for nothing.
        """
        self._factors = _lengths(weights, known)
        self._regions = [
            _Laid(weights, seen, one, causes, self._factors) for one in _regions(known)
        ]
        self._ways = (len(ways(BMI, known)), len(ways(T_SCORE, known)))
        self._taken: dict[tuple[int, ...], _Rows] = {}

    def ten_years(self, causes: Sequence[Pieces]) -> Array:
        """Probabilities of hip and of major fracture within ten years, weighed and summed.

        Parameters
        ----------
        causes : sequence of Pieces
            Hazards over the grid.

        Returns
        -------
        ndarray, shape (2, one axis for each of ``INPUTS``)
            Over body mass indexes and T-scores, as ``coalitions.over_bone_and_body`` sums.
        """
        from riskapp.risk.compiled_weights import weigh

        found = np.empty((*self._ways, 2, math.prod(self._factors)))
        factors = [one.factors for one in causes]
        for region in self._regions:
            beside = region.beside(causes)
            for rows, places, alike in region.rows:
                summed = _summed(_Block(self._rows(factors, rows), beside))
                for way, some in region.parts:
                    weigh(summed, region.weights, places, some, found[way], alike)
        return np.moveaxis(found.reshape(*self._ways, 2, *self._factors), (0, 1), (-2, -1))

    def _rows(self, factors: list[Array], rows: Places) -> "_Rows":
        """Some combinations of factors, taken once for all who have the same."""
        told = (*map(id, factors), id(rows))
        if told not in self._taken:
            self._taken[told] = _Rows(np.stack([one[rows] for one in factors]), factors)
        return self._taken[told]


def _lengths(weights: Array, known: Known) -> tuple[int, ...]:
    """Of each factor's axis, with what is told of it."""
    described = known.modifiers.described
    return tuple(
        length + (name in described)
        for name, length in zip(FACTORS, weights.shape[:-2], strict=True)
    )


def seen_in_means(known: Known, layout: Grid) -> Flags:
    """Body mass indexes and T-scores whose share can be seen in a mean, shape (bmi, T).

    A quarter of a full grid is so unlikely together that the last digit of a mean does not hold
    it, whatever the factors and whichever of what is known is forgotten.
    """
    from riskapp.risk.compiled_weights import seen

    weights = layout.weights.reshape(-1, *layout.weights.shape[-2:])
    found = np.empty(weights.shape[1:], dtype=bool)
    for part in product(ways(BMI, known), ways(T_SCORE, known)):
        found[part] = seen(weights[:, *part], ROUNDING)
    return found


class _Region(NamedTuple):
    """Body mass indexes and T-scores where combinations of factors are summed together."""

    bmi: slice
    t_score: slice
    kinds: list[Rows]
    # Among the ways of both, and which columns are those.
    parts: list[tuple[tuple[int, int], slice]]


def _regions(known: Known) -> Iterator[_Region]:
    """First those of everybody of this age and sex, then those that stand beside them.

    What is told of a factor moves the combinations with it as it is told; type 2 diabetes moves
    those without rheumatoid arthritis.
    """
    moved = {*known.modifiers.described, *((ARTHRITIS,) if known.modifiers.diabetes else ())}
    kinds = product(*((ALL_BUT_LAST, LAST) if name in moved else (ALL,) for name in FACTORS))
    everybody: list[Rows] = [(ALL,) * len(FACTORS)]
    bmi, t_score = (ways(name, known)[0] for name in (BMI, T_SCORE))
    yield _Region(bmi, t_score, list(kinds), [((0, 0), ALL)])
    if known.is_known(BMI):
        yield _Region(LAST, t_score, everybody, [((1, 0), ALL)])
    if known.is_known(T_SCORE) and known.is_known(BMI):
        yield _Region(ALL, LAST, everybody, [((0, 1), ALL_BUT_LAST), ((1, 1), LAST)])
    elif known.is_known(T_SCORE):
        yield _Region(ALL, LAST, everybody, [((0, 1), ALL)])


class _Laid:
    """Weights of one region."""

    def __init__(
        self,
        weights: Array,
        seen: Flags,
        region: _Region,
        causes: Sequence[Pieces],
        factors: tuple[int, ...],
    ) -> None:
        from riskapp.risk.compiled_sums import rarity
        from riskapp.risk.compiled_weights import shares

        self._bmi, self._t_score, kinds, self.parts = region
        counted = seen[self._bmi, self._t_score]
        everywhere = np.arange(seen.size).reshape(seen.shape)[self._bmi, self._t_score]
        self._places = np.flatnonzero(counted)
        if len(self.parts) == 1:
            self._places = places_by_hazard(self._within(causes), counted)
        places = everywhere.ravel()[self._places]
        self.weights = weights.reshape(-1, seen.size).take(places, axis=1)
        self._rare = rarity([shares(self.weights[:, some]) for _, some in self.parts])
        # Secondary osteoporosis moves no hazard: what is summed once has both of its weights.
        axis = FACTORS.index(NO_HAZARD)
        every = np.arange(math.prod(factors)).reshape(factors)
        combinations = np.moveaxis(every, axis, -1)
        own: Places = np.arange(len(self.weights)).reshape(weights.shape[:-2])
        alike = as_often(own, factors).ravel()
        once = np.arange(combinations[..., 0].size).reshape(combinations.shape[:-1])
        self.rows = []
        for kind in kinds:
            hazards = *kind[:axis], *kind[axis + 1 :]
            both = combinations[hazards].reshape(-1, every.shape[axis])
            self.rows.append((once[hazards].ravel(), both, alike[both]))

    def beside(self, causes: Sequence[Pieces]) -> "_Beside":
        return _Beside(self._within(causes), self._places, self._rare)

    def _within(self, causes: Sequence[Pieces]) -> list[Pieces]:
        return [
            Pieces(one.factors, one.bmi[self._bmi], one.t_score[self._t_score]) for one in causes
        ]


class _Beside:
    """What body mass indexes and T-scores give to the hazards, put together where it is needed."""

    def __init__(self, causes: Sequence[Pieces], places: Places, rare: Places) -> None:
        self._causes, self._places, self._rare = causes, places, rare
        numbers = (each for one in causes for each in (one.bmi, one.t_score))
        self.told = tuple(each.tobytes() for each in (*numbers, places, rare))

    def columns(self) -> Columns:
        return columns(self._causes, self._places, self._rare)


class _Rows:
    """What some combinations of factors give to the hazards, (3, combinations, steps)."""

    def __init__(self, values: Array, of: list[Array]) -> None:
        self.values, self.told = values, values.tobytes()
        self.of = of  # held, as they are known by where they are


@dataclass(frozen=True, slots=True)
class _Block:
    """Hazards of the three causes over some combinations; equal where every number is."""

    rows: _Rows = field(compare=False)
    beside: _Beside = field(compare=False)
    told: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "told", (self.rows.told, *self.beside.told))


@lru_cache(maxsize=BLOCKS_KEPT)
def _summed(block: _Block) -> Array:
    """Shape (2, combinations of factors, m), for those of ``Columns.places``."""
    from riskapp.risk.compiled_sums import fractures_beside

    beside = _columns(block.beside)
    m = len(beside.places)
    return fractures_beside(block.rows.values, beside.values, np.arange(m), m).reshape(2, -1, m)


@lru_cache(maxsize=1)  # combinations of factors beside the same columns follow one another
def _columns(beside: _Beside) -> Columns:
    return beside.columns()
