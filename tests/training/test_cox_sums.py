"""Sums over parts give the regression of the whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.sums.cox_sums import Banded, RiskSums, Timed, fit_from_sums

RIDGE = 2.0


def made_up(n, seed=3, q=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, q))
    offset = rng.normal(scale=0.3, size=n)
    waited = rng.exponential(12.0 / np.exp(x @ np.linspace(-0.5, 0.7, q) + offset))
    left = rng.uniform(1, 12, n)
    return x, offset, np.minimum(waited, left), waited <= left


def timed(parts, times, x, offset, years, event):
    return [
        Timed(
            x=x[own],
            offset=offset[own],
            years=years[own],
            event=event[own],
            weights=np.ones(own.size),
            times=times,
        )
        for own in parts
    ]


def added(parts):
    def ask(beta):
        first, *others = [part.sums(beta) for part in parts]
        for each in others:
            first = first + each
        return first

    return ask


def test_sums_over_three_parts_equal_lifelines_on_all_rows():
    x, _, years, event = made_up(400)
    parts = timed(
        np.array_split(np.random.default_rng(0).permutation(400), 3),
        np.unique(years[event]),
        x,
        np.zeros(400),
        years,
        event,
    )
    found = fit_from_sums(added(parts), RIDGE * np.eye(3))
    table = pd.DataFrame(x, columns=list("abc")).assign(years=years, event=event)
    # lifelines scales columns to one standard deviation and takes its penalty per person.
    fitter = CoxPHFitter(penalizer=0.0)
    fitter.fit(table, "years", "event", fit_options={"precision": 1e-12})
    free = fit_from_sums(added(parts), np.zeros((3, 3)))
    assert free.coefficients == pytest.approx(fitter.params_.to_numpy(), abs=1e-8)
    assert np.linalg.inv(free.information) == pytest.approx(
        fitter.variance_matrix_.to_numpy(), abs=1e-8
    )
    assert (np.abs(found.coefficients) < np.abs(free.coefficients)).all()


@given(seed=st.integers(0, 1000), sites=st.integers(1, 5))
@settings(max_examples=12, deadline=None)
def test_however_people_are_split_the_sums_are_the_same(seed, sites):
    x, offset, years, event = made_up(60, seed)
    times = np.unique(years[event])
    beta = np.array([0.2, -0.1, 0.4])
    everyone = np.random.default_rng(seed).permutation(60)
    apart = added(timed(np.array_split(everyone, sites), times, x, offset, years, event))(beta)
    whole = added(timed([np.arange(60)], times, x, offset, years, event))(beta)
    assert apart.numbers() == pytest.approx(whole.numbers(), rel=1e-12, abs=1e-12)


def test_the_sums_are_the_definition_written_out():
    x, offset, years, event = made_up(40)
    times = np.unique(years[event])
    beta = np.array([0.2, -0.1, 0.4])
    found = added(timed([np.arange(40)], times, x, offset, years, event))(beta)
    ratio = np.exp(x @ beta + offset)
    for position, time in enumerate(times):
        there = years >= time
        assert found.s0[position] == pytest.approx(ratio[there].sum())
        assert found.s1[position] == pytest.approx((ratio[:, None] * x)[there].sum(axis=0))
        assert found.s2[position] == pytest.approx(
            np.einsum("n,ni,nj->ij", ratio[there], x[there], x[there])
        )


def banded(x, offset, years, event, edges):
    lower, width = edges[:-1], np.diff(edges)
    at_risk = np.clip(years[:, None] - lower, 0, width)
    return Banded(
        x=x,
        expected=at_risk * np.exp(offset)[:, None],
        event_band=np.where(event, np.searchsorted(edges, years) - 1, -1),
        weights=np.ones(len(x)),
    )


def test_narrower_bands_come_nearer_to_exact_times():
    x, offset, years, event = made_up(2000)
    times = np.unique(years[event])
    exact = fit_from_sums(
        added(timed([np.arange(2000)], times, x, offset, years, event)), np.zeros((3, 3))
    )
    spread = np.sqrt(np.diag(np.linalg.inv(exact.information)))
    apart = []
    for bands in (3, 12, 120):
        people = banded(x, offset, years, event, np.linspace(0, 12, bands + 1))
        found = fit_from_sums(people.sums, np.zeros((3, 3)))
        apart.append((np.abs(found.coefficients - exact.coefficients) / spread).max())
    # In standard errors: bands of a year already cost less than a tenth of one.
    assert apart[1] < 0.1
    assert apart[2] < 0.03
    assert apart[2] < apart[0]


def test_what_is_sent_is_read_back():
    x, offset, years, event = made_up(30)
    sums = added(timed([np.arange(30)], np.unique(years[event]), x, offset, years, event))(
        np.zeros(3)
    )
    back = RiskSums.from_numbers(sums.numbers(), sums.s0.size, 3)
    assert back.numbers().tolist() == sums.numbers().tolist()
    assert back.s2.shape == sums.s2.shape


def test_nothing_to_learn_is_refused_and_so_are_columns_that_are_one():
    x, offset, years, event = made_up(50)
    nobody = banded(x, offset, years, np.zeros(50, dtype=bool), np.array([0.0, 12.0]))
    with pytest.raises(UnusableCohort, match="no event"):
        fit_from_sums(nobody.sums, np.eye(3))
    twice = banded(np.zeros((50, 2)), offset, years, event, np.array([0.0, 12.0]))
    with pytest.raises(UnusableCohort, match="prior is needed"):
        fit_from_sums(twice.sums, np.zeros((2, 2)))
