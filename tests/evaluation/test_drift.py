"""Drift of columns, predictions and calibration, and hazards that are not proportional."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.calibration import InTheLarge
from riskapp.evaluation.course import CannotJudge, course
from riskapp.evaluation.drift import calibration_drift, column_drift, stability_index
from riskapp.evaluation.proportional_hazards import proportional_hazards

VALUES = st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=1, max_size=60)


def test_stability_index_by_hand() -> None:
    # A yes-or-no column, 100 people each: 20 and 40 say yes; one more person shared 60 to 140.
    then, now = (np.repeat([1.0, 0.0], [yes, 100 - yes]) for yes in (20, 40))
    before, after = (20 + 0.3) / 101, (40 + 0.3) / 101
    wanted = (after - before) * (np.log(after / before) - np.log((1 - after) / (1 - before)))
    assert stability_index(then, now) == pytest.approx(wanted)


@given(VALUES, VALUES)
def test_drift_is_nothing_against_oneself_and_never_negative(
    one: list[float], other: list[float]
) -> None:
    then, now = np.array(one), np.array(other)
    assert column_drift(then, then).stability_index == pytest.approx(0)
    found = column_drift(then, now)
    assert 0 <= found.stability_index < np.inf
    if found.distance is not None:
        assert 0 <= found.distance <= 1


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "stable"), (0.4, "notable"), (0.8, "large")])
def test_a_shift_is_told_by_its_size(shift: float, verdict: str) -> None:
    rng = np.random.default_rng(1)
    then, now = rng.normal(size=5000), rng.normal(shift, 1, 5000)
    found = column_drift(then, now)
    # Between normal distributions the divergence is the square of the shift.
    assert found.stability_index == pytest.approx(shift**2, abs=0.02 + 0.05 * shift)
    assert found.verdict == verdict
    assert found.p is not None
    assert (found.p < 0.001) == (shift > 0)
    assert found.distance == pytest.approx(ks_2samp(then, now).statistic, abs=1e-12)
    assert found.p == pytest.approx(ks_2samp(then, now, method="asymp").pvalue, abs=0.02)


def test_a_column_that_is_no_longer_filled_in_has_drifted() -> None:
    then = np.random.default_rng(2).normal(size=1000)
    now = np.where(np.arange(1000) % 2, then, np.nan)
    found = column_drift(then, now)
    assert (found.missing_then, found.missing_now) == (0, 0.5)
    assert found.verdict == "large"
    empty = column_drift(then, np.full(10, np.nan))
    assert (empty.distance, empty.p, empty.missing_now) == (None, None, 1)


@pytest.mark.parametrize("now", [[], [np.inf]])
def test_nobody_or_endless_is_refused(now: list[float]) -> None:
    with pytest.raises(CannotJudge):
        column_drift(np.ones(3), np.array(now))


def test_calibration_by_period() -> None:
    rng = np.random.default_rng(3)
    share = rng.uniform(0.05, 0.2, 9000)
    period = np.repeat(["2024", "2025", "2026"], 3000)
    risk = np.where(period == "2025", 1.6 * share, share)
    years = np.where(rng.random(9000) < risk, rng.random(9000), 2.0)
    years = np.where(period == "2026", np.minimum(years, 0.5), years)
    seen = course(FollowUp(event=years < np.where(period == "2026", 0.5, 1.0), years=years))
    found = calibration_drift(share, seen, 1.0, period)
    first, second, third = (found.by_period[name] for name in ("2024", "2025", "2026"))
    assert isinstance(first, InTheLarge)
    assert isinstance(second, InTheLarge)
    assert first.ratio == pytest.approx(1, abs=0.12)
    assert second.ratio == pytest.approx(1.6, abs=0.15)
    assert third == "Nobody was followed to 1 years; the longest follow-up is 0.5 years."
    assert found.p is not None
    assert found.p < 0.001
    alone = period == "2024"
    assert calibration_drift(share[alone], seen.part(alone), 1.0, period[alone]).p is None


def test_an_effect_that_fades_is_told() -> None:
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(3000, 2))
    # The first column acts in the first year only, the second throughout.
    early, late = 0.5 * np.exp(columns @ [1.0, 0.5]), 0.5 * np.exp(columns @ [0.0, 0.5])
    spent = rng.exponential(size=3000)
    years = np.where(spent < early, spent / early, 1 + (spent - early) / late)
    seen = course(FollowUp(event=years < 4, years=np.minimum(years, 4)))
    fading, steady = proportional_hazards(columns, ["fading", "steady"], seen)
    assert fading.p < 1e-6
    assert steady.p > 0.01
    assert fading.column == "fading"


@pytest.mark.parametrize("wrong", ["constant", "repeated", "unknown", "no events"])
def test_what_has_no_proportionality_is_refused(wrong: str) -> None:
    rng = np.random.default_rng(5)
    columns, years = rng.normal(size=(200, 2)), rng.exponential(size=200)
    event = np.full(200, wrong != "no events")
    if wrong == "constant":
        columns[:, 1] = 3.0
    if wrong == "repeated":
        columns[:, 1] = columns[:, 0]
    if wrong == "unknown":
        columns[0, 1] = np.nan
    with pytest.raises(CannotJudge):
        proportional_hazards(columns, ["a", "b"], course(FollowUp(event=event, years=years)))
