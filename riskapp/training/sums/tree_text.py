"""Trees that were grown from sums, written as XGBoost's own JSON."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from riskapp.training.sums.tree_sums import MAX_DELTA_STEP, Floats, Split, Tree

# The format's word for a root's parent.
NO_PARENT = 2147483647
# Of the library whose format this is.
FORMAT = [3, 2, 0]


class _Node(NamedTuple):
    split: Split | None
    value: float
    curvature: float
    parent: int


def xgboost_json(trees: Sequence[Tree], edges: Sequence[Floats]) -> str:
    """Write trees in the format that XGBoost reads.

    Parameters
    ----------
    trees : sequence of Tree
    edges : sequence of ndarray
        Of each column, between its bins.
    """
    parts = [_tree(tree, edges, position) for position, tree in enumerate(trees)]
    model = {
        "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(len(parts))},
        "iteration_indptr": list(range(len(parts) + 1)),
        "tree_info": [0] * len(parts),
        "trees": parts,
    }
    learner = {
        "attributes": {},
        "feature_names": [],
        "feature_types": [],
        "gradient_booster": {"model": model, "name": "gbtree"},
        "learner_model_param": {
            # The offset carries the average: trees start from a ratio of one.
            "base_score": "[1E0]",
            "boost_from_average": "0",
            "num_class": "0",
            "num_feature": str(len(edges)),
            "num_target": "1",
        },
        "objective": {
            "name": "count:poisson",
            "poisson_regression_param": {"max_delta_step": str(MAX_DELTA_STEP)},
        },
    }
    return json.dumps({"learner": learner, "version": FORMAT})


def _nodes(tree: Tree) -> list[_Node]:
    """From the top down; the children of a node lie side by side."""
    cover = [float(each) for each in tree.totals]
    if tree.root.column < 0:
        return [_Node(None, tree.value, cover[0], NO_PARENT)]
    nodes = [_Node(tree.root, 0.0, cover[0], NO_PARENT)]
    for position, whole in ((1, tree.root.left), (2, tree.root.right)):
        split = (tree.left, tree.right)[position - 1]
        nodes.append(_Node(split if split.column >= 0 else None, whole, cover[position], 0))
    for position, split in ((1, tree.left), (2, tree.right)):
        if split.column >= 0:
            below = cover[2 * position + 1 : 2 * position + 3]
            nodes.append(_Node(None, split.left, below[0], position))
            nodes.append(_Node(None, split.right, below[1], position))
    return nodes


def _tree(tree: Tree, edges: Sequence[Floats], position: int) -> dict[str, Any]:
    nodes = _nodes(tree)
    size = len(nodes)
    first_child = [-1] * size
    for index, node in enumerate(nodes):
        if node.parent != NO_PARENT and first_child[node.parent] < 0:
            first_child[node.parent] = index
    thresholds = [
        node.value
        if node.split is None
        else float(edges[node.split.column][node.split.first_right - 1])
        for node in nodes
    ]
    return {
        "base_weights": [node.value for node in nodes],
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": [0] * size,
        "id": position,
        "left_children": first_child,
        "loss_changes": [0.0 if node.split is None else node.split.gain for node in nodes],
        "parents": [node.parent for node in nodes],
        "right_children": [-1 if child < 0 else child + 1 for child in first_child],
        "split_conditions": thresholds,
        "split_indices": [0 if node.split is None else node.split.column for node in nodes],
        "split_type": [0] * size,
        "sum_hessian": [node.curvature for node in nodes],
        "tree_param": {
            "num_deleted": "0",
            "num_feature": str(len(edges)),
            "num_nodes": str(size),
            "size_leaf_vector": "1",
        },
    }
