"""Probabilities on a full grid, each block made once for all whose hazards there are the same.

A full grid holds both answers to every yes/no question whatever was answered, so most of it is the
same for everybody of one age and sex. What is known adds a few combinations beside these: when an
answer is changed on a page, they alone are summed anew. Summing is most of what an answer takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from riskapp.risk.missing import BMI, T_SCORE, Grid, Known
from riskapp.risk.modifiers import ARTHRITIS
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import NO_HAZARD, Pieces, axes, yearly

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

# At most 0.4 MB each, most of them far less: three people about whom everything is known, or many
# about whom less is.
BLOCKS_KEPT = 192
ALL, LAST = slice(None), slice(-1, None)


def ten_years(causes: Sequence[Pieces], known: Known, layout: Grid) -> Array:
    """Probability of hip and of major fracture within ten years for every combination.

    Parameters
    ----------
    causes : sequence of Pieces
        Hazards over the grid.
    layout : Grid
        A full one.

    Returns
    -------
    ndarray, shape (2, one axis for each of ``INPUTS``)
    """
    shape = (len(causes[0].factors), len(layout.bmi_kg_m2), len(layout.t_score))
    found = np.empty((2, *shape))
    for rows, bmi, t_score in _blocks(known, layout):
        block = tuple(
            Pieces(one.factors[rows], one.bmi[bmi], one.t_score[t_score]) for one in causes
        )
        found[:, rows, bmi, t_score] = _summed(_Block(block))
    return found.reshape(2, *axes(layout))


def _blocks(known: Known, layout: Grid) -> Iterator[tuple[Places | slice, slice, slice]]:
    """Combinations of factors, body mass indexes and T-scores that are summed together.

    First those of everybody of this age and sex, then those that stand beside them.
    """
    bmi, t_score = (slice(-1 if known.is_known(name) else None) for name in (BMI, T_SCORE))
    kinds = _kinds(known, layout)
    for kind in np.unique(kinds):
        yield np.flatnonzero(kinds == kind), bmi, t_score
    if known.is_known(BMI):
        yield ALL, LAST, t_score
    if known.is_known(T_SCORE):
        yield ALL, ALL, LAST


def _kinds(known: Known, layout: Grid) -> Places:
    """Which combinations of factors are summed together.

    What is told of a factor moves the combinations with it as it is told; type 2 diabetes moves
    those without rheumatoid arthritis.
    """
    kinds = np.zeros(1, dtype=np.intp)
    for name, values in zip(FACTORS, layout.factors, strict=True):
        if name == NO_HAZARD:
            continue
        own = np.zeros(len(values), dtype=np.intp)
        beside_diabetes = name == ARTHRITIS and known.modifiers.diabetes is not None
        own[-1] = beside_diabetes or name in known.modifiers.details
        kinds = np.add.outer(2 * kinds, own).ravel()
    return kinds


@dataclass(frozen=True, slots=True)
class _Block:
    """Hazards of the three causes over some combinations; equal where every number is."""

    causes: tuple[Pieces, ...] = field(compare=False)
    told: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        numbers = (each for one in self.causes for each in (one.factors, one.bmi, one.t_score))
        object.__setattr__(self, "told", tuple(each.tobytes() for each in numbers))


@lru_cache(maxsize=BLOCKS_KEPT)
def _summed(block: _Block) -> Array:
    *_, last = yearly(block.causes)
    return last
