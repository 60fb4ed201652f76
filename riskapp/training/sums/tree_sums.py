"""Boosted trees of depth two from sums over people, which add over sites.

The algorithm is XGBoost's histogram boosting with its Poisson loss, and the trees are written in
its format: at each node only the sums of gradients and of curvatures by column and bin are needed.

References
----------
Chen T and Guestrin C, 2016. KDD 785-794, doi:10.1145/2939672.2939785.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bins = npt.NDArray[np.uint8]

# XGBoost's default for counts: no leaf beyond it, and curvatures are taken that far up.
MAX_DELTA_STEP = 0.7
# A gain below it is rounding.
LEAST_GAIN = 1e-6
MOST_BINS = 256


class Node(NamedTuple):
    """Sums over the people of a node: by column and bin, shape (p, bins, 2), and in all (2,)."""

    cells: Floats
    total: Floats


class Split(NamedTuple):
    """Where a node parts: bins below ``first_right`` go left. ``column`` is -1 for a leaf."""

    column: int
    first_right: int
    gain: float
    left: float
    right: float


@dataclass(frozen=True)
class Tree:
    """At most two splits deep.

    Attributes
    ----------
    root, left, right : Split
    totals : ndarray, shape (7,)
        Curvature of root, left, right and the four below.
    value : float
        Of the root, should it not part.
    """

    root: Split
    left: Split
    right: Split
    totals: Floats
    value: float


def edges_from_counts(grid: Floats, counts: Floats, bins: int, least: float) -> Floats:
    """Choose edges between bins that hold about as many people each, and none few.

    Parameters
    ----------
    grid : ndarray, shape (g,)
        Rising values; counts[i] people lie from grid[i - 1] up to below grid[i].
    counts : ndarray, shape (g + 1,)
    bins : int
        At most so many.
    least : float
        Fewest people in a bin.

    Returns
    -------
    ndarray, shape (bins - 1,) at most
        In single precision, as the trees keep them.
    """
    each = max(float(counts.sum()) / min(bins, MOST_BINS), least)
    chosen, held = [], 0.0
    below = np.cumsum(counts)
    for position, edge in enumerate(grid):
        held += counts[position]
        if held >= each - 1e-6 and below[-1] - below[position] >= least - 1e-6:
            chosen.append(edge)
            held = 0.0
    return np.unique(single(np.asarray(chosen)))


def counted(grid: Floats, values: Floats, weights: Floats) -> Floats:
    """Weight of the people between the values of a grid, shape (g + 1,)."""
    places = np.searchsorted(single(grid), single(values), side="right")
    return np.asarray(np.bincount(places, weights, minlength=grid.size + 1), dtype=np.float64)


def single(values: Floats) -> Floats:
    """Round to single precision, in which the trees compare."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def binned(rows: Floats, edges: list[Floats]) -> Bins:
    """Which bin each value falls into, shape (n, p); read in single precision, as trees do."""
    return np.column_stack(
        [
            np.searchsorted(own, single(values), side="right").astype(np.uint8)
            for own, values in zip(edges, rows.T, strict=True)
        ]
    )


@dataclass(frozen=True, kw_only=True)
class TreePeople:
    """People for whom trees grow; ``margin`` moves as trees are added.

    Attributes
    ----------
    bins : ndarray of uint8, shape (n, p)
    event, weights : ndarray, shape (n,)
        A weight of 0 leaves a person out.
    margin : ndarray, shape (n,)
        Logarithm of the expected events; starts at the offset.
    """

    bins: Bins
    event: Floats
    weights: Floats
    margin: Floats

    def node(self, size: int, split: Split | None = None) -> Node:
        """Sums over everybody, or over those left of a split; ``size`` is the most bins."""
        expected = np.exp(self.margin)
        pair = np.column_stack(
            [
                self.weights * (expected - self.event),
                self.weights * expected * np.exp(MAX_DELTA_STEP),
            ]
        )
        here = slice(None) if split is None else self.bins[:, split.column] < split.first_right
        bins, pair = self.bins[here], pair[here]
        cells = np.stack(
            [
                np.column_stack([np.bincount(own, part, minlength=size) for part in pair.T])
                for own in bins.T
            ]
        ).astype(np.float64)
        return Node(cells, pair.sum(axis=0))

    def add(self, tree: Tree) -> None:
        """Move the margins by one more tree."""
        self.margin[:] += tree_values(tree, self.bins)


