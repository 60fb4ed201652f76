"""Our Cox regression against lifelines, against a plain loop, and at its edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from scipy.optimize import minimize

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.newton_cox import RiskSets, newton_cox

TIGHT = {"precision": 1e-13, "r_precision": 1e-15}


def made_up(n=400, p=4, steps_a_year=None, seed=1):
    """Covariates, follow-up and events; times rounded up where they are to be tied."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) * np.arange(1, p + 1) + 5
    effects = rng.normal(size=p) * 0.3 / np.arange(1, p + 1)
    event_years = rng.exponential(8 * np.exp(-(x - 5) @ effects))
    censored = rng.uniform(0, 12, n)
    years = np.minimum(event_years, censored)
    if steps_a_year:
        years = np.ceil(years * steps_a_year) / steps_a_year
    return x, years, event_years < censored


def lifelines_fit(x, years, event, weights=None, penalizer=0.0):
    table = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
    table["years"], table["event"] = years, event
    if weights is not None:
        table["weights"] = weights
    return CoxPHFitter(penalizer=penalizer).fit(
        table,
        "years",
        "event",
        weights_col=None if weights is None else "weights",
        fit_options=TIGHT,
    )


def assert_same(ours, theirs):
    np.testing.assert_allclose(ours.coefficients, theirs.params_.to_numpy(), rtol=0, atol=1e-6)
    errors = np.sqrt(np.diag(ours.covariance))
    np.testing.assert_allclose(errors, theirs.standard_errors_.to_numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("steps_a_year", [None, 12, 1])
def test_equals_lifelines_with_and_without_ties(steps_a_year):
    x, years, event = made_up(steps_a_year=steps_a_year)
    ours, theirs = newton_cox(x, years, event), lifelines_fit(x, years, event)
    assert_same(ours, theirs)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-8)


def test_equals_lifelines_with_weights_and_ties():
    x, years, event = made_up(steps_a_year=2)
    weights = np.random.default_rng(2).integers(1, 4, len(x)).astype(float)
    ours = newton_cox(x, years, event, weights=weights)
    assert_same(ours, lifelines_fit(x, years, event, weights))


def test_equals_lifelines_with_a_ridge():
    x, years, event = made_up(steps_a_year=4)
    # lifelines penalises per person and per standard deviation, by n - 1.
    precision = 0.1 * len(x) * x.std(axis=0, ddof=1) ** 2
    theirs = lifelines_fit(x, years, event, penalizer=0.1)
    assert_same(newton_cox(x, years, event, precision=precision), theirs)
    assert_same(newton_cox(x, years, event, precision=np.diag(precision)), theirs)


def test_an_offset_is_a_covariate_held_by_hand():
    x, years, event = made_up(steps_a_year=4)
    together = lifelines_fit(x, years, event).params_.to_numpy()
    rest = newton_cox(x[:, 1:], years, event, offset=x[:, 0] * together[0])
    np.testing.assert_allclose(rest.coefficients, together[1:], rtol=0, atol=1e-6)


def plain_log_likelihood(x, years, event, offset, weights, beta, ties):
    """Efron's and Breslow's sums written out, one event after another."""
    eta = x @ beta + offset
    total = 0.0
    for time in np.unique(years[event]):
        dying = np.flatnonzero(event & (years == time))
        at_risk = weights * np.exp(eta) * (years >= time)
        for gone in range(len(dying)):
            part = gone / len(dying) if ties == "efron" else 0.0
            left = at_risk.sum() - part * at_risk[dying].sum()
            total -= weights[dying].mean() * np.log(left)
        total += weights[dying] @ eta[dying]
    return total


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_everything_at_once_equals_a_plain_loop(ties):
    x, years, event = made_up(n=80, p=2, steps_a_year=1)
    rng = np.random.default_rng(3)
    offset, weights = rng.normal(size=80), rng.uniform(0, 2, 80)
    precision = np.array([[3.0, 1.0], [1.0, 2.0]])
    ours = newton_cox(
        x, years, event, offset=offset, weights=weights, precision=precision, ties=ties
    )

    def loss(beta):
        plain = plain_log_likelihood(x, years, event, offset, weights, beta, ties)
        return beta @ precision @ beta / 2 - plain

    found = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 0})
    np.testing.assert_allclose(ours.coefficients, found.x, rtol=0, atol=1e-6)
    assert ours.log_likelihood == pytest.approx(
        plain_log_likelihood(x, years, event, offset, weights, ours.coefficients, ties), abs=1e-9
    )


