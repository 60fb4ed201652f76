"""Intervals, comparisons, optimism and subgroups by drawing the same people again."""

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.brier import brier_at
from riskapp.evaluation.concordance import difference, harrell
from riskapp.evaluation.course import CannotJudge, Course, Floats, Places, course
from riskapp.evaluation.resampling import bootstrap, compare, drawn, optimism
from riskapp.evaluation.subgroups import (
    calibration_slope,
    concordance_figure,
    forest,
    observed_over_expected,
    resampled,
)


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
    found = compare(
        c_of, {"good": good, "noisy": noisy}, "noisy", seen, np.arange(400), draws=400, seed=1
    )
    formula = difference(harrell(good, seen), harrell(noisy, seen))
    apart = found["good"].difference
    assert apart.value == pytest.approx(formula.value)
    assert apart.standard_error == pytest.approx(formula.standard_error, rel=0.15)
    assert apart.lower > 0
    assert found["noisy"].difference.upper == 0
    again = compare(
        c_of, {"good": good, "noisy": noisy}, "noisy", seen, np.arange(400), draws=400, seed=1
    )
    assert found == again


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

    def explained(model: Floats, chosen: Places) -> float:
        left = y[chosen] - x[chosen] @ model
        return float(1 - (left**2).sum() / (y[chosen] ** 2).sum())

    found = optimism(fit, explained, np.arange(60), draws=200, seed=1)
    assert found.apparent > 0.1
    assert found.corrected == pytest.approx(found.apparent - found.optimism)
    assert found.corrected < 0.02


def test_rows_of_a_forest() -> None:
    seen, risk, _ = cohort()
    share = 1 / (1 + np.exp(-risk))
    sex = np.where(np.arange(400) < 380, np.where(np.arange(400) % 2, "female", "male"), "")
    rows = forest(concordance_figure, share, seen, 5, {"sex": sex}, fewest_events=15)
    assert [(row.grouping, row.group) for row in rows] == [
        ("everybody", "everybody"),
        ("sex", "not known"),
        ("sex", "female"),
        ("sex", "male"),
    ]
    assert sum(row.people for row in rows[1:]) == rows[0].people == 400
    assert sum(row.events for row in rows[1:]) == rows[0].events
    assert rows[1].refused == "Fewer than 15 events by 5 years."
    assert rows[1].figure is None
    figure = rows[2].figure
    assert figure is not None
    women = sex == "female"
    assert figure.value == harrell(share[women], seen.part(women), 5).c
    with pytest.raises(CannotJudge, match="has 3 labels"):
        forest(observed_over_expected, share, seen, 5, {"site": np.array(["a", "b", "c"])})


def test_any_figure_can_have_an_interval_in_a_forest() -> None:
    seen, risk, _ = cohort()
    share = 1 - np.exp(-0.5 * np.exp(risk))
    formula = harrell(share, seen, 5)
    drawn_again = resampled(lambda p, who, at: harrell(p, who, at).c, draws=300, seed=1)
    (row,) = forest(drawn_again, share, seen, 5, {})
    assert row.figure is not None
    assert row.figure.lower == pytest.approx(formula.lower, abs=0.02)
    assert row.figure.upper == pytest.approx(formula.upper, abs=0.02)
    (row,) = forest(resampled(lambda p, who, at: brier_at(p, who, at).score, draws=50, seed=1),
                    share, seen, 5, {})  # fmt: skip
    assert row.figure is not None
    assert row.figure.value == brier_at(share, seen, 5).score
    (row,) = forest(calibration_slope, share, seen, 5, {})
    assert row.figure is not None
    assert row.figure.lower is not None
    assert row.figure.upper is not None
    assert row.figure.lower < 1 < row.figure.upper
