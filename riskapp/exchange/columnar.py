"""Many people of a table at once, for whoever answers by columns.

``read_profile`` stays the one reader. People of one kind, whose answers are alike but for a few
numbers, are read once by it, and the others of the kind are not read again: their numbers are
taken as columns, where they are plain numbers that no sentence could be said about. Whoever is
not so is left to be read alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskapp.exchange.reading import blank, number, readable
from riskapp.exchange.tables import MISFIT
from riskapp.risk.by_kind import People
from riskapp.risk.limits import BODY_MASS_INDEX_TOLERANCE_KG_M2, FIRST_DXA, RANGES
from riskapp.risk.profile import FIELD_NAMES
from riskapp.risk.remarks import told_of_dxa

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

AGE, WEIGHT, HEIGHT = "age_years", "weight_kg", "height_cm"
BMI, T_SCORE, DENSITY = "body_mass_index", "femoral_neck_t_score", "femoral_neck_bmd_g_cm2"
# What may differ among people of one kind; all else that is asked makes a kind of its own.
NUMBERS = (AGE, WEIGHT, HEIGHT, BMI, T_SCORE, DENSITY)
DXA_DATE = "dxa_date"
# Nearer than this to where two answers contradict each other, the reader decides.
SURELY_AGREE = 0.999
# Codes of kinds are counted out in a table of this length; above it they are sorted.
MOST_CODES = 1 << 20


@dataclass(frozen=True, slots=True)
class Alike:
    """People of a batch who can be answered by columns.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Their positions in the batch, rising.
    firsts : ndarray of int, shape (kinds,)
        Where among these n the first of each kind is.
    people : People
        Of the same n; kinds differ in what is known too.
    """

    rows: Positions
    firsts: Positions
    people: People


def columns_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pa.RecordBatch:
    """The cells of a text table's rows by column; those of a row that does not fit are blank."""
    fitting = [{} if MISFIT in row else row for row in rows]
    return pa.RecordBatch.from_pydict(
        {name: pa.array([row.get(name) for row in fitting], pa.string()) for name in names}
    )


def alike(batch: pa.RecordBatch, ages_told_apart: Sequence[float]) -> Alike:
    """Those who can be answered by columns, by kind.

    Parameters
    ----------
    batch : RecordBatch
        Columns with the contract's names; others are not looked at.
    ages_told_apart : sequence of float
        Ages in years, rising, at which what is said of a person changes.
    """
    numbers = {name: _numbers(batch, name) for name in NUMBERS}
    plain = np.logical_and.reduce([_within(name, one) for name, one in numbers.items()])
    plain &= numbers[AGE].known
    bmi, consistent = _body_mass_index(numbers)
    rows = np.flatnonzero(plain & consistent)
    codes = np.searchsorted(ages_told_apart, numbers[AGE].values, side="right")[rows]
    for name in NUMBERS[1:]:
        codes = 2 * codes + numbers[name].known[rows]
    for name in batch.schema.names:
        if name in FIELD_NAMES and name not in NUMBERS:
            codes = _told_apart(codes, name, batch.column(name).take(pa.array(rows)))
    firsts, kinds = _counted(codes)
    people = People(
        kinds,
        numbers[AGE].values[rows],
        bmi[rows],
        numbers[T_SCORE].values[rows],
        numbers[DENSITY].values[rows],
    )
    return Alike(rows, firsts, people)


def telling(name: str, cell: Any) -> object:
    """What of a cell tells kinds of people apart: of a day, only what is said of it."""
    if name == DXA_DATE and (taken := readable({name: cell}).get(name)):
        possible = FIRST_DXA <= taken <= datetime.now(UTC).date()
        return told_of_dxa(taken) if possible else cell
    return cell


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A column of numbers, NaN where not known; ``plain`` where a cell is one or blank."""

    values: Floats
    known: Flags
    plain: Flags


def _numbers(batch: pa.RecordBatch, name: str) -> _Numbers:
    if name not in batch.schema.names:
        length = batch.num_rows
        return _Numbers(np.full(length, np.nan), np.zeros(length, bool), np.ones(length, bool))
    column = batch.column(name)
    known = column.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _Numbers(values, known, ~known | np.isfinite(values))
    # Of text and the like, each different cell once and by the reader itself.
    cells = column.dictionary_encode()
    read = [_read(cell) for cell in (*cells.dictionary.to_pylist(), None)]
    values, known, plain = (np.array(each) for each in zip(*read, strict=True))
    at = pc.fill_null(cells.indices, len(read) - 1).to_numpy(zero_copy_only=False)
    return _Numbers(values[at], known[at], plain[at])


def _read(cell: object) -> tuple[float, bool, bool]:
    """A cell's number, whether it is known, and whether it is plain."""
    if blank(cell):
        return np.nan, False, True
    try:
        return number(float(cell) if isinstance(cell, Decimal) else cell), True, True
    except ValueError:
        return np.nan, False, False


def _within(name: str, one: _Numbers) -> Flags:
    limit = RANGES[name]
    return one.plain & (~one.known | ((one.values >= limit.low) & (one.values <= limit.high)))


def _body_mass_index(numbers: Mapping[str, _Numbers]) -> tuple[Floats, Flags]:
    """As given, else from weight and height; and whether nothing is to be said of the three."""
    given, weight, height = (numbers[name] for name in (BMI, WEIGHT, HEIGHT))
    implied = weight.values / (height.values / 100) ** 2
    limit = RANGES[BMI]
    possible = (implied >= limit.low) & (implied <= limit.high)
    apart = np.abs(implied - given.values)
    agree = apart <= SURELY_AGREE * BODY_MASS_INDEX_TOLERANCE_KG_M2
    both = weight.known & height.known
    return (
        np.where(given.known, given.values, implied),
        ~both | np.where(given.known, agree, possible),
    )


def _told_apart(codes: Positions, name: str, column: pa.Array) -> Positions:
    """Codes that differ where they did before or where cells of a column tell people apart."""
    if column.null_count == len(column):
        return codes
    cells = column.dictionary_encode(null_encoding="encode")
    place = cells.indices.to_numpy(zero_copy_only=False)
    size = len(cells.dictionary)
    if name == DXA_DATE:
        told: dict[object, int] = {}
        days = [telling(name, cell) for cell in cells.dictionary.to_pylist()]
        place = np.array([told.setdefault(day, len(told)) for day in days], dtype=np.intp)[place]
        size = len(told)
    if len(codes) and int(codes.max()) >= np.iinfo(np.int64).max // max(1, size) - 1:
        codes = _counted(codes)[1]
    return np.asarray(codes * size + place)


def _counted(codes: Positions) -> tuple[Positions, Positions]:
    """Where each different code comes first, and each row's code counted from 0."""
    if not len(codes) or codes.max() >= MOST_CODES:
        _, firsts, counted = np.unique(codes, return_index=True, return_inverse=True)
        return firsts, counted
    # The same without sorting: kinds are few.
    first = np.full(int(codes.max()) + 1, -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    present = np.flatnonzero(first >= 0)
    place = np.zeros(len(first), dtype=np.intp)
    place[present] = np.arange(len(present))
    return first[present], place[codes]
