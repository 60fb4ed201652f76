"""The sum of leaves of very many rows: each goes down each tree, by a compiled loop.

Of few rows and small trees ``tree_shares.Forest`` has the same sums at once, without a compiler.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import Floats
from riskapp.risk.tree_shares import Tree

# Without a sign: an index below zero would have to be looked for at each step.
Indices = npt.NDArray[np.uint32]

# Rows that go down a tree before the next one is taken: as the nearest memory holds of both.
ROWS_AT_A_TIME = 64


class Ways(NamedTuple):
    """Trees laid out for going down: the two nodes below one lie side by side.

    Attributes
    ----------
    column : ndarray of int, shape (nodes,)
    threshold : ndarray, shape (nodes,)
        Values below it go to ``below``, others to the node after that.
    below : ndarray of int, shape (nodes,)
        Of a leaf, itself, and its threshold is infinite: who is there stays.
    value : ndarray, shape (nodes,)
        Of a leaf.
    roots, depths : ndarray of int, shape (trees,)
    """

    column: Indices
    threshold: Floats
    below: Indices
    value: Floats
    roots: Indices
    depths: Indices


def ways(trees: Sequence[Tree]) -> Ways:
    """Lay trees out."""
    nodes: list[tuple[int, float, int, float]] = []
    roots, depths = [], []
    for tree in trees:
        roots.append(len(nodes))
        nodes.append((0, np.inf, len(nodes), 0.0))
        # Where a node goes, which it is, and how deep it lies.
        waiting = [(roots[-1], 0, 0)]
        deepest = 0
        for place, at, depth in waiting:
            here = tree[at]
            deepest = max(deepest, depth)
            if here.column < 0:
                nodes[place] = (0, np.inf, place, here.value)
                continue
            nodes[place] = (here.column, here.threshold, len(nodes), 0.0)
            for child in (here.left, here.right):
                waiting.append((len(nodes), child, depth + 1))
                nodes.append((0, np.inf, len(nodes), 0.0))
        depths.append(deepest)
    columns = list(zip(*nodes, strict=True)) or [(), (), (), ()]
    column, threshold, below, value = columns
    return Ways(
        np.array(column, dtype=np.uint32),
        np.array(threshold, dtype=np.float64),
        np.array(below, dtype=np.uint32),
        np.array(value, dtype=np.float64),
        np.array(roots, dtype=np.uint32),
        np.array(depths, dtype=np.uint32),
    )


def walked(laid: Ways, rows: Floats) -> Floats:
    """The sum of leaves, shape (n,), of rows of shape (n, p): bit for bit as ``Forest.sums``."""
    found = np.zeros(len(rows))
    _compiled()(*laid, np.ascontiguousarray(rows), found, ROWS_AT_A_TIME)
    return found


@cache
def _compiled() -> Callable[..., None]:
    # Importing the compiler takes longer than all that is asked of small trees.
    from imaging.texture.compiled import compiled

    return compiled(_walk)


def _walk(
    column: Indices,
    threshold: Floats,
    below: Indices,
    value: Floats,
    roots: Indices,
    depths: Indices,
    rows: Floats,
    found: Floats,
    rows_at_a_time: int,
) -> None:
    for start in range(0, len(rows), rows_at_a_time):
        end = min(start + rows_at_a_time, len(rows))
        for tree in range(len(roots)):
            for row in range(start, end):
                node = np.uint64(roots[tree])
                for _ in range(depths[tree]):
                    higher = rows[np.uint64(row), column[node]] >= threshold[node]
                    node = np.uint64(below[node]) + np.uint64(higher)
                found[row] += value[node]
