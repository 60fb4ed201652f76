"""What measuring a scan gives: kind, spacing, findings, regions and numbers with units."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

from imaging.voxels import Voxels, voxels_from_json

Outline = Literal["area", "line", "points"]
Part = Literal["bone", "region", "points"]
TriedOn = Literal["real scans", "generated images"]


class Status(StrEnum):
    MEASURED = "measured"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the picture shows, from tags and pixels, never from a file name."""

    modality: str  # dxa, ct, radiograph, mri, document, unknown
    body_part: str = "unknown"  # lumbar_spine, hip, knee, whole_body, abdomen, ...
    view: str = "unknown"  # ap, lateral, axial, unknown
    laterality: str = "unknown"  # unknown unless tagged or confirmed by a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Size of one pixel: (row, column) on a projection, (slice, row, column) in a volume."""

    mm: tuple[float, ...]
    source: str  # PixelSpacing, ImagerPixelSpacing, ExposedArea, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about the scan that decides how far its numbers can be used.

    Attributes
    ----------
    regions : tuple of str
        Which regions it concerns; empty where it concerns the whole scan.
    """

    code: str
    severity: Severity
    advice: str
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How a region or the bone about it shows in a picture that its polygon does not lie in.

    Attributes
    ----------
    picture : str
        Name of the picture.
    part : str
        ``bone`` (the whole of it), ``region`` (what is measured) or ``points`` (the landmarks
        that lengths are measured between).
    polygon : tuple of (column, row)
        In pixels of that picture, as a region's.
    """

    picture: str
    part: Part
    polygon: tuple[tuple[float, float], ...]
    outline: Outline = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where bone was measured.

    Attributes
    ----------
    id : str
        Stable within the scan, e.g. ``L1`` or, where levels are not known, ``V3``.
    method : str
        How it was placed: the name of the algorithm, or ``corrected by hand``.
    confidence : float or None
        In [0, 1]; None where the method gives none or a person placed it.
    polygon : tuple of (column, row)
        Corners in pixels of the image that is shown, clockwise; (0, 0) is the centre of the
        first pixel. On CT it lies in slice ``slice_index``.
    outline : str
        What ``polygon`` is: ``area`` (closed), ``line`` (open, such as a disc or the axis of a
        neck) or ``points`` (landmarks that a person confirms, in the order of ``label``).
    slice_index : int or None
        The slice that ``polygon`` lies in; None on a projection.
    depth_slices : tuple of (first, last) or None
        Slices that a CT region spans, both included; None on a projection.
    voxels : Voxels or None
        What is measured, where that is more than ``polygon`` through its slices.
    bone : Voxels or None
        The whole bone about the region, such as the body of a vertebra.
    traces : tuple of Trace
        How it shows in pictures of other planes.
    """

    id: str
    label: str
    method: str
    confidence: float | None
    polygon: tuple[tuple[float, float], ...]
    outline: Outline = "area"
    slice_index: int | None = None
    depth_slices: tuple[int, int] | None = None
    voxels: Voxels | None = None
    bone: Voxels | None = None
    traces: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One number with its unit (UCUM), its method and where the method is published.

    Attributes
    ----------
    precision : str
        What is known of its repeatability, in words.
    stability : float or None
        Coefficient of variation of this very number when its region is shifted and its grid
        changed a little; None where it was not computed.
    tried_on : str
        ``real scans``, or ``generated images`` where no real scan was there to try the method on;
        then every place that shows the number says so.
    confidence : float or None
        That the number is what the scanner printed, in [0, 1]; None where it was measured here.
    checked_against : str
        What else on a report confirms a number that was read from it.
    """

    name: str
    region: str
    value: float
    unit: str
    method: str
    source: str
    precision: str
    stability: float | None = None
    tried_on: TriedOn = "real scans"
    confidence: float | None = None
    checked_against: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """When and on what a scan was made, where that is told; nothing of it is a person.

    Attributes
    ----------
    on : str or None
        Day of the scan, as ISO 8601 writes it.
    manufacturer : str or None
        Who made the scanner that areal density comes from: ``hologic``, ``ge_lunar``, ``norland``
        or another name in small letters.
    t_reference : str or None
        Whose young adults T-scores are taken from: ``nhanes_female``, ``male`` or another.
    model, serial : str or None
        Of the scanner.
    protocol : mapping of str to str
        How it was made, as far as two scans must agree in it to be compared: kernel, tube
        voltage, contrast, ...
    """

    on: str | None = None
    manufacturer: str | None = None
    t_reference: str | None = None
    model: str | None = None
    serial: str | None = None
    protocol: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanMeasurement:
    """The whole answer about one scan; an unsuitable scan is an answer too.

    ``to_json`` gives the shape promised to other programs, ``to_store`` all there is;
    ``from_json`` reads either back. ``size`` is ordered as ``spacing`` is: (rows, columns) or
    (slices, rows, columns). ``affine`` takes the index (slice, row, column, 1) in a volume to the
    patient in mm, towards left, back and head; 4 rows of 4. These, ``acquired``, the traces of
    regions and what regions a finding concerns are stored and not promised to others.
    """

    status: Status
    reason: str | None = None
    kind: Kind = field(default_factory=lambda: Kind(modality="unknown"))
    spacing: Spacing | None = None
    quality: tuple[Finding, ...] = ()
    regions: tuple[Region, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    size: tuple[int, ...] | None = None
    affine: tuple[tuple[float, ...], ...] | None = None
    acquired: Acquired | None = None

    def __post_init__(self) -> None:
        if (self.status is Status.MEASURED) == (self.reason is not None):
            raise ValueError("A refusal, and only a refusal, carries a reason.")

    def to_json(self) -> dict[str, Any]:
        promised = self.to_store()
        del promised["size"], promised["affine"], promised["acquired"]
        for region in promised["regions"]:
            del region["traces"]
        for finding in promised["quality"]:
            del finding["regions"]
        return promised

    def to_store(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ScanMeasurement":
        spacing = stored["spacing"]
        return cls(
            status=Status(stored["status"]),
            reason=stored["reason"],
            kind=Kind(**stored["kind"]),
            spacing=None
            if spacing is None
            else Spacing(mm=tuple(spacing["mm"]), source=spacing["source"]),
            quality=tuple(_finding_from_json(finding) for finding in stored["quality"]),
            regions=tuple(region_from_json(region) for region in stored["regions"]),
            measurements=tuple(Measurement(**number) for number in stored["measurements"]),
            size=tuple(stored["size"]) if stored.get("size") else None,
            affine=tuple(tuple(float(one) for one in row) for row in stored["affine"])
            if stored.get("affine")
            else None,
            acquired=Acquired(**stored["acquired"]) if stored.get("acquired") else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An 8-bit PNG to show; regions with the same ``slice_index`` are drawn in its pixels."""

    name: str
    png: bytes
    width: int
    height: int
    slice_index: int | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What measuring hands to a door: the answer, and the pictures that it was read from."""

    measurement: ScanMeasurement
    pictures: tuple[Picture, ...] = ()


def _finding_from_json(stored: Mapping[str, Any]) -> Finding:
    regions = tuple(stored.get("regions", ()))
    return Finding(**{**stored, "severity": Severity(stored["severity"]), "regions": regions})


def region_from_json(stored: dict[str, Any]) -> Region:
    """Read one region; lists become tuples again."""
    depth = stored.get("depth_slices")
    return Region(
        id=str(stored["id"]),
        label=str(stored["label"]),
        method=str(stored["method"]),
        confidence=stored["confidence"],
        polygon=_corners(stored["polygon"]),
        outline=stored.get("outline", "area"),
        slice_index=stored.get("slice_index"),
        depth_slices=None if depth is None else (int(depth[0]), int(depth[1])),
        voxels=voxels_from_json(stored.get("voxels")),
        bone=voxels_from_json(stored.get("bone")),
        traces=tuple(
            Trace(**{**trace, "polygon": _corners(trace["polygon"])})
            for trace in stored.get("traces", ())
        ),
    )


def _corners(stored: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(column), float(row)) for column, row in stored)
