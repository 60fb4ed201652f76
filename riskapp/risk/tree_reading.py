"""Trees as the libraries write them, as plain nodes."""

import json
from collections.abc import Mapping
from math import log
from typing import Any

import numpy as np

from riskapp.risk.tree_shares import Node

# LightGBM's word for a test of a number against a threshold that knows of no gaps.
PLAIN_TEST = "2"


def xgboost_trees(model_json: str) -> list[list[Node]]:
    """Trees of XGBoost's JSON; thresholds in single precision, as it compares.

    The first is a mere leaf where the sum does not start from nothing.
    """
    learner = json.loads(model_json)["learner"]
    # Counts of events: what the sum starts from is kept before the logarithm.
    start = log(float(learner["learner_model_param"]["base_score"].strip("[]")))
    before = [[Node(-1, 0.0, -1, -1, 1.0, start)]] if start else []
    return before + [_of_xgboost(tree) for tree in learner["gradient_booster"]["model"]["trees"]]


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


def lightgbm_trees(model_text: str) -> list[list[Node]]:
    """Trees of LightGBM's text; its covers are counts of people.

    Raises
    ------
    ValueError
        If a tree asks for categories, treats a gap in a way of its own, or ends in lines.
    """
    blocks = model_text.partition("end of trees")[0].split("\nTree=")[1:]
    return [_of_lightgbm(block) for block in blocks]


def _of_lightgbm(block: str) -> list[Node]:
    told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    size = int(told["num_leaves"])
    values = [float(each) for each in told["leaf_value"].split()]
    if size == 1:
        return [Node(-1, 0.0, -1, -1, 1.0, values[0])]
    plain = set(told["decision_type"].split()) == {PLAIN_TEST}
    if not plain or told["num_cat"] != "0" or told.get("is_linear", "0") != "0":
        raise ValueError("Only trees that compare numbers can be read.")
    columns, covers = (_whole(told[name]) for name in ("split_feature", "internal_count"))
    # Leaves lie behind the tests here; there they are counted from -1 down.
    left, right = (
        [child if child >= 0 else size - 2 - child for child in _whole(told[name])]
        for name in ("left_child", "right_child")
    )
    # "At most" goes left there, "below" here.
    below = np.nextafter([float(each) for each in told["threshold"].split()], np.inf).tolist()
    tests = zip(columns, below, left, right, covers, strict=True)
    leaves = zip(_whole(told["leaf_count"]), values, strict=True)
    return [
        *(Node(at, threshold, low, high, cover, 0.0) for at, threshold, low, high, cover in tests),
        *(Node(-1, 0.0, -1, -1, count, value) for count, value in leaves),
    ]


def _whole(numbers: str) -> list[int]:
    return [int(each) for each in numbers.split()]
