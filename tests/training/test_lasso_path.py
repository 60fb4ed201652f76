"""The penalised path against an independent solver, and by the conditions of its optimum."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from riskapp.training.lasso_path import lasso_path


def counted(n=120, p=6, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    expected = rng.gamma(2.0, 0.1, n)
    return x, rng.poisson(expected * np.exp(0.7 * x[:, 0] - 0.4 * x[:, 1])) * 1.0, expected


def test_equals_a_general_optimiser_along_the_path():
    x, events, expected = counted()
    n, p = x.shape
    penalties, coefficients, levels = lasso_path(x, events, expected)

    def loss(split, penalty):
        # Each coefficient as the difference of two parts of at least 0: a smooth problem.
        beta = split[:p] - split[p : 2 * p]
        eta = split[-1] + x @ beta
        fitted = expected * np.exp(eta)
        slope = x.T @ (fitted - events)
        gradient = np.concatenate([slope + penalty, -slope + penalty, [(fitted - events).sum()]])
        return fitted.sum() - events @ eta + penalty * split[: 2 * p].sum(), gradient

    for k in (0, 10, 25, 59):
        found = minimize(
            loss,
            np.full(2 * p + 1, 0.1),
            args=(penalties[k],),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] * (2 * p) + [(None, None)],
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
        )
        np.testing.assert_allclose(coefficients[k], found.x[:p] - found.x[p : 2 * p], atol=1e-5)
        np.testing.assert_allclose(levels[k], found.x[-1], atol=1e-5)


@given(seed=st.integers(0, 10**6), p=st.sampled_from([1, 5, 80]))
@settings(max_examples=15, deadline=None)
def test_no_coefficient_could_do_better(seed, p):
    # The conditions of the optimum: a column without effect pulls no harder than the penalty, one
    # with an effect exactly as hard; the events fitted are those counted.
    rng = np.random.default_rng(seed)
    x, expected = rng.normal(size=(60, p)), rng.gamma(2.0, 0.1, 60)
    events = (rng.random(60) < 0.3) * 1.0
    events[0] = 1.0
    penalties, coefficients, levels = lasso_path(x, events, expected, at_most=10)
    for penalty, beta, level in zip(penalties, coefficients, levels, strict=True):
        residual = events - expected * np.exp(level + x @ beta)
        pull = x.T @ residual
        assert abs(residual.sum()) < 1e-6
        assert (np.abs(pull[beta == 0]) <= penalty + 1e-6).all()
        np.testing.assert_allclose(pull[beta != 0], penalty * np.sign(beta[beta != 0]), atol=1e-6)


def test_stops_when_enough_columns_have_entered():
    x, events, expected = counted(p=30)
    penalties, coefficients, _ = lasso_path(x, events, expected, at_most=3)
    assert (coefficients[-1] != 0).sum() >= 3 > (coefficients[-2] != 0).sum()
    assert (np.diff(penalties) < 0).all()
