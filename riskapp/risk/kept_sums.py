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
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import ROUNDING, Columns, columns, places_by_hazard

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
Rows = tuple[slice, ...]  # one for each factor

# At most 0.4 MB each, most of them far less: three people about whom everything is known, or many
# about whom less is.
BLOCKS_KEPT = 192
# Combinations of factors beside the same columns follow one another, with diabetes and without: as
# many as one person has regions, of 0.2 MB.
COLUMNS_KEPT = 3
ALL, ALL_BUT_LAST, LAST = slice(None), slice(-1), slice(-1, None)


class Combinations:
    """Combinations of factors by what moves them: the same whatever is known of bone."""

    def __init__(self, known: Known, shape: tuple[int, ...]) -> None:
        """List them.

        Parameters
        ----------
        shape : tuple of int
            Of the weights, one axis for each of ``INPUTS``.
        """
        self.known = known
        described = known.modifiers.described
        # Of each factor's axis, with what is told of it.
        self.lengths = tuple(
            length + (name in described) for name, length in zip(FACTORS, shape[:-2], strict=True)
        )
        moved = known.modifiers.moved
        kinds = product(*((ALL_BUT_LAST, LAST) if name in moved else (ALL,) for name in FACTORS))
        # Secondary osteoporosis moves no hazard: what is summed once has both of its weights.
        self._axis = FACTORS.index(NO_HAZARD)
        every = np.arange(math.prod(self.lengths)).reshape(self.lengths)
        self._places = np.moveaxis(every, self._axis, -1)
        own: Places = np.arange(math.prod(shape[:-2])).reshape(shape[:-2])
        self._alike = as_often(own, self.lengths).ravel()
        self.by_kind = [self._of(kind) for kind in kinds]
        self.everybody = [self._of((ALL,) * len(FACTORS))]
        self._stacked: dict[tuple[int, ...], Array] = {}
        self._taken: dict[tuple[int, ...], _Rows] = {}

    def _of(self, kind: Rows) -> "_Kind":
        hazards = *kind[: self._axis], *kind[self._axis + 1 :]
        once = np.arange(self._places[..., 0].size).reshape(self._places.shape[:-1])
        both = self._places[hazards].reshape(-1, self._places.shape[-1])
        return _Kind(once[hazards].ravel(), both, self._alike[both])

    def rows(self, causes: Sequence[Pieces], some: "_Kind") -> "_Rows":
        """What some give to the hazards, taken once for all who have the same."""
        factors = [one.factors for one in causes]
        whole = tuple(map(id, factors))
        told = (*whole, id(some))
        if told not in self._taken:
            if whole not in self._stacked:
                self._stacked[whole] = np.stack(factors)
            self._taken[told] = _Rows(self._stacked[whole].take(some.rows, axis=1), factors)
        return self._taken[told]


class _Kind(NamedTuple):
    """Some combinations: where what they give to hazards is, and where all that is like it."""

    rows: Places  # shape (n,)
    places: Places  # shape (n, k)
    alike: Places  # among the weights, which stand there once


class Weighed:
    """Weights of all combinations, laid out as their probabilities are summed."""

    def __init__(
        self, weights: Array, seen: Flags, every: Combinations, causes: Sequence[Pieces]
    ) -> None:
        """Lay them out.

        Parameters
        ----------
        weights : ndarray, one axis for each of ``INPUTS``
        seen : ndarray, shape (bmi, T)
            As by ``seen_in_means``; the others count for nothing.
        """
        self._every = every
        self._regions = [_Laid(weights, seen, one, causes) for one in _regions(every)]
        self._ways = (len(ways(BMI, every.known)), len(ways(T_SCORE, every.known)))

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

        lengths = self._every.lengths
        found = np.empty((*self._ways, 2, math.prod(lengths)))
        for region in self._regions:
            beside = region.beside(causes)
            for kind in region.kinds:
                summed = _summed(_Block(self._every.rows(causes, kind), beside))
                for way, some in region.parts:
                    weigh(summed, region.weights, kind.places, *some, found[way], kind.alike)
        return np.moveaxis(found.reshape(*self._ways, 2, *lengths), (0, 1), (-2, -1))


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
    kinds: list[_Kind]
    # Among the ways of both, and which columns are those.
    parts: list[tuple[tuple[int, int], slice]]


def _regions(every: Combinations) -> Iterator[_Region]:
    """First those of everybody of this age and sex, then those that stand beside them.

    What is told of a factor moves the combinations with it as it is told; type 2 diabetes moves
    those without rheumatoid arthritis.
    """
    known = every.known
    bmi, t_score = (ways(name, known)[0] for name in (BMI, T_SCORE))
    yield _Region(bmi, t_score, every.by_kind, [((0, 0), ALL)])
    if known.is_known(BMI):
        yield _Region(LAST, t_score, every.everybody, [((1, 0), ALL)])
    if known.is_known(T_SCORE) and known.is_known(BMI):
        yield _Region(ALL, LAST, every.everybody, [((0, 1), ALL_BUT_LAST), ((1, 1), LAST)])
    elif known.is_known(T_SCORE):
        yield _Region(ALL, LAST, every.everybody, [((0, 1), ALL)])


class _Laid:
    """Weights of one region."""

    def __init__(
        self, weights: Array, seen: Flags, region: _Region, causes: Sequence[Pieces]
    ) -> None:
        from riskapp.risk.compiled_sums import rarity
        from riskapp.risk.compiled_weights import shares

        self._bmi, self._t_score, self.kinds, parts = region
        counted = seen[self._bmi, self._t_score]
        everywhere = np.arange(seen.size).reshape(seen.shape)[self._bmi, self._t_score]
        self._places = np.flatnonzero(counted)
        if len(parts) == 1:
            self._places = places_by_hazard(self._within(causes), counted)
        m = len(self._places)
        self.parts = [(way, some.indices(m)[:2]) for way, some in parts]
        places = everywhere.ravel()[self._places]
        self.weights = weights.reshape(-1, seen.size).take(places, axis=1)
        self._rare = rarity([shares(self.weights[:, slice(*some)]) for _, some in self.parts])

    def beside(self, causes: Sequence[Pieces]) -> "_Beside":
        return _Beside(self._within(causes), self._places, self._rare)

    def _within(self, causes: Sequence[Pieces]) -> list[Pieces]:
        return [
            Pieces(one.factors, one.bmi[self._bmi], one.t_score[self._t_score]) for one in causes
        ]


class _Beside:
    """What body mass indexes and T-scores give to the hazards, put together where it is needed.

    Equal where every number is.
    """

    def __init__(self, causes: Sequence[Pieces], places: Places, rare: Places) -> None:
        self._causes, self._places, self._rare = causes, places, rare
        numbers = (each for one in causes for each in (one.bmi, one.t_score))
        self.told = tuple(each.tobytes() for each in (*numbers, places, rare))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Beside) and self.told == other.told

    def __hash__(self) -> int:
        return hash(self.told)

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


@lru_cache(maxsize=COLUMNS_KEPT)
def _columns(beside: _Beside) -> Columns:
    return beside.columns()
