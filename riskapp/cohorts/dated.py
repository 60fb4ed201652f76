"""Dates of events and measurements, turned into times since baseline."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.columns import days
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.exchange.ucum import DAYS_PER_YEAR

OUTCOMES = ("hip", "major", "any", "death")


def with_times_from_dates(
    table: pd.DataFrame, dates: Mapping[str, Any], remarks: list[str]
) -> pd.DataFrame:
    """Add an event and a time in years for each outcome that has a column of dates.

    An event counts up to the end of observation; death ends the wait for every other outcome.
    A blank date of an event means that none was recorded while the person was observed.

    Raises
    ------
    UnusableCohort
        If a column is absent, a cell is no date, or a measurement was taken after baseline.
    """
    names = [dates[part] for part in ("baseline", "end", "birth", *OUTCOMES) if part in dates]
    absent = [name for name in (*names, *dates.get("measured", ())) if name not in table.columns]
    if absent:
        raise UnusableCohort(f"The table lacks the dates in {', '.join(absent)[:200]}.")
    baseline = days(table[dates["baseline"]])
    if np.isnan(baseline).any():
        raise UnusableCohort(
            f"The date of baseline is blank in {int(np.isnan(baseline).sum())} rows of "
            f"{dates['baseline']}; without it nothing is before or after."
        )
    refuse_measured_after(table, baseline, dates)
    added: dict[str, Any] = {}
    if "birth" in dates:
        # To the day: rounded ages would move people over the limits.
        added["age_years"] = np.round((baseline - days(table[dates["birth"]])) / DAYS_PER_YEAR, 3)
    if "end" in dates:
        added |= _outcomes(table, dates, baseline)
    return table.assign(**added)


def _outcomes(table: pd.DataFrame, dates: Mapping[str, Any], baseline: Any) -> dict[str, Any]:
    end = days(table[dates["end"]])
    died = days(table[dates["death"]]) if "death" in dates else np.full(len(table), np.nan)
    # Who died was observed until then, whatever the register says of the end.
    last = np.fmin(end, died)
    added: dict[str, Any] = {}
    for outcome in OUTCOMES:
        if outcome not in dates:
            continue
        when = days(table[dates[outcome]])
        event = when <= (end if outcome == "death" else last)
        at = np.where(event, when, last)
        added[f"{outcome}_event"] = pd.Series(event, table.index, dtype=object).where(
            ~np.isnan(last), None
        )
        added[f"{outcome}_time_years"] = np.round((at - baseline) / DAYS_PER_YEAR, 6)
    return added


def refuse_measured_after(table: pd.DataFrame, baseline: Any, dates: Mapping[str, Any]) -> None:
    """Refuse measurements after baseline: they know what happened until they were taken."""
    window = dates.get("window_days", 0)
    measured = [*dates.get("measured", ()), "dxa_date"]
    for name in dict.fromkeys(measured):
        if name not in table.columns:
            continue
        late = days(table[name]) > baseline + window
        if late.any():
            allowed = f" and the {window} days that the JSON allows" if window else ""
            raise UnusableCohort(
                f"The dates in {name} lie after baseline{allowed} in {int(late.sum())} rows: what "
                "was measured later knows what happened until then."
            )
