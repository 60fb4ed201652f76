"""A table from a file: CSV or Parquet, blanks as None, decimal commas as points."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from riskapp.cohorts.follow_up import UnreadableCohort
from riskapp.cohorts.limits import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from riskapp.exchange.tables import (
    MISFIT,
    PARQUET_SUFFIXES,
    UnreadableTable,
    read_table,
)

# How statistics programs write "not known": R, Python, SAS and Stata. "none" is an answer.
BLANKS = frozenset({"", "na", "n/a", "nan", "null", "<na>", "."})
_COMMA = re.compile(r"\s*[+-]?\d*,\d+\s*")
# No thousands: they have three digits after the comma and no zero before it.
_SURELY_DECIMAL = re.compile(r"\s*[+-]?(0*,\d+|\d+,(\d{1,2}|\d{4,}))\s*")
CHUNK = 1 << 22


def load_table(path: Path) -> tuple[pd.DataFrame, int]:
    """Read a table whole.

    Returns
    -------
    table : DataFrame of object
        Text and numbers as the file has them; None where a cell is blank.
    misfits : int
        Lines that do not fit the header and were left out.

    Raises
    ------
    UnreadableCohort
        If the file is no table, in one sentence.
    """
    try:
        _refuse_binary(path)
        found = read_table(path)
        if len(found.columns) > MOST_COLUMNS:
            raise UnreadableCohort(
                f"{path.name} has {len(found.columns):,} columns; at most {MOST_COLUMNS:,} are "
                "read."
            )
        cells: dict[str, list[Any]] = {name: [] for name in found.columns if name}
        misfits = rows = 0
        for row in found.rows:
            rows += 1
            if rows > MOST_ROWS:
                raise UnreadableCohort(f"{path.name} has more than {MOST_ROWS:,} rows.")
            if MISFIT in row:
                misfits += 1
                continue
            for name, column in cells.items():
                column.append(read_cell(row[name]))
    except UnreadableTable as error:
        raise UnreadableCohort(str(error)) from error
    except (OSError, MemoryError) as error:
        raise UnreadableCohort(f"{path.name} cannot be read as a CSV or Parquet table.") from error
    table = pd.DataFrame(
        {name: pd.Series(_decimal_points(column), dtype=object) for name, column in cells.items()}
    )
    if not len(table) and misfits:
        raise UnreadableCohort(
            f"No line of {path.name} fits its first line, which should be the header: names of "
            "columns, separated as the cells are."
        )
    if not len(table):
        raise UnreadableCohort(
            f"{path.name} holds no people: expected a header and a row for each."
        )
    return table, misfits


def _refuse_binary(path: Path) -> None:
    """A zero byte is never part of a text table; Parquet has its own reader."""
    if path.suffix.lower() in PARQUET_SUFFIXES or not path.is_file():
        return
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            if b"\0" in chunk:
                raise UnreadableCohort(
                    f"{path.name} holds zero bytes and is no UTF-8 text table; export it as CSV in "
                    "UTF-8, or as Parquet."
                )


def read_cell(given: Any) -> Any:
    """Read one cell: text without blanks around it, None where it is not known."""
    if isinstance(given, bytes):  # text of which a Parquet file does not say so
        given = given.decode(errors="replace")
    if isinstance(given, str):
        if len(given) > LONGEST_CELL:
            raise UnreadableCohort(f"A cell has more than {LONGEST_CELL:,} characters.")
        text = given.strip()
        return None if text.lower() in BLANKS else text
    return None if isinstance(given, float) and given != given else given


def _decimal_points(column: list[Any]) -> list[Any]:
    """Turn decimal commas into points where the column as a whole leaves no doubt."""
    commas = [cell for cell in column if isinstance(cell, str) and "," in cell]
    if not commas or not all(_COMMA.fullmatch(cell) for cell in commas):
        return column
    if not any(_SURELY_DECIMAL.fullmatch(cell) for cell in commas):
        return column
    return [cell.replace(",", ".") if isinstance(cell, str) else cell for cell in column]
