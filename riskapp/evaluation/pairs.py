"""Counting pairs of people in n log n steps: totals by rank of prediction, swept in time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled
from riskapp.evaluation.course import Course, Flags, Floats
from riskapp.evaluation.sorting import ranked, rising

LOST, EVENT, DIED = 0, 1, 2

Kinds = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """What a pair counts for, shape (n,) each.

    A pair of an event and someone seen later counts ``alive`` of the event; one of an event and
    someone who died before it counts ``dead`` of the event times ``partner`` of the other.
    """

    alive: Floats
    dead: Floats
    partner: Floats


@dataclass(frozen=True)
class Counted:
    """Sums over pairs, and over the pairs of each person, shape (n,); equal predictions half."""

    concordant: float
    comparable: float
    own_concordant: Floats
    own_comparable: Floats


def compare_pairs(predicted: Floats, seen: Course, counted: Flags, weigh: Pairs) -> Counted:
    """Compare everybody whose event is counted with everybody who was without it then.

    A binary indexed tree holds the weights of those on one side by rank of prediction, so that
    each person costs a logarithm (Fenwick 1994, Softw Pract Exp 24:327,
    doi:10.1002/spe.4380240306).
    """
    order = seen.order
    levels, rank = ranked(predicted, rising(predicted))
    first = np.flatnonzero(np.diff(seen.years[order], prepend=-1.0))
    kind = np.where(seen.event, EVENT, np.where(seen.died, DIED, LOST)).astype(np.int64)
    concordant, comparable = np.zeros(seen.people), np.zeros(seen.people)
    arguments = (
        np.append(first, seen.people).astype(np.int64),
        kind[order],
        counted[order],
        (rank[order] + 1).astype(np.int64),
        int(levels.size),
        seen.weights[order],
        weigh.alive[order],
        weigh.dead[order],
        weigh.partner[order],
        concordant,
        comparable,
    )
    won, compared = _events_against_later(*arguments)
    _others_against_events(*arguments)
    own_concordant, own_comparable = np.empty(seen.people), np.empty(seen.people)
    own_concordant[order], own_comparable[order] = concordant, comparable
    return Counted(float(won), float(compared), own_concordant, own_comparable)


@compiled
def _add(tree: Floats, place: int, amount: float) -> None:
    while place < tree.size:
        tree[place] += amount
        place += place & -place


@compiled
def _until(tree: Floats, place: int) -> float:
    total = 0.0
    while place > 0:
        total += tree[place]
        place -= place & -place
    return total


@compiled
def _lower_half_tied(tree: Floats, rank: int) -> float:
    """Weight of lower rank, and half of that of the same."""
    # The ways to both meet where the lower one's is the shorter.
    total, place, meet = 0.0, rank - 1, rank & (rank - 1)
    while place > meet:
        total += tree[place]
        place -= place & -place
    tied: float = 0.5 * (total + tree[rank])
    return tied + _until(tree, meet)


@compiled
def _tree(rank: Kinds, levels: int, amounts: Floats) -> Floats:
    tree = np.zeros(levels + 1)
    for i in range(rank.size):
        if amounts[i] != 0:
            _add(tree, rank[i], amounts[i])
    return tree


@compiled
def _events_against_later(
    bounds: Kinds,
    kind: Kinds,
    counted: Flags,
    rank: Kinds,
    levels: int,
    weight: Floats,
    alive: Floats,
    dead: Floats,
    partner: Floats,
    concordant: Floats,
    comparable: Floats,
) -> tuple[float, float]:
    """From the last time to the first: each event against those left, and those dead before.

    People in order of time; those of one time lie between two of ``bounds``.
    """
    of_dead = weight * partner * (kind == DIED)
    before, before_total = _tree(rank, levels, of_dead), of_dead.sum()
    later, later_total = np.zeros(levels + 1), 0.0
    dies = of_dead.any()
    for group in range(bounds.size - 2, -1, -1):
        start, end = bounds[group], bounds[group + 1]
        for i in range(start, end):
            if kind[i] == LOST:
                _add(later, rank[i], weight[i])
                later_total += weight[i]
        for i in range(start, end):
            if counted[i]:
                concordant[i] += alive[i] * _lower_half_tied(later, rank[i])
                comparable[i] += alive[i] * later_total
                if dies:
                    concordant[i] += dead[i] * _lower_half_tied(before, rank[i])
                    comparable[i] += dead[i] * before_total
        for i in range(start, end):
            if kind[i] == DIED:
                _add(before, rank[i], -of_dead[i])
                before_total -= of_dead[i]
            if kind[i] != LOST:
                _add(later, rank[i], weight[i])
                later_total += weight[i]
    return (weight * concordant).sum(), (weight * comparable).sum()


@compiled
def _others_against_events(
    bounds: Kinds,
    kind: Kinds,
    counted: Flags,
    rank: Kinds,
    levels: int,
    weight: Floats,
    alive: Floats,
    dead: Floats,
    partner: Floats,
    concordant: Floats,
    comparable: Floats,
) -> None:
    """From the first time to the last: each person against the events that it was without."""
    dies = (kind == DIED).any()
    for_dead, for_alive = weight * dead * counted * dies, weight * alive * counted
    coming, coming_total = _tree(rank, levels, for_dead), for_dead.sum()
    past, past_total = np.zeros(levels + 1), 0.0
    for group in range(bounds.size - 1):
        start, end = bounds[group], bounds[group + 1]
        for i in range(start, end):
            if kind[i] != LOST:
                concordant[i] += past_total - _lower_half_tied(past, rank[i])
                comparable[i] += past_total
            if kind[i] == DIED:
                missed = coming_total - _lower_half_tied(coming, rank[i])
                concordant[i] += partner[i] * missed
                comparable[i] += partner[i] * coming_total
        for i in range(start, end):
            if counted[i] and dies:
                _add(coming, rank[i], -for_dead[i])
                coming_total -= for_dead[i]
            if counted[i]:
                _add(past, rank[i], for_alive[i])
                past_total += for_alive[i]
        for i in range(start, end):
            if kind[i] == LOST:
                concordant[i] += past_total - _lower_half_tied(past, rank[i])
                comparable[i] += past_total
