"""Shares of the shift from the evidence's probability to the learned one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.estimate import Outcome
from riskapp.risk.learned_explanation import shift_shares

CAUSES = ("hip", "other_major_osteoporotic", "death")
STEP_YEARS = 0.5


def made_up(seed=1, n=5, columns=3, size=0.4):
    rng = np.random.default_rng(seed)
    evidence = {cause: rng.uniform(0.002, 0.05, (n, 20)) for cause in CAUSES}
    log_level = {cause: rng.normal(0, 0.3, 20) for cause in CAUSES}
    parts = {cause: rng.normal(0, size, (n, columns + 1)) for cause in CAUSES}
    return evidence, log_level, parts


def probabilities(evidence, log_level, f):
    hazard = {c: evidence[c] * np.exp(log_level[c] + f[c][:, None]) for c in CAUSES}
    hip, other, death = (hazard[c] for c in CAUSES)
    return {
        Outcome.HIP: cumulative_incidence(hip, death, STEP_YEARS)[:, -1].mean(),
        Outcome.MAJOR_OSTEOPOROTIC: cumulative_incidence(hip + other, death, STEP_YEARS)[
            :, -1
        ].mean(),
    }


@given(seed=st.integers(0, 10**6), size=st.sampled_from([0.05, 0.4, 0.7]))
@settings(max_examples=30, deadline=None)
def test_shares_add_up_to_the_shift(seed, size):
    evidence, log_level, parts = made_up(seed, size=size)
    learned = probabilities(evidence, log_level, {c: parts[c].sum(axis=1) for c in CAUSES})
    nothing = dict.fromkeys(CAUSES, np.zeros(20))
    published = probabilities(evidence, nothing, dict.fromkeys(CAUSES, np.zeros(5)))
    shares = shift_shares(evidence, log_level, parts, STEP_YEARS)
    for outcome in Outcome:
        shift = learned[outcome] - published[outcome]
        assert shares[outcome].whole == pytest.approx(shift, abs=1e-9)


def test_a_column_that_adds_nothing_gets_nothing_and_equals_share_equally():
    evidence, log_level, parts = made_up()
    for each in parts.values():
        each[:, 0] = 0.0
        each[:, 2] = each[:, 1]
    shares = shift_shares(evidence, log_level, parts, STEP_YEARS)
    for outcome in Outcome:
        assert shares[outcome].columns[0] == 0.0
        assert shares[outcome].columns[1] == shares[outcome].columns[2] != 0.0


def test_nothing_learned_shifts_nothing():
    evidence, log_level, parts = made_up()
    nothing = {cause: 0.0 * each for cause, each in log_level.items()}
    shares = shift_shares(evidence, nothing, {c: 0.0 * p for c, p in parts.items()}, STEP_YEARS)
    for outcome in Outcome:
        assert shares[outcome].whole == 0.0


def test_each_share_is_the_line_integral_written_out():
    # The path in many small steps; each column is moved by itself, by central differences.
    evidence, log_level, parts = made_up(n=2, columns=2)
    shares = shift_shares(evidence, log_level, parts, STEP_YEARS)
    grid, h = 400, 1e-5
    for column in range(3):
        summed = dict.fromkeys(Outcome, 0.0)
        for s in (np.arange(grid) + 0.5) / grid:
            moved = []
            for sign in (1, -1):
                f = {c: s * parts[c].sum(axis=1) + sign * h * parts[c][:, column] for c in CAUSES}
                along = {c: s * log_level[c] for c in CAUSES}
                moved.append(probabilities(evidence, along, f))
            for outcome in Outcome:
                slope = (moved[0][outcome] - moved[1][outcome]) / (2 * h)
                summed[outcome] += slope / grid
        for outcome in Outcome:
            whole = [*shares[outcome].columns, shares[outcome].remainder]
            assert whole[column] == pytest.approx(summed[outcome], abs=1e-7)


def test_dying_more_often_leaves_fewer_fractures():
    evidence, log_level, parts = made_up()
    nothing = {cause: 0.0 * each for cause, each in log_level.items()}
    parts = {cause: 0.0 * each for cause, each in parts.items()}
    parts["death"][:, 0] = 0.5
    shares = shift_shares(evidence, nothing, parts, STEP_YEARS)
    assert all(shares[outcome].columns[0] < 0 for outcome in Outcome)
