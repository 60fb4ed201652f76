"""Results that a densitometer wrote into the tags of a picture, kept without who they are of.

The texts may hold the patient, so only what ``imaging.reports.carried`` reads of them is written
anew: names of scans and regions, and numbers.
"""

from collections.abc import Iterable

from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE
from imaging.identity.whose import without_persons
from imaging.reports.carried import (
    HOLOGIC_CELL,
    HOLOGIC_MODE,
    HOLOGIC_RESULTS,
    IMAGE_COMMENTS,
    LONGEST,
    LUNAR_NAMES,
    LUNAR_NUMBER,
    LUNAR_REGION,
    LUNAR_SCAN,
    lunar_unit,
)
from imaging.reports.structured import UNITS


def add_results(kept: Dataset, source: Dataset, personal: Iterable[str]) -> None:
    """Copy the results of a picture into what is kept of it, where there are any."""
    named = frozenset(personal)
    lunar = _lunar(_text(source, IMAGE_COMMENTS), named)
    if lunar:
        kept.add_new(IMAGE_COMMENTS, "LT", lunar)
    hologic = _hologic(_text(source, HOLOGIC_RESULTS), named)
    if hologic:
        kept.add_new(HOLOGIC_RESULTS, "UN", hologic.encode("latin-1", errors="replace"))


def _text(dataset: Dataset, tag: int) -> str:
    try:
        value = dataset[tag].value if tag in dataset else ""
    except BROKEN_FILE:
        return ""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
    return text[:LONGEST]


def _lunar(text: str, personal: frozenset[str]) -> str:
    scans = []
    for scan in text.split("<SCAN")[1:]:
        kind = LUNAR_SCAN.match(scan)
        of_kind = f' type="{without_persons(kind.group(1), personal)}"' if kind else ""
        regions = []
        # Trends repeat regions of other days.
        for block in scan.partition("<TREND")[0].split("<ROI")[1:]:
            named = LUNAR_REGION.match(block)
            region = f' region="{without_persons(named.group(1), personal)}"' if named else ""
            numbers = LUNAR_NUMBER.findall(block.partition("</ROI>")[0])
            inside = "".join(_lunar_number(*number) for number in numbers)
            regions.append(f"<ROI{region}>{inside}</ROI>")
        scans.append(f"<SCAN{of_kind}>{''.join(regions)}</SCAN>")
    return f"<DXA_RESULTS>{''.join(scans)}</DXA_RESULTS>" if scans else ""


def _lunar_number(name: str, attributes: str, number: str) -> str:
    """Write a number with its unit; nothing where the unit is not one that is read."""
    unit = lunar_unit(attributes)
    if unit is None:
        return f"<{name}>{number}</{name}>"
    if unit not in UNITS[LUNAR_NAMES[name]]:
        return ""
    return f'<{name} units="{unit}">{number}</{name}>'


def _hologic(text: str, personal: frozenset[str]) -> str:
    cells = [
        f'ResultsTable{table}[{row}][{column}] = "{without_persons(value, personal)}";'
        for table, row, column, value in HOLOGIC_CELL.findall(text)
    ]
    mode = HOLOGIC_MODE.search(text)
    if mode is not None and cells:
        cells.append(f'ScanMode = "{without_persons(mode.group(1), personal)}";')
    return "\n".join(cells)
