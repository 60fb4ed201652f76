"""What is kept with a model: the figures of the metrics themselves, where they can be had."""

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.brier import brier_at
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import CannotJudge, course
from riskapp.evaluation.observed import cumulative_incidence
from riskapp.evaluation.summary import judge
from riskapp.risk.estimate import Outcome

N = 500
RNG = np.random.default_rng(6)
SHARE = RNG.uniform(0.02, 0.5, N)
FRACTURED_AT = RNG.exponential(-10 / np.log1p(-SHARE))
DIED_AT = RNG.exponential(25, N)
LOST_AT = RNG.uniform(1, 14, N)
HIP = FollowUp(
    event=FRACTURED_AT <= np.minimum(DIED_AT, LOST_AT),
    years=np.minimum(np.minimum(FRACTURED_AT, DIED_AT), LOST_AT),
)
DEATH = FollowUp(event=DIED_AT <= LOST_AT, years=np.minimum(DIED_AT, LOST_AT))
PREDICTED = {Outcome.HIP: SHARE, Outcome.MAJOR_OSTEOPOROTIC: SHARE}


def test_the_figures_are_those_of_the_metrics() -> None:
    found = judge(PREDICTED, {"hip": HIP, "death": DEATH})
    assert list(found) == ["hip"]
    hip, seen = found["hip"], course(HIP, DEATH)
    assert hip["concordance"] == round(harrell(SHARE, seen).c, 4)
    assert hip["observed"] == round(cumulative_incidence(seen, 10).value, 5)
    assert hip["observed_over_expected"] == pytest.approx(hip["observed"] / SHARE.mean(), abs=0.001)
    assert hip["ipa"] == pytest.approx(brier_at(SHARE, seen, 10).ipa, abs=5e-5)
    assert sum(fifth["people"] for fifth in hip["fifths"]) == N
    predicted = [fifth["predicted"] for fifth in hip["fifths"]]
    assert predicted == sorted(predicted)


def test_without_deaths_or_by_another_fracture_only_the_order_is_judged() -> None:
    assert "observed" not in judge(PREDICTED, {"hip": HIP})["hip"]
    stands_in = judge(PREDICTED, {"any": HIP, "death": DEATH})["major_osteoporotic"]
    assert stands_in["recorded"] == "any"
    assert "observed" not in stands_in


def test_short_follow_up_is_said() -> None:
    early = FollowUp(event=HIP.event & (HIP.years < 4), years=np.minimum(HIP.years, 4))
    died = FollowUp(event=DEATH.event & (DEATH.years < 4), years=np.minimum(DEATH.years, 4))
    found = judge(PREDICTED, {"hip": early, "death": died})["hip"]
    assert found["calibration"].startswith("Nobody was followed to 10 years")
    assert "observed" not in found


def test_nobody_to_rank_and_no_probability() -> None:
    nothing = FollowUp(event=np.zeros(N, dtype=bool), years=np.full(N, 10.0))
    assert judge(PREDICTED, {"hip": nothing}) == {}
    with pytest.raises(CannotJudge, match="outside 0 to 1"):
        judge({Outcome.HIP: SHARE + 1}, {"hip": HIP})
