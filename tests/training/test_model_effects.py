"""Importance, dependence and stability of functions whose answers are known."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from riskapp.training.model_effects import effect, importance, stability

COLUMNS = ("age_years", "femoral_neck_t_score", "parent_hip_fracture")


def people(n=4000, seed=1):
    rng = np.random.default_rng(seed)
    age = rng.uniform(50, 90, n)
    return np.column_stack([age, -0.05 * (age - 70) + rng.normal(size=n), rng.random(n) < 0.2])


def additive(rows):
    return 0.03 * (rows[:, 0] - 70) - 0.4 * rows[:, 1] + 0.5 * rows[:, 2]


def test_of_a_sum_both_curves_are_the_columns_own_part():
    rows = people()
    found = effect(additive, rows, COLUMNS, "femoral_neck_t_score")
    low, high = np.quantile(rows[:, 1], [0.01, 0.99])
    assert found.values[0] == pytest.approx(low, abs=0.1)
    assert found.values[-1] == pytest.approx(high, abs=0.1)
    np.testing.assert_allclose(np.diff(found.partial), -0.4 * np.diff(found.values), atol=1e-9)
    np.testing.assert_allclose(np.diff(found.accumulated), np.diff(found.partial), atol=1e-9)
    np.testing.assert_allclose(found.accumulated, found.partial, atol=0.02)


def test_of_a_yes_no_column_both_values_are_compared():
    found = effect(additive, people(), COLUMNS, "parent_hip_fracture")
    assert found.values.tolist() == [0, 1]
    assert np.diff(found.partial) == pytest.approx(0.5)
    assert np.diff(found.accumulated) == pytest.approx(0.5)


def test_accumulated_effects_ask_no_people_who_do_not_exist():
    # f is strange where nobody is, old with a very good T-score; partial dependence asks there.
    rows = people()

    def strange(asked):
        nobody = asked[:, 1] > -0.05 * (asked[:, 0] - 70) + 4.5
        return additive(asked) + 50.0 * nobody

    found = effect(strange, rows, COLUMNS, "age_years")
    plain = effect(additive, rows, COLUMNS, "age_years")
    np.testing.assert_allclose(found.accumulated, plain.accumulated, atol=1e-9)
    assert np.abs(found.partial - plain.partial).max() > 0.02


def test_a_constant_column_has_no_effect():
    rows = people()
    rows[:, 2] = 1.0
    found = effect(additive, rows, COLUMNS, "parent_hip_fracture")
    assert found.values.tolist() == [1.0]
    assert found.accumulated.tolist() == [0.0]


def test_importance_is_the_weighted_mean_of_absolute_contributions():
    contributions = np.array([[1.0, -2.0, 9.0], [-3.0, 0.0, 9.0]])
    np.testing.assert_allclose(importance(contributions, np.array([1.0, 3.0])), [2.5, 0.5])


def test_rank_correlation_is_the_mean_over_pairs():
    rng = np.random.default_rng(1)
    table = rng.random((4, 6))
    found = stability(list("abcdef"), table.mean(axis=0), list(table))
    pairs = [spearmanr(table[i], table[j])[0] for i in range(4) for j in range(i)]
    assert found.rank_correlation == pytest.approx(np.mean(pairs))
    assert (found.lower <= found.upper).all()
    assert found.resamples == 4


def test_the_same_order_every_time_is_one_and_nothing_learned_is_no_number():
    order = np.arange(1.0, 5.0)
    same = stability(list("abcd"), order, [order, 2 * order, order**2])
    assert same.rank_correlation == pytest.approx(1)
    nothing = stability(list("abcd"), 0 * order, [0 * order, 0 * order])
    assert np.isnan(nothing.rank_correlation)
