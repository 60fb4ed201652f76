"""CSV and Parquet, row by row: people in, estimates out."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

PARQUET_SUFFIXES = (".parquet", ".pq")
DELIMITERS = (",", ";", "\t")
BATCH_ROWS = 10_000
# Cells beyond the header's names, the names of cells that are not there, or a row that cannot be
# told into cells, are kept under this name, so that the row can be refused.
MISFIT = "__misfit__"


class UnreadableTable(Exception):
    """The file is not a table that can be read: one sentence."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, read when asked for."""

    columns: tuple[str, ...]
    rows: Iterator[dict[str, Any]]
    length: int | None  # where the file says so


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
    repeated = sorted({name for name in table.columns if table.columns.count(name) > 1})
    if repeated:
        raise UnreadableTable(f"{path.name} has more than one column named {repeated[0]!r}.")
    return table


def _read_parquet(path: Path) -> Table:
    try:
        source = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableTable(f"{path.name} is not a readable Parquet file.") from error

    def rows() -> Iterator[dict[str, Any]]:
        try:
            for batch in source.iter_batches(BATCH_ROWS):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise UnreadableTable(f"{path.name} breaks off or is damaged.") from error

    return Table(tuple(source.schema_arrow.names), rows(), source.metadata.num_rows)


def _read_csv(path: Path) -> Table:
    # Read through once, so that a file in another encoding is refused before anything is written.
    for _ in _lines(path):
        pass
    lines = _lines(path)
    header_line = next(lines, "")
    if not header_line.strip():
        raise UnreadableTable(f"{path.name} is empty: expected a header of field names.")
    delimiter = max(DELIMITERS, key=header_line.count)
    header = tuple(name.strip() for name in next(csv.reader([header_line], delimiter=delimiter)))

    def rows() -> Iterator[dict[str, Any]]:
        reader = csv.DictReader(lines, header, restkey=MISFIT, delimiter=delimiter)
        while True:
            try:
                row = next(reader)
                # An empty cell is an answer not given; a cell that is not there is a broken line.
                cut_off = [name for name, cell in row.items() if cell is None]
                yield row | {MISFIT: cut_off} if cut_off else row
            except StopIteration:
                return
            except csv.Error as error:
                # The reader goes on with the next line.
                yield {MISFIT: [str(error)]}

    return Table(header, rows(), None)


def _lines(path: Path) -> Iterator[str]:
    try:
        # A byte order mark, as spreadsheets write it, is no part of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as source:
            yield from source
    except UnicodeDecodeError as error:
        raise UnreadableTable(f"{path.name} is not UTF-8 text.") from error
    except OSError as error:
        raise UnreadableTable(f"{path.name} cannot be opened: {error.strerror}.") from error


class TableWriter(Protocol):
    """Somewhere to put rows, one at a time."""

    def write(self, row: Mapping[str, Any]) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def table_writer(path: Path, columns: Mapping[str, type]) -> TableWriter:
    """Parquet by its ending, everything else as CSV; ``columns`` gives each its type."""
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return _ParquetWriter(path, columns)
    return _CsvWriter(path, tuple(columns))


class _CsvWriter:
    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._sink: TextIO = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.DictWriter(self._sink, columns)
        self._rows.writeheader()

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.writerow(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sink.close()


class _ParquetWriter:
    def __init__(self, path: Path, columns: Mapping[str, type]) -> None:
        kinds = {float: pa.float64(), str: pa.string()}
        self._schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
        self._file = pq.ParquetWriter(path, self._schema)
        self._rows: list[Mapping[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._rows = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._file.close()
