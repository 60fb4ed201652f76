"""AUC, Brier score and calibration: against plain formulas, at boundaries, and on known truth."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given

from riskapp.evaluation.brier import brier_at, brier_over_time
from riskapp.evaluation.calibration import grouped, in_the_large, weak
from riskapp.evaluation.calibration_curve import calibration_curve
from riskapp.evaluation.course import CannotJudge, Course
from riskapp.evaluation.observed import cumulative_incidence, state_at
from riskapp.evaluation.pseudo_values import pseudo_values
from riskapp.evaluation.roc import Controls, auc_at, auc_over_time
from tests.evaluation.test_concordance import PEOPLE, watched

HORIZON = 3.5
Floats = np.ndarray


def followed_until(seen: Course, years: float, before: bool) -> float:
    """Product over the times of loss, one after another."""
    left = 1.0
    for time in np.unique(seen.years[~(seen.event | seen.died)]):
        if time < years or (time == years and not before):
            lost = seen.weights[(seen.years == time) & ~(seen.event | seen.died)].sum()
            ended = (seen.years == time) & (seen.event | seen.died)
            left *= 1 - lost / seen.weights[(seen.years >= time) & ~ended].sum()
    return left


def known(seen: Course) -> tuple[Floats, Floats]:
    """Event by the horizon, and weight, person by person."""
    event, weight = np.zeros(seen.people), np.zeros(seen.people)
    for i in range(seen.people):
        if seen.years[i] > HORIZON:
            weight[i] = seen.weights[i] / followed_until(seen, HORIZON, before=False)
        elif seen.event[i] or seen.died[i]:
            event[i] = seen.event[i]
            weight[i] = seen.weights[i] / followed_until(seen, seen.years[i], before=True)
    return event, weight


@given(PEOPLE)
def test_as_written_person_by_person(people: list[tuple[int, int, int, int]]) -> None:
    years, kind, risk, weights = zip(*people, strict=True)
    assume(max(years) > HORIZON)
    seen, share = watched(years, kind, weights), np.array(risk) / 4
    event, weight = known(seen)
    brier = brier_at(share, seen, HORIZON)
    assert brier.score == pytest.approx((weight * (share - event) ** 2).sum() / sum(weights))
    for controls, others in (
        (Controls.WITHOUT_EVENT, 1 - event),
        (Controls.FREE, (seen.years > HORIZON).astype(float)),
    ):
        pairs = np.outer(weight * event, weight * others)
        if pairs.sum() == 0:
            with pytest.raises(CannotJudge, match="nothing to tell apart"):
                auc_at(share, seen, HORIZON, controls)
            continue
        right = (share[:, None] > share) + 0.5 * (share[:, None] == share)
        wanted = (pairs * right).sum() / pairs.sum()
        assert auc_at(share, seen, HORIZON, controls).auc == pytest.approx(wanted)


@given(PEOPLE)
def test_weights_by_state_add_up_to_the_incidence(
    people: list[tuple[int, int, int, int]],
) -> None:
    years, kind, _, weights = zip(*people, strict=True)
    assume(max(years) > HORIZON)
    seen = watched(years, kind, weights)
    state = state_at(seen, HORIZON)
    assert state.weight.sum() == pytest.approx(1)
    reached = cumulative_incidence(seen, HORIZON)
    assert (state.weight * state.event).sum() == pytest.approx(reached.value)
    assert 0 <= reached.lower <= reached.value <= reached.upper <= 1


@given(PEOPLE)
def test_pseudo_values_leave_each_person_out(people: list[tuple[int, int, int, int]]) -> None:
    years, kind, _, _ = zip(*people, strict=True)
    assume(sorted(years)[-2] > HORIZON)
    seen = watched(years, kind, [1] * len(years))
    whole = cumulative_incidence(seen, HORIZON).value
    everybody = np.arange(seen.people)
    wanted = [
        seen.people * whole
        - (seen.people - 1) * cumulative_incidence(seen.part(everybody != i), HORIZON).value
        for i in everybody
    ]
    np.testing.assert_allclose(pseudo_values(seen, HORIZON), wanted, atol=1e-9)


def test_a_weight_of_two_is_two_people() -> None:
    years, kind, weights = [1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 0], [2, 1, 3, 1, 2, 1]
    share = np.array([0.5, 0.2, 0.4, 0.3, 0.2, 0.1])
    once = watched(years, kind, weights)
    many = once.part(np.repeat(np.arange(6), weights))
    many = watched(many.years, np.repeat(kind, weights), np.ones(many.people))
    repeated = np.repeat(share, weights)
    assert brier_at(share, once, 3.5).score == pytest.approx(brier_at(repeated, many, 3.5).score)
    assert auc_at(share, once, 3.5).auc == pytest.approx(auc_at(repeated, many, 3.5).auc)
    assert in_the_large(share, once, 3.5).ratio == pytest.approx(
        in_the_large(repeated, many, 3.5).ratio
    )


@pytest.mark.parametrize(("horizon", "reached"), [(1.99, 0.0), (2.0, 0.25)])
def test_an_event_exactly_at_the_horizon_counts(horizon: float, reached: float) -> None:
    seen = watched([2, 3, 4, 5], [1, 0, 0, 0], [1] * 4)
    assert cumulative_incidence(seen, horizon).value == reached
    assert state_at(seen, horizon).event.sum() == (reached > 0)


def test_follow_up_cut_at_the_horizon_itself_is_known_until_then() -> None:
    # Two events, one death and seven cut at ten years: nobody was lost before.
    seen = watched([2, 10, 4] + [10] * 7, [1, 1, 2] + [0] * 7, [1] * 10)
    share = np.array([0.5, 0.4, 0.1] + [0.2] * 7)
    assert cumulative_incidence(seen, 10).value == pytest.approx(0.2)
    happened = np.array([1, 1, 0] + [0] * 7)
    assert brier_at(share, seen, 10).score == pytest.approx(((share - happened) ** 2).mean())
    assert auc_at(share, seen, 10).auc == 1
    with pytest.raises(CannotJudge, match=r"Nobody was followed to 10\.01 years"):
        brier_at(share, seen, 10.01)


def test_people_all_of_whom_ended_need_no_longer_follow_up() -> None:
    seen = watched([1, 2, 3], [1, 2, 1], [1, 1, 1])
    assert cumulative_incidence(seen, 10).value == pytest.approx(2 / 3)
    assert brier_at(np.array([1.0, 0.0, 1.0]), seen, 10).score == 0


def test_a_constant_prediction_has_no_use_and_no_slope() -> None:
    seen = watched([1, 2, 3, 4, 5, 6], [1, 2, 0, 1, 0, 0], [1] * 6)
    share = np.full(6, cumulative_incidence(seen, 4.5).value)
    assert auc_at(share, seen, 4.5).auc == 0.5
    assert brier_at(share, seen, 4.5).ipa == pytest.approx(0)
    assert in_the_large(share, seen, 4.5).ratio == pytest.approx(1)
    assert len(grouped(share, seen, 4.5, 5)) == 1
    with pytest.raises(CannotJudge, match="same was predicted"):
        weak(share, seen, 4.5)
    with pytest.raises(CannotJudge, match="Too many predictions are the same"):
        calibration_curve(share, seen, 4.5)


@pytest.mark.parametrize("kind", [0, 2])
def test_without_an_event_there_is_a_level_and_no_interval(kind: int) -> None:
    seen, share = watched([1, 2, 3, 4], [0, kind, 0, 0], [1] * 4), np.full(4, 0.1)
    level = in_the_large(share, seen, 3.5)
    assert (level.ratio, level.lower, level.upper) == (0, None, None)
    assert brier_at(share, seen, 3.5).ipa is None
    with pytest.raises(CannotJudge, match="nothing to tell apart"):
        auc_at(share, seen, 3.5)


def test_one_person() -> None:
    seen = watched([4], [0], [1])
    assert brier_at(np.array([0.2]), seen, 3).score == pytest.approx(0.04)
    with pytest.raises(CannotJudge, match="One person alone"):
        pseudo_values(seen, 3)


@pytest.mark.parametrize("judge", [brier_at, in_the_large, weak, calibration_curve, grouped])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.01, 1.01])
def test_what_is_no_probability_is_refused(judge: Callable[..., object], wrong: float) -> None:
    seen = watched([1, 2, 3, 4], [1, 0, 1, 0], [1] * 4)
    with pytest.raises(CannotJudge, match="prediction is missing|outside 0 to 1"):
        judge(np.array([0.1, 0.2, 0.3, wrong]), seen, 3.5)


@pytest.mark.parametrize("edge", [0.0, 1.0])
def test_a_few_certain_predictions_keep_the_slope_and_many_take_it(edge: float) -> None:
    rng = np.random.default_rng(1)
    share = rng.uniform(0.05, 0.6, 200)
    years = np.where(rng.random(200) < share, 1.0, 3.0)
    seen = watched(years, (years == 1).astype(int), np.ones(200))
    slope = weak(share, seen, 2).slope.value
    share[:2] = edge
    assert weak(share, seen, 2).slope.value == pytest.approx(slope, abs=0.1)
    share[2] = edge
    assert brier_at(share, seen, 2).score > 0
    with pytest.raises(CannotJudge, match="exactly 0 or 1"):
        weak(share, seen, 2)


def test_horizons_rise_and_fit_the_columns() -> None:
    seen = watched([1, 2, 3, 4], [1, 0, 1, 0], [1] * 4)
    share = np.full((4, 2), 0.2)
    for horizons in ([], [3, 2], [1, 2, 3]):
        with pytest.raises(CannotJudge):
            auc_over_time(share, seen, horizons)
    with pytest.raises(CannotJudge, match="a probability for each horizon"):
        brier_over_time(share[:, 0], seen, [1, 2])


def test_known_truth_is_found_calibrated_and_what_is_not_is_told() -> None:
    rng = np.random.default_rng(11)
    n = 60_000
    scale = -2 + 0.7 * np.clip(rng.normal(size=n), -2, 2)
    # Fine and Gray's construction: the incidence at t is 1 - exp(-exp(scale) t), by inversion.
    truth = 1 - np.exp(-np.exp(scale))
    drawn = rng.random(n)
    event = drawn < truth
    # Given the event by 1, its time is drawn from the incidence; the rest die or stay.
    years = np.where(event, -np.log1p(-drawn) / np.exp(scale), 0)
    dies = rng.random(n) < 0.2
    years = np.where(event, years, np.where(dies, rng.random(n), 2.0))
    kind = np.where(event, 1, np.where(dies, 2, 0))
    lost = rng.uniform(0, 3, n)
    kind, years = np.where(lost < years, 0, kind), np.minimum(years, lost)
    seen = watched(years, kind, np.ones(n))
    found = weak(truth, seen, 1.0)
    assert found.slope.lower < 1 < found.slope.upper
    assert found.intercept.lower < 0 < found.intercept.upper
    assert in_the_large(truth, seen, 1.0).ratio == pytest.approx(1, abs=0.02)
    assert calibration_curve(truth, seen, 1.0).ici < 0.004
    for each in grouped(truth, seen, 1.0, 5):
        assert each.expected == pytest.approx(each.observed.value, abs=0.01)
    wide = 1 - np.exp(-np.exp(-2 + 2 * (scale + 2) + 0.1))
    assert weak(wide, seen, 1.0).slope.value == pytest.approx(0.5, abs=0.03)
    curve = calibration_curve(wide, seen, 1.0)
    assert curve.ici > 0.04
    np.testing.assert_allclose(
        np.interp([0.1, 0.3, 0.6], curve.predicted, curve.observed),
        1 - np.exp(-np.exp((np.log(-np.log1p(-np.array([0.1, 0.3, 0.6]))) + 1.9) / 2 - 2)),
        atol=0.02,
    )
