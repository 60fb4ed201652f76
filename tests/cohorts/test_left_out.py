"""Who is left out, and whether that has to do with what happened to them."""

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.left_out import why_left_out
from tests.cohorts.tables import made_up, read

PEOPLE = made_up(800)


def _with_code(rows: object) -> pd.DataFrame:
    """People of whom some carry a treatment under a name that is not the contract's."""
    table = PEOPLE.copy()
    table["osteoporosis_treatment"] = np.where(rows, "alendronate", "none")  # type: ignore[call-overload]
    return table


def test_rows_left_out_because_of_what_happened_refuse_the_file() -> None:
    rng = np.random.default_rng(1)
    event = PEOPLE["any_event"].to_numpy()
    with pytest.raises(UnusableCohort, match="rows that cannot be used .* far more or less often"):
        read(_with_code(event & (rng.random(800) < 0.7)))
    # Those who had no event are no better lost.
    with pytest.raises(UnusableCohort, match="far more or less often"):
        read(_with_code(~event & (rng.random(800) < 0.7)))


def test_rows_left_out_whatever_happened_are_counted_with_the_events_lost() -> None:
    rows = np.zeros(800, dtype=bool)
    rows[np.random.default_rng(2).permutation(800)[:40]] = True
    cohort = read(_with_code(rows))
    reason = "Osteoporosis treatment cannot be used as it is written"
    assert cohort.left_out == {reason: rows.sum()}
    event = PEOPLE["any_event"].to_numpy()
    told = f"With the {rows.sum()} rows that cannot be used, {(rows & event).sum()} of"
    told += f" {event.sum()} events of the outcome any are lost."
    assert told in cohort.remarks
    rows[np.flatnonzero(~rows)[0]] = True
    with pytest.raises(UnusableCohort, match=r"41 of 800 rows .*too many for slips.*values"):
        read(_with_code(rows))
    few = np.zeros(800, dtype=bool)
    few[np.flatnonzero(event)[:4]] = True
    assert not any("are lost" in remark for remark in read(_with_code(few)).remarks)
    few[np.flatnonzero(event)[4]] = True
    few[np.flatnonzero(~event)[:20]] = True
    assert any("5 of" in remark for remark in read(_with_code(few)).remarks)


def test_times_that_are_blank_only_where_an_event_came_refuse_the_file() -> None:
    table = PEOPLE.copy()
    rng = np.random.default_rng(3)
    lost = table["any_event"] & (rng.random(800) < 0.5)
    with pytest.raises(UnusableCohort, match=r"\(any: follow-up not given\)"):
        read(table.assign(any_time_years=table["any_time_years"].where(~lost)))
    anybody = rng.random(800) < 0.2
    cohort = read(table.assign(any_time_years=table["any_time_years"].where(~anybody)))
    assert cohort.left_out == {"any: follow-up not given": anybody.sum()}


def test_rows_that_only_long_followed_people_lack_refuse_the_file() -> None:
    late = (PEOPLE["death_time_years"] > 6) & (np.random.default_rng(4).random(800) < 0.5)
    with pytest.raises(UnusableCohort, match=r"followed for 6\.\d years or more"):
        read(_with_code(late))


def test_old_people_are_left_out_without_suspicion() -> None:
    table = PEOPLE.assign(age_years=PEOPLE["age_years"] + 8)
    cohort = read(table)
    assert cohort.left_out == {"Age outside 40 to 90 years": (table["age_years"] > 90).sum()}


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("age_years", 39.9, "Age outside 40 to 90 years"),
        ("age_years", None, "Age not given"),
        ("age_years", "old", "Age cannot be used as it is written"),
        ("femoral_neck_t_score", "7", "Femoral neck T-score outside \u22128 to 6"),
        ("falls_last_year", 1.5, "contradicts another answer or is no whole number"),
        ("sex", "", "Sex at birth not given"),
        ("sex", "3", "Sex at birth cannot be used as it is written"),
    ],
)
def test_a_reason_names_the_range_and_never_the_value(field: str, given: object, told: str) -> None:
    reason = why_left_out(field, given)
    assert reason.endswith(told) or reason.startswith(told)
    assert given is None or not str(given) or str(given) not in reason
