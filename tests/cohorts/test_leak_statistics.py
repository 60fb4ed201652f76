"""What leaks are told by, against values by hand."""

import numpy as np
import pytest

from riskapp.cohorts.leak_statistics import (
    NOTHING,
    discrimination,
    immortal,
    odds_ratio,
    rank_correlation,
    ranks,
)
from tests.cohorts.tables import made_up, read


def test_an_odds_ratio_by_age_has_an_end_where_cells_are_empty() -> None:
    rng = np.random.default_rng(7)
    like = rng.integers(0, 12, 1500)
    event = rng.random(1500) < 0.04
    some = event & (rng.random(1500) < 0.3)
    found = odds_ratio(some, event, like)
    assert found.figure > 100
    assert 10 < found.at_least < found.figure
    # The end is what a score test says of one table: (a - e - 1/2) / sd = 3.3 at that ratio.
    one = odds_ratio(np.arange(100) < 30, np.arange(100) % 3 == 0, np.zeros(100, dtype=int))
    assert one.at_least == pytest.approx(1.0)


def test_statistics_against_values_by_hand() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]
    event = np.arange(40) >= 20
    # Every event above every other value but for two pairs of 400 that are swapped.
    values = np.arange(40.0)
    values[[19, 20]] = values[[20, 19]]
    all_alike = np.zeros(40, dtype=int)
    assert discrimination(values, event, all_alike).figure == pytest.approx(399 / 400)
    assert discrimination(-values, event, all_alike).figure == pytest.approx(399 / 400)
    group = np.zeros(40, dtype=bool)
    group[[0, 1, 20, 21, 22, 23]] = True
    # (4.5 * 18.5) / (2.5 * 16.5) with a half added to each cell
    assert odds_ratio(group, event, all_alike).figure == pytest.approx(4.5 * 18.5 / (2.5 * 16.5))
    # Two groups of ten with an event and ten without: in the one every pair is right, in the
    # other the two that were swapped are not.
    two = (np.arange(40) + 1) // 2 % 2
    assert discrimination(values, event, two).figure == pytest.approx((1 + 99 / 100) / 2)
    # Mantel and Haenszel's sums, with half of the half in the cells of each group.
    cells = [
        [
            int((group & event & (two == one)).sum()) + 0.25,
            int((group & ~event & (two == one)).sum()) + 0.25,
            int((~group & event & (two == one)).sum()) + 0.25,
            int((~group & ~event & (two == one)).sum()) + 0.25,
        ]
        for one in (0, 1)
    ]
    by_hand = sum(a * d / 21 for a, _, _, d in cells) / sum(b * c / 21 for _, b, c, _ in cells)
    assert odds_ratio(group, event, two).figure == pytest.approx(by_hand)
    nothing_held = np.zeros((40, 0))
    assert rank_correlation(values, values**3, nothing_held).figure == pytest.approx(1.0)
    swapped = rank_correlation(values, np.arange(40.0), nothing_held).figure
    assert swapped == pytest.approx(1 - 6 * 2 / (40 * (40**2 - 1)))  # Spearman's formula
    # Five of ten stay to the end; the chance that the first five to leave are the others.
    early = immortal(np.arange(10) >= 5, np.arange(10.0))
    assert (early.first, early.before) == (5.0, 5)
    assert 10**early.log10_chance == pytest.approx(1 / 252)
    assert not early.suspected
    # That a few who are near death were never measured is no immortal time; many are.
    assert not immortal(np.arange(2000) >= 9, np.arange(2000.0)).suspected
    assert immortal(np.arange(2000) >= 10, np.arange(2000.0)).suspected


def test_what_only_says_that_somebody_is_old_knows_no_future() -> None:
    rng = np.random.default_rng(5)
    age = rng.uniform(50, 90, 400)
    years = 20 - age / 5 + rng.normal(0, 0.5, 400)
    weak = age + rng.normal(0, 1, 400)
    assert rank_correlation(weak, years, np.zeros((400, 0))).at_least > 0.9
    assert rank_correlation(weak, years, age[:, None]).at_least < 0.3


def test_codes_and_shares_that_say_nothing_of_the_outcome_are_no_leaks() -> None:
    table = made_up(1500)
    rng = np.random.default_rng(6)
    centre = rng.integers(1, 31, 1500)
    # A share that was worked out on other people is a predictor like any.
    elsewhere = rng.uniform(0.05, 0.4, 31).round(2)[centre]
    grade = np.digitize(table["age_years"] + rng.normal(0, 8, 1500), [60, 66, 72, 78, 84])
    table = table.assign(centre=centre, elsewhere=elsewhere, grade=grade)
    remarks = read(table, "centre", "elsewhere", "grade").remarks
    assert not any("make sure that it was known" in remark for remark in remarks)


@pytest.mark.parametrize(("pairs", "told"), [(10, False), (12, True)])
def test_chance_among_the_few_who_can_be_compared_is_no_sign(pairs: int, told: bool) -> None:
    # Each pair of another age: that twelve all lie in order happens in one column of 2,000.
    like = np.repeat(np.arange(pairs), 2)
    event = np.tile([True, False], pairs)
    assert (discrimination(event.astype(float), event, like) != NOTHING) == told


@pytest.mark.parametrize(("people", "told"), [(11, False), (12, True)])
def test_an_order_of_very_few_times_is_no_sign(people: int, told: bool) -> None:
    rng = np.random.default_rng(1)
    values, held = np.arange(float(people)), rng.normal(size=(people, 2))
    assert (rank_correlation(values, values, held) != NOTHING) == told
