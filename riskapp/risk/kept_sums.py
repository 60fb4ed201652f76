"""Probabilities on a full grid, each block made once for all whose hazards there are the same.

A full grid holds both answers to every yes/no question whatever was answered, so most of it is the
same for everybody of one age and sex. What is known adds a few combinations beside these: when an
answer is changed on a page, they alone are summed anew. Summing is most of what an answer takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk.grid_hazards import Pieces, axes
from riskapp.risk.missing import BMI, T_SCORE, Grid, Known, ways
from riskapp.risk.modifiers import ARTHRITIS
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import Columns, columns, probabilities

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = tuple[slice, ...]  # one for each factor

# At most 0.4 MB each, most of them far less: three people about whom everything is known, or many
# about whom less is.
BLOCKS_KEPT = 192
# Of two numbers that are added: what a smaller share of the larger one is lost.
ROUNDING = np.finfo(np.float64).epsneg
ALL, ALL_BUT_LAST, LAST = slice(None), slice(-1), slice(-1, None)


def ten_years(causes: Sequence[Pieces], seen: Flags, known: Known, layout: Grid) -> Array:
    """Probability of hip and of major fracture within ten years for every combination.

    Parameters
    ----------
    causes : sequence of Pieces
        Hazards over the grid.
    seen : ndarray, shape (bmi, T)
        As by ``seen_in_means``; the others are left at 0.
    layout : Grid
        A full one.

    Returns
    -------
    ndarray, shape (2, one axis for each of ``INPUTS``)
    """
    shape = axes(layout)
    found = np.empty((2, *shape))
    factors = np.stack([one.factors for one in causes]).reshape(3, *shape[: len(FACTORS)], -1)
    for bmi, t_score, kinds in _regions(known):
        beside = _Beside(
            [Pieces(one.factors, one.bmi[bmi], one.t_score[t_score]) for one in causes],
            seen[bmi, t_score],
        )
        for rows in kinds:
            chosen, out = factors[:, *rows], found[:, *rows, bmi, t_score]
            summed = _summed(_Block(chosen.reshape(3, -1, chosen.shape[-1]), beside))
            out[...] = summed.reshape(out.shape)
    return found


def seen_in_means(known: Known, layout: Grid) -> Flags:
    """Body mass indexes and T-scores whose share can be seen in a mean, shape (bmi, T).

    A quarter of a full grid is so unlikely together that the last digit of a mean does not hold
    it, whatever the factors and whichever of what is known is forgotten.
    """
    weights = layout.weights.reshape(-1, *layout.weights.shape[-2:])
    found = np.empty(weights.shape[1:], dtype=bool)
    for part in product(ways(BMI, known), ways(T_SCORE, known)):
        here = weights[:, *part]
        found[part] = (here > ROUNDING * here.sum(axis=(1, 2), keepdims=True)).any(axis=0)
    return found


def _regions(known: Known) -> Iterator[tuple[slice, slice, list[Rows]]]:
    """Body mass indexes and T-scores, and combinations of factors that are summed together there.

    First those of everybody of this age and sex, then those that stand beside them. What is told
    of a factor moves the combinations with it as it is told; type 2 diabetes moves those without
    rheumatoid arthritis.
    """
    moved = {*known.modifiers.details, *((ARTHRITIS,) if known.modifiers.diabetes else ())}
    kinds = product(*((ALL_BUT_LAST, LAST) if name in moved else (ALL,) for name in FACTORS))
    everybody: list[Rows] = [(ALL,) * len(FACTORS)]
    bmi, t_score = (ways(name, known)[0] for name in (BMI, T_SCORE))
    yield bmi, t_score, list(kinds)
    if known.is_known(BMI):
        yield LAST, t_score, everybody
    if known.is_known(T_SCORE):
        yield ALL, LAST, everybody


class _Beside:
    """What body mass indexes and T-scores give to the hazards, put together where it is needed."""

    def __init__(self, causes: Sequence[Pieces], seen: Flags) -> None:
        self._causes, self._seen = causes, seen
        numbers = (each for one in causes for each in (one.bmi, one.t_score))
        self.told = tuple(each.tobytes() for each in (*numbers, seen))

    def columns(self) -> Columns:
        return columns(self._causes, self._seen)


@dataclass(frozen=True, slots=True)
class _Block:
    """Hazards of the three causes over some combinations; equal where every number is."""

    rows: Array = field(compare=False)  # (3, combinations of factors, steps)
    beside: _Beside = field(compare=False)
    told: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "told", (self.rows.tobytes(), *self.beside.told))


@lru_cache(maxsize=BLOCKS_KEPT)
def _summed(block: _Block) -> Array:
    """Shape (2, combinations of factors, bmi, T)."""
    return probabilities(block.rows, _columns(block.beside))[:, 0]


@lru_cache(maxsize=1)  # combinations of factors beside the same columns follow one another
def _columns(beside: _Beside) -> Columns:
    return beside.columns()
