"""Intervals, comparisons and optimism by drawing the same people again."""

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.concordance import difference, harrell
from riskapp.evaluation.course import CannotJudge, Course, Floats, Places, course
from riskapp.evaluation.resampling import bootstrap, drawn, optimism


def cohort(n: int = 400) -> tuple[Course, Floats, Floats]:
    rng = np.random.default_rng(5)
    risk = rng.normal(size=n)
    years = rng.exponential(10 * np.exp(-risk))
    seen = course(FollowUp(event=years < 8, years=np.minimum(years, 8)))
    return seen, risk, risk + rng.normal(size=n)


def c_of(predicted: Floats, seen: Course) -> float:
    return harrell(predicted, seen).c


def test_people_are_drawn_with_all_their_rows() -> None:
    people = np.array(["b", "a", "b", "c", "b"])
    for seed in range(30):
        rows = drawn(people, np.random.default_rng(seed))
        counts = np.bincount(rows, minlength=5)
        assert counts[0] == counts[2] == counts[4]
        assert counts[0] + counts[1] + counts[3] == 3


def test_the_mean_has_the_error_that_a_formula_gives() -> None:
    values = np.random.default_rng(1).normal(size=500)
    (found,) = bootstrap(
        lambda chosen: np.array([values[chosen].mean()]), np.arange(500), draws=2000, seed=3
    )
    wanted = values.std() / np.sqrt(500)
    assert found.value == values.mean()
    assert found.standard_error == pytest.approx(wanted, rel=0.08)
    assert found.upper - found.lower == pytest.approx(2 * 1.96 * wanted, rel=0.1)
    assert found.failed == 0


def test_a_paired_comparison_agrees_with_the_formula() -> None:
    seen, good, noisy = cohort()

    def apart(chosen: Places) -> Floats:
        part = seen.part(chosen)
        return np.array([c_of(good[chosen], part) - c_of(noisy[chosen], part)])

    (found,) = bootstrap(apart, np.arange(400), draws=400, seed=1)
    formula = difference(harrell(good, seen), harrell(noisy, seen))
    assert found.value == pytest.approx(formula.value)
    assert found.standard_error == pytest.approx(formula.standard_error, rel=0.15)
    assert found.lower is not None
    assert found.lower > 0
    assert bootstrap(apart, np.arange(400), draws=400, seed=1) == (found,)


def test_a_figure_that_draws_often_lack_has_no_interval_and_others_keep_theirs() -> None:
    def figures(chosen: Places) -> Floats:
        return np.array([chosen.mean(), 1.0 if 0 in chosen else np.nan])

    whole, seldom = bootstrap(figures, np.arange(50), draws=100, seed=1)
    assert whole.lower is not None
    assert whole.failed == 0
    assert seldom.value == 1
    assert seldom.lower is None
    assert 20 < seldom.failed < 55


def test_draws_without_a_figure_are_counted_and_too_many_are_refused() -> None:
    def figure(chosen: Places) -> Floats:
        if 0 not in chosen:
            raise CannotJudge("The one event is not here.")
        return np.array([1.0])

    with pytest.raises(CannotJudge, match=r"of 100 draws gave no figure"):
        bootstrap(figure, np.arange(50), draws=100, seed=1)

    def seldom(chosen: Places) -> Floats:
        if chosen[0] == 0:
            raise CannotJudge("Not now.")
        return np.array([1.0])

    (found,) = bootstrap(lambda c: seldom(c) if c[1] != 1 else np.ones(1), np.arange(50),
                         draws=200, seed=2)  # fmt: skip
    assert 0 < found.failed < 20


def test_optimism_of_a_line_through_noise() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(60, 10)), rng.normal(size=60)

    def fit(chosen: Places) -> Floats:
        return np.asarray(np.linalg.lstsq(x[chosen], y[chosen], rcond=None)[0])

    def explained(model: Floats, chosen: Places) -> Floats:
        left = y[chosen] - x[chosen] @ model
        return np.array([1 - (left**2).sum() / (y[chosen] ** 2).sum()])

    (found,) = optimism(fit, explained, np.arange(60), draws=200, seed=1)
    assert found.apparent > 0.1
    assert found.corrected == pytest.approx(found.apparent - found.optimism)
    assert found.corrected < 0.02
    assert 0 < found.standard_error < 0.05
