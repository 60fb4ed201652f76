"""Doubts of a recalibrated model: by hand, and whether they hold the truth as often as they say."""

import numpy as np
import pytest

from riskapp.modelstore.parameters import further_from
from riskapp.risk.cox import Basis
from riskapp.risk.posterior import Posterior, posterior
from riskapp.training.updating import LEVEL, NONE, update_for
from riskapp.training.updating_doubt import updated_doubt

NOTHING = further_from(
    {"columns": [], "quantiles": {}, "lines": [], "beside": [], "covariance": []}
)
COLUMNS = ("age_years", "female")


def parent(sd_age: float, sd_level: float) -> Posterior:
    """Sure of everything but what age does and of its level."""
    basis = Basis(COLUMNS, ("age",), NOTHING)
    variance = [sd_age**2, sd_level**2, 0.0]
    return Posterior(basis, np.zeros(1), 0.0, np.zeros(3), np.diag(variance))


def people(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.column_stack([rng.uniform(60, 80, n), np.ones(n)])


def test_by_the_level_alone_its_variance_is_one_over_the_events() -> None:
    rng = np.random.default_rng(1)
    rows, expected = people(rng, 4000), np.full(4000, 0.05)
    event = (rng.random(4000) < 0.1).astype(float)
    ones, flat = np.ones(4000), np.zeros(4000)
    update = update_for(event, expected, flat, rows, ones)
    assert update.needs == LEVEL
    told = posterior(
        parent(0.0, 0.0).basis,
        updated_doubt(parent(0.0, 0.0), update, rows, flat, event, expected, ones),
    )
    assert told.mean[-2] == pytest.approx(0.0, abs=1e-8)  # the level has moved already
    assert told.covariance[-2, -2] == pytest.approx(1 / event.sum(), rel=1e-4)
    assert told.covariance[0, 0] == 0.0
    # The parent's own doubt about its level stays beside it.
    wide = updated_doubt(parent(0.0, 0.3), update, rows, flat, event, expected, ones)
    assert wide["covariance_lower_half"][-2][-1] == pytest.approx(1 / event.sum() + 0.09, rel=1e-4)


@pytest.mark.parametrize("spread", [False, True])
def test_ninety_five_of_a_hundred_intervals_hold_the_truth(spread: bool) -> None:
    """Recalibrations of a model whose level was twice too low, and its age effect doubtful."""
    rng = np.random.default_rng(2)
    asked = np.array([[65.0, 1.0], [70.0, 1.0], [78.0, 1.0]])
    model, held, n = parent(0.15, 0.0), 0, 1500
    slope = 0.5 if spread else 1.0
    for _ in range(200):
        true_age = 0.15 * rng.standard_normal()
        rows, log_ratio = people(rng, n), rng.normal(0.0, 0.8, n)
        expected = 0.05 * np.exp(log_ratio)
        rate = np.exp(np.log(2) + true_age * (rows[:, 0] - 70) / 10 + (slope - 1) * log_ratio)
        event = rng.poisson(expected * rate).astype(float)
        update = update_for(event, expected, log_ratio, log_ratio[:, None], np.ones(n))
        if update.needs == NONE:
            continue
        told = posterior(
            model.basis,
            updated_doubt(model, update, rows, log_ratio, event, expected, np.ones(n)),
        )
        f = np.array([-1.0, 0.0, 1.0])
        drawn = told.shifts(asked, update.slope * f, 400, rng)
        truth = np.log(2) + true_age * (asked[:, 0] - 70) / 10 + slope * f
        shown = update.log_level + update.slope * f + drawn
        low, high = np.quantile(shown, [0.025, 0.975], axis=0)
        held += int(np.sum((low <= truth) & (truth <= high)))
    assert 0.92 <= held / 600 <= 0.98
