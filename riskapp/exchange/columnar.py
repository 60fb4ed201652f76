"""Many people of a table at once, for whoever answers by columns.

``read_profile`` stays the one reader. People of one kind, whose answers are alike but for some
numbers, are read once by it, and the others of the kind are not read again: their numbers are
taken as columns, where they are plain numbers that no sentence could be said about. Whoever is
not so is left to be read alone.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from riskapp.exchange.reading import READERS, YES_OR_NO, blank
from riskapp.exchange.tables import MISFIT
from riskapp.risk import kinds
from riskapp.risk.kinds import AGE, BMI, HEIGHT, NUMBERS, TELLING_FACTORS, WEIGHT, People
from riskapp.risk.limits import BODY_MASS_INDEX_TOLERANCE_KG_M2, FIRST_DXA, RANGES
from riskapp.risk.profile import FACTORS, FIELD_NAMES, TIMES
from riskapp.risk.remarks import told_of_dxa

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

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
    keys : sequence of hashable, length kinds
        What tells a kind from those of any other batch with the same columns.
    people : People
        Of the same n.
    """

    rows: Positions
    firsts: Positions
    keys: Sequence[Hashable]
    people: People


def columns_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pa.RecordBatch:
    """The cells of a text table's rows by column; those of a row that does not fit are blank."""
    fitting = [{} if MISFIT in row else row for row in rows]
    return pa.RecordBatch.from_pydict(
        {name: pa.array([row.get(name) for row in fitting], pa.string()) for name in names}
    )


def alike(batch: pa.RecordBatch, *, unknown_as_no: bool) -> Alike:
    """Those who can be answered by columns, by kind.

    Parameters
    ----------
    batch : RecordBatch
        Columns with the contract's names; others are not looked at.
    unknown_as_no : bool
        As in ``EstimateOptions``: then it is said which risk factors are not known.
    """
    numbers = {name: _numbers(batch, name) for name in NUMBERS if name in batch.schema.names}
    if AGE not in numbers:
        numbers[AGE] = _nobody(batch.num_rows)
    plain = np.logical_and.reduce([_plain(name, one) for name, one in numbers.items()])
    plain &= numbers[AGE].known
    for name, per_year in TIMES.items():
        if name in numbers:  # not longer than they have lived
            plain &= ~(numbers[name].values / per_year > numbers[AGE].values)
    bmi, consistent = _body_mass_index(numbers, batch.num_rows)
    told = [*_told_by_numbers(numbers, bmi, unknown_as_no=unknown_as_no)]
    told += _told_by_words(batch)
    plain &= np.logical_and.reduce([consistent, *(one.sure for one in told)])
    rows = np.flatnonzero(plain)
    codes = np.zeros(len(rows), dtype=np.intp)
    for one in told:
        codes = _further_apart(codes, one.places[rows], len(one.labels))
    firsts, of_kind = _counted(codes)
    keys = list(
        zip(*([one.labels[at] for at in one.places[rows[firsts]]] for one in told), strict=True)
    )
    columns = {name: one.values[rows] for name, one in numbers.items() if one.known.any()}
    return Alike(rows, firsts, keys, People(of_kind, {**columns, BMI: bmi[rows]}))


@dataclass(frozen=True, slots=True)
class _Told:
    """What of a column tells kinds apart: each row's place among some labels, if that is sure."""

    places: Positions
    labels: Sequence[Hashable]
    sure: Flags


def _told_by_numbers(
    numbers: Mapping[str, "_Numbers"], bmi: Floats, *, unknown_as_no: bool
) -> Iterator[_Told]:
    borders, surely = kinds.borders(), np.ones(len(bmi), dtype=np.bool_)
    for name, one in numbers.items():
        if name in TELLING_FACTORS:
            ends: Sequence[float] = (1.0,)
        elif name in FACTORS and not unknown_as_no:
            continue
        else:
            ends = borders.get(name, ())
        places = one.known * (1 + np.searchsorted(ends, one.values, side="right"))
        factor = kinds.SILENT_BESIDE.get(name)
        if factor is not None and factor in numbers and not unknown_as_no:
            places = np.where(numbers[factor].values == 1, one.known, places)
        yield _Told(places, range(len(ends) + 2), surely)
    for name, ends in kinds.valid_bodies().items():
        if name in numbers:
            known = numbers[name].known
            outside, sure = kinds.beside(bmi, ends)
            if BMI in numbers:
                sure |= numbers[BMI].known
            yield _Told((known & outside).astype(np.intp), range(2), ~known | sure)


