"""Rows of people who are only asked about, read by the same site's JSON as a cohort."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.arranging import arrange, new_names
from riskapp.cohorts.columns import day
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.cohorts.table_files import read_cell
from riskapp.cohorts.usual_dates import with_plain_dates
from riskapp.exchange.tables import MISFIT
from riskapp.exchange.ucum import DAYS_PER_YEAR

PARTS = ("event", "time")
ROWS_AT_ONCE = 1_000
Row = Mapping[str, Any]


def without_outcomes(schema: SiteSchema, columns: Sequence[str]) -> SiteSchema:
    """What a site's JSON says of columns that a table has; what became of people is not asked.

    A column that the table lacks is not known of anybody in it, which a model integrates over.
    """
    here = set(columns)
    named = {ours for theirs, ours in new_names(schema).items() if theirs in here} | here
    named |= set(schema.constants)
    return replace(
        schema,
        person=schema.person if schema.person in here else "id",
        rename={theirs: ours for theirs, ours in schema.rename.items() if theirs in here},
        values={name: codes for name, codes in schema.values.items() if name in named},
        units={name: unit for name, unit in schema.units.items() if name in named},
        columns=tuple(told for told in schema.columns if told.get("from", told["name"]) in here),
        outcomes={},
        dates={},
        scans={},
        index={},
    )


def arranged_names(schema: SiteSchema, columns: Sequence[str]) -> tuple[str, ...]:
    """The names of a table's columns once they are arranged, without what became of people."""
    names = new_names(schema)
    later = {told[part] for told in schema.outcomes.values() for part in told if part in PARTS}
    later |= {each for part, each in schema.dates.items() if isinstance(each, str)}
    later.discard("dxa_date")
    found = [names.get(name, name) for name in columns if name not in later]
    ages = ("age_years",) if {"birth", "baseline"} <= set(schema.dates) else ()
    return tuple(dict.fromkeys([*found, *schema.constants, *ages]))


def arranged_rows(
    rows: Iterable[Row], schema: SiteSchema, dates: Mapping[str, Any]
) -> Iterator[Row]:
    """Rows with the contract's names, values and units, in order.

    Parameters
    ----------
    schema : SiteSchema
        As ``without_outcomes`` gives it.
    dates : mapping
        The site's, by which an age is worked out from a birthday. A date that cannot be read
        costs its own row.

    Raises
    ------
    UnusableCohort
        If the JSON names one thing twice.
    """
    waiting = iter(rows)
    while batch := list(islice(waiting, ROWS_AT_ONCE)):
        whole = [
            {name: read_cell(value) for name, value in row.items()}
            for row in batch
            if MISFIT not in row
        ]
        arranged: Iterator[Row] = iter(())
        if whole:
            asked = pd.DataFrame(whole, dtype=object)
            named, _ = arrange(asked, schema, check_dates=False)
            table = _with_ages(with_plain_dates(named, dates), dates)
            fields = table.astype(object)
            arranged = (
                {str(name): value for name, value in row.items()}
                for row in fields.where(fields.notna(), None).to_dict("records")
            )
        for row in batch:
            yield row if MISFIT in row else next(arranged)


def _with_ages(table: pd.DataFrame, dates: Mapping[str, Any]) -> pd.DataFrame:
    if not {dates.get("birth"), dates.get("baseline")} <= set(table.columns):
        return table
    born, asked = (
        np.array([day(cell) for cell in table[dates[part]]]) for part in ("birth", "baseline")
    )
    with np.errstate(invalid="ignore"):
        age = np.round((asked - born) / DAYS_PER_YEAR, 3)
    known = np.isfinite(age)
    return table.assign(age_years=pd.Series(age, table.index, dtype=object).where(known, None))
