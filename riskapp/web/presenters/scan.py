"""A measured scan as the page shows it: the picture with its regions, and numbers in a table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from imaging.limits import LIMITS
from imaging.presenting.narrative import TOLD, confidence_in_words
from imaging.quality.common import SYNTHETIC
from imaging.result import Finding, Measurement, Region, ScanMeasurement, Severity
from riskapp.actions.taking_files import offered
from riskapp.exchange.scan_files import FileKind
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.grey import GreyScale, grey_scale
from riskapp.web.presenters.marks import Mark, Marks, by_region, marks_of
from riskapp.web.presenters.measured_table import MeasuredTable, measured_table
from riskapp.web.presenters.overlay import Overlay, overlay
from riskapp.web.presenters.scan_use import ScanUse, scan_use
from riskapp.web.region_form import corner_lines

# Tags as the DICOM standard spells them, apart.
WITHIN_TAG = re.compile(r"(?<=[a-z])(?=[A-Z])")
MANY_PICTURES = 2
LEVEL = re.compile(r"[TLSV]\d+")
NO_TAG = re.compile(r"NIfTI|header")


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
    to_look_at: tuple[Mark, ...]
    notes: tuple[Finding, ...]
    density: tuple[Measurement, ...]
    regions: tuple[EditableRegion, ...]
    left_out: tuple[Region, ...]
    methods: tuple[str, ...]
    spacing: str
    spacing_source: str
    use: ScanUse
    marks: Marks
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
    def grey(self) -> GreyScale:
        """What the greys of its pictures stand for."""
        return grey_scale(self.measurement.kind)

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Regions that a finding names and that have no line among the leading numbers."""
        drawn = {one.id for one in self.measurement.regions if one.outline == "area"}
        return tuple(id for id in self.marks if id in drawn - set(self.leading.ids))

    @property
    def confidence(self) -> str:
        """How sure the method was of its least sure outline, in words; blank by hand."""
        given = [one.confidence for one in self.measurement.regions if one.confidence is not None]
        return confidence_in_words(min(given)) if given else ""

    @property
    def has_many(self) -> bool:
        """Whether its pictures need room: a volume shows cuts and a slice for each region."""
        return len(self.overlays) > MANY_PICTURES

    @property
    def has_levels(self) -> bool:
        """Whether its regions are vertebrae, whose names can move up and down."""
        return any(LEVEL.fullmatch(one.id) for one in self.measurement.regions)

    @property
    def scanned_on(self) -> date | None:
        acquired = self.measurement.acquired
        return date.fromisoformat(acquired.on) if acquired and acquired.on else None

    @property
    def has_texture(self) -> bool:
        """Whether a number stands there that could be taken for the trabecular bone score."""
        return any(
            "texture" in one.name or "glcm" in one.name for one in self.measurement.measurements
        )

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
    marks = marks_of(measurement.quality)
    editable = [(one, False) for one in measurement.regions] + [(one, True) for one in left_out]
    return ScanView(
        version=version,
        measurement=measurement,
        overlays=tuple(
            overlay(picture, measurement, left_out, by_region(marks))
            for picture in version.pictures.all()
        ),
        leading=measured_table(one for one in measurement.measurements if one.name in TOLD),
        rest=measured_table(one for one in measurement.measurements if one.name not in TOLD),
        to_look_at=marks,
        marks=by_region(marks),
        notes=tuple(one for one in measurement.quality if one.severity is Severity.INFO),
        density=tuple(one for one in measurement.measurements if "bmd" in one.name.split("_")),
        regions=tuple(_editable(index, *one) for index, one in enumerate(editable)),
        left_out=tuple(left_out),
        methods=_methods(measurement.regions),
        spacing=_spacing(measurement),
        spacing_source=_spacing_source(measurement),
        use=scan_use(version),
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


def _methods(regions: Sequence[Region]) -> tuple[str, ...]:
    """How regions were placed; what the method of one adds to another's is said once."""
    parts = (part for region in regions for part in region.method.split("; "))
    return tuple(dict.fromkeys(parts))


def _spacing(measurement: ScanMeasurement) -> str:
    if measurement.spacing is None:
        return ""
    return " × ".join(f"{mm:.3g}" for mm in measurement.spacing.mm) + " mm"


def _spacing_source(measurement: ScanMeasurement) -> str:
    """``ExposedArea`` as "the Exposed Area tag"; what is no tag's name stays."""
    source = measurement.spacing.source if measurement.spacing else ""
    if NO_TAG.search(source) or not WITHIN_TAG.search(source):
        return f"the {source}" if source.endswith("header") else source
    words = WITHIN_TAG.sub(" ", source)
    return f"the {words} tag{'s' if ',' in words else ''}"
