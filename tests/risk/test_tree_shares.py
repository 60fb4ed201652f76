"""Shares of a forest are Shapley values by their definition, and the libraries' own."""

from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest
import shap
import xgboost

from riskapp.risk.boosting import READERS
from riskapp.risk.tree_shares import MOST_TESTS, Forest, Node

P = 5
ROWS = np.random.default_rng(2).normal(size=(4000, P))
EVENTS = (
    np.random.default_rng(3).random(4000) < 0.1 * np.exp(0.6 * ROWS[:, 0] * (ROWS[:, 1] > 0))
).astype(float)


def drawn_tree(rng, depth):
    """A full tree; a column may come twice on the way to a leaf."""
    nodes = []

    def add(below, cover):
        position = len(nodes)
        if below == 0:
            nodes.append(Node(-1, 0.0, -1, -1, cover, float(rng.normal())))
            return position
        nodes.append(None)
        share = rng.uniform(0.1, 0.9)
        left, right = add(below - 1, cover * share), add(below - 1, cover * (1 - share))
        column, threshold = int(rng.integers(P)), float(rng.normal())
        nodes[position] = Node(column, threshold, left, right, cover, 0.0)
        return position

    add(depth, 100.0)
    return nodes


def worth(tree, row, known, node=0):
    """What the tree is expected to say when only some columns are known."""
    here = tree[node]
    if here.column < 0:
        return here.value
    if here.column in known:
        return worth(
            tree, row, known, here.left if row[here.column] < here.threshold else here.right
        )
    return sum(
        tree[child].cover / here.cover * worth(tree, row, known, child)
        for child in (here.left, here.right)
    )


def by_definition(trees, row):
    found = np.zeros(P)
    for column in range(P):
        others = [each for each in range(P) if each != column]
        for size in range(P):
            weight = factorial(size) * factorial(P - size - 1) / factorial(P)
            for known in combinations(others, size):
                found[column] += weight * sum(
                    worth(tree, row, {*known, column}) - worth(tree, row, set(known))
                    for tree in trees
                )
    return found


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_shares_are_shapley_values_by_definition(depth):
    rng = np.random.default_rng(depth)
    trees = [drawn_tree(rng, depth) for _ in range(3)]
    shares = Forest(trees).shares(ROWS[:4])
    for row, own in zip(ROWS[:4], shares, strict=True):
        assert own == pytest.approx(by_definition(trees, row), abs=1e-12)


def test_a_large_tree_is_parted_and_a_mere_leaf_says_nothing():
    tree = drawn_tree(np.random.default_rng(1), 5)
    forest = Forest([tree, [Node(-1, 0.0, -1, -1, 1.0, 0.3)]])
    assert len(forest.branches) == 5
    assert all(len(branch.tests) <= MOST_TESTS for branch in forest.branches)
    assert forest.branches[-1].shares == {}
    leaves = [worth(tree, row, set(range(P))) + 0.3 for row in ROWS[:20]]
    assert forest.sums(ROWS[:20]) == pytest.approx(leaves, abs=1e-12)
    assert Forest([]).sums(ROWS[:2]).tolist() == [0.0, 0.0]
    assert Forest([]).shares(ROWS[:2]).tolist() == np.zeros((2, P)).tolist()


def test_trees_too_deep_for_a_table_are_refused():
    chain = [Node(0, float(i), 2 * i + 1, 2 * i + 2, 50.0 - i, 0.0) for i in range(17)]
    nodes = []
    for i, node in enumerate(chain):
        nodes += [node._replace(left=2 * i + 1, right=2 * i + 2)]
        nodes += [Node(-1, 0.0, -1, -1, 1.0, 1.0)]
    nodes.append(Node(-1, 0.0, -1, -1, 30.0, 2.0))
    with pytest.raises(ValueError, match="deeper than 16"):
        Forest([nodes])


@pytest.mark.parametrize("depth", [2, 5])
@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_shares_are_shaps_own(engine, depth):
    if engine == "xgboost":
        data = xgboost.DMatrix(ROWS, label=EVENTS)
        settings = {"objective": "count:poisson", "max_depth": depth, "nthread": 1}
        text = xgboost.train(settings, data, 40).save_raw("json").decode()
    else:
        settings = {
            "objective": "poisson",
            "num_leaves": 2**depth,
            "max_depth": depth,
            "verbosity": -1,
            "num_threads": 1,
        }
        text = lightgbm.train(settings, lightgbm.Dataset(ROWS, EVENTS), 40).model_to_string()
    hazard = READERS[engine](text)
    theirs = shap.TreeExplainer(hazard.booster()).shap_values(ROWS[:500])
    assert np.abs(theirs).max() > 0.3
    assert hazard.shares(ROWS[:500]) == pytest.approx(theirs, abs=1e-6)
