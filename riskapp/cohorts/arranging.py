"""A site's table, turned into the contract's columns as its JSON says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.columns import flags, numbers
from riskapp.cohorts.dated import with_times_from_dates
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.cohorts.units import factor
from riskapp.cohorts.usual_dates import (
    check_undeclared_dates,
    with_plain_dates,
    with_usual_measured,
)
from riskapp.risk.limits import RANGES

MOST_NAMED = 12


def arrange(
    table: pd.DataFrame, schema: SiteSchema, *, check_dates: bool = True
) -> tuple[pd.DataFrame, list[str]]:
    """Give a site's columns the contract's names, values and units.

    Parameters
    ----------
    check_dates : bool
        Refuse what was measured after a baseline that only its name tells; of people who are only
        asked about there is none.

    Returns
    -------
    arranged : DataFrame
        The contract's columns and the declared ones under their own names, and whatever else the
        table holds under its old name.
    remarks : list of str
        What a reader of the results must know of how this was done; one sentence each.

    Raises
    ------
    UnusableCohort
        If the JSON names a column that the table lacks, or two for one thing.
    """
    remarks: list[str] = []
    schema, absent = _declared_and_there(table, schema)
    remarks += absent
    table = with_plain_dates(_renamed(table, new_names(schema)), schema.dates)
    table = _with_values(_with_events(table, schema.outcomes), schema.values)
    table = _with_times(table, schema.outcomes, remarks)
    for name, value in schema.constants.items():
        here = table[name] if name in table.columns else pd.Series(None, table.index, dtype=object)
        if here.notna().any():
            remarks.append(
                f"The table has {name} itself: the JSON’s constant stands in the "
                f"{int(here.isna().sum())} rows where it is blank."
            )
        table[name] = here.astype(object).where(here.notna(), value)
    if schema.dates:
        table = with_times_from_dates(table, with_usual_measured(table, schema.dates), remarks)
    elif check_dates:
        remarks += check_undeclared_dates(table)
    return _converted(table, schema), remarks


def _declared_and_there(table: pd.DataFrame, schema: SiteSchema) -> tuple[SiteSchema, list[str]]:
    """Leave out declared predictors that nobody here has: one JSON may serve several tables."""
    there = {}
    for told in schema.columns:
        theirs = told.get("from", told["name"])
        there[told["name"]] = theirs in table.columns and bool(table[theirs].notna().any())
    absent = [name for name, is_there in there.items() if not is_there]
    if not absent:
        return schema, []
    kept = replace(
        schema,
        columns=tuple(told for told in schema.columns if there[told["name"]]),
        values={name: codes for name, codes in schema.values.items() if name not in absent},
        units={name: unit for name, unit in schema.units.items() if name not in absent},
    )
    names = ", ".join(name[:60] for name in absent[:MOST_NAMED])
    return kept, [f"The JSON declares {names}, unknown of everybody in this table."]


def new_names(schema: SiteSchema) -> dict[str, str]:
    """What each of the table's columns is called after arranging, by its old name."""
    names = dict(schema.rename)
    if schema.person != "id":
        names.setdefault(schema.person, "id")
    for column in schema.columns:
        names.setdefault(column.get("from", column["name"]), column["name"])
    return names


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    absent = [name for name in names if name not in table.columns]
    if absent:
        raise UnusableCohort(
            f"The table lacks {', '.join(name[:60] for name in absent[:5])}, which the JSON "
            "beside it names."
        )
    for theirs, ours in names.items():
        if theirs != ours and ours in table.columns and ours not in names:
            raise UnusableCohort(
                f"The table holds {ours} and the JSON also calls {theirs} so; keep one of the two."
            )
    return table.rename(columns=dict(names))


def _with_events(table: pd.DataFrame, outcomes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    for outcome, told in outcomes.items():
        for part in ("event", "time"):
            if part in told and told[part] not in table.columns:
                raise UnusableCohort(
                    f"The table lacks {told[part][:60]}, which the JSON beside it names as the "
                    f"{part} of {outcome}."
                )
        table = table.assign(**{f"{outcome}_event": table[told["event"]]})
    return table


def _with_times(
    table: pd.DataFrame, outcomes: Mapping[str, Mapping[str, Any]], remarks: list[str]
) -> pd.DataFrame:
    for outcome, told in outcomes.items():
        if "within_years" in told:
            times = _window(table, outcome, told["within_years"], remarks)
        else:
            times = _in_years(table[told["time"]], told)
        if told.get("completed_units"):
            remarks.append(
                f"The times of {outcome} count completed units ({told.get('unit', 'a')}); "
                "half a unit was added to each."
            )
        table = table.assign(**{f"{outcome}_time_years": times})
    return table


def _window(
    table: pd.DataFrame, outcome: str, years: float, remarks: list[str]
) -> "pd.Series[Any]":
    """Everybody was followed equally long, and when in it an event fell is not known."""
    remarks.append(
        f"No times are given for {outcome}: everybody counts as followed for {years:g} "
        f"{'year' if years == 1 else 'years'}, and an event as at the middle of that; only the "
        "ranking at its end can be judged."
    )
    happened = flags(table[f"{outcome}_event"]) == 1
    return pd.Series(np.where(happened, years / 2, years), table.index)


def _in_years(column: "pd.Series[Any]", told: Mapping[str, Any]) -> "pd.Series[Any]":
    unit = told.get("unit", "a")
    values, unreadable = numbers(column)
    if unreadable.any():
        raise UnusableCohort(
            f"The column {column.name} holds {int(unreadable.sum())} cells that are no times."
        )
    half = 0.5 if told.get("completed_units") else 0.0
    return pd.Series((values + half) * factor(unit, "a", str(column.name)), column.index)


def _with_values(table: pd.DataFrame, meant: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    for name, codes in meant.items():
        if name not in table.columns:
            raise UnusableCohort(f"The JSON gives codes for {name[:60]}, which the table lacks.")
        by_code = {str(code).strip(): value for code, value in codes.items()}
        table[name] = [_meant(cell, by_code) for cell in table[name]]
    return table


def _meant(cell: Any, by_code: Mapping[str, Any]) -> Any:
    if cell is None or cell != cell:
        return None
    text = str(cell).strip()
    # Whole numbers may have been stored as fractions.
    for written in (text, text.removesuffix(".0")):
        if written in by_code:
            return by_code[written]
    return cell


def _converted(table: pd.DataFrame, schema: SiteSchema) -> pd.DataFrame:
    own = {column["name"]: column.get("unit", "1") for column in schema.columns}
    for name, unit in schema.units.items():
        if name not in table.columns or (name not in RANGES and name not in own):
            raise UnusableCohort(
                f"The JSON gives a unit for {name[:60]}, which is no number of the table."
            )
        by = factor(unit, own.get(name) or RANGES[name].ucum, name)
        values, unreadable = numbers(table[name])
        # Nine digits: what a conversion leaves beside a number is no part of it.
        changed = np.array([float(f"{each:.9g}") for each in values * by])
        table[name] = np.where(unreadable | np.isnan(values), table[name], changed)
    return table
