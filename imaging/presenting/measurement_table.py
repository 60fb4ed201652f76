"""Measurements as a table that other programs read: one row for each number."""

import csv
from io import StringIO

from imaging.result import ScanMeasurement

COLUMNS = (
    "name", "region", "value", "unit", "stability", "method", "source", "precision", "tried_on",
    "region_label", "region_method", "region_confidence",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA_STARTS = (
    "=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20",
)  # fmt: skip


def as_csv(result: ScanMeasurement) -> str:
    """Write every measurement with its region; numbers in full, units as UCUM.

    Returns
    -------
    str
        CSV after RFC 4180; a scan without a measurement gives the header alone.
    """
    regions = {region.id: region for region in result.regions}
    sink = StringIO()
    writer = csv.writer(sink)
    writer.writerow(COLUMNS)
    for one in result.measurements:
        region = regions.get(one.region)
        writer.writerow(
            [
                _text(one.name),
                _text(one.region),
                repr(one.value),
                _text(one.unit),
                _number(one.stability),
                _text(one.method),
                _text(one.source),
                _text(one.precision),
                one.tried_on,
                _text(region.label) if region else "",
                _text(region.method) if region else "",
                _number(region.confidence) if region else "",
            ]
        )
    return sink.getvalue()


def _text(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
