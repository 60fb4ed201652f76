"""Intervals of a report: as far as riskRegression's where it has any, and by hand where not."""

from collections.abc import Mapping

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.course import course
from riskapp.evaluation.resampling import Estimate
from riskapp.laboratory import resampled
from riskapp.laboratory.resampled import Figure, Question
from tests.evaluation.stored import people, predicted, values

PAIR = ("second", "first")
# Of a standard error by 400 draws some 4 %, and of two ways to one as many again.
NEAR = 0.15
Found = Mapping[Figure, Estimate]


def asked(ties: int, year: int) -> Found:
    """Figures of two drawn predictions by one year, which stands in every year's column."""
    seen = people(ties, competing=True)
    at = {2: 0, 5: 1, 8: 2}[year]
    curves = {
        which: np.repeat(predicted(ties, which)[:, at : at + 1], 10, axis=1)
        for which in ("first", "second")
    }
    question = Question(
        curves=curves, seen=seen, people=np.arange(seen.people), horizon=year, level=True,
        marks=(0.2,), pairs=(PAIR,),
    )  # fmt: skip
    return resampled.resampled(question, draws=400, seed=1)


@pytest.mark.parametrize(("ties", "year"), [(0, 5), (1, 8)])
def test_errors_are_those_of_riskregression(ties: int, year: int) -> None:
    found, at = asked(ties, year), {2: 0, 5: 1, 8: 2}[year]
    area = resampled.auc_by(year)
    for which in ("first", "second"):
        wanted = values("errors", ties, which)
        assert found[area, which].standard_error == pytest.approx(wanted["auc"][at], rel=NEAR)
        brier = found[resampled.BRIER, which]
        assert brier.standard_error == pytest.approx(wanted["brier"][at], rel=NEAR)
    wanted = values("errors", ties, "first")
    apart = found[area, *PAIR]
    assert apart.standard_error == pytest.approx(wanted["auc_difference"][at], rel=NEAR)
    apart = found[resampled.BRIER, *PAIR]
    assert apart.standard_error == pytest.approx(wanted["brier_difference"][at], rel=NEAR)


def test_a_difference_is_that_of_the_figures_and_its_interval_holds_it() -> None:
    found = asked(0, 5)
    for (what, *keys), told in found.items():
        assert told.lower is not None
        assert told.upper is not None
        assert told.lower <= told.upper
        if len(keys) == 2 and not what.startswith(resampled.MOVED):
            apart = found[what, keys[0]].value - found[what, keys[1]].value
            assert told.value == pytest.approx(apart, abs=1e-12)


def test_who_changes_sides_has_the_error_of_shares() -> None:
    """Everybody is seen to the horizon, so that the index is a difference of plain shares."""
    rng = np.random.default_rng(2)
    n = 600
    had = rng.random(n) < 0.3
    before = np.where(had, 0.25, 0.15) + rng.normal(0, 0.08, n)
    after = np.clip(before + rng.normal(0, 0.08, n), 0.01, 0.99)
    before = np.clip(before, 0.01, 0.99)
    seen = course(
        FollowUp(event=had, years=np.where(had, 0.5, 1.0)),
        FollowUp(event=np.zeros(n, dtype=bool), years=np.ones(n)),
    )
    question = Question(
        curves={"new": np.repeat(after[:, None], 10, axis=1),
                "old": np.repeat(before[:, None], 10, axis=1)},
        seen=seen, people=np.arange(n), horizon=1, level=True, marks=(0.2,),
        pairs=(("new", "old"),),
    )  # fmt: skip
    found = resampled.resampled(question, draws=400, seed=3)
    told = found[resampled.moved_at(0.2, events=True), "new", "old"]
    moved = (after >= 0.2).astype(float) - (before >= 0.2)
    assert told.value == pytest.approx(moved[had].mean())
    assert told.standard_error == pytest.approx(moved[had].std() / had.sum() ** 0.5, rel=0.15)
    benefit = found[resampled.benefit_at(0.2), "new"]
    of_each = (after >= 0.2) * np.where(had, 1, -0.25)
    assert benefit.value == pytest.approx(1000 * of_each.mean())
    assert benefit.standard_error == pytest.approx(1000 * of_each.std() / n**0.5, rel=0.15)


def test_a_horizon_that_nearly_nobody_reached_has_figures_without_intervals() -> None:
    rng = np.random.default_rng(4)
    years = np.append(rng.uniform(0.2, 1.9, 99), 2.0)
    seen = course(FollowUp(event=np.arange(100) % 3 == 0, years=years))
    curves = {"one": np.repeat(rng.uniform(0.1, 0.5, 100)[:, None], 10, axis=1)}
    question = Question(
        curves=curves, seen=seen, people=np.arange(100), horizon=2, level=False, marks=(), pairs=(),
    )  # fmt: skip
    told = resampled.resampled(question, draws=50, seed=1)[resampled.UNO, "one"]
    assert 0 <= told.value <= 1
    assert told.lower is None
