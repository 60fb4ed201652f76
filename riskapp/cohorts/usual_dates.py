"""Columns that by their names hold the date of baseline or of a measurement."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.cohorts.columns import EPOCH, Floats, day, days
from riskapp.cohorts.dated import refuse_measured_after
from riskapp.cohorts.follow_up import UnusableCohort

# In the order in which they are believed, as a visit may be a later one.
BASELINE = (
    "baseline_date", "date_of_baseline", "baseline", "index_date", "date_of_index",
    "enrolment_date", "enrollment_date", "inclusion_date", "recruitment_date", "visit_date",
    "date_of_visit",
)  # fmt: skip
_MEASURED = re.compile(
    r"(?:(?:dxa|dexa|bmd|scan|ct|qct|x_?ray|radiograph|image|imaging|lab|laboratory|blood|sample|"
    r"serum|measurement|measured|exam|examination|test|visit)_date|"
    r"date_of_(?:dxa|dexa|bmd|scan|ct|qct|x_?ray|image|imaging|lab|blood|sample|measurement|exam|"
    r"test|visit))",
    re.IGNORECASE,
)


def with_usual_measured(table: pd.DataFrame, dates: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the declared dates of measurements those that are called like one."""
    taken = {each for each in dates.values() if isinstance(each, str)}
    more = [name for name in _dated(table) if name not in taken]
    return {**dates, "measured": list(dict.fromkeys([*dates.get("measured", ()), *more]))}


def with_plain_dates(table: pd.DataFrame, dates: Mapping[str, Any]) -> pd.DataFrame:
    """Dates that a site writes in a way of its own, as dates; other cells stay as they are.

    These are the declared columns, the contract's ``dxa_date`` and those that are called like a
    date of measurement.
    """
    if "format" not in dates:
        return table
    named = {each for part, each in dates.items() if isinstance(each, str) and part != "format"}
    named |= {*dates.get("measured", ()), "dxa_date"}
    plain = {
        name: pd.Series(
            [_plain(cell, dates["format"]) for cell in table[name]], table.index, dtype=object
        )
        for name in map(str, table.columns)
        if name in named or _MEASURED.fullmatch(name)
    }
    return table.assign(**plain)


def _plain(cell: Any, written: str) -> Any:
    found = day(cell, written)
    return EPOCH + timedelta(days=int(found)) if np.isfinite(found) else cell


def check_undeclared_dates(table: pd.DataFrame) -> list[str]:
    """Compare the dates of measurements with that of baseline where the JSON tells of neither.

    Returns
    -------
    list of str
        What was taken for what, or could not be told.

    Raises
    ------
    UnusableCohort
        If a measurement was taken after baseline.
    """
    measured = _dated(table)
    baseline, started = _baseline(table)
    measured = [name for name in measured if name != baseline]
    if not measured:
        return []
    if baseline is None:
        return [
            "No date of baseline is declared, so nobody can tell whether a measurement was taken "
            f"after it ({', '.join(measured)})."
        ]
    refuse_measured_after(table, started, {"measured": measured})
    return [
        f"{baseline} is taken for the date of baseline by its name, and no date in "
        f"{', '.join(measured)} lies after it."
    ]


def baseline_years(
    table: pd.DataFrame, dates: Mapping[str, Any], kept: npt.NDArray[np.intp]
) -> Floats | None:
    """Calendar year of baseline of the rows that are kept, shape (n,), NaN where not given.

    None where no date of it is declared, nor one that is called so.
    """
    declared = dates.get("baseline")
    started = days(table[declared]) if declared in table.columns else _baseline(table)[1]
    started = started[kept]
    if not np.isfinite(started).any():
        return None
    known = np.isfinite(started)
    day = np.where(known, started, 0.0).astype("datetime64[D]")
    return np.where(known, day.astype("datetime64[Y]").astype(np.float64) + 1970, np.nan)


def _baseline(table: pd.DataFrame) -> tuple[str | None, Floats]:
    called = {str(name).lower(): str(name) for name in table.columns}
    for usual in BASELINE:
        if usual in called and _are_dates(table[called[usual]]):
            return called[usual], days(table[called[usual]])
    return None, np.full(len(table), np.nan)


def _dated(table: pd.DataFrame) -> list[str]:
    return [
        str(name)
        for name in table.columns
        if _MEASURED.fullmatch(str(name)) and _are_dates(table[name])
    ]


def _are_dates(column: "pd.Series[Any]") -> bool:
    """Whether a column holds dates and nothing else; a column of years or numbers is none."""
    try:
        return bool(np.isfinite(days(column)).any())
    except UnusableCohort:
        return False
