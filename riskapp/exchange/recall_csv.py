"""The recall list as a table for other programs; record numbers only, no name."""

import csv
import io
from collections.abc import Iterable, Sequence

COLUMNS = (
    "record_number", "due_for", "reason", "since", "due_on", "days_overdue", "rule", "source",
    "source_checked",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def recall_csv(rows: Iterable[Sequence[object]]) -> str:
    """Write the table; a cell that a spreadsheet would run starts with an apostrophe."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    is_text = isinstance(cell, str)
    return f"'{cell}" if is_text and str(cell).lstrip(" ").startswith(FORMULA) else cell
