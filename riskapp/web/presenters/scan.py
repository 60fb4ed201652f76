"""A measured scan as the page shows it: the picture with its regions, and numbers in a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imaging.result import Finding, Measurement, Region, ScanMeasurement, Severity
from riskapp.models import MeasurementVersion, ScanPicture
from riskapp.web.presenters.numbers import MINUS

# Largest drawing, in the units that its letters are sized for.
WIDEST, HIGHEST = 360.0, 480.0
LABEL_GAP, LABEL_ROOM = 6.0, 30.0
MIDDLE_OF_LETTERS = 4.0

UNITS = {
    "1": "", "[hnsf'U]": "HU", "cm2": "cm²", "mm2": "mm²", "mm3": "mm³", "g/cm2": "g/cm²",
    "mg/cm3": "mg/cm³", "{count}": "", "%": "%",
}  # fmt: skip
# Shown before the rest: what the record may take over, and what everybody asks for.
LEADING = ("lumbar_texture_score", "trabecular_attenuation_hu")
ACRONYMS = ("glcm", "hu", "bmd", "dxa", "ct", "ibsi")


@dataclass(frozen=True, slots=True)
class Outline:
    """One region over the picture; ``points`` are in its pixels."""

    id: str
    label: str
    points: str
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """One picture, its size on the page and the regions that lie in it."""

    name: str
    title: str
    width: float
    height: float
    pixels_wide: int
    pixels_high: int
    slice_index: int | None
    outlines: tuple[Outline, ...]


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
        overlays=tuple(_overlay(picture, measurement) for picture in version.pictures.all()),
        leading=_table(one for one in measurement.measurements if one.name in LEADING),
        rest=_table(one for one in measurement.measurements if one.name not in LEADING),
        to_look_at=tuple(one for one in measurement.quality if one.severity is not Severity.INFO),
        notes=tuple(one for one in measurement.quality if one.severity is Severity.INFO),
        density=tuple(one for one in measurement.measurements if "bmd" in one.name.split("_")),
        regions=tuple(_editable(*numbered) for numbered in enumerate(measurement.regions)),
        methods=tuple(dict.fromkeys(region.method for region in measurement.regions)),
        spacing=_spacing(measurement),
    )


def _overlay(picture: ScanPicture, measurement: ScanMeasurement) -> Overlay:
    row_mm, column_mm = measurement.spacing.mm[-2:] if measurement.spacing else (1.0, 1.0)
    # Pixels need not be square: the picture is drawn in the patient's proportions.
    slenderness = (picture.height * row_mm) / (picture.width * column_mm)
    width = min(WIDEST, HIGHEST / slenderness)
    height = width * slenderness
    here = [region for region in measurement.regions if region.slice_index == picture.slice_index]
    return Overlay(
        name=picture.name,
        title=picture.title,
        width=round(width, 2),
        height=round(height, 2),
        pixels_wide=picture.width,
        pixels_high=picture.height,
        slice_index=picture.slice_index,
        outlines=tuple(_outline(region, picture, width, height) for region in here),
    )


def _outline(region: Region, picture: ScanPicture, width: float, height: float) -> Outline:
    columns = [column for column, _ in region.polygon]
    rows = [row for _, row in region.polygon]
    # (0, 0) is the centre of the first pixel, so edges lie half a pixel further out.
    right = (max(columns) + 0.5) / picture.width * width + LABEL_GAP
    left = (min(columns) + 0.5) / picture.width * width - LABEL_GAP
    fits = right <= width - LABEL_ROOM
    middle = (min(rows) + max(rows)) / 2 + 0.5
    return Outline(
        id=region.id,
        label=region.label,
        points=" ".join(f"{column:.2f},{row:.2f}" for column, row in region.polygon),
        text_x=round(right if fits else left, 1),
        text_y=round(middle / picture.height * height + MIDDLE_OF_LETTERS, 1),
        anchor="start" if fits else "end",
    )


def _editable(index: int, region: Region) -> EditableRegion:
    first, last = region.depth_slices or (None, None)
    return EditableRegion(
        index=index,
        id=region.id,
        label=region.label,
        corners="\n".join(f"{column:.1f}, {row:.1f}" for column, row in region.polygon),
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
    return MeasuredRow(
        name=measurement_name(name),
        unit=unit_text(unit),
        cells=tuple(
            _value(by_region[region].value) if region in by_region else "" for region in regions
        ),
        method=measured[0].method,
        source=measured[0].source,
        precision=measured[0].precision,
    )


def unit_text(ucum: str) -> str:
    """A unit as a person writes it; an unlisted one is already readable."""
    return UNITS.get(ucum, ucum)


def measurement_name(name: str) -> str:
    """``trabecular_attenuation_hu`` as "Trabecular attenuation HU"."""
    words = [word.upper() if word in ACRONYMS else word for word in name.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _value(value: float) -> str:
    return f"{value:.4g}".replace("-", MINUS)


def _spacing(measurement: ScanMeasurement) -> str:
    if measurement.spacing is None:
        return ""
    return " × ".join(f"{mm:.4g}" for mm in measurement.spacing.mm) + " mm"