def tree_values(tree: Tree, bins: Bins) -> Floats:
    """What one tree adds for each row of bins, shape (n,)."""
    if tree.root.column < 0:
        return np.full(len(bins), tree.value)
    goes_left = bins[:, tree.root.column] < tree.root.first_right
    found = np.empty(len(bins))
    for here, split, whole in (
        (goes_left, tree.left, tree.root.left),
        (~goes_left, tree.right, tree.root.right),
    ):
        if split.column < 0:
            found[here] = whole
        else:
            lower = bins[here, split.column] < split.first_right
            found[here] = np.where(lower, split.left, split.right)
    return found


@dataclass(frozen=True)
class Growth:
    """How trees grow: XGBoost's names of its settings.

    Attributes
    ----------
    eta, reg_lambda, min_child_weight : float
    monotone : tuple of int, length p
        -1 where the hazard may only fall as the column rises.
    """

    eta: float
    reg_lambda: float
    min_child_weight: float
    monotone: tuple[int, ...]

    def best(self, node: Node, bounds: tuple[float, float]) -> Split:
        """Find the split that gains most, values within the bounds; a leaf if none gains."""
        left = np.cumsum(node.cells, axis=1)[:, :-1]
        right = node.total - left
        values = [self._value(part, bounds) for part in (left, right)]
        gain = sum(self._gain(part, own) for part, own in zip((left, right), values, strict=True))
        gain = gain - self._gain(node.total, self._value(node.total, bounds))
        falls = np.array(self.monotone)[:, None]
        wrong = (falls < 0) & (values[0] < values[1]) | (falls > 0) & (values[0] > values[1])
        light = np.minimum(left[..., 1], right[..., 1]) < self.min_child_weight
        gain = np.where(wrong | light, -np.inf, gain)
        if not gain.size or gain.max() <= LEAST_GAIN:
            return Split(-1, 0, 0.0, 0.0, 0.0)
        column, cut = np.unravel_index(int(np.argmax(gain)), gain.shape)
        return Split(
            int(column),
            int(cut) + 1,
            float(gain[column, cut]),
            float(values[0][column, cut]),
            float(values[1][column, cut]),
        )

    def tree(self, root: Node, first: Split, left: Node | None) -> Tree:
        """Put a tree together from the root's sums, its split, and the sums of its left child."""
        free = (-np.inf, np.inf)
        if first.column < 0 or left is None:
            alone = np.array([root.total[1], *[0.0] * 6])
            return Tree(first, first, first, alone, self.eta * float(self._value(root.total, free)))
        right = Node(root.cells - left.cells, root.total - left.total)
        middle = (first.left + first.right) / 2
        direction = self.monotone[first.column]
        below, above = (-np.inf, middle), (middle, np.inf)
        bounds = {-1: (above, below), 0: (free, free), 1: (below, above)}[direction]
        children = [self.best(node, own) for node, own in zip((left, right), bounds, strict=True)]
        totals = [float(node.total[1]) for node in (root, left, right)]
        for node, split in zip((left, right), children, strict=True):
            lower = float(node.cells[split.column, : split.first_right, 1].sum())
            totals += [lower, float(node.total[1]) - lower]
        scaled = [self._shrunk(split) for split in (first, *children)]
        return Tree(scaled[0], scaled[1], scaled[2], np.array(totals), 0.0)

    def _shrunk(self, split: Split) -> Split:
        return split._replace(left=self.eta * split.left, right=self.eta * split.right)

    def _value(self, sums: Floats, bounds: tuple[float, float]) -> Floats:
        value = np.clip(
            -sums[..., 0] / (sums[..., 1] + self.reg_lambda), -MAX_DELTA_STEP, MAX_DELTA_STEP
        )
        return np.asarray(np.clip(value, *bounds), dtype=np.float64)

    def _gain(self, sums: Floats, value: Floats) -> Floats:
        return np.asarray(
            -(2 * sums[..., 0] * value + (sums[..., 1] + self.reg_lambda) * value**2),
            dtype=np.float64,
        )


def grow(people: TreePeople, growth: Growth, size: int) -> Tree:
    """Grow one tree on people in one place and move their margins by it."""
    root = people.node(size)
    first = growth.best(root, (-np.inf, np.inf))
    left = people.node(size, first) if first.column >= 0 else None
    tree = growth.tree(root, first, left)
    people.add(tree)
    return tree
