"""Results that densitometers write into the tags of their pictures, as text in a form of their own.

Only numbers and names of regions are taken out; the same text may hold the patient.

GE Lunar (enCORE) writes XML into Image Comments (0020,4000)::

    <DXA_RESULTS><SCAN type="..."><ROI region="..."><BMD>..</BMD><BMD_TSCORE>..</BMD_TSCORE>

Hologic (APEX) writes assignments into the private (0019,1000)::

    ResultsTable1[ row][ column] = "...";

Both were seen in public programs that read them, not in a publication of the makers.
"""

import re

from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE
from imaging.reports.cell_text import number_of
from imaging.reports.facts import facts_in, facts_of_tags, joined, part_in
from imaging.reports.headings import heading_of
from imaging.reports.pages import with_side
from imaging.reports.printed import Facts, Printed, Quantity, Report, Row
from imaging.reports.structured import UNITS
from imaging.reports.table import Following, named_totals

METHOD = "read from the results in the tags of the DICOM file"
IMAGE_COMMENTS = 0x00204000
HOLOGIC_RESULTS = 0x00191000
LONGEST = 400_000  # letters
LUNAR_NAMES = {
    "BMD": Quantity.BMD,
    "BMC": Quantity.BMC,
    "AREA": Quantity.AREA,
    "BMD_TSCORE": Quantity.T,
    "BMD_ZSCORE": Quantity.Z,
}
LUNAR_NUMBER = re.compile(
    r"<(BMD|BMC|AREA|BMD_TSCORE|BMD_ZSCORE)\b([^<>]{0,80})>\s*(-?[\d.,]{1,9})\s*<"
)
LUNAR_UNITS = re.compile(r'\bunits?\s*=\s*"([^"<>]{0,20})"')
LUNAR_REGION = re.compile(r'^[^<>]{0,80}?\bregion\s*=\s*"([^"<>]{1,40})"')
LUNAR_SCAN = re.compile(r'^[^<>]{0,80}?\btype\s*=\s*"([^"<>]{1,40})"')
HOLOGIC_CELL = re.compile(
    r'ResultsTable(\d)\[\s*(\d{1,2})\]\[\s*(\d{1,2})\]\s*=\s*"([^"\r\n]{0,120})"'
)
HOLOGIC_MODE = re.compile(r'\bScanMode\s*=\s*"([^"\r\n]{0,60})"')


def read_carried(dataset: Dataset) -> Report | None:
    """Read the results that the tags of a picture carry; None where they carry none."""
    names = ("Manufacturer", "ManufacturerModelName", "AcquisitionDate", "StudyDate", "ContentDate")
    facts = facts_of_tags({name: _text(dataset, name) for name in names})
    lunar = _text(dataset, IMAGE_COMMENTS)
    if "<ROI" in lunar:
        rows = _lunar_rows(lunar)
        return Report(tuple(rows), facts, METHOD) if rows else None
    hologic = _text(dataset, HOLOGIC_RESULTS)
    if "ResultsTable" in hologic:
        mode = HOLOGIC_MODE.search(hologic)
        rows = _hologic_rows(hologic, mode.group(1) if mode else "", facts)
        return Report(tuple(rows), facts, METHOD) if rows else None
    return None


def _text(dataset: Dataset, tag: int | str) -> str:
    try:
        value = dataset[tag].value if tag in dataset else ""
    except BROKEN_FILE:
        return ""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str(value or "")[:LONGEST]


def _lunar_rows(text: str) -> list[Row]:
    rows: list[Row] = []
    for scan in text.split("<SCAN")[1:]:
        kind = LUNAR_SCAN.match(scan)
        about = _spaced(kind.group(1)) if kind else ""
        following = Following(part_in(about))
        of_scan: list[Row] = []
        # Trends repeat regions of other days.
        for block in scan.partition("<TREND")[0].split("<ROI")[1:]:
            named = LUNAR_REGION.match(block)
            region = following.region(named.group(1)) if named else None
            numbers = _lunar_numbers(block.partition("</ROI>")[0])
            if region and numbers:
                of_scan.append(Row(region, numbers))
        rows += with_side(named_totals(of_scan), facts_in(about))
    return rows


def _spaced(text: str) -> str:
    """Part words that are written as one: APSpine, DualFemur."""
    return re.sub(r"(?<=[a-zP])(?=[A-Z][a-z])", " ", text)


def _lunar_numbers(block: str) -> dict[Quantity, Printed]:
    numbers: dict[Quantity, Printed] = {}
    for name, attributes, text in LUNAR_NUMBER.findall(block):
        quantity, unit = LUNAR_NAMES[name], lunar_unit(attributes)
        factor = 1.0 if unit is None else UNITS[quantity].get(unit)
        number = None if factor is None else number_of(text, quantity, factor)
        if number is not None:
            numbers.setdefault(quantity, number)
    return numbers


def lunar_unit(attributes: str) -> str | None:
    """Read the unit beside a number; None where none is told and the maker's own is meant."""
    told = LUNAR_UNITS.search(attributes)
    return told.group(1).strip() if told else None


def _hologic_rows(text: str, mode: str, facts: Facts) -> list[Row]:
    cells: dict[tuple[str, int], dict[int, str]] = {}
    for table, row, column, value in HOLOGIC_CELL.findall(text):
        cells.setdefault((table, int(row)), {})[int(column)] = _plain(value)
    rows: list[Row] = []
    for table in sorted({table for table, _ in cells}):
        head = cells.get((table, 0), {})
        quantities = {at: heading_of(name).quantity for at, name in head.items() if at > 0}
        if Quantity.BMD not in quantities.values():
            continue
        following = Following(part_in(mode), head.get(0, ""))
        of_table: list[Row] = []
        for index in sorted(row for t, row in cells if t == table and row > 0):
            line = cells[table, index]
            region = following.region(line.get(0, ""))
            numbers = _numbers_of(line, quantities)
            if region and numbers:
                of_table.append(Row(region, numbers))
        rows += named_totals(of_table)
    return list(with_side(rows, joined(facts, facts_in(mode))))


def _plain(text: str) -> str:
    """Take mark-up and units out of a heading or cell."""
    text = re.sub(r"<[^>]*>|\[[^\]]*\]|\([^)]*\)|&\w+;", " ", text)
    return " ".join(text.split())


def _numbers_of(
    line: dict[int, str], quantities: dict[int, Quantity | None]
) -> dict[Quantity, Printed]:
    numbers: dict[Quantity, Printed] = {}
    for column, quantity in quantities.items():
        if quantity is None or quantity in numbers:
            continue
        number = number_of(line.get(column, ""), quantity)
        if number is not None:
            numbers[quantity] = number
    return numbers
