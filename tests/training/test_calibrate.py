"""Levels and slopes on people with a known truth."""

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.training.level import Counts, baselines, by_year, levels, slope


def follow_up(event: list[int], years: list[float]) -> FollowUp:
    return FollowUp(event=np.array(event, dtype=bool), years=np.array(years, dtype=float))


def test_events_count_in_the_year_that_they_end_and_none_past_ten() -> None:
    seen = follow_up([1, 1, 1, 0, 1], [0.5, 1.0, 1.01, 3.0, 10.5])
    assert by_year(seen).tolist() == [2, 1, *[0] * 8]


def test_a_level_is_one_without_events_to_speak_of_and_the_ratio_with_many() -> None:
    nothing = levels(Counts(np.zeros(10), np.full(10, 0.01)))
    np.testing.assert_allclose(nothing, 1.0, atol=0.02)
    many = levels(Counts(np.full(10, 3000.0), np.full(10, 2000.0)))
    np.testing.assert_allclose(many, 1.5, rtol=0.01)
    # Ten events beside ten pseudo-events, where half as many were expected: 20 / 15.
    some = levels(Counts(np.ones(10), np.full(10, 0.5)))
    assert some.mean() == pytest.approx(20 / 15, rel=0.02)


def test_one_odd_year_moves_its_own_level_a_little() -> None:
    observed = np.full(10, 10.0)
    observed[3] = 40
    found = levels(Counts(observed, np.full(10, 13.0)))
    assert found[3] == found.max()
    assert found[3] < 40 / 13
    assert found[0] < 1


def test_baseline_hazards_are_breslows_by_year() -> None:
    counts = Counts(np.full(10, 500.0), np.full(10, 25_000.0))
    np.testing.assert_allclose(baselines(counts), 0.02)
    few = baselines(Counts(np.array([1.0, *np.zeros(9)]), np.full(10, 3.0)))
    assert (few > 0).all()
    assert few[0] > few[5]


def test_slope_says_how_much_of_the_predicted_spread_came_true() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(0, 0.7, 100_000)
    expected = rng.uniform(0.01, 0.2, truth.size)
    event = rng.poisson(expected * np.exp(truth)).astype(float)
    ones = np.ones_like(truth)
    assert slope(event, expected, truth, ones) == pytest.approx(1.0, abs=0.03)
    assert slope(event, expected, 2 * truth, ones) == pytest.approx(0.5, abs=0.02)
    assert slope(event, expected, rng.normal(size=truth.size), ones) == pytest.approx(0, abs=0.03)
    assert slope(event, expected, np.zeros(truth.size), ones) == 1.0
