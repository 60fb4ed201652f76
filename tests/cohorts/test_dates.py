"""Dates of a cohort: which times they give, and what lies after baseline."""

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.columns import day
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import cohort_from
from riskapp.cohorts.site_schema import schema_from
from tests.cohorts.tables import PEOPLE, changed, read


@pytest.mark.parametrize(
    ("date", "refused"), [("2012-05-01", False), ("2012-05-02", True), (None, False)]
)
def test_a_density_measured_after_baseline_is_refused(date: str | None, refused: bool) -> None:
    dates = {"baseline": "visit"}
    table = changed(dxa_date=date).assign(visit="2012-05-01")
    undated = [remark for remark in read(table).remarks if "No date of baseline" in remark]
    assert len(undated) == (date is not None)
    if not refused:
        read(table, dates=dates)
        return
    with pytest.raises(UnusableCohort, match="dxa_date lie after baseline in 1 rows"):
        read(table, dates=dates)
    read(table, dates=dates | {"window_days": 1})


@pytest.mark.parametrize("baseline", ["baseline_date", "Index_Date", "visit_date"])
@pytest.mark.parametrize("measured", ["scan_date", "lab_date"])
def test_dates_with_usual_names_are_compared_without_being_declared(
    baseline: str, measured: str
) -> None:
    table = changed(**{measured: "2012-05-01"}).assign(**{baseline: "2012-05-01"})
    told = f"{baseline} is taken for the date of baseline by its name, and no date in {measured}"
    assert any(remark.startswith(told) for remark in read(table).remarks)
    late = changed(**{measured: "2012-05-02"}).assign(**{baseline: "2012-05-01"})
    with pytest.raises(UnusableCohort, match=f"{measured} lie after baseline in 1 rows"):
        read(late)
    with pytest.raises(UnusableCohort, match=f"{measured} lie after baseline in 1 rows"):
        read(late, dates={"baseline": baseline})
    read(late, dates={"baseline": baseline, "window_days": 2})
    alone = read(changed(**{measured: "2012-05-02"})).remarks
    assert any("No date of baseline is declared" in remark for remark in alone)
    # What holds no dates is none, whatever it is called.
    assert not any("date of" in remark for remark in read(changed(**{measured: "spring"})).remarks)


def test_dates_become_times_and_death_ends_every_wait() -> None:
    table = pd.DataFrame(
        {
            "population": "gb",
            "sex": "female",
            "born": "1940-01-01",
            "visit": "2010-01-01",
            "hip_on": ["2012-01-01", None, None, "2019-06-01", "2009-12-31"],
            "died": [None, "2014-01-01", None, "2018-01-01", None],
            "end": ["2020-01-01"] * 5,
        }
    )
    dates = {"baseline": "visit", "birth": "born", "hip": "hip_on", "death": "died", "end": "end"}
    cohort = cohort_from(table, name="dated", schema=schema_from({"dates": dates}, "d"))
    hip, death = cohort.follow_up["hip"], cohort.follow_up["death"]
    assert cohort.left_out == {"hip: event at or before baseline": 1}
    assert hip.event.tolist() == [True, False, False, False]
    np.testing.assert_allclose(
        hip.years, [730 / 365.25, 1461 / 365.25, 10.0, 2922 / 365.25], atol=2e-3
    )
    assert death.event.tolist() == [False, True, False, True]
    assert cohort.profiles[0].age_years == pytest.approx(70.0, abs=0.01)


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("%d/%m/%Y", None),
        ("%m/%d/%Y", None),
        ("%d.%m.%Y", None),
        ("%d%b%Y", None),
        ("days since 1960-01-01", None),
        ("%d/%m/%Y", "cells that are no dates"),
    ],
)
def test_dates_as_statistics_programs_write_them(written: str, pattern: str | None) -> None:
    rng = np.random.default_rng(8)
    start = pd.Series(pd.Timestamp("2008-01-15") + pd.to_timedelta(rng.integers(0, 900, 400), "D"))
    days = {
        name: start + pd.to_timedelta((PEOPLE[f"{name}_time_years"] * 365.25).round() + 1, "D")
        for name in ("hip", "death")
    }
    born = start - pd.to_timedelta((PEOPLE["age_years"] * 365.25).round(), "D")
    plain = PEOPLE[["id", "population", "sex", "femoral_neck_t_score"]].assign(
        visit=start, born=born, seen=days["death"], broke=days["hip"].where(PEOPLE["hip_event"])
    )
    dates = {"baseline": "visit", "birth": "born", "end": "seen", "hip": "broke"}
    expected = cohort_from(plain, name="x", schema=schema_from({"dates": dates}, "x"))

    def as_written(day: pd.Series) -> pd.Series:  # type: ignore[type-arg]
        if written.startswith("days"):
            return (day - pd.Timestamp("1960-01-01")).dt.days
        return day.dt.strftime(written).where(day.notna(), None)

    table = plain.assign(**{n: as_written(plain[n]) for n in ("visit", "born", "seen", "broke")})
    if pattern is None:
        schema = schema_from({"dates": dates | {"format": written}}, "x")
        cohort = cohort_from(table, name="x", schema=schema)
        assert cohort.profiles == expected.profiles
        np.testing.assert_array_equal(
            cohort.follow_up["hip"].years, expected.follow_up["hip"].years
        )
        return
    with pytest.raises(UnusableCohort, match=rf"{pattern}.*dates\.format"):
        cohort_from(table, name="x", schema=schema_from({"dates": dates}, "x"))
    other = schema_from({"dates": dates | {"format": "%Y/%d/%m"}}, "x")
    with pytest.raises(UnusableCohort, match=pattern):
        cohort_from(table, name="x", schema=other)


@pytest.mark.parametrize("written", ["%Y%Y", "%Y-%", "%Q", "days since 9999-12-31"])
def test_a_way_of_writing_dates_that_is_none_gives_no_date(written: str) -> None:
    assert day("2020", written) == np.inf
