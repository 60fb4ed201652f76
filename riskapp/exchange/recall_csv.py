"""The recall list as a table for other programs; record numbers only, no name."""

import csv
import io
from collections.abc import Iterable, Sequence

from riskapp.exchange.spreadsheet import harmless

COLUMNS = (
    "record_number", "due_for", "reason", "since", "due_on", "days_overdue", "rule", "source",
    "source_checked",
)  # fmt: skip


def recall_csv(rows: Iterable[Sequence[object]]) -> str:
    """Write the table; a cell that a spreadsheet would run starts with an apostrophe."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
