"""Trees grown from sums are XGBoost's trees, whoever holds the people."""

from dataclasses import replace

import numpy as np
import pytest
import shap
import xgboost

from riskapp.risk.boosting import xgboost_hazard
from riskapp.training.sums.tree_sums import (
    Growth,
    TreePeople,
    binned,
    counted,
    edges_from_counts,
    grow,
    tree_values,
)
from riskapp.training.sums.tree_text import xgboost_json

GROWTH = Growth(eta=0.1, reg_lambda=1.0, min_child_weight=10.0, monotone=(-1, 0, 0, 0))
GRID = np.linspace(-4, 4, 161)
ROUNDS = 40


def made_up(n=3000, seed=1):
    rng = np.random.default_rng(seed)
    rows = np.round(rng.normal(size=(n, 4)), 1)
    rows[:, 3] = rng.random(n) < 0.2
    offset = np.log(rng.uniform(0.02, 0.4, n))
    rate = np.exp(offset - 0.6 * rows[:, 0] + 0.5 * rows[:, 1] * rows[:, 3])
    return rows, (rng.random(n) < rate).astype(float), offset


def edges_of(rows):
    return [edges_from_counts(GRID, counts_of(own), 32, 10) for own in rows.T]


def counts_of(own):
    return counted(GRID, own, np.ones(own.size))


def people(rows, event, offset, edges):
    return TreePeople(
        bins=binned(rows, edges), event=event, weights=np.ones(len(rows)), margin=offset.copy()
    )


def grown(rows, event, offset, growth=GROWTH, rounds=ROUNDS):
    edges = edges_of(rows)
    own = people(rows, event, offset, edges)
    return [grow(own, growth, 32) for _ in range(rounds)], edges, own


# Of the columns' effects the first is -0.6, the second +0.5 with the fourth: the last two bind.
@pytest.mark.parametrize("monotone", [(0, 0, 0, 0), (-1, 0, 0, 0), (1, -1, 0, 0), (-1, -1, 1, -1)])
def test_the_trees_are_xgboosts_on_the_same_bins(monotone):
    rows, event, offset = made_up()
    trees, edges, own = grown(rows, event, offset, replace(GROWTH, monotone=monotone))
    # One value for each bin: XGBoost's bins are then ours.
    as_bins = own.bins.astype(float)
    settings = {
        "objective": "count:poisson",
        "tree_method": "hist",
        "max_depth": 2,
        "eta": 0.1,
        "min_child_weight": 10.0,
        "lambda": 1.0,
        "base_score": 1.0,
        "monotone_constraints": monotone,
        "nthread": 1,
    }
    peer = xgboost.train(
        settings, xgboost.DMatrix(as_bins, label=event, base_margin=offset), ROUNDS
    )
    theirs = peer.predict(xgboost.DMatrix(as_bins), output_margin=True)
    ours = xgboost_hazard(xgboost_json(trees, edges)).margin(rows)
    assert np.abs(ours).max() > 0.1
    # XGBoost adds up in single precision.
    assert ours == pytest.approx(theirs, abs=2e-5)


def test_the_written_trees_say_what_the_grown_ones_do():
    rows, event, offset = made_up()
    trees, edges, own = grown(rows, event, offset)
    hazard = xgboost_hazard(xgboost_json(trees, edges))
    added = sum(tree_values(tree, own.bins) for tree in trees)
    assert own.margin - offset == pytest.approx(added, abs=1e-12)
    assert hazard.margin(rows) == pytest.approx(added, abs=1e-6)


def test_their_contributions_are_shaps():
    rows, event, offset = made_up(800)
    trees, edges, _ = grown(rows, event, offset)
    hazard = xgboost_hazard(xgboost_json(trees, edges))
    shares = hazard.contributions(rows[:50])
    assert shares.sum(axis=1) == pytest.approx(hazard.margin(rows[:50]), abs=1e-6)
    again = shap.TreeExplainer(hazard.booster()).shap_values(rows[:50])
    assert shares[:, :-1] == pytest.approx(again, abs=1e-6)


def test_the_hazard_never_rises_where_it_may_only_fall():
    rows, event, offset = made_up()
    trees, edges, _ = grown(rows, event, offset)
    hazard = xgboost_hazard(xgboost_json(trees, edges))
    line = np.tile(rows[:20], (60, 1))
    line[:, 0] = np.repeat(np.linspace(-3, 3, 60), 20)
    steps = np.diff(hazard.margin(line).reshape(60, 20), axis=0)
    assert (steps <= 1e-6).all()
    assert steps.min() < -0.01


def test_two_halves_add_up_to_the_whole():
    rows, event, offset = made_up()
    edges = edges_of(rows)
    whole = people(rows, event, offset, edges)
    halves = [people(rows[i::2], event[i::2], offset[i::2], edges) for i in (0, 1)]
    first = GROWTH.best(whole.node(32), (-np.inf, np.inf))
    for split in (None, first):
        together = [half.node(32, split) for half in halves]
        assert together[0].cells + together[1].cells == pytest.approx(whole.node(32, split).cells)


def test_a_person_of_weight_zero_is_not_there():
    rows, event, offset = made_up()
    edges = edges_of(rows)
    chosen = np.arange(len(rows)) % 3 > 0
    weighed = people(rows, event, offset, edges)
    weighed.weights[~chosen] = 0.0
    fewer = people(rows[chosen], event[chosen], offset[chosen], edges)
    assert weighed.node(32).cells == pytest.approx(fewer.node(32).cells)


def test_without_signal_or_events_enough_a_tree_is_a_leaf():
    rows, event, offset = made_up(300)
    trees, edges, _ = grown(rows, event, offset - 9, Growth(0.1, 1.0, 10.0, (0,) * 4), 1)
    assert trees[0].root.column == -1
    assert xgboost_hazard(xgboost_json(trees, edges)).margin(rows) == pytest.approx(trees[0].value)


@pytest.mark.parametrize(("least", "bins"), [(10, 32), (10, 4), (200, 32)])
def test_no_bin_holds_few_people(least, bins):
    rows, _, _ = made_up()
    own = rows[:, 0]
    edges = edges_from_counts(GRID, counts_of(own), bins, least)
    held = np.bincount(binned(own[:, None], [edges])[:, 0], minlength=edges.size + 1)
    assert held.min() >= least
    assert 2 <= edges.size + 1 <= bins
