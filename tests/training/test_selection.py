"""Columns that survive scrutiny, columns that do not, and what noise gets away with."""

import inspect

import numpy as np
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.selection import (
    Left,
    Repeatability,
    SelectionRecipe,
    normal_scores,
    select_columns,
)

FEW_HALVES = SelectionRecipe(pairs=25)


def made_up(people=400, columns=20, effects=(), seed=1):
    """Values, events, and the number expected of those of average value; the first have effects."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(people, columns))
    eta = values[:, : len(effects)] @ np.array(effects, dtype=float)
    happens = rng.exponential(40 * np.exp(-eta))
    leaves = rng.uniform(5, 12, people)
    return values, (happens < leaves) * 1.0, np.minimum(happens, leaves) / 40


def names(values):
    return [f"feature {j}" for j in range(values.shape[1])]


def test_noise_is_chosen_less_often_than_the_bound_says():
    false, bound = [], 0.0
    for seed in range(40):
        values, events, expected = made_up(people=200, seed=seed)
        found = select_columns(
            values, names(values), events, expected, seed=seed, recipe=FEW_HALVES
        )
        false.append(len(found.chosen))
        bound = found.most_false
    assert bound == 0.9  # 3 columns a half: 3 ** 2 / (20 * (2 * 0.75 - 1))
    assert np.mean(false) < bound


def test_a_leak_is_seen_as_noise_by_rows_that_do_not_hold_it():
    # One column foretells the event in one part of the rows alone. A choice made without that part
    # cannot know of it, since nothing but rows and an expectation goes in.
    values, events, expected = made_up(people=800)
    values[:400, 3] = events[:400] + 0.1 * values[:400, 3]
    kept = slice(400, 800)
    honest = select_columns(
        values[kept], names(values), events[kept], expected[kept], seed=1, recipe=FEW_HALVES
    )
    assert "feature 3" not in honest.chosen
    dishonest = select_columns(values, names(values), events, expected, seed=1, recipe=FEW_HALVES)
    assert "feature 3" in dishonest.chosen
    taken = set(inspect.signature(select_columns).parameters)
    assert taken == {"values", "names", "events", "expected", "seed", "recipe", "repeatability"}


def test_planted_effects_are_found_among_many_columns_and_reasons_are_given():
    values, events, expected = made_up(people=500, columns=300, effects=(0.8, -0.8), seed=3)
    found = select_columns(values, names(values), events, expected, seed=1)
    assert {"feature 0", "feature 1"} <= set(found.chosen)
    assert len(found.chosen) <= 3
    assert found.most_false <= 1
    for verdict in found.verdicts:
        chosen = verdict.left_out is None
        assert chosen == (verdict.frequency >= 0.75)
        assert chosen or verdict.left_out is Left.NOT_STABLE
        assert "of the halves; 75% are needed" in verdict.reason


def test_what_is_expected_already_is_no_reason_to_choose():
    values, events, expected = made_up(people=600, columns=10, effects=(0.8,), seed=4)
    untold = select_columns(values, names(values), events, expected, seed=1)
    assert "feature 0" in untold.chosen
    by_evidence = expected * np.exp(0.8 * values[:, 0])
    told = select_columns(values, names(values), events, by_evidence, seed=1)
    assert "feature 0" not in told.chosen


def test_an_increasing_change_of_scale_changes_nothing():
    values, events, expected = made_up(effects=(0.8,))
    told = names(values)
    plain = select_columns(values, told, events, expected, seed=1, recipe=FEW_HALVES)
    bent = select_columns(np.exp(3 * values), told, events, expected, seed=1, recipe=FEW_HALVES)
    assert [v.frequency for v in plain.verdicts] == [v.frequency for v in bent.verdicts]


def test_of_doubles_the_more_repeatable_and_then_the_more_complete_stays():
    values, events, expected = made_up(effects=(0.8,))
    noise = np.random.default_rng(5).normal(size=(400, 2)) * 0.1
    values[:, 1:3] = -values[:, :1] + noise
    declared = {"feature 1": Repeatability(intraclass_correlation=0.95)}
    repeatable = select_columns(
        values, names(values), events, expected, seed=1, repeatability=declared
    )
    assert repeatable.verdicts[1].left_out is None
    assert repeatable.verdicts[0].left_out is repeatable.verdicts[2].left_out is Left.DOUBLE
    assert repeatable.verdicts[0].reason.startswith("correlates -0.99 with feature 1")
    values[:40, 0] = values[:80, 1] = np.nan
    complete = select_columns(values, names(values), events, expected, seed=1)
    assert [complete.verdicts[j].left_out for j in range(3)] == [Left.DOUBLE, Left.DOUBLE, None]


def test_both_sides_of_the_correlation_threshold():
    values, events, expected = made_up()
    values[:, 1] = values[:, 0] + 0.5 * values[:, 1]
    between = float(np.mean(normal_scores(values)[:, 0] * normal_scores(values)[:, 1]))
    for most, doubled in ((between - 0.001, True), (between + 0.001, False)):
        recipe = SelectionRecipe(most_correlation=most, pairs=5)
        found = select_columns(values, names(values), events, expected, seed=1, recipe=recipe)
        assert (found.verdicts[1].left_out is Left.DOUBLE) is doubled


@pytest.mark.parametrize(
    ("declared", "passes"),
    [
        (Repeatability(intraclass_correlation=0.75), True),
        (Repeatability(intraclass_correlation=0.74), False),
        # An error of half the spread leaves three quarters of the variance between people.
        (Repeatability(least_significant_change=0.99 * 0.5 * 2.772), True),
        (Repeatability(least_significant_change=1.01 * 0.5 * 2.772), False),
        (Repeatability(intraclass_correlation=0.9, least_significant_change=5.0), False),
    ],
)
def test_both_sides_of_the_repeatability_threshold(declared, passes):
    values, events, expected = made_up(effects=(1.0,))
    values[:, 0] /= values[:, 0].std()
    found = select_columns(
        values,
        names(values),
        events,
        expected,
        seed=1,
        recipe=FEW_HALVES,
        repeatability={"feature 0": declared},
    )
    assert found.verdicts[0].left_out is (None if passes else Left.NOT_REPEATABLE)


def test_columns_that_are_seldom_known_or_constant_are_left_out():
    values, events, expected = made_up()
    values[:201, 0] = np.nan
    values[:200, 1] = np.nan
    values[:, 2] = 4.0
    values[:, 3] = np.nan
    found = select_columns(values, names(values), events, expected, seed=1, recipe=FEW_HALVES)
    left = [verdict.left_out for verdict in found.verdicts]
    assert left[:4] == [Left.UNKNOWN, Left.NOT_STABLE, Left.CONSTANT, Left.UNKNOWN]
    assert found.verdicts[0].reason == "known for 49.8% of the people; 50% are needed"


def test_too_few_events_or_columns_are_refused_in_a_sentence():
    values, _, expected = made_up()
    events = np.zeros(400)
    events[:9] = 1
    with pytest.raises(UnusableCohort, match="on 9 events"):
        select_columns(values, names(values), events, expected, seed=1)
    events[9] = 1
    select_columns(values, names(values), events, expected, seed=1, recipe=FEW_HALVES)
    with pytest.raises(UnusableCohort, match="cannot be promised among 1 columns"):
        select_columns(values[:, :1], ["alone"], events, expected, seed=1)


def test_no_column_left_is_an_answer():
    values, events, expected = made_up(columns=2)
    values[:] = 1.0
    found = select_columns(values, names(values), events, expected, seed=1)
    assert found.chosen == ()
    assert found.most_false == 0
