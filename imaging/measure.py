"""The one function that chains a scan's way: files, kind, regions, numbers, pictures."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imaging.densitometry.ct import trabecular_attenuation
from imaging.display import projection_picture, sagittal_picture, slice_picture
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake import gather
from imaging.kind import (
    recognise_document,
    recognise_other,
    recognise_projection,
    recognise_volume,
)
from imaging.opening import Scan, open_scan
from imaging.other_formats import Document
from imaging.polygons import BY_HAND, check_regions
from imaging.projection import Projection
from imaging.quality import projection_findings, synthetic, too_small
from imaging.quality_ct import volume_findings
from imaging.refusing import why_not
from imaging.regions import ct_vertebrae, dxa_spine
from imaging.result import (
    Finding,
    Kind,
    Measured,
    Picture,
    Region,
    ScanMeasurement,
    Severity,
    Spacing,
    Status,
)
from imaging.texture.spine_texture import spine_texture
from imaging.volume import Volume


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
        try:
            scan, findings = open_scan(gather([Path(path) for path in paths]))
        except UnreadableScan as error:
            return _no_number(Status.UNREADABLE, str(error))
        except UnsuitableScan as error:
            kind = Kind(modality=error.modality or "unknown")
            return _no_number(Status.REFUSED, str(error), kind)
        try:
            return _measured(scan, tuple(findings), regions)
        except UnreadableScan as error:
            return _no_number(Status.UNREADABLE, str(error))
        except UnsuitableScan as error:
            return _no_number(Status.REFUSED, str(error))


def _measured(
    scan: Scan, findings: tuple[Finding, ...], regions: Sequence[Region] | None
) -> Measured:
    if isinstance(scan, Projection):
        return _projection(scan, findings, regions)
    if isinstance(scan, Volume):
        return _volume(scan, findings, regions)
    seen = recognise_document(scan) if isinstance(scan, Document) else recognise_other(scan)
    return _no_number(Status.REFUSED, why_not(seen), seen.kind, quality=findings)


def _projection(
    image: Projection, findings: tuple[Finding, ...], given: Sequence[Region] | None
) -> Measured:
    seen = recognise_projection(image)
    findings += (*seen.findings, *synthetic(image.tags))
    kind = seen.kind
    if (kind.modality, kind.body_part, kind.view) == ("dxa", "lumbar_spine", "ap"):
        return _dxa_spine(image, kind, findings, given)
    rows, columns = image.pixels.shape
    refusal = why_not(seen, None if image.tags else (columns, rows))
    return _refused_projection(image, kind, findings, refusal)


def _refused_projection(
    image: Projection, kind: Kind, findings: tuple[Finding, ...], refusal: str
) -> Measured:
    picture = projection_picture(image, _title(kind))
    return _no_number(Status.REFUSED, refusal, kind, image.spacing, findings, pictures=(picture,))


def _dxa_spine(
    image: Projection,
    kind: Kind,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    # Whether bone is bright is settled first, so that a person's regions are measured on the
    # same grey values as the automatic ones, and shown on them.
    upright = _upright(image)
    image, findings = upright.image, findings + upright.findings
    if given is not None:
        try:
            check_regions(given, (image.pixels.shape[0], image.pixels.shape[1]), None)
        except UnsuitableScan as error:
            return _refused_projection(image, kind, findings, str(error))
        regions = by_hand(given)
    elif upright.found is None:
        return _refused_projection(image, kind, findings, upright.refusal)
    else:
        regions, findings = upright.found.regions, findings + upright.found.findings
    numbers = tuple(spine_texture(image, regions))
    # Without spacing there is no co-occurrence in any region, which is said elsewhere.
    wanted = "grey_mean" if image.spacing is None else "glcm_correlation"
    findings += tuple(projection_findings(image, regions))
    findings += tuple(too_small(regions, {n.region for n in numbers if n.name == wanted}))
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=kind,
            spacing=image.spacing,
            quality=findings,
            regions=regions,
            measurements=numbers,
            size=image.pixels.shape,
        ),
        pictures=(projection_picture(image, _title(kind)),),
    )


@dataclass(frozen=True, slots=True)
class _Upright:
    """An image with bone bright, and the spine in it or why there is none."""

    image: Projection
    found: dxa_spine.SpineRegions | None
    refusal: str = ""
    findings: tuple[Finding, ...] = ()


def _upright(image: Projection) -> _Upright:
    """Find the spine; where there is none, try again with dark and bright exchanged."""
    try:
        return _Upright(image, dxa_spine.find_regions(image))
    except UnsuitableScan as error:
        refusal = str(error)
    turned = image.inverted()
    try:
        found = dxa_spine.find_regions(turned)
    except UnsuitableScan:
        return _Upright(image, None, refusal)
    inverted = Finding(
        code="inverted_display",
        severity=Severity.WARNING,
        advice="The picture shows bone dark although its tags do not say so: it is measured and "
        "shown with dark and bright exchanged.",
    )
    return _Upright(turned, found, findings=(inverted,))


def by_hand(given: Sequence[Region]) -> tuple[Region, ...]:
    """Mark a person's regions as theirs, whatever the caller wrote into them."""
    return tuple(
        Region(
            id=region.id,
            label=region.label or region.id,
            method=BY_HAND,
            confidence=None,
            polygon=region.polygon,
            slice_index=region.slice_index,
            depth_slices=region.depth_slices,
        )
        for region in given
    )


def _volume(
    volume: Volume, findings: tuple[Finding, ...], given: Sequence[Region] | None
) -> Measured:
    seen = recognise_volume(volume.tags, volume.voxels)
    findings += synthetic(volume.tags)
    spacing = Spacing(mm=volume.spacing_mm, source=volume.source)
    try:
        if given is None:
            found = ct_vertebrae.find_regions(volume)
            regions, findings = found.regions, findings + found.findings
            overview = sagittal_picture(volume, found.columns)
        else:
            rows, columns = volume.voxels.shape[1:]
            check_regions(given, (rows, columns), len(volume.voxels))
            regions = by_hand(given)
            findings += ct_vertebrae.still_unknown(regions)
            overview = sagittal_picture(volume, ct_vertebrae.middle_columns(volume, regions))
    except UnsuitableScan as error:
        return _no_number(
            Status.REFUSED,
            str(error),
            seen.kind,
            spacing,
            findings,
            pictures=(sagittal_picture(volume),),
        )
    numbers = tuple(trabecular_attenuation(volume, regions))
    findings += tuple(volume_findings(volume, regions))
    findings += tuple(too_small(regions, {number.region for number in numbers}))
    slices = sorted({r.slice_index for r in regions if r.slice_index is not None}, reverse=True)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=seen.kind,
            spacing=spacing,
            quality=findings,
            regions=regions,
            measurements=numbers,
            size=volume.voxels.shape,
        ),
        pictures=(overview, *(slice_picture(volume, index) for index in slices)),
    )


def _title(kind: Kind) -> str:
    names = {"dxa": "DXA", "ct": "CT", "mri": "MRI", "radiograph": "Radiograph"}
    return f"{names.get(kind.modality, 'Picture')}, {kind.body_part.replace('_', ' ')}"


def _no_number(
    status: Status,
    reason: str,
    kind: Kind | None = None,
    spacing: Spacing | None = None,
    quality: tuple[Finding, ...] = (),
    pictures: tuple[Picture, ...] = (),
) -> Measured:
    return Measured(
        measurement=ScanMeasurement(
            status=status,
            reason=reason,
            kind=kind or Kind(modality="unknown"),
            spacing=spacing,
            quality=quality,
        ),
        pictures=pictures,
    )
