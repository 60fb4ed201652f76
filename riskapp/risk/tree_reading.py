"""Trees as the libraries write them, as plain nodes."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.risk.tree_shares import Node


def xgboost_trees(model_json: str) -> list[list[Node]]:
    """Trees of XGBoost's JSON; thresholds in single precision, as it compares."""
    model = json.loads(model_json)["learner"]["gradient_booster"]["model"]
    return [_of_xgboost(tree) for tree in model["trees"]]


def _of_xgboost(tree: Mapping[str, Any]) -> list[Node]:
    conditions = np.asarray(tree["split_conditions"], dtype=np.float32).astype(np.float64).tolist()
    parts = zip(
        tree["split_indices"],
        conditions,
        tree["left_children"],
        tree["right_children"],
        tree["sum_hessian"],
        strict=True,
    )
    # A leaf keeps its value where a node keeps its threshold.
    return [
        Node(-1 if left < 0 else column, condition, left, right, cover, condition)
        for column, condition, left, right, cover in parts
    ]


def lightgbm_trees(dumped: Mapping[str, Any]) -> list[list[Node]]:
    """Trees of LightGBM's ``dump_model``; its covers are counts of people."""
    found = []
    for tree in dumped["tree_info"]:
        nodes: list[Node] = []
        _add(nodes, tree["tree_structure"])
        found.append(nodes)
    return found


def _add(nodes: list[Node], told: Mapping[str, Any]) -> int:
    """Append a node and all below it; its position."""
    position = len(nodes)
    if "leaf_value" in told:
        count = told.get("leaf_count", 1)  # a tree that is one leaf tells none
        nodes.append(Node(-1, 0.0, -1, -1, count, told["leaf_value"]))
        return position
    nodes.append(Node(-1, 0.0, -1, -1, 0, 0.0))
    left, right = _add(nodes, told["left_child"]), _add(nodes, told["right_child"])
    # "At most" goes left there, "below" here.
    below = float(np.nextafter(told["threshold"], np.inf))
    nodes[position] = Node(told["split_feature"], below, left, right, told["internal_count"], 0.0)
    return position
