"""The one function that chains a scan's way: files, kind, regions, numbers, pictures."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from imaging import stages
from imaging.days import day_findings
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.identity.deidentify import Value
from imaging.intake.gathering import gather
from imaging.intake.opening import Scan, open_scan
from imaging.intake.other_formats import Document
from imaging.kinds.recognising import (
    Recognised,
    recognise_document,
    recognise_other,
    recognise_projection,
    recognise_volume,
)
from imaging.kinds.refusing import why_not
from imaging.projection import Projection
from imaging.quality.burnt_in import print_findings
from imaging.quality.common import synthetic
from imaging.reports.facts import manufacturer_in
from imaging.result import Acquired, Finding, Kind, Measured, Region, Spacing, Status
from imaging.stages import Stage
from imaging.volume import Volume
from imaging.ways import (
    ct_spine,
    dxa_forearm,
    dxa_hip,
    dxa_lateral,
    dxa_report,
    dxa_spine,
    mri_spine,
    radiograph,
)
from imaging.ways.common import no_number, not_measured

ProjectionWay = Callable[
    [Projection, Recognised, tuple[Finding, ...], Sequence[Region] | None], Measured
]
VolumeWay = Callable[[Volume, Recognised, tuple[Finding, ...], Sequence[Region] | None], Measured]
# (modality, body part, view) of flat pictures that are measured.
PROJECTION_WAYS: dict[tuple[str, str, str], ProjectionWay] = {
    ("dxa", "lumbar_spine", "ap"): dxa_spine.measure,
    ("dxa", "lumbar_spine", "lateral"): dxa_lateral.measure,
    ("dxa", "spine", "lateral"): dxa_lateral.measure,
    ("radiograph", "lumbar_spine", "lateral"): dxa_lateral.measure,
    ("radiograph", "spine", "lateral"): dxa_lateral.measure,
    ("dxa", "hip", "ap"): dxa_hip.measure,
    ("dxa", "forearm", "ap"): dxa_forearm.measure,
}
VOLUME_WAYS: dict[str, VolumeWay] = {
    "ct": ct_spine.measure,
    "mri": mri_spine.measure,
}  # by modality


# What moves attenuation by itself, by the words for it.
PROTOCOL = {
    "scanner": "ManufacturerModelName",
    "tube voltage": "KVP",
    "kernel": "ConvolutionKernel",
    "contrast medium": "ContrastBolusAgent",
    "slice thickness": "SliceThickness",
}


def measure(paths: Sequence[str | Path], regions: Sequence[Region] | None = None) -> Measured:
    """Measure one scan; never raises for what a file holds.

    Parameters
    ----------
    paths : sequence of path
        Files and folders that together are one scan.
    regions : sequence of Region, optional
        Regions that a person placed; they replace the automatic ones.

    Returns
    -------
    Measured
        Status ``measured``, ``refused`` or ``unreadable``, with a sentence for the last two.
    """
    with warnings.catch_warnings():
        # Readers warn about odd files; what matters of that becomes a finding or a refusal.
        warnings.simplefilter("ignore")
        stages.now(Stage.READING)
        try:
            scan, findings = open_scan(gather([Path(path) for path in paths]))
        except UnreadableScan as error:
            return no_number(Status.UNREADABLE, str(error))
        except UnsuitableScan as error:
            kind = Kind(modality=error.modality or "unknown")
            return no_number(Status.REFUSED, str(error), kind)
        try:
            return _dated(_measured(scan, tuple(findings), regions), scan)
        except UnreadableScan as error:
            return no_number(Status.UNREADABLE, str(error))
        except UnsuitableScan as error:
            return no_number(Status.REFUSED, str(error))


def _measured(
    scan: Scan, findings: tuple[Finding, ...], regions: Sequence[Region] | None
) -> Measured:
    if isinstance(scan, Projection):
        seen = recognise_projection(scan)
        findings += (*seen.findings, *synthetic(scan.tags), *print_findings(scan))
        kind = seen.kind
        way = PROJECTION_WAYS.get((kind.modality, kind.body_part, kind.view))
        if way is None and radiograph.is_for(seen, regions):
            way = radiograph.measure
        measured = None if way is None else way(scan, seen, findings, regions)
        if scan.results is not None:
            return dxa_report.with_results(
                measured or not_measured(scan, seen, findings), scan.results
            )
        if measured is None or measured.measurement.status is Status.REFUSED:
            measured = dxa_report.measure_page(scan, findings) or measured
        return measured or not_measured(scan, seen, findings)
    if isinstance(scan, Volume):
        seen = recognise_volume(scan.tags, scan.voxels)
        findings += (*synthetic(scan.tags), *print_findings(scan))
        volume_way = VOLUME_WAYS.get(seen.kind.modality)
        if volume_way is not None:
            return _placed(volume_way(scan, seen, findings, regions), scan)
        spacing = Spacing(mm=scan.spacing_mm, source=scan.source)
        return no_number(Status.REFUSED, why_not(seen), seen.kind, spacing, findings)
    if isinstance(scan, Document):
        return dxa_report.measure_document(scan, recognise_document(scan), findings)
    seen = recognise_other(scan)
    refused = no_number(Status.REFUSED, why_not(seen), seen.kind, quality=findings)
    return dxa_report.measure_object(scan, seen, findings) or refused


def _placed(measured: Measured, volume: Volume) -> Measured:
    """Say where the volume lies in the body, so that regions can be sent back to their images."""
    if measured.measurement.affine is not None:
        return measured
    affine = tuple(tuple(float(one) for one in row) for row in volume.affine)
    return replace(measured, measurement=replace(measured.measurement, affine=affine))


def _dated(measured: Measured, scan: Scan) -> Measured:
    """Say on which day the scan was made, where its tags do and what measured it did not."""
    tags = {} if isinstance(scan, Document) else scan.tags
    days = (day_of(tags.get(name)) for name in ("AcquisitionDate", "StudyDate"))
    day = next((day for day in days if day), None)
    known = measured.measurement.acquired or Acquired()
    told = _made_by(measured.measurement.kind.modality, tags)
    acquired = replace(
        known,
        on=known.on or day,
        manufacturer=known.manufacturer or told.manufacturer,
        model=known.model or told.model,
        serial=known.serial or told.serial,
        protocol=known.protocol or told.protocol,
    )
    if acquired == Acquired():
        return measured
    quality = (*measured.measurement.quality, *day_findings(acquired))
    found = replace(measured.measurement, acquired=acquired, quality=quality)
    return replace(measured, measurement=found)


def _made_by(modality: str, tags: Mapping[str, Value]) -> Acquired:
    """Name scanner and protocol, of the kinds of scan that are compared over time."""
    model = str(tags.get("ManufacturerModelName", "")) or None
    serial = str(tags.get("DeviceSerialNumber", "")) or None
    if modality == "dxa":
        words = f"{tags.get('Manufacturer', '')} {model or ''}"
        return Acquired(manufacturer=manufacturer_in(words), model=model, serial=serial)
    if modality != "ct":
        return Acquired()
    protocol = {name: str(tags[tag]) for name, tag in PROTOCOL.items() if tag in tags}
    return Acquired(model=model, serial=serial, protocol=protocol)


def day_of(value: object) -> str | None:
    """Read a DICOM date, YYYYMMDD (PS3.5 section 6.2), as ISO 8601; None where it is none."""
    if not isinstance(value, str) or len(value) != len("YYYYMMDD"):
        return None
    try:
        return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return None