def _told_by_words(batch: pa.RecordBatch) -> Iterator[_Told]:
    for name in batch.schema.names:
        if name not in FIELD_NAMES or name in NUMBERS:
            continue
        cells, at = _different(batch.column(name))
        labels: dict[Hashable, int] = {}
        places, readable = [], []
        for cell in cells:
            can_be_read, label = telling(name, cell)
            readable.append(can_be_read)
            places.append(labels.setdefault(label, len(labels)))
        yield _Told(np.array(places)[at], list(labels), np.array(readable)[at])


def telling(name: str, cell: Any) -> tuple[bool, Hashable]:
    """Whether a cell that is no number can be read, and what of it tells kinds of people apart."""
    if blank(cell):
        return True, None
    try:
        read = _read_cell(name, cell)
    except ValueError:
        return False, None
    if name != DXA_DATE:
        return True, kinds.told_apart(name, read)
    possible = FIRST_DXA <= read <= datetime.now(UTC).date()
    return possible, told_of_dxa(read) if possible else None


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A column of numbers, NaN where not known; ``plain`` where a cell is one or blank."""

    values: Floats
    known: Flags
    plain: Flags


def _nobody(length: int) -> _Numbers:
    return _Numbers(np.full(length, np.nan), np.zeros(length, bool), np.ones(length, bool))


def _numbers(batch: pa.RecordBatch, name: str) -> _Numbers:
    column = batch.column(name)
    known = column.is_valid().to_numpy(zero_copy_only=False)
    is_number = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
    if is_number and name not in YES_OR_NO:
        values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _Numbers(values, known, ~known | np.isfinite(values))
    # Of text and the like, each different cell once and by the reader itself.
    cells, at = _different(column)
    read = [_read_number(name, cell) for cell in cells]
    values, known, plain = (np.array(each) for each in zip(*read, strict=True))
    return _Numbers(values[at], known[at], plain[at])


def _different(column: pa.Array) -> tuple[list[object], Positions]:
    """The different cells of a column, and which of them each row has; the last one is blank."""
    cells = column.dictionary_encode()
    found = [*cells.dictionary.to_pylist(), None]
    return found, pc.fill_null(cells.indices, len(found) - 1).to_numpy(zero_copy_only=False)


def _read_number(name: str, cell: object) -> tuple[float, bool, bool]:
    """A cell's number, whether it is known, and whether it is plain."""
    if blank(cell):
        return np.nan, False, True
    try:
        return float(_read_cell(name, cell)), True, True
    except ValueError:
        return np.nan, False, False


def _read_cell(name: str, cell: object) -> Any:
    return READERS[name](float(cell) if isinstance(cell, Decimal) else cell)


def _plain(name: str, one: _Numbers) -> Flags:
    """Which cells are blank or numbers that the reader takes as they are."""
    if name not in RANGES:
        return one.plain
    limit = RANGES[name]
    taken = (one.values >= limit.low) & (one.values <= limit.high)
    if limit.whole:
        taken &= one.values == np.floor(one.values)
    return one.plain & (~one.known | taken)


def _body_mass_index(numbers: Mapping[str, _Numbers], length: int) -> tuple[Floats, Flags]:
    """As given, else from weight and height; and whether nothing is to be said of the three."""
    given, weight, height = (numbers.get(n) or _nobody(length) for n in (BMI, WEIGHT, HEIGHT))
    with np.errstate(all="ignore"):  # of numbers that are out of range anyhow
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


def _further_apart(codes: Positions, places: Positions, size: int) -> Positions:
    """Codes that differ where they did before or where places do."""
    if len(codes) and int(codes.max()) >= np.iinfo(np.int64).max // max(1, size) - 1:
        codes = _counted(codes)[1]
    return np.asarray(codes * size + places)


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
