"""A measured scan as the page shows it: the picture with its regions, and numbers in a table."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imaging.result import Finding, Measurement, Region, ScanMeasurement, Severity
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.numbers import plain
from riskapp.web.presenters.overlay import Overlay, overlay
from riskapp.web.region_form import corner_lines

UNITS = {
    "1": "", "[hnsf'U]": "HU", "cm2": "cm²", "mm2": "mm²", "mm3": "mm³", "g/cm2": "g/cm²",
    "mg/cm3": "mg/cm³", "{count}": "", "%": "%",
}  # fmt: skip
CONFIRMED = "The regions are confirmed; the record below uses them."
SHOWN_DIGITS, MOST_DECIMALS = 4, 5
# Shown before the rest: what the record may take over, and what everybody asks for.
LEADING = ("lumbar_texture_score", "trabecular_attenuation_hu")
ACRONYMS = ("glcm", "hu", "bmd", "dxa", "ct", "ibsi")


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One kind of measurement over all regions."""

    name: str
    unit: str
    cells: tuple[str, ...]
    method: str
    source: str
    precision: str


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """Measurements with a column for each region that has any of them."""

    regions: tuple[str, ...]
    rows: tuple[MeasuredRow, ...]


@dataclass(frozen=True, slots=True)
class EditableRegion:
    """A region as numbers that a person can change."""

    index: int
    id: str
    label: str
    corners: str  # one corner a line: column, row
    slice_index: int | None
    first_slice: int | None
    last_slice: int | None
    method: str
    confidence: str


@dataclass(frozen=True, slots=True)
class ScanView:
    """Everything that the page says about one version."""

    version: MeasurementVersion
    measurement: ScanMeasurement
    overlays: tuple[Overlay, ...]
    leading: MeasuredTable
    rest: MeasuredTable
    to_look_at: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    density: tuple[Measurement, ...]
    regions: tuple[EditableRegion, ...]
    methods: tuple[str, ...]
    spacing: str


def scan_view(version: MeasurementVersion) -> ScanView:
    measurement = version.measurement
    return ScanView(
        version=version,
        measurement=measurement,
        overlays=tuple(overlay(picture, measurement) for picture in version.pictures.all()),
        leading=_table(one for one in measurement.measurements if one.name in LEADING),
        rest=_table(one for one in measurement.measurements if one.name not in LEADING),
        to_look_at=tuple(one for one in measurement.quality if one.severity is not Severity.INFO),
        notes=tuple(one for one in measurement.quality if one.severity is Severity.INFO),
        density=tuple(one for one in measurement.measurements if "bmd" in one.name.split("_")),
        regions=tuple(_editable(*numbered) for numbered in enumerate(measurement.regions)),
        methods=tuple(dict.fromkeys(region.method for region in measurement.regions)),
        spacing=_spacing(measurement),
    )


def _editable(index: int, region: Region) -> EditableRegion:
    first, last = region.depth_slices or (None, None)
    return EditableRegion(
        index=index,
        id=region.id,
        label=region.label,
        corners="\n".join(corner_lines(region)),
        slice_index=region.slice_index,
        first_slice=first,
        last_slice=last,
        method=region.method,
        confidence="" if region.confidence is None else f"{region.confidence:.2f}",
    )


def _table(measurements: Iterable[Measurement]) -> MeasuredTable:
    kinds: dict[tuple[str, str], list[Measurement]] = {}
    for one in measurements:
        kinds.setdefault((one.name, one.unit), []).append(one)
    regions = tuple(dict.fromkeys(one.region for many in kinds.values() for one in many))
    rows = (_row(name, unit, many, regions) for (name, unit), many in kinds.items())
    return MeasuredTable(regions=regions, rows=tuple(rows))


def _row(
    name: str, unit: str, measured: Sequence[Measurement], regions: Sequence[str]
) -> MeasuredRow:
    by_region = {one.region: one for one in measured}
    decimals = _decimals([one.value for one in measured])
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
    )


def unit_text(ucum: str) -> str:
    """A unit as a person writes it; an unlisted one is already readable."""
    return UNITS.get(ucum, ucum)


def measurement_name(name: str) -> str:
    """``trabecular_attenuation_hu`` as "Trabecular attenuation": the unit stands elsewhere."""
    named = name.removesuffix("_hu")
    words = [word.upper() if word in ACRONYMS else word for word in named.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _decimals(values: Sequence[float]) -> int:
    """As many for the whole row as give its largest value four digits; none for counts."""
    largest = max(abs(value) for value in values)
    if largest == 0 or all(value == int(value) for value in values):
        return 0
    return min(max(SHOWN_DIGITS - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)


def _spacing(measurement: ScanMeasurement) -> str:
    if measurement.spacing is None:
        return ""
    return " × ".join(f"{mm:.4g}" for mm in measurement.spacing.mm) + " mm"
