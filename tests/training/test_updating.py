"""Recalibration in place of retraining, where that is enough, and only there."""

import numpy as np
import pytest

from riskapp.training.updating import (
    FEWEST_EVENTS,
    LEVEL,
    NONE,
    RETRAIN,
    SPREAD,
    Update,
    update_for,
)

N = 20_000


def new_people(
    seed: int, log_level: float = 0.0, slope: float = 1.0, other: float = 0.0, n: int = N
) -> Update:
    """People with the model's hazards but for a level, a spread and another column's effect."""
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, 5))
    log_ratio = 0.8 * columns[:, 0] - 0.4 * columns[:, 1]
    expected = 0.03 * np.exp(0.5 * columns[:, 2]) * np.exp(log_ratio)
    true = expected * np.exp(log_level + (slope - 1) * log_ratio + other * columns[:, 3])
    event = (rng.random(n) < 1 - np.exp(-true)).astype(float)
    # Follow-up ends with the event, and what is expected with it.
    time = np.where(event > 0, rng.random(n), 1.0)
    return update_for(event, expected * time, log_ratio, columns, np.ones(n))


def test_a_new_level_is_found() -> None:
    found = new_people(1, log_level=np.log(1.4))
    assert found.needs == LEVEL
    assert found.log_level == pytest.approx(np.log(1.4), abs=0.12)
    assert found.slope == 1.0


def test_a_spread_that_was_too_wide_is_found() -> None:
    found = new_people(2, log_level=np.log(0.8), slope=0.6)
    assert found.needs == SPREAD
    assert found.slope == pytest.approx(0.6, abs=0.1)


def test_effects_that_are_others_need_a_new_training() -> None:
    found = new_people(3, other=0.5)
    assert found.needs == RETRAIN
    assert found.p[SPREAD] < 0.001


def test_a_model_that_fits_is_left_alone_but_for_one_time_in_twenty() -> None:
    """A closed test: whatever the number of steps, the first kind of error stays at its level."""
    needs = [new_people(seed, n=3000).needs for seed in range(100, 160)]
    assert sum(each != NONE for each in needs) <= 8  # binomial(60, 0.05): 99.6 % lie below


def test_few_events_change_nothing() -> None:
    event = np.zeros(500)
    event[: FEWEST_EVENTS - 1] = 1.0
    rng = np.random.default_rng(5)
    asked = (np.full(500, 1e-3), rng.normal(size=500), rng.normal(size=(500, 2)), np.ones(500))
    assert update_for(event, *asked).needs == NONE
    event[FEWEST_EVENTS] = 1.0
    assert update_for(event, *asked).needs != NONE


def test_a_model_that_learned_nothing_has_no_spread_to_change() -> None:
    rng = np.random.default_rng(6)
    event = (rng.random(N) < 0.06).astype(float)
    columns = np.column_stack([rng.normal(size=(N, 2)), np.ones(N)])
    found = update_for(event, np.full(N, 0.03), np.zeros(N), columns, np.ones(N))
    assert (found.needs, found.slope) == (LEVEL, 1.0)
    assert SPREAD not in found.p
    assert found.log_level == pytest.approx(np.log(event.mean() / 0.03))


def test_a_level_by_hand() -> None:
    """Observed over expected is the maximum-likelihood level."""
    event, expected = np.r_[np.ones(30), np.zeros(70)], np.full(100, 0.1)
    found = update_for(event, expected, np.zeros(100), np.empty((100, 0)), np.ones(100))
    assert found.log_level == pytest.approx(np.log(3.0))
    # Twice the gain in log-likelihood: 30 log 3 - (30 - 10), against one degree of freedom.
    assert found.p[NONE] == pytest.approx(3.56e-7, rel=0.01)


def test_an_order_is_never_turned_round() -> None:
    found = new_people(8, slope=-1.0)
    assert (found.slope, found.needs) == (0.0, RETRAIN)


def test_what_was_learned_is_not_stretched_far_beyond_itself() -> None:
    assert new_people(9, slope=1.3).needs == SPREAD
    found = new_people(9, slope=2.0)
    assert (found.slope, found.needs) == (1.5, RETRAIN)
