"""Judging against truth: perfect predictions, and known faults."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from riskapp.laboratory.truth.judging import expected_c, judged, slope

RNG = np.random.default_rng(1)
TRUTH = expit(RNG.normal(-2.5, 1.0, 2000))


def test_the_truth_itself_has_no_error() -> None:
    found = judged(TRUTH, TRUTH, TRUTH - 0.01, TRUTH + 0.01)
    assert found.error == 0
    assert found.level == 1
    assert found.slope == pytest.approx(1, abs=1e-9)
    assert found.coverage == 1


def test_predictions_spread_twice_as_wide_have_a_slope_of_one_half() -> None:
    middle = logit(TRUTH).mean()
    wide = expit(middle + 2 * (logit(TRUTH) - middle))
    assert slope(wide, TRUTH) == pytest.approx(0.5, abs=1e-6)
    assert slope(np.full_like(TRUTH, 0.1), TRUTH) is None


def test_a_slope_is_found_where_predictions_are_narrow_too_low_and_the_wrong_way_round() -> None:
    middle = logit(TRUTH).mean()
    low = expit(middle - 2 - 0.1 * (logit(TRUTH) - middle))
    assert slope(low, TRUTH) == pytest.approx(-10, abs=1e-6)


def test_c_is_that_of_drawn_outcomes_on_average() -> None:
    predicted = TRUTH[:300] * np.exp(0.5 * RNG.standard_normal(300))
    drawn = []
    for _ in range(200):
        event = RNG.random(300) < TRUTH[:300]
        difference = predicted[event][:, None] - predicted[~event][None, :]
        drawn.append([(difference > 0).sum(), difference.size])
    concordant, pairs = np.sum(drawn, axis=0)
    assert expected_c(predicted, TRUTH[:300]) == pytest.approx(concordant / pairs, abs=0.004)


def test_equal_predictions_tell_nobody_from_another() -> None:
    assert expected_c(np.full(50, 0.1), TRUTH[:50]) == pytest.approx(0.5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 3))
def test_c_does_not_depend_on_the_scale_of_predictions(seed: int, power: float) -> None:
    truth = np.random.default_rng(seed).uniform(0.01, 0.6, 60)
    predicted = np.random.default_rng(seed + 1).uniform(0.01, 0.99, 60)
    assert expected_c(predicted**power, truth) == pytest.approx(expected_c(predicted, truth))
    assert expected_c(1 - predicted, truth) == pytest.approx(1 - expected_c(predicted, truth))


def test_coverage_counts_the_intervals_that_hold_the_truth() -> None:
    few = TRUTH[:4]
    lower, upper = few - 0.01, few + np.array([0.01, 0.01, 0.01, -0.005])
    assert judged(TRUTH, TRUTH, lower, upper).coverage == 0.75
