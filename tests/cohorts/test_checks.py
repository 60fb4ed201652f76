"""What a cohort file may and may not hold, on both sides of each line."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import cohort_from
from riskapp.cohorts.site_schema import schema_from
from riskapp.cohorts.units import UNITS, factor
from tests.cohorts.tables import made_up, read

PEOPLE = made_up(400)


def changed(row: int = 7, **cells: Any) -> pd.DataFrame:
    table = PEOPLE.copy()
    for name, value in cells.items():
        table[name] = table[name].astype(object) if name in table else None
        table.loc[row, name] = value
    return table


QUIET = {
    f"{outcome}_{part}": value
    for outcome in ("hip", "major", "any", "death")
    for part, value in (("event", False), ("time_years", 5.0))
}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({}, None),
        ({"hip_time_years": 0.0}, "hip: follow-up of no length"),
        ({"hip_time_years": 0.001}, None),
        ({"hip_time_years": -1.0}, "hip: follow-up of no length"),
        ({"hip_event": True, "hip_time_years": 0.0}, "hip: event at or before baseline"),
        ({"hip_event": True, "hip_time_years": -0.3}, "hip: event at or before baseline"),
        ({"death_event": True, "death_time_years": 0}, "death: event at or before baseline"),
        ({"hip_time_years": 5.1}, "hip: followed after death or the end of life's follow-up"),
        ({"hip_time_years": 5.001}, None),
        ({"hip_event": None}, "hip: follow-up not given"),
        ({"any_time_years": None}, "any: follow-up not given"),
        ({"hip_event": True}, "major: not there although hip"),
        ({"major_event": True}, "any: not there although major"),
        ({"hip_event": True, "major_event": True, "any_event": True}, None),
        ({"hip_event": True, "hip_time_years": 3.0, "major_event": True, "any_event": True}, "m"),
        (
            {
                "hip_event": True,
                "major_event": True,
                "major_time_years": 3.0,
                "any_event": True,
                "any_time_years": 2.0,
            },
            None,
        ),
    ],
)
def test_a_row_that_cannot_be_is_left_out_with_its_reason(
    cells: dict[str, Any], reason: str | None
) -> None:
    cohort = read(changed(**QUIET | cells))
    assert len(cohort.profiles) == (400 if reason is None else 399)
    assert sum(cohort.left_out.values()) == (0 if reason is None else 1)
    if reason is not None:
        assert next(iter(cohort.left_out)).startswith(reason)


def test_too_many_impossible_rows_condemn_the_file() -> None:
    few, many = PEOPLE.copy(), PEOPLE.copy()
    for table, rows in ((few, 10), (many, 11)):
        events = table.index[~table["death_event"]][:rows]
        table.loc[events, "any_event"] = True
        table.loc[events, "any_time_years"] = 0.0
    cohort = read(few)
    assert cohort.left_out["any: event at or before baseline"] == 10
    refused = "Refused: 10 rows in which any has its event at or before baseline; who had"
    assert any(remark.startswith(refused) for remark in cohort.remarks)
    with pytest.raises(UnusableCohort, match=r"11 of 400 rows are impossible \(any: event at"):
        read(many)


@pytest.mark.parametrize(
    ("name", "by", "words"),
    [
        ("height_cm", 0.01, "metres"),
        ("height_cm", 1 / 2.54, "inches"),
        ("age_years", 12, "months"),
        ("weight_kg", 1 / 0.45359237, "pounds"),
        ("femoral_neck_bmd_g_cm2", 1000, r"mg/cm2: .*\"femoral_neck_bmd_g_cm2\": \"mg/cm2\""),
        ("l1_vbmd_mg_cm3", 1e-3, None),  # lies inside the range of the contract's unit too
    ],
)
def test_a_column_in_another_unit_is_refused_and_read_when_the_unit_is_said(
    name: str, by: float, words: str | None
) -> None:
    rng = np.random.default_rng(1)
    middle = {
        "height_cm": 165,
        "weight_kg": 72,
        "femoral_neck_bmd_g_cm2": 0.8,
        "l1_vbmd_mg_cm3": 120,
    }
    table = PEOPLE.copy()
    if name in middle:
        table[name] = middle[name] * rng.normal(1, 0.04, 400)
        table["dxa_manufacturer"] = "hologic"
        table = table.drop(columns="femoral_neck_t_score")
    right = read(table)
    table[name] *= by
    if words is None:
        read(table)
        return
    with pytest.raises(UnusableCohort, match=f"The column {name} looks like {words}"):
        read(table)
    unit = next(u for u, held in UNITS.items() if held.words == words.split(":")[0])
    again = read(table, units={name: unit})
    found = [getattr(each, name) for each in again.profiles]
    expected = [getattr(each, name) for each in right.profiles]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_units_are_converted_by_their_definitions_and_never_across_dimensions() -> None:
    assert factor("[lb_av]", "kg", "weight_kg") == 0.45359237
    assert factor("[in_i]", "cm", "height_cm") == pytest.approx(2.54, abs=1e-12)
    assert factor("mg/cm2", "g/cm2", "bmd") == pytest.approx(0.001, abs=1e-15)
    assert factor("mo", "a", "time") == pytest.approx(1 / 12, abs=1e-15)
    with pytest.raises(UnusableCohort, match="the one measures mass, the other length"):
        factor("kg", "cm", "height_cm")
    with pytest.raises(UnusableCohort, match="not one that is converted here"):
        factor("furlong", "cm", "height_cm")
    with pytest.raises(UnusableCohort, match="hip_time_years reaches 4,385, which is no number"):
        read(PEOPLE.assign(hip_time_years=PEOPLE["hip_time_years"] * 365.25 + 2))


def test_a_person_twice_at_one_baseline_is_refused_and_two_baselines_stay_together() -> None:
    double = pd.concat([PEOPLE, PEOPLE.iloc[:3]])
    with pytest.raises(UnusableCohort, match="3 rows repeat a person at the same baseline"):
        read(double)
    later = PEOPLE.iloc[:3].assign(age_years=PEOPLE["age_years"].iloc[:3] + 0.5)
    # Half a year later half a year less is left to be followed.
    ahead = [name for name in later if name.endswith("_time_years")]
    later[ahead] -= 0.5
    cohort = read(pd.concat([PEOPLE, later]))
    assert len(cohort.people) == 403
    assert len(set(cohort.people)) == 400


def test_copies_under_other_ids_are_refused_unless_chance_makes_people_alike() -> None:
    copies = PEOPLE.iloc[:5].assign(id=[f"other-{i}" for i in range(5)])
    with pytest.raises(UnusableCohort, match="5 rows are copies of others under another id"):
        read(pd.concat([PEOPLE, copies]))
    with pytest.raises(UnusableCohort, match="5 rows are copies"):
        read(pd.concat([PEOPLE, copies]).drop(columns="id"))
    plain = pd.DataFrame(
        {
            "population": "gb",
            "sex": "female",
            "age_years": np.repeat([60, 70, 80], 100),
            "any_event": [True, False, False] * 100,
            "any_time_years": 1.0,
        }
    )
    assert len(cohort_from(plain, name="plain").profiles) == 300


def test_delayed_entry_is_refused_and_entry_at_baseline_is_not() -> None:
    read(PEOPLE.assign(entry_years=0.0))
    with pytest.raises(UnusableCohort, match="1 people entered after baseline"):
        read(changed(entry_years=0.5))


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


def test_a_declared_column_that_nobody_has_is_left_out_with_a_sentence() -> None:
    cohort = read(PEOPLE.assign(empty=np.nan), "empty")
    assert [column.name for column in cohort.site_columns] == ["strength"]
    assert "The column empty is blank in every row and is left out." in cohort.remarks
    with pytest.raises(UnusableCohort, match="The column empty holds no number"):
        read(PEOPLE.assign(empty="much"), "empty")


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


def test_one_time_in_every_column_counts_as_first_events_only() -> None:
    assert not read(PEOPLE).first_events_only
    first = PEOPLE.copy()
    for outcome in ("hip", "major", "death"):
        first[f"{outcome}_event"] &= first[f"{outcome}_time_years"] <= first["any_time_years"]
        first[f"{outcome}_time_years"] = first["any_time_years"]
    assert read(first).first_events_only
    single = PEOPLE[[n for n in PEOPLE if not n.endswith(("_event", "_time_years"))]]
    single = single.assign(time_years=PEOPLE["any_time_years"], event="none")
    assert read(single).first_events_only
    with pytest.raises(UnusableCohort, match="keep one kind of follow-up"):
        read(single.assign(hip_event=False))
    with pytest.raises(UnusableCohort, match="holds no outcome"):
        read(single.drop(columns="event"))


def test_mixed_populations_are_allowed_and_said() -> None:
    cohort = read(changed(population="us-white"))
    assert any("2 populations (gb, us-white)" in remark for remark in cohort.remarks)
    blank = PEOPLE.drop(columns="population")
    with pytest.raises(UnusableCohort, match=r"400 of 400 rows .*Population not given.*constants"):
        read(blank)
    assert cohort_from(blank, name="x", population="ee").profiles[0].population == "ee"


def test_ages_outside_40_to_90_are_left_out_or_clamped_and_counted_either_way() -> None:
    table = changed(age_years=90.1)
    assert read(table).left_out == {"Age outside 40 to 90 years": 1}
    cohort = cohort_from(table, name="x", clamp_age=True)
    assert cohort.left_out == {}
    assert any(remark.startswith("1 people: age outside") for remark in cohort.remarks)


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 120))
def test_order_is_of_no_account_and_parts_partition(random: Any, cut: int) -> None:
    table = PEOPLE.iloc[:120]
    order = list(range(120))
    random.shuffle(order)
    cohort = read(table)
    shuffled = read(table.iloc[order])
    assert shuffled.people.tolist() == cohort.people[order].tolist()
    assert shuffled.profiles == tuple(cohort.profiles[i] for i in order)
    hip = cohort.follow_up["hip"]
    np.testing.assert_array_equal(shuffled.follow_up["hip"].years, hip.years[order])
    parts = [cohort.part(np.arange(cut)), cohort.part(np.arange(cut, 120))]
    assert [p for part in parts for p in part.people] == cohort.people.tolist()
    assert sum(int(part.follow_up["any"].event.sum()) for part in parts) == int(
        cohort.follow_up["any"].event.sum()
    )


def test_times_in_months_that_few_years_hide_are_found_by_how_old_people_would_grow() -> None:
    table = PEOPLE.copy()
    for name in [name for name in table if name.endswith("_time_years")]:
        table[name] = (table[name] * 12).clip(upper=36)
    with pytest.raises(UnusableCohort, match="followed beyond the age of 115"):
        read(table)
    assert read(changed(**QUIET, age_years=89.0)).left_out == {}


def test_a_kind_of_event_that_nobody_has_was_not_recorded() -> None:
    people = made_up(1500)
    hips = {
        f"{wider}_{part}": people[f"hip_{part}"]
        for wider in ("major", "any")
        for part in ("event", "time_years")
    }
    told = read(people.assign(**hips))
    assert set(told.follow_up) == {"hip", "death"}
    assert any("of the hip, so others" in remark for remark in told.remarks)
    few = people[~people["hip_event"] | (people["hip_event"].cumsum() < 10)]
    assert set(read(few.assign(**hips)).follow_up) >= {"hip", "major_osteoporotic", "any"}

    alive = read(people.assign(death_event=False))
    assert "death" not in alive.follow_up
    assert any("Nobody is said to have died although" in remark for remark in alive.remarks)
    young = people[~people["any_event"] | (people["any_event"].cumsum() < 20)]
    assert "death" in read(young.assign(death_event=False)).follow_up


def test_times_that_are_ages_are_told_from_times() -> None:
    at_end = PEOPLE["age_years"] + PEOPLE["hip_time_years"]
    table = PEOPLE.assign(hip_time_years=at_end)
    with pytest.raises(UnusableCohort, match="hip_time_years looks like the age at the end"):
        read(table)
    with pytest.raises(UnusableCohort, match="say its unit"):
        read(PEOPLE.assign(hip_time_years=PEOPLE["hip_time_years"] * 365.25))
    with pytest.raises(UnusableCohort, match="beyond the age of 115.*unit of the times"):
        read(PEOPLE.assign(**{n: PEOPLE[n] * 4 for n in PEOPLE if n.endswith("time_years")}))


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


def test_a_column_called_nearly_like_a_field_is_pointed_at() -> None:
    table = PEOPLE.rename(columns={"femoral_neck_t_score": "Femoral neck tscore"})
    told = " ".join(read(table.assign(colour=1)).remarks)
    assert "Femoral neck tscore (is it femoral_neck_t_score?), colour" in told
    with pytest.raises(UnusableCohort, match="in small letters and not as HIP_EVENT"):
        read(PEOPLE.rename(columns=str.upper))


def test_codes_that_are_not_understood_are_refused_with_what_to_write() -> None:
    for name, codes, hint in (
        ("sex", PEOPLE["sex"].str[0].str.upper(), '"F": "female"'),
        ("prior_fragility_fracture", "Checked", '"Checked": true'),
        ("population", "uk", "manage.py populations"),
    ):
        with pytest.raises(UnusableCohort, match=hint):
            read(PEOPLE.assign(**{name: codes}))
    meant = {"sex": {"F": "female", "M": "male"}}
    cohort = read(PEOPLE.assign(sex=PEOPLE["sex"].str[0].str.upper()), values=meant)
    assert [each.sex for each in cohort.profiles] == PEOPLE["sex"].tolist()
