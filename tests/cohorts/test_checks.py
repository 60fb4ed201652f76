"""What a cohort file may and may not hold, on both sides of each line."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import cohort_from
from tests.cohorts.tables import PEOPLE, changed, made_up, read

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
        ({"hip_time_years": 5.1}, "hip: followed after death or the end of life’s follow-up"),
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


def test_a_declared_column_that_nobody_has_is_left_out_with_a_sentence() -> None:
    cohort = read(PEOPLE.assign(empty=np.nan), "empty")
    assert [column.name for column in cohort.site_columns] == ["strength"]
    assert "The column empty is blank in every row and is left out." in cohort.remarks
    with pytest.raises(UnusableCohort, match="The column empty holds no number"):
        read(PEOPLE.assign(empty="much"), "empty")


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


def test_a_column_called_nearly_like_a_field_is_pointed_at() -> None:
    table = PEOPLE.rename(columns={"femoral_neck_t_score": "Femoral neck tscore"})
    told = " ".join(read(table.assign(colour=1)).remarks)
    assert "Femoral neck tscore (is it femoral_neck_t_score?), colour" in told
    with pytest.raises(UnusableCohort, match="in small letters and not as HIP_EVENT"):
        read(PEOPLE.rename(columns=str.upper))
