"""Columns of a table as numbers, flags and dates."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.exchange.reading import number

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# How statistics programs count days: "days since 1960-01-01".
SINCE = "days since "
NO_DATE = "no date"
EPOCH = date(1970, 1, 1)

_MEANT = {"true": 1.0, "yes": 1.0, "1": 1.0, "1.0": 1.0}
_MEANT |= {"false": 0.0, "no": 0.0, "0": 0.0, "0.0": 0.0}


def numbers(column: "pd.Series[Any]") -> tuple[Floats, Flags]:
    """Read numbers.

    Returns
    -------
    values : ndarray, shape (n,)
        NaN where not known or not a number.
    unreadable : ndarray of bool, shape (n,)
        Where something stands that is no number; infinity and text are none.
    """
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isfinite(values), values, np.nan), np.isinf(values)
    given = column.tolist()
    values = np.array([_number(each) for each in given], dtype=np.float64)
    known = np.array([not _blank(each) for each in given], dtype=np.bool_)
    return values, known & np.isnan(values)


def _number(given: Any) -> float:
    if isinstance(given, bool | Decimal):  # as Parquet may hold numbers
        return float(given)
    try:
        return np.nan if _blank(given) else number(given)
    except ValueError:
        return np.nan


def _blank(given: Any) -> bool:
    return given is None or given is pd.NA or given is pd.NaT or given != given


def flags(column: "pd.Series[Any]") -> Floats:
    """Read 1, 0 or NaN for not known; a blank is never read as no.

    Raises
    ------
    UnusableCohort
        If the column holds anything else.
    """
    read = np.array(
        [np.nan if _blank(each) else _MEANT.get(str(each).strip().lower(), -1.0) for each in column]
    )
    if (read < 0).any():
        raise UnusableCohort(
            f"The column {column.name} should hold true, false or blank; say under values what "
            f'its own codes mean, as "values": {{"{column.name}": {{"1": true, "0": false}}}}.'
        )
    return read


def days(column: "pd.Series[Any]", written: str = "") -> Floats:
    """Read dates as days since 1970-01-01, NaN where blank.

    Parameters
    ----------
    written : str
        How: blank as 2026-01-31, "days since 1960-01-01", or as ``datetime.strptime`` has it.

    Raises
    ------
    UnusableCohort
        If a cell is no date that is written so.
    """
    read = np.array([day(each, written) for each in column], dtype=np.float64)
    if np.isinf(read).any():
        told = (
            f"are not written as {written[:40]}, as the JSON says under dates.format"
            if written
            else "are no dates such as 2026-01-31; say in the JSON under dates.format how they are "
            'written, as "%d/%m/%Y", "%d%b%Y" or "days since 1960-01-01"'
        )
        raise UnusableCohort(
            f"The column {column.name} holds {int(np.isinf(read).sum())} cells that {told}."
        )
    return read


def day(given: Any, written: str = "") -> float:
    """Read one date as days since 1970-01-01: NaN where blank, infinity where it is no date."""
    return _day(_as_written(given, written))


def _as_written(given: Any, written: str) -> Any:
    """A date from how a site writes it; what is no such date stays as it is, and is none."""
    if not written or _blank(given) or isinstance(given, date):
        return given
    first = written.removeprefix(SINCE)
    try:
        if first != written:
            return date.fromisoformat(first) + timedelta(days=int(number(given)))
        # A day has no time zone.
        return datetime.strptime(str(given).strip().removesuffix(".0"), written).date()  # noqa: DTZ007
    except (ValueError, OverflowError, re.error):  # the last where a part is asked for twice
        return NO_DATE


def _day(given: Any) -> float:
    if _blank(given):
        return np.nan
    if isinstance(given, datetime):
        given = given.date()
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given.strip()).date()
        except ValueError:
            return np.inf
    return float(given.toordinal() - EPOCH.toordinal()) if isinstance(given, date) else np.inf
