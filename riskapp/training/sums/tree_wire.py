"""Trees and nodes as rows of numbers, to be sent."""

import numpy as np

from riskapp.training.sums.tree_sums import Floats, Node, Split, Tree

# A split is five numbers; a tree is three splits, seven curvatures and the value of a mere leaf.
SPLIT, CURVATURES = 5, 7
TREE = 3 * SPLIT + CURVATURES + 1


def split_numbers(split: Split) -> Floats:
    """Write a split, shape (5,)."""
    return np.array(split, dtype=np.float64)


def split_from(numbers: Floats) -> Split:
    """Read a split."""
    column, first_right, gain, left, right = (float(each) for each in numbers)
    return Split(int(column), int(first_right), gain, left, right)


def tree_numbers(tree: Tree) -> Floats:
    """Write a tree, shape (23,)."""
    return np.concatenate([tree.root, tree.left, tree.right, tree.totals, [tree.value]])


def tree_from(numbers: Floats) -> Tree:
    """Read a tree."""
    parts = numbers[: 3 * SPLIT].reshape(3, SPLIT)
    root, left, right = (split_from(each) for each in parts)
    return Tree(root, left, right, numbers[3 * SPLIT : -1], float(numbers[-1]))


def nodes_from(numbers: Floats, models: int, columns: int, size: int) -> list[Node]:
    """Read one node of each model, as ``Node``."""
    found = []
    for part in numbers.reshape(models, -1):
        found.append(Node(part[:-2].reshape(columns, size, 2), part[-2:]))
    return found
