"""The predictors that a site declares beyond the contract's fields."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.columns import Flags, Floats, numbers
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.risk.profile import RiskProfile
from riskapp.risk.site_columns import Direction, SiteColumn

# Where a site declares no range, so many times the spread of its values beyond them (assumption: a
# slip of a unit is off by ten times and more, a person hardly ever).
SPREADS_BEYOND = 10.0


@dataclass(frozen=True, kw_only=True)
class DeclaredColumns:
    """Declared columns and their values.

    Attributes
    ----------
    columns : tuple of SiteColumn, length p
    values : ndarray, shape (n, p)
        NaN where not known.
    impossible : mapping of reason to ndarray of bool, shape (n,)
        Rows with a value that is no number or out of range.
    remarks : tuple of str
        Declared columns that nobody has, one sentence each.
    """

    columns: tuple[SiteColumn, ...]
    values: Floats
    impossible: Mapping[str, Flags]
    remarks: tuple[str, ...] = ()

    @property
    def usable(self) -> Flags:
        bad = np.zeros(self.values.shape[0], dtype=np.bool_)
        for each in self.impossible.values():
            bad |= each
        return ~bad

    def added_to(self, profile: RiskProfile, row: int) -> RiskProfile:
        """Give the profile what this row knows of the site's columns."""
        if not self.columns:
            return profile
        known = np.flatnonzero(np.isfinite(self.values[row]))
        return replace(
            profile,
            site_values={self.columns[i].name: float(self.values[row, i]) for i in known},
        )


def read_declared(table: pd.DataFrame, schema: SiteSchema) -> DeclaredColumns:
    """Read the declared columns of an arranged table."""
    columns: list[SiteColumn] = []
    values: list[Floats] = []
    impossible: dict[str, Flags] = {}
    remarks = []
    for told in schema.columns:
        if told["name"] not in table.columns:  # said when the table was arranged
            continue
        found, unreadable = numbers(table[told["name"]])
        if not np.isfinite(found).any() and not unreadable.any():
            remarks.append(f"The column {told['name']} is blank in every row and is left out.")
            continue
        if not np.isfinite(found).any():
            raise UnusableCohort(f"The column {told['name']} holds no number.")
        column = _column(told, found)
        outside = (found < column.low) | (found > column.high)
        if column.yes_no:
            outside |= np.isfinite(found) & ~np.isin(found, (0.0, 1.0))
        for reason, bad in (
            (f"{column.name}: no number", unreadable),
            (f"{column.name}: outside {column.plausible}", outside),
        ):
            if bad.any():
                impossible[reason] = bad
        columns.append(column)
        values.append(found)
    return DeclaredColumns(
        columns=tuple(columns),
        values=np.column_stack(values) if values else np.zeros((len(table), 0)),
        impossible=impossible,
        remarks=tuple(remarks),
    )


def _column(told: Mapping[str, Any], values: Floats) -> SiteColumn:
    """Where no range is said, far beyond the values, but not below nothing.

    It is there for slips of the pen: who is unlike these people is warned about, not refused.
    """
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    beyond = SPREADS_BEYOND * (highest - lowest or 1.0)
    yes_no = told.get("yes_no", False)
    return SiteColumn(
        name=told["name"],
        label=told.get("label", told["name"].replace("_", " ")),
        ucum=told.get("unit", "1"),
        low=0.0 if yes_no else float(told.get("low", max(lowest - beyond, min(lowest, 0.0)))),
        high=1.0 if yes_no else float(told.get("high", highest + beyond)),
        yes_no=yes_no,
        direction=Direction(told.get("direction", "not_said")),
    )
