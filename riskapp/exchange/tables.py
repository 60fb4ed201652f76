"""CSV and Parquet, row by row: people in, estimates out."""

import csv
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from riskapp.exchange.reading import NOT_ANSWERS
from riskapp.risk.profile import FIELD_NAMES

PARQUET_SUFFIXES = (".parquet", ".pq")
DELIMITERS = (",", ";", "\t", "|")
BATCH_ROWS = 10_000
# Why a row cannot be told into the header's cells is kept under this name, so that it is refused.
MISFIT = "__misfit__"
DOES_NOT_FIT = "The row does not fit the header: too many cells, too few, or one far too long."
STRAY_QUOTE = (
    'A quotation mark (") in this row is not closed, or stands inside a cell; remove it, or write '
    "it twice in a cell that is quoted as a whole."
)


class UnreadableTable(Exception):
    """The file is not a table that can be read: one sentence."""


Row = Mapping[str, Any]
# Some rows of a table, as its file has them.
Part: TypeAlias = pa.RecordBatch | Sequence[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, read once, when asked for: by ``rows`` or by ``parts``."""

    columns: tuple[str, ...]
    rows: Iterator[dict[str, Any]]
    length: int | None  # where the file says so
    batches: Callable[[int], Iterator[pa.RecordBatch]] | None = None

    def parts(self, size: int) -> Iterator[Part]:
        """So many rows at a time; of Parquet as columns."""
        if self.batches is not None:
            yield from self.batches(size)
            return
        while part := list(islice(self.rows, size)):
            yield part


def rows_of(part: Part, chosen: Sequence[int] | npt.NDArray[np.intp] | None = None) -> list[Row]:
    """The rows of a part, or those at some positions.

    Raises
    ------
    UnreadableTable
        If Parquet is damaged inside.
    """
    if isinstance(part, pa.RecordBatch):
        with _damage("The table"):
            return list((part if chosen is None else part.take(pa.array(chosen))).to_pylist())
    return list(part) if chosen is None else [part[at] for at in chosen]


def read_table(path: Path) -> Table:
    """Open a table; Parquet by its ending, everything else as CSV.

    Raises
    ------
    UnreadableTable
        Now, or, if Parquet is damaged inside, while rows are read.
    """
    if not path.is_file():
        raise UnreadableTable(f"There is no file {path}.")
    table = _read_parquet(path) if path.suffix.lower() in PARQUET_SUFFIXES else _read_csv(path)
    repeated = sorted(name for name, times in Counter(table.columns).items() if times > 1)
    if repeated:
        raise UnreadableTable(f"{path.name} has more than one column named {repeated[0]!r}.")
    return table


def _read_parquet(path: Path) -> Table:
    try:
        source = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableTable(f"{path.name} is not a readable Parquet file.") from error

    def batches(size: int) -> Iterator[pa.RecordBatch]:
        with _damage(path.name):
            yield from source.iter_batches(size)

    def rows() -> Iterator[dict[str, Any]]:
        with _damage(path.name):
            for batch in source.iter_batches(BATCH_ROWS):
                yield from batch.to_pylist()

    length = source.metadata.num_rows
    return Table(tuple(source.schema_arrow.names), rows(), length, batches)


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """Tell in a sentence what is found only while rows are read."""
    try:
        yield
    # What fits no date, no time zone or no letters of ours is damaged too.
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        raise UnreadableTable(f"{name} breaks off or is damaged.") from error


def _read_csv(path: Path) -> Table:
    # Read through once, so that a file in another encoding is refused before anything is written.
    for _ in _lines(path):
        pass
    lines = _lines(path)
    header_line = next(lines, "")
    if not header_line.strip():
        raise UnreadableTable(f"{path.name} is empty: expected a header of field names.")
    delimiter = max(DELIMITERS, key=header_line.count)
    try:
        named = [name.strip() for name in next(csv.reader([header_line], delimiter=delimiter))]
    except csv.Error as error:
        raise UnreadableTable(f"{path.name} has a first line that is no header.") from error
    width = len(named)
    # Spreadsheets leave empty columns at the end.
    while named and not named[-1]:
        named.pop()
    return Table(tuple(named), _csv_rows(lines, named, width, delimiter), None)


def _csv_rows(
    lines: Iterator[str], header: Sequence[str], width: int, delimiter: str
) -> Iterator[dict[str, Any]]:
    """One row for each line, but for quoted cells that go over several lines."""
    waiting: deque[str] = deque()
    while True:
        taken: list[str] = []
        reader = csv.reader(_next_lines(waiting, lines, taken), delimiter=delimiter, strict=True)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        fits = cells is not None and _fit(cells, header, width)
        if len(taken) > 1 and not (fits and _may_break_lines(cells or (), header, delimiter)):
            # A quotation mark took in the lines after it: give up the first, read the others again.
            waiting.extendleft(reversed(taken[1:]))
            yield _before_quote(taken[0], header, delimiter) | {MISFIT: STRAY_QUOTE}
        elif cells is None:
            too_long = len(taken[0]) > csv.field_size_limit()
            why = DOES_NOT_FIT if too_long else STRAY_QUOTE
            yield _before_quote(taken[0], header, delimiter) | {MISFIT: why}
        elif cells:  # a line with nothing in it is no row
            row = dict(zip(header, cells, strict=False))
            yield row if fits else row | {MISFIT: DOES_NOT_FIT}


def _fit(cells: Sequence[str], header: Sequence[str], width: int) -> bool:
    # An empty cell is an answer not given; a cell that is not there is a broken line.
    beyond = cells[len(header) :]
    return len(header) <= len(cells) <= width and not any(cell.strip() for cell in beyond)


def _may_break_lines(cells: Sequence[str], header: Sequence[str], delimiter: str) -> bool:
    """Whether what goes over several lines is a note that nobody reads, and holds no whole row."""
    for name, cell in zip(header, cells, strict=False):
        _, *more = cell.splitlines() or [""]
        if more and name in (*FIELD_NAMES, *NOT_ANSWERS):
            return False
        if any(line.count(delimiter) >= len(header) - 1 for line in more):
            return False
    return True


def _before_quote(line: str, header: Sequence[str], delimiter: str) -> dict[str, Any]:
    """What can be told of a broken line, so that its row can be named."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return {}
    return dict(zip(header, cells[:-1], strict=False))


def _next_lines(waiting: deque[str], lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    while (line := waiting.popleft() if waiting else next(lines, None)) is not None:
        taken.append(line)
        yield line


def _lines(path: Path) -> Iterator[str]:
    try:
        # A byte order mark, as spreadsheets write it, is no part of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as source:
            yield from source
    except UnicodeDecodeError as error:
        raise UnreadableTable(f"{path.name} is not UTF-8 text; save it as CSV in UTF-8.") from error
    except OSError as error:
        raise UnreadableTable(f"{path.name} cannot be opened: {error.strerror}.") from error


class TableWriter(Protocol):
    """Somewhere to put rows, some at a time."""

    def write(self, rows: pa.Table) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def table_writer(path: Path, schema: pa.Schema) -> TableWriter:
    """Parquet by its ending, everything else as CSV; ``schema`` gives the columns."""
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return _ParquetWriter(path, schema)
    return _CsvWriter(path, schema.names)


class _CsvWriter:
    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._sink: TextIO = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.DictWriter(self._sink, columns)
        self._rows.writeheader()

    def write(self, rows: pa.Table) -> None:
        self._rows.writerows(rows.to_pylist())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sink.close()


class _ParquetWriter:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        # Without our schema, words that are held once here are plain text to whoever reads them.
        self._file = pq.ParquetWriter(path, schema, store_schema=False)
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, rows: pa.Table) -> None:
        self._waiting.append(rows)
        self._rows += len(rows)
        if self._rows >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.concat_tables(self._waiting).unify_dictionaries())
            self._waiting, self._rows = [], 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._file.close()
