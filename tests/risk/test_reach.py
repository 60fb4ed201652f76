"""Who is like the training people and who is not; both sides of each limit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.risk.estimate import Outcome
from riskapp.risk.learned_reach import swing
from riskapp.risk.reach import MOST_SWING, MOST_UNKNOWN, Flag, reach_from, scores
from riskapp.training.fit_reach import SHARES, fit_reach

NAMES = ("age_years", "femoral_neck_t_score", "grip")


def people(n, seed):
    """Age, a T-score that falls with it, and a skewed number that goes with the T-score."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(50, 90, n)
    t_score = -1 - 0.05 * (age - 70) + 0.8 * rng.normal(size=n)
    grip = np.exp(3 + 0.3 * t_score + 0.1 * rng.normal(size=n))
    return np.column_stack([age, t_score, grip])


def fitted(n=4000, f=None, scanners=()):
    rows = people(n, 1)
    ratios = {"hip": f if f is not None else rows[:, 1]}
    return reach_from(fit_reach(rows, np.ones(n), NAMES, ratios, scanners))


def known(row, *names):
    return {name: float(row[NAMES.index(name)]) for name in names or NAMES}


@pytest.mark.parametrize("names", [NAMES, ("age_years", "grip"), ("grip",)])
def test_fresh_people_are_seldom_called_unusual(names):
    # One in two hundred of the training people are; of 4,000 fresh ones 20, give or take 5 (and
    # what the quantiles of 4,000 err by). With less known it is a little rarer or commoner.
    reach = fitted()
    found = [bool(reach.unusual(known(row, *names), "cox")) for row in people(4000, 2)]
    assert 0.001 < np.mean(found) < 0.0105


def test_usual_values_can_be_unusual_together():
    reach = fitted()
    usual, strange = np.array([60.0, -0.5, 17.0]), np.array([60.0, -0.5, 9.0])
    assert not reach.unusual(known(usual), "cox")
    assert not reach.unusual(known(strange, "grip"), "cox")  # by itself there is nothing to it
    (told,) = reach.unusual(known(strange), "cox")
    assert told.flag is Flag.UNUSUAL_TOGETHER
    assert "99.5 % of them are nearer to the middle" in told.sentence


def test_nothing_known_is_not_unusual():
    assert fitted().rarity({}) == 1.0
    assert fitted().rarity({"bmi_kg_m2": 70.0}) == 1.0


@given(far=st.floats(1, 50))
def test_further_out_is_never_less_rare(far):
    reach = fitted(400)
    nearer, further = {"grip": 40.0 + far}, {"grip": 41.0 + far}
    assert reach.rarity(further) <= reach.rarity(nearer)


def test_scores_are_normal_within_and_go_on_in_standard_deviations():
    drawn = np.random.default_rng(3).normal(100, 10, 50_000)
    quantiles = np.quantile(drawn, SHARES)
    asked = np.array([80.0, 100.0, 120.0, 200.0])
    np.testing.assert_allclose(scores(asked, SHARES, quantiles), [-2, 0, 2, 10], atol=0.3)


def test_another_scanner_is_named_only_where_scanners_were_recorded():
    reach = fitted(400, scanners=("hologic", "hologic", "ge_lunar"))
    assert not reach.other_scanner(None, "cox")
    assert not reach.other_scanner("hologic", "cox")
    (told,) = reach.other_scanner("norland", "cox")
    assert told.flag is Flag.OTHER_SCANNER
    assert "norland" in told.sentence
    assert "ge_lunar, hologic" in told.sentence
    assert not fitted(400).other_scanner("norland", "cox")


def test_an_engine_that_leans_on_what_is_unknown_says_so_where_it_matters():
    f = np.random.default_rng(4).normal(size=4000)
    f /= f.std()
    reach = fitted(f=f)
    most, least = MOST_UNKNOWN + 0.01, MOST_UNKNOWN - 0.01
    for share, swung, told in (
        (least, 1.0, False),
        (most, MOST_SWING, False),
        (most, MOST_SWING + 0.01, True),
    ):
        completions = np.sqrt(share) * f
        assert reach.leaning({"hip": completions}) == pytest.approx(share, abs=1e-9)
        found = reach.rests_on_unknown({"hip": completions}, swung, ("grip",), "cox")
        assert bool(found) is told
        assert (
            not told
            or "(grip): its number is an average over them, and would differ by 26 %"
            in found[0].sentence
        )
    assert not reach.rests_on_unknown({"hip": f[:1]}, 0.0, (), "cox")  # all is known


def test_what_is_added_swings_by_its_spread_over_the_completions():
    evidence = {Outcome.HIP: np.array([[0.01, 0.1], [0.01, 0.3]])}
    assert swing(evidence, evidence) == 0.0  # however much the evidence itself does
    learned = {Outcome.HIP: evidence[Outcome.HIP] + np.array([[0.5, 0.0], [0.5, 0.1]])}
    assert swing(learned, evidence) == pytest.approx(0.05 / 0.25)


def test_an_engine_that_learned_nothing_leans_on_nothing():
    reach = fitted(400, f=np.zeros(400))
    assert reach.leaning({"hip": np.zeros(5)}) == 0.0
