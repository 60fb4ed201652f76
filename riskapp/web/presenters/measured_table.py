"""Measurements in a table: a row for each kind of number, a column for each region."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from imaging.presenting.narrative import UNSTEADY
from imaging.reports.regions import part_of
from imaging.result import Measurement
from imaging.wording import decimals_of, in_words
from riskapp.exchange.numbers import DIGITS, DIGITS_OF_A_SCORE
from riskapp.web.presenters.numbers import percent, plain

UNITS = {
    "1": "", "[hnsf'U]": "HU", "cm2": "cm²", "mm2": "mm²", "mm3": "mm³", "g/cm2": "g/cm²",
    "mg/cm3": "mg/cm³", "{count}": "", "deg": "°", "%": "%",
}  # fmt: skip
MOST_DECIMALS = 5
ACRONYMS = ("glcm", "hu", "bmd", "bmc", "vbmd", "dxa", "ct", "ibsi", "sd")
UNIT_AT_END = re.compile(r"_(hu|mm|mm2|mg_cm3|ml)$")
JOINED = ("t score", "z score", "neck shaft")
SPAN = re.compile(r"[A-Z]\d+([-,][A-Z]\d+)+")
NAME = re.compile(r"\w+")
WHOLE_SPINE = "L1-L4"
MOST_COLUMNS, MOST_BEFORE_SCROLLING = 5, 2
# A report names dozens of regions: those that decide come first.
SITES = {"spine": "Spine", "hip": "Hip", "forearm": "Forearm", "whole_body": "Whole body"}


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One kind of measurement over all regions."""

    name: str
    unit: str
    cells: tuple[str, ...]
    method: str
    source: str
    precision: str
    stability: str = ""
    is_unsteady: bool = False
    not_tried: bool = False

    @property
    def is_of_one_region(self) -> bool:
        return sum(cell != "" for cell in self.cells) == 1


@dataclass(frozen=True, slots=True)
class RegionLine:
    """One region of a long table with its value of every kind."""

    id: str
    region: str
    cells: tuple[str, ...]
    is_of_several: bool = False  # what is read first: the mean of the spine


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """Measurements with a column for each region that has any of them.

    ``ids`` are the regions' own names in the same order; blank for a table without regions.
    """

    regions: tuple[str, ...]
    rows: tuple[MeasuredRow, ...]
    ids: tuple[str, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether it is read better with a line for each region: reports name dozens."""
        return len(self.regions) > MOST_COLUMNS >= len(self.columns)

    @property
    def columns(self) -> tuple[MeasuredRow, ...]:
        """Of a long table: kinds of number that several regions have."""
        return tuple(row for row in self.rows if not row.is_of_one_region)

    @property
    def alone(self) -> tuple[tuple[MeasuredRow, str, str], ...]:
        """Of a long table: each number that one region has alone, with the region and value."""
        return tuple(
            (row, *next(one for one in zip(self.regions, row.cells, strict=True) if one[1]))
            for row in self.rows
            if row.is_of_one_region
        )

    @property
    def by_site(self) -> list[tuple[str, list[RegionLine]]]:
        """Lines of a long table by part of the body; under no heading where there is one part."""
        spans = [id for id in self.ids if SPAN.fullmatch(id)]
        leading = WHOLE_SPINE if WHOLE_SPINE in spans else "".join(spans[:1])
        lines = [
            RegionLine(id, region, cells, id == leading)
            for id, region, cells in zip(self.ids, self.regions, self._cells(), strict=True)
        ]
        sites = [part_of(id) for id in self.ids]
        if None in sites or len(set(sites)) == 1:
            return [("", [line for line in lines if any(line.cells)])]
        order = [site for site in SITES if site in sites]
        return [
            (SITES[site], [line for at, line in zip(sites, lines, strict=True) if at == site])
            for site in order
        ]

    def _cells(self) -> list[tuple[str, ...]]:
        return list(zip(*(row.cells for row in self.columns), strict=True))

    @property
    def heads(self) -> tuple[tuple[str, str], ...]:
        """Id and name of each region; a table without regions has no id."""
        return tuple(zip(self.ids or ("",) * len(self.regions), self.regions, strict=True))

    @property
    def is_wide(self) -> bool:
        """Whether it may have to be scrolled sideways."""
        return len(self.regions) > MOST_BEFORE_SCROLLING

    @property
    def has_unit_column(self) -> bool:
        """Units have a column where it stays in sight; else they stand with the names."""
        return not self.is_wide and any(row.unit for row in self.rows)


def measured_table(measurements: Iterable[Measurement]) -> MeasuredTable:
    """Lay numbers out: a row for each kind, a column for each region."""
    kinds: dict[tuple[str, str], list[Measurement]] = {}
    for one in measurements:
        kinds.setdefault((one.name, one.unit), []).append(one)
    regions = tuple(dict.fromkeys(one.region for many in kinds.values() for one in many))
    rows = tuple(_row(name, unit, many, regions) for (name, unit), many in kinds.items())
    if len(regions) > 1 and all(len(many) == 1 for many in kinds.values()):
        # Each number has a line or an area of its own, which its name says.
        values = (replace(row, cells=("".join(row.cells),)) for row in rows)
        return MeasuredTable(regions=("Value",), rows=tuple(values))
    return MeasuredTable(
        regions=tuple(region_name(region) for region in regions), rows=rows, ids=regions
    )


def region_name(region: str) -> str:
    """``L1-L4`` as "L1–L4", ``total_hip_left`` as "left total hip"; what was typed as typed."""
    if not SPAN.fullmatch(region):
        return in_words(region) if NAME.fullmatch(region) else region
    first, _, last = region.partition("-")
    return first if first == last else region.replace("-", "\u2013")


def _row(
    name: str, unit: str, measured: Sequence[Measurement], regions: Sequence[str]
) -> MeasuredRow:
    by_region = {one.region: one for one in measured}
    moved = [one.stability for one in measured if one.stability is not None]
    largest = max(abs(one.value) for one in measured)
    decimals = decimals_of(name, unit, largest)
    if decimals is None:
        decimals = enough_decimals([one.value for one in measured], unit)
    return MeasuredRow(
        name=measurement_name(name),
        unit=unit_text(unit),
        cells=tuple(
            plain(by_region[region].value, decimals) if region in by_region else ""
            for region in regions
        ),
        method=measured[0].method,
        source=measured[0].source,
        precision=measured[0].precision,
        stability=percent(max(moved)) if moved else "",
        is_unsteady=bool(moved) and max(moved) > UNSTEADY,
        not_tried=any(one.tried_on != "real scans" for one in measured),
    )


def unit_text(ucum: str) -> str:
    """A unit as a person writes it; an unlisted one is already readable."""
    return UNITS.get(ucum, ucum)


def measurement_name(name: str) -> str:
    """``trabecular_attenuation_hu`` as "Trabecular attenuation": the unit stands elsewhere."""
    named = UNIT_AT_END.sub("", name)
    words = [word.upper() if word in ACRONYMS else word for word in named.split("_")]
    text = " ".join(words)
    for apart in JOINED:
        if text.startswith(apart):
            text = apart.replace(" ", "-") + text.removeprefix(apart)
    return text[:1].upper() + text[1:]


def enough_decimals(values: Sequence[float], unit: str) -> int:
    """As many for the whole row as its largest value needs to be told apart; none for counts."""
    digits = DIGITS if unit_text(unit) else DIGITS_OF_A_SCORE
    largest = max(abs(value) for value in values)
    if largest == 0 or all(value == int(value) for value in values):
        return 0
    return min(max(digits - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)
