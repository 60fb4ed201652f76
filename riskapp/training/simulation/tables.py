"""Tables written part by part, so that memory does not grow with them."""

from pathlib import Path
from types import TracebackType
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


class TableOut:
    """A CSV or Parquet file, by its ending; with no path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._parquet: pq.ParquetWriter | None = None
        self._csv: IO[str] | None = None

    def __enter__(self) -> "TableOut":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in (self._parquet, self._csv):
            if each is not None:
                each.close()
        if error is not None and self.path is not None:
            # Half a cohort must not be taken for one.
            self.path.unlink(missing_ok=True)

    def write(self, table: pd.DataFrame) -> None:
        """Add rows; all parts have the same columns."""
        if self.path is None:
            return
        if self.path.suffix == ".parquet":
            self._write_parquet(table)
            return
        first = self._csv is None
        if self._csv is None:
            self._csv = self.path.open("x", encoding="utf-8", newline="")
        table.to_csv(self._csv, index=False, header=first)

    def _write_parquet(self, table: pd.DataFrame) -> None:
        if self._parquet is None:
            schema = pa.Schema.from_pandas(table, preserve_index=False)
            self._parquet = pq.ParquetWriter(self.path, schema.remove_metadata())
        part = pa.Table.from_pandas(table, schema=self._parquet.schema, preserve_index=False)
        self._parquet.write_table(part)
