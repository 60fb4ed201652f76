"""Exact Shapley shares of a forest of small trees, many rows at once.

A row meets a tree as a pattern of yes and no at its nodes, and of few nodes there are few patterns.
What each pattern gives to each column is worked out once; a row then costs a look into a table for
each tree (or each branch of a larger one), where going through the tree's leaves for every row
anew costs many times that.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import Floats

# Nodes whose answers make up one pattern: tables of 512 entries stay in the nearest memory.
MOST_TESTS = 9
MOST_TO_A_LEAF = 16
# As many rows at a time as the nearest memory holds with a table.
ROWS_AT_A_TIME = 4096


class Node(NamedTuple):
    """A node of a tree, or a leaf, whose ``column`` is -1.

    Attributes
    ----------
    column : int
    threshold : float
        Values below it go left.
    left, right : int
        Positions in the tree.
    cover : float
        Weight of the training people who came by.
    value : float
        Of a leaf.
    """

    column: int
    threshold: float
    left: int
    right: int
    cover: float
    value: float


Tree = Sequence[Node]


class Step(NamedTuple):
    """One test on the way to a leaf: which, whether it has to be met, and how many met it."""

    test: tuple[int, float]
    met: bool
    share: float


@dataclass(frozen=True)
class Branch:
    """What the answers to some tests give to each column.

    Attributes
    ----------
    tests : tuple of (int, float)
        Column and threshold; the first is the lowest bit of a pattern.
    shares : mapping of column to ndarray, shape (2 ** len(tests),)
    values : ndarray, shape (2 ** len(tests),)
        Of the leaf that is come to; 0 where the way leads to another branch.
    """

    tests: tuple[tuple[int, float], ...]
    shares: dict[int, Floats]
    values: Floats

    def patterns(self, columns: Floats) -> npt.NDArray[np.intp]:
        """Which answers rows give, shape (n,), from columns of shape (p, n)."""
        pattern = np.zeros(columns.shape[1], dtype=np.intp)
        for bit, (column, threshold) in enumerate(self.tests):
            pattern += (columns[column] < threshold) * np.intp(1 << bit)
        return pattern


class Forest:
    """Trees whose shares have been worked out.

    Parameters
    ----------
    trees : sequence of sequence of Node
        Each with its root first.
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.branches = [branch for tree in trees for branch in _branches(tree, 0, ())]

    def shares(self, rows: Floats) -> Floats:
        """Shapley values of the sum of leaves, shape (n, p), given what trees know of the rest.

        With a set of columns known, a leaf counts where the row comes to it, and by the share of
        training people at each test of another column (Lundberg 2020, Nat Mach Intell 2:56,
        doi:10.1038/s42256-019-0138-9: "tree path dependent").

        Parameters
        ----------
        rows : ndarray, shape (n, p)
            All known, as the trees compare them.
        """
        found = np.zeros((rows.shape[1], len(rows)))
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            here = slice(start, start + ROWS_AT_A_TIME)
            self._add(np.ascontiguousarray(rows[here].T), found[:, here])
        return found.T

    def sums(self, rows: Floats) -> Floats:
        """The sum of leaves, shape (n,), of rows as for ``shares``."""
        found = np.zeros(len(rows))
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            here = slice(start, start + ROWS_AT_A_TIME)
            columns = np.ascontiguousarray(rows[here].T)
            for branch in self.branches:
                found[here] += np.take(branch.values, branch.patterns(columns), mode="wrap")
        return found

    def _add(self, columns: Floats, found: Floats) -> None:
        for branch in self.branches:
            pattern = branch.patterns(columns)
            for column, table in branch.shares.items():
                # Patterns are within the table by construction; "wrap" only spares the check.
                found[column] += np.take(table, pattern, mode="wrap")


def _branches(tree: Tree, node: int, before: tuple[Step, ...]) -> Iterator[Branch]:
    """Part a tree where too many tests would come together; each branch knows the way to it."""
    leaves = list(_leaves(tree, node, before))
    tests = tuple(dict.fromkeys(step.test for steps, _ in leaves for step in steps))
    if len(tests) > MOST_TESTS and tree[node].column >= 0:
        for child, steps in _below(tree, node, before):
            yield from _branches(tree, child, steps)
    elif len(tests) > MOST_TO_A_LEAF:
        raise ValueError(f"Trees deeper than {MOST_TO_A_LEAF} are not explained.")
    else:
        yield _branch(tests, leaves)


def _below(
    tree: Tree, node: int, before: tuple[Step, ...]
) -> Iterator[tuple[int, tuple[Step, ...]]]:
    here = tree[node]
    for child, met in ((here.left, True), (here.right, False)):
        share = tree[child].cover / here.cover
        yield child, (*before, Step((here.column, here.threshold), met, share))


def _leaves(
    tree: Tree, node: int, before: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], float]]:
    if tree[node].column < 0:
        yield before, tree[node].value
        return
    for child, steps in _below(tree, node, before):
        yield from _leaves(tree, child, steps)


def _branch(
    tests: tuple[tuple[int, float], ...], leaves: Sequence[tuple[tuple[Step, ...], float]]
) -> Branch:
    shares: dict[int, Floats] = defaultdict(lambda: np.zeros(1 << len(tests)))
    patterns = np.arange(1 << len(tests))
    answers = {test: (patterns >> bit & 1).astype(np.bool_) for bit, test in enumerate(tests)}
    values = np.zeros(1 << len(tests))
    for steps, value in leaves:
        ways = [answers[step.test] == step.met for step in steps]
        values[np.all(ways, axis=0) if ways else slice(None)] += value
        for column, own in _of_leaf(steps, value, answers).items():
            shares[column] += own
    return Branch(tests, dict(shares), values)


def _of_leaf(
    steps: Sequence[Step], value: float, answers: dict[tuple[int, float], npt.NDArray[np.bool_]]
) -> dict[int, Floats]:
    """What one leaf gives to the columns on the way to it, by pattern.

    With columns S known a leaf is worth value * prod_S [comes by] * prod_rest share. The Shapley
    value is the integral of the derivative along the diagonal of that product's multilinear
    extension (Owen 1972, Management Science 18:P64, doi:10.1287/mnsc.18.5.64), and Gauss's rule
    integrates a polynomial exactly.
    """
    if not steps:
        return {}  # everybody comes to a mere leaf
    share: dict[int, float] = {}
    comes: dict[int, npt.NDArray[np.bool_]] = {}
    for (column, threshold), met, part in steps:
        answer = answers[column, threshold] == met
        share[column] = share.get(column, 1.0) * part
        comes[column] = comes.get(column, True) & answer
    points, weights = np.polynomial.legendre.leggauss((len(share) + 1) // 2)
    at = (points + 1) / 2
    factors = {c: np.outer(at, comes[c]) + (share[c] * (1 - at))[:, None] for c in share}
    found = {}
    for column in share:
        others = np.ones((at.size, 1))
        for other, factor in factors.items():
            if other != column:
                others = others * factor
        found[column] = value * (comes[column] - share[column]) * (weights / 2 @ others)
    return found
