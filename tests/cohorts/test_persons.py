"""Ids that tell people apart, and people who are there twice with small changes."""

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import cohort_from
from tests.cohorts.tables import made_up, read

PEOPLE = made_up(700)


def _changed(rows: int, **by: float) -> pd.DataFrame:
    """Some people again under other ids, with small changes of what was measured."""
    again = PEOPLE.iloc[:rows].assign(id=[f"other-{number}" for number in range(rows)])
    for name, change in by.items():
        again[name] = np.round(again[name] + change, 2)
    return pd.concat([PEOPLE, again])


@pytest.mark.parametrize(
    ("rows", "by"),
    [
        (60, {"body_mass_index": 0.1, "strength": 0.1}),
        (60, {"body_mass_index": 0.4, "femoral_neck_t_score": -0.1, "strength": 1.0}),
        (6, {"body_mass_index": 0.1}),
    ],
)
def test_near_copies_under_other_ids_are_refused(rows: int, by: dict[str, float]) -> None:
    with pytest.raises(UnusableCohort, match="people who are there twice with small changes"):
        read(_changed(rows, **by))


def test_two_visits_with_one_follow_up_are_one_person_twice() -> None:
    later = PEOPLE.assign(age_years=PEOPLE["age_years"] + 1)
    later = later[later["age_years"] < 90]
    with pytest.raises(UnusableCohort, match="some of them under one id"):
        read(pd.concat([PEOPLE, later]))
    ahead = [name for name in later if name.endswith("_time_years")]
    later[ahead] -= 1.0
    later = later[(later[ahead] > 0.1).all(axis=1)]
    assert len(read(pd.concat([PEOPLE, later])).people) == len(PEOPLE) + len(later)


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_people_whose_times_are_alike_because_they_are_rounded_are_not_copies(digits: int) -> None:
    table = PEOPLE.copy()
    times = [name for name in table if name.endswith("_time_years")]
    table[times] = np.maximum(np.ceil(table[times] * 10**digits) / 10**digits, 10.0**-digits)
    assert len(read(table).people) == len(PEOPLE)
    plain = table.drop(columns=["strength", "femoral_neck_t_score", "body_mass_index"])
    plain["age_years"] = np.floor(plain["age_years"])
    assert len(cohort_from(plain, name="plain").people) == len(PEOPLE)


def test_ids_that_cannot_be_those_of_people_are_refused() -> None:
    with pytest.raises(UnusableCohort, match="All 700 rows carry one id"):
        read(PEOPLE.assign(id=1))
    sites = [f"site {number % 20}" for number in range(700)]
    with pytest.raises(UnusableCohort, match="20 people are of both sexes in their rows"):
        read(PEOPLE.assign(id=sites))
    assert len(read(PEOPLE.assign(id="")).people) == 700
