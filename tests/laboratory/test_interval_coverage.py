"""Coverage is counted right; what it is for whole cohorts the page says, which takes minutes."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp.laboratory.interval_coverage import _judge, coverage
from riskapp.laboratory.interval_page import page
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import Interval, Outcome, OutcomeEstimate, RiskEstimate


def answer(lower, upper, flags=()):
    p = (lower + upper) / 2
    one = OutcomeEstimate(
        probability_10y=p,
        curve=((10, p),),
        interval_95_model=Interval(lower, upper),
        interval_95=Interval(lower / 2, upper),
    )
    return RiskEstimate(
        engine="cox",
        model_id="",
        evidence_set="",
        population="gb",
        trained_on="simulated",
        outcomes={Outcome.HIP: one},
        flags=flags,
    )


def test_who_is_below_and_above_and_how_wide():
    answers = [answer(0.1, 0.3), answer(0.1, 0.3, ("unusual_together",)), answer(0.1, 0.3)]
    truth = np.array([0.09, 0.3, 0.31])
    found = _judge([*answers, OutsideModelRange("nobody")], Outcome.HIP, np.append(truth, 1), False)
    assert found.below.tolist() == [1, 0, 0]
    assert found.above.tolist() == [0, 0, 1]
    assert found.unusual.tolist() == [0, 1, 0]
    np.testing.assert_allclose(found.width, 0.2)
    np.testing.assert_allclose(found.error, [0.11, 0.1, 0.11])
    joint = _judge(answers, Outcome.HIP, truth, True)
    assert joint.below.tolist() == [0, 0, 0]


def test_intervals_of_a_small_cohort_hold_most_truths():
    found = list(coverage("cox", people=600, sets=1, fresh=30, seed=3, world="right"))
    assert {(one.outcome, one.gaps) for one in found} == {
        (outcome, gaps) for outcome in Outcome for gaps in (False, True)
    }
    for one in found:
        assert one.held == pytest.approx(1 - one.below - one.above)
        assert one.held > 0.7
        assert 0 < one.width < 0.5
    text = page(found)
    assert text.count("| right | cox |") == 4
    assert text == page([replace(one) for one in found])
