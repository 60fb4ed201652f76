"""A measured scan as the page shows it: the picture with its regions, and numbers in a table."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from imaging.limits import LIMITS
from imaging.narrative import UNSTEADY, confidence_in_words
from imaging.quality import SYNTHETIC
from imaging.result import Finding, Measurement, Region, ScanMeasurement, Severity
from riskapp.actions.taking_files import offered
from riskapp.exchange.scan_files import FileKind
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.numbers import percent, plain
from riskapp.web.presenters.overlay import Overlay, overlay
from riskapp.web.presenters.scan_use import ScanUse, scan_use
from riskapp.web.region_form import corner_lines

UNITS = {
    "1": "", "[hnsf'U]": "HU", "cm2": "cm²", "mm2": "mm²", "mm3": "mm³", "g/cm2": "g/cm²",
    "mg/cm3": "mg/cm³", "{count}": "", "%": "%",
}  # fmt: skip
SHOWN_DIGITS, DIGITS_OF_A_SCORE, MOST_DECIMALS = 4, 3, 5
# Tags as the DICOM standard spells them, apart.
WITHIN_TAG = re.compile(r"(?<=[a-z])(?=[A-Z])")
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
    stability: str = ""
    is_unsteady: bool = False
    not_tried: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """Measurements with a column for each region that has any of them."""

    regions: tuple[str, ...]
    rows: tuple[MeasuredRow, ...]

    @property
    def has_units(self) -> bool:
        return any(row.unit for row in self.rows)


@dataclass(frozen=True, slots=True)
class EditableRegion:
    """A region as numbers that a person can change, or as they sent it."""

    index: int
    drawn_id: str  # in the picture, whatever it is to be called
    id: str
    label: str
    corners: str  # one corner a line: column, row
    slice_index: int | str | None
    first_slice: int | str | None
    last_slice: int | str | None
    method: str
    confidence: str
    left_out: bool
    kind: str = "area"
    problem: str = ""

    @property
    def index_text(self) -> str:
        return str(self.index)

    @property
    def confidence_words(self) -> str:
        return confidence_in_words(float(self.confidence) if self.confidence else None)


# What the form of a region that a person adds is made from.
NEW_REGION = EditableRegion(
    index=0, drawn_id="", id="", label="", corners="", slice_index=None, first_slice=None,
    last_slice=None, method="", confidence="", left_out=False,
)  # fmt: skip


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
    left_out: tuple[Region, ...]
    methods: tuple[str, ...]
    spacing: str
    spacing_source: str
    use: ScanUse
    offered: tuple[FileKind, ...] = ()

    @property
    def files(self) -> tuple[FileKind, ...]:
        return tuple(
            one
            for one in self.offered
            if not one.names_the_patient and not one.media_type.startswith("image/")
        )

    @property
    def picture_files(self) -> tuple[FileKind, ...]:
        return tuple(one for one in self.offered if one.media_type.startswith("image/"))

    @property
    def archive_files(self) -> tuple[FileKind, ...]:
        return tuple(one for one in self.offered if one.names_the_patient)

    @property
    def new_region(self) -> EditableRegion:
        """An empty one of the kind that this scan has: in a volume with slices."""
        if len(self.measurement.size or ()) != 3:
            return NEW_REGION
        return replace(NEW_REGION, slice_index="", first_slice="", last_slice="")

    @property
    def confidence(self) -> str:
        """How sure the method was of its least sure outline, in words; blank by hand."""
        given = [one.confidence for one in self.measurement.regions if one.confidence is not None]
        return confidence_in_words(min(given)) if given else ""

    @property
    def is_synthetic(self) -> bool:
        return any(finding.code == SYNTHETIC for finding in self.measurement.quality)

    @property
    def wrong(self) -> EditableRegion | None:
        """The first region that a problem is about."""
        return next((region for region in self.regions if region.problem), None)


def scan_view(version: MeasurementVersion, left_out: Sequence[Region] = ()) -> ScanView:
    """Shape one version; ``left_out`` are regions that an earlier one had."""
    measurement = version.measurement
    editable = [(one, False) for one in measurement.regions] + [(one, True) for one in left_out]
    return ScanView(
        version=version,
        measurement=measurement,
        overlays=tuple(
            overlay(picture, measurement, left_out) for picture in version.pictures.all()
        ),
        leading=_table(one for one in measurement.measurements if one.name in LEADING),
        rest=_table(one for one in measurement.measurements if one.name not in LEADING),
        to_look_at=tuple(
            one
            for severity in (Severity.STOP, Severity.WARNING)
            for one in measurement.quality
            if one.severity is severity
        ),
        notes=tuple(one for one in measurement.quality if one.severity is Severity.INFO),
        density=tuple(one for one in measurement.measurements if "bmd" in one.name.split("_")),
        regions=tuple(_editable(index, *one) for index, one in enumerate(editable)),
        left_out=tuple(left_out),
        methods=tuple(dict.fromkeys(region.method for region in measurement.regions)),
        spacing=_spacing(measurement),
        spacing_source=_spacing_source(measurement),
        use=scan_use(measurement),
        offered=offered(version),
    )


def as_sent(view: ScanView, sent: Mapping[str, str], problem: str) -> ScanView:
    """The same regions with what a person sent, so that one mistake costs nothing else."""
    known = tuple(_as_sent(one, sent, problem) for one in view.regions)
    added = (
        _as_sent(replace(view.new_region, index=index), sent, problem)
        for index in range(len(known), LIMITS.regions + 1)
        if f"region-{index}-id" in sent
    )
    return replace(view, regions=(*known, *added))


def _as_sent(region: EditableRegion, sent: Mapping[str, str], problem: str) -> EditableRegion:
    name = f"region-{region.index}-"
    id = sent.get(f"{name}id")
    if id is None:
        return region
    named = re.search(rf"\bregion {re.escape(id.strip())}(?!\w)", problem, re.IGNORECASE)
    return replace(
        region,
        id=id,
        corners=sent.get(f"{name}corners", ""),
        slice_index=sent.get(f"{name}slice_index"),
        first_slice=sent.get(f"{name}first_slice"),
        last_slice=sent.get(f"{name}last_slice"),
        left_out=f"{name}left_out" in sent,
        kind=sent.get(f"{name}outline", region.kind),
        problem=problem if named else "",
    )


def _editable(index: int, region: Region, left_out: bool) -> EditableRegion:
    first, last = region.depth_slices or (None, None)
    return EditableRegion(
        index=index,
        drawn_id=region.id,
        id=region.id,
        label=region.label,
        corners="\n".join(corner_lines(region)),
        slice_index=region.slice_index,
        first_slice=first,
        last_slice=last,
        method=region.method,
        confidence="" if region.confidence is None else f"{region.confidence:.2f}",
        left_out=left_out,
        kind=region.outline,
    )


def _table(measurements: Iterable[Measurement]) -> MeasuredTable:
    kinds: dict[tuple[str, str], list[Measurement]] = {}
    for one in measurements:
        kinds.setdefault((one.name, one.unit), []).append(one)
    regions = tuple(dict.fromkeys(one.region for many in kinds.values() for one in many))
    rows = (_row(name, unit, many, regions) for (name, unit), many in kinds.items())
    ranges = (region.replace("-", "\u2013") for region in regions)
    return MeasuredTable(regions=tuple(ranges), rows=tuple(rows))


def _row(
    name: str, unit: str, measured: Sequence[Measurement], regions: Sequence[str]
) -> MeasuredRow:
    by_region = {one.region: one for one in measured}
    moved = [one.stability for one in measured if one.stability is not None]
    decimals = _decimals(
        [one.value for one in measured], SHOWN_DIGITS if unit_text(unit) else DIGITS_OF_A_SCORE
    )
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
    named = name.removesuffix("_hu")
    words = [word.upper() if word in ACRONYMS else word for word in named.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _decimals(values: Sequence[float], digits: int) -> int:
    """As many for the whole row as give its largest value that many digits; none for counts."""
    largest = max(abs(value) for value in values)
    if largest == 0 or all(value == int(value) for value in values):
        return 0
    return min(max(digits - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)


def _spacing(measurement: ScanMeasurement) -> str:
    if measurement.spacing is None:
        return ""
    return " × ".join(f"{mm:.4g}" for mm in measurement.spacing.mm) + " mm"


def _spacing_source(measurement: ScanMeasurement) -> str:
    """``ExposedArea`` as "the Exposed Area tag"; what is no tag's name stays."""
    source = measurement.spacing.source if measurement.spacing else ""
    words = WITHIN_TAG.sub(" ", source)
    if words == source:
        return source
    return f"the {words} tag{'s' if ',' in words else ''}"