@given(seed=st.integers(0, 10**6), steps=st.sampled_from([None, 1, 6]))
@settings(max_examples=20, deadline=None)
def test_derivatives_are_those_of_the_log_likelihood(seed, steps):
    x, years, event = made_up(n=60, p=3, steps_a_year=steps, seed=seed)
    sets = RiskSets(x - 5, years, event, np.zeros(60), np.ones(60), "efron")
    beta, small = np.random.default_rng(seed).normal(size=3) * 0.2, 1e-5
    _, gradient, information = sets.derivatives(beta)
    for i, step in enumerate(small * np.eye(3)):
        above, below = sets.derivatives(beta + step), sets.derivatives(beta - step)
        assert gradient[i] == pytest.approx((above[0] - below[0]) / (2 * small), abs=1e-3)
        np.testing.assert_allclose(
            information[i], (below[1] - above[1]) / (2 * small), rtol=1e-4, atol=1e-3
        )


@given(seed=st.integers(0, 10**6), scale=st.sampled_from([1e-4, 1.0, 1e5]))
@settings(max_examples=20, deadline=None)
def test_units_and_origins_of_the_columns_do_not_matter(seed, scale):
    x, years, event = made_up(seed=seed, steps_a_year=12)
    precision = np.full(4, 2.0)
    ours = newton_cox(x, years, event, precision=precision)
    moved = newton_cox(x * scale + 3 * scale, years, event, precision=precision * scale**2)
    np.testing.assert_allclose(moved.coefficients * scale, ours.coefficients, atol=1e-8)
    np.testing.assert_allclose(moved.covariance * scale**2, ours.covariance, atol=1e-8)


def test_with_breslow_a_weight_of_two_is_the_row_given_twice():
    x, years, event = made_up(steps_a_year=2)
    twice = np.arange(0, 400, 3)
    weights = np.ones(400)
    weights[twice] = 2
    weighted = newton_cox(x, years, event, weights=weights, ties="breslow")
    rows = np.concatenate([np.arange(400), twice])
    again = newton_cox(x[rows], years[rows], event[rows], ties="breslow")
    np.testing.assert_allclose(weighted.coefficients, again.coefficients, atol=1e-9)
    np.testing.assert_allclose(weighted.covariance, again.covariance, atol=1e-9)


def test_what_cannot_be_learned_is_refused_and_a_prior_helps():
    x, years, event = made_up()
    never = np.zeros(400)
    never[np.flatnonzero(~event)[:5]] = 1  # nobody with it has the event
    for hopeless in (np.ones(400), x[:, 0] + x[:, 1], never):
        columns = np.column_stack([x, hopeless])
        with pytest.raises(UnusableCohort, match="cannot tell the effects"):
            newton_cox(columns, years, event)
        held = newton_cox(columns, years, event, precision=np.full(5, 0.5))
        assert np.isfinite(held.coefficients).all()
    constant = np.column_stack([x, np.ones(400)])
    assert newton_cox(constant, years, event, precision=np.ones(5)).coefficients[4] == 0


def test_a_large_scale_and_a_strong_effect_converge():
    x, years, event = made_up(n=2000)
    offset = 6 * (x[:, 0] - 5)  # far from the truth: the first step must be halved or be safe
    fit = newton_cox(x, years, event, offset=offset)
    plain = newton_cox(x, years, event)
    np.testing.assert_allclose(fit.coefficients[0] + 6, plain.coefficients[0], atol=1e-6)


def test_one_event_is_enough_with_a_prior_and_none_is_not():
    x, years, event = made_up(n=50)
    one = np.zeros(50, dtype=bool)
    one[np.argsort(years)[5]] = True
    assert np.isfinite(newton_cox(x, years, one, precision=np.ones(4)).coefficients).all()
    with pytest.raises(UnusableCohort, match="no event"):
        newton_cox(x, years, np.zeros(50, dtype=bool), precision=np.ones(4))
    # Its weight may be nothing.
    with pytest.raises(UnusableCohort, match="no event"):
        newton_cox(x, years, one, weights=(~one).astype(float), precision=np.ones(4))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(bad):
    x, years, event = made_up(n=50)
    spoiled = x.copy()
    spoiled[3, 1] = bad
    with pytest.raises(UnusableCohort, match="finite"):
        newton_cox(spoiled, years, event)
    with pytest.raises(UnusableCohort, match="finite"):
        newton_cox(x, years, event, offset=np.where(np.arange(50) == 3, bad, 0.0))
    with pytest.raises(UnusableCohort, match="below zero"):
        newton_cox(x, years, event, weights=np.where(np.arange(50) == 3, -1.0, 1.0))
