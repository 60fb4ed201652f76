"""Concordance: by hand, against counting every pair, and where data have little to say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.binary import binary_auc, binary_difference
from riskapp.evaluation.concordance import difference, harrell, of_people, uno
from riskapp.evaluation.course import CannotJudge, Course, course

YEARS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
FRACTURED = np.array([True, False, True, True, False])
# Years, what happened (lost, event, died), prediction and weight; few values, so that many tie.
PEOPLE = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 2), st.integers(0, 4), st.integers(1, 3)),
    min_size=2,
    max_size=25,
)


def watched(years: Sequence[float], kind: Sequence[int], weights: Sequence[float]) -> Course:
    times, what = np.array(years, dtype=float), np.array(kind)
    return course(
        FollowUp(event=what == 1, years=times),
        FollowUp(event=what == 2, years=times),
        np.array(weights, dtype=float),
    )


def every_pair(seen: Course, risk: np.ndarray, horizon: float) -> tuple[float, float]:
    """Concordant and comparable weight, one pair after another."""
    won = compared = 0.0
    for i in np.flatnonzero(seen.event & (seen.years <= horizon)):
        for j in range(seen.people):
            free = seen.years[j] > seen.years[i] or seen.died[j]
            lost_then = seen.years[j] == seen.years[i] and not seen.event[j]
            if free or lost_then:
                pair = seen.weights[i] * seen.weights[j]
                compared += pair
                won += pair * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0)
    return won, compared


@given(PEOPLE, st.sampled_from([2, 3, np.inf]))
def test_as_counting_every_pair(people: list[tuple[int, int, int, int]], horizon: float) -> None:
    years, kind, risk, weights = zip(*people, strict=True)
    seen, given_risk = watched(years, kind, weights), np.array(risk, dtype=float)
    won, compared = every_pair(seen, given_risk, horizon)
    if compared == 0:
        with pytest.raises(CannotJudge, match="No two people can be compared"):
            harrell(given_risk, seen, horizon)
        return
    found = harrell(given_risk, seen, horizon)
    assert found.c == pytest.approx(won / compared, abs=1e-12)
    assert found.comparable == pytest.approx(compared)
    assert found.influence.sum() == pytest.approx(0, abs=1e-9)
    # Turning every prediction round turns the figure round.
    assert harrell(-given_risk, seen, horizon).c == pytest.approx(1 - found.c, abs=1e-12)


def test_as_lifelines_on_thousands_of_ties() -> None:
    rng = np.random.default_rng(4)
    years, event = rng.integers(1, 50, 5000) / 2, rng.random(5000) < 0.3
    risk = np.round(rng.normal(size=5000), 1)
    seen = course(FollowUp(event=event, years=years))
    assert harrell(risk, seen).c == pytest.approx(concordance_index(years, -risk, event), abs=1e-12)


def test_who_fractures_first_should_rank_first() -> None:
    seen = course(FollowUp(event=FRACTURED, years=YEARS))
    assert harrell(-YEARS, seen).c == 1
    assert harrell(YEARS, seen).c == 0
    assert harrell(np.ones(5), seen).c == 0.5


def test_beyond_the_horizon_nothing_has_happened_yet() -> None:
    # Only the first fracture counts: whoever comes after is not told apart.
    early = np.array([2.0, 1.0, 1.0, 1.5, 0.5])
    seen = course(FollowUp(event=FRACTURED, years=YEARS))
    assert harrell(early, seen, 1.5).c == 1
    assert harrell(early, seen).c < 1


@pytest.mark.parametrize(("horizon", "events"), [(2.99, 1), (3.0, 2)])
def test_an_event_exactly_at_the_horizon_counts(horizon: float, events: int) -> None:
    seen = course(FollowUp(event=FRACTURED, years=YEARS))
    assert harrell(-YEARS, seen, horizon).events == events


def test_the_dead_stay_as_people_who_never_fracture() -> None:
    # The fracture at 5 outranks the death at 1, though that ended earlier; beyond ten years too.
    for fractured_at in (5, 12):
        seen = watched([fractured_at, 1], [1, 2], [1, 1])
        assert harrell(np.array([0.9, 0.1]), seen).c == 1
        assert harrell(np.array([0.1, 0.9]), seen).c == 0


def test_a_death_long_after_the_follow_up_for_fractures_is_a_loss() -> None:
    death = FollowUp(event=np.array([False, True]), years=np.array([5.0, 9.0]))
    seen = FollowUp(event=np.array([True, False]), years=np.array([5.0, 2.0]))
    assert not course(seen, death).died.any()
    just_after = FollowUp(event=np.array([False, True]), years=np.array([5.0, 2.002]))
    assert course(seen, just_after).died.tolist() == [False, True]


def test_rows_of_one_person_count_as_one() -> None:
    rng = np.random.default_rng(2)
    years, event = rng.exponential(5, 200), rng.random(200) < 0.5
    risk = rng.normal(size=200) - 0.2 * years
    once = harrell(risk, course(FollowUp(event=event, years=years)))
    twice = harrell(
        np.tile(risk, 2), course(FollowUp(event=np.tile(event, 2), years=np.tile(years, 2)))
    )
    together = of_people(twice, np.tile(np.arange(200), 2))
    assert together.standard_error == pytest.approx(once.standard_error)
    assert twice.standard_error < 0.8 * once.standard_error


def test_the_interval_holds_what_it_says() -> None:
    rng = np.random.default_rng(7)
    inside, apart_inside, runs = 0, 0, 400
    for _ in range(runs):
        risk = rng.normal(size=300)
        years = rng.exponential(np.exp(-risk))
        seen = course(FollowUp(event=years < 0.8, years=np.minimum(years, 0.8)))
        noisy = [risk + rng.normal(size=300) for _ in range(2)]
        found, other = (harrell(each, seen) for each in noisy)
        apart = difference(found, other)
        apart_inside += apart.lower < 0 < apart.upper
        inside += found.lower < 0.6598 < found.upper
    # The truth, by two runs of 400,000 people: 0.6596 and 0.6601.
    assert 0.92 <= inside / runs <= 0.98
    assert 0.92 <= apart_inside / runs <= 0.98


@given(PEOPLE)
def test_uno_without_losses_is_harrell(people: list[tuple[int, int, int, int]]) -> None:
    years, kind, risk, weights = zip(*people, strict=True)
    seen = watched(years, [max(1, each) for each in kind], weights)
    given_risk = np.array(risk, dtype=float)
    try:
        wanted = harrell(given_risk, seen).c
    except CannotJudge:
        return
    assert uno(given_risk, seen) == pytest.approx(wanted, abs=1e-12)


def test_an_event_exactly_at_the_horizon_counts_for_uno_with_deaths_only() -> None:
    seen = course(FollowUp(event=FRACTURED, years=YEARS))
    with pytest.raises(CannotJudge, match="No two people"):
        uno(-YEARS, seen, 1.0)
    assert uno(-YEARS, seen, 1.01) == 1
    assert uno(-YEARS, watched(YEARS.tolist(), [1, 0, 1, 1, 2], [1] * 5), 1.0) == 1


def test_uno_refuses_an_event_when_everybody_else_is_lost_then() -> None:
    seen = course(FollowUp(event=np.array([True, True, False]), years=np.array([1.0, 2.0, 2.0])))
    with pytest.raises(CannotJudge, match="Everybody was lost"):
        uno(np.arange(3.0), seen)


@pytest.mark.parametrize(
    ("risk", "years", "weights", "sentence"),
    [
        ([0.1, np.nan], [1, 2], [1, 1], "prediction is missing"),
        ([0.1], [1, 2], [1, 1], "predictions for 2 people"),
        ([0.1, 0.2], [1, np.nan], [1, 1], "time of follow-up"),
        ([0.1, 0.2], [1, -1], [1, 1], "time of follow-up"),
        ([0.1, 0.2], [1, np.inf], [1, 1], "time of follow-up"),
        ([0.1, 0.2], [1, 2], [1, np.nan], "weight is missing"),
        ([0.1, 0.2], [1, 2], [1, 0], "weight is missing"),
        ([0.1, 0.2], [1, 2], [1], "differ in number"),
        ([], [], [], "nobody"),
        ([0.1], [1], [1], "No two people"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    risk: list[float], years: list[float], weights: list[float], sentence: str
) -> None:
    with pytest.raises(CannotJudge, match=sentence):
        harrell(np.array(risk), watched(years, [1] * len(years), weights))


def every_split(risk: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    wins = (risk[event][:, None] > risk[~event]) + 0.5 * (risk[event][:, None] == risk[~event])
    return wins.mean(axis=1), wins.mean(axis=0)


def test_delong_as_written_pair_by_pair() -> None:
    rng = np.random.default_rng(3)
    event = rng.random(80) < 0.3
    first, second = (np.round(event + rng.normal(size=80), 1) for _ in range(2))
    one, other = binary_auc(first, event), binary_auc(second, event)
    (v1, w1), (v2, w2) = every_split(first, event), every_split(second, event)
    assert one.auc == pytest.approx(v1.mean())
    covered = np.cov(v1, v2) / event.sum() + np.cov(w1, w2) / (~event).sum()
    assert one.standard_error == pytest.approx(np.sqrt(covered[0, 0]))
    apart = binary_difference(one, other)
    wanted = covered[0, 0] + covered[1, 1] - 2 * covered[0, 1]
    assert apart.standard_error == pytest.approx(np.sqrt(wanted))
    assert apart.value == pytest.approx(one.auc - other.auc)


@pytest.mark.parametrize("events", [0, 1, 4, 5])
def test_delong_needs_two_of_each(events: int) -> None:
    event = np.arange(5) < events
    with pytest.raises(CannotJudge, match="not two people"):
        binary_auc(np.arange(5.0), event)
