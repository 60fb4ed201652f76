"""The one function that chains a scan's way: files, kind, regions, numbers, pictures."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from imaging.display import projection_picture
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake import gather
from imaging.kind import PLAIN_NAME, Recognised, recognise_projection
from imaging.opening import Scan, open_scan
from imaging.polygons import check_regions
from imaging.projection import Projection
from imaging.quality import projection_findings
from imaging.regions.dxa_spine import find_regions
from imaging.result import (
    Finding,
    Kind,
    Measured,
    Picture,
    Region,
    ScanMeasurement,
    Spacing,
    Status,
)
from imaging.texture.spine_texture import spine_texture

ACCEPTED = (
    "measured are DXA images of the AP lumbar spine (DICOM) and CT series of the spine or "
    "abdomen (DICOM or NIfTI)"
)
BY_HAND = "corrected by hand"


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
            return _no_number(Status.REFUSED, str(error))
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
    raise UnsuitableScan(f"This scan is of a kind that is not measured: {ACCEPTED}.")


def _projection(
    image: Projection, findings: tuple[Finding, ...], given: Sequence[Region] | None
) -> Measured:
    seen = recognise_projection(image)
    findings += seen.findings
    pictures = (projection_picture(image, _title(seen.kind)),)
    refusal = _why_not(seen, image)
    if refusal is None:
        try:
            return _dxa_spine(image, seen.kind, findings, given, pictures)
        except UnsuitableScan as error:
            refusal = str(error)
    return _no_number(
        Status.REFUSED, refusal, seen.kind, image.spacing, findings, pictures=pictures
    )


def _dxa_spine(
    image: Projection,
    kind: Kind,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
    pictures: tuple[Picture, ...],
) -> Measured:
    if given is None:
        found = find_regions(image)
        regions, findings = found.regions, findings + found.findings
    else:
        check_regions(given, (image.pixels.shape[0], image.pixels.shape[1]), None)
        regions = by_hand(given)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=kind,
            spacing=image.spacing,
            quality=findings + tuple(projection_findings(image, regions)),
            regions=regions,
            measurements=tuple(spine_texture(image, regions)),
        ),
        pictures=pictures,
    )


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


def _why_not(seen: Recognised, image: Projection) -> str | None:
    """Give the sentence that refuses a flat image, or None where it can be measured."""
    kind = seen.kind
    if (kind.modality, kind.body_part, kind.view) == ("dxa", "lumbar_spine", "ap"):
        return None
    part = PLAIN_NAME.get(kind.body_part, kind.body_part.replace("_", " "))
    view = {"ap": " from the front", "lateral": " from the side"}.get(kind.view, "")
    if not image.tags:
        rows, columns = image.pixels.shape
        looks = f" that looks like a {part}" if kind.body_part != "unknown" else ""
        return (
            f"This is a plain picture of {columns} x {rows} pixels{looks}, with neither spacing "
            f"nor scanner, so bone is not measured on it; {ACCEPTED}."
        )
    side = "" if kind.laterality == "unknown" else f"{kind.laterality} "
    name = {"dxa": "a DXA image", "radiograph": "a radiograph", "mri": "an MRI image"}.get(
        kind.modality, seen.other or "an image of unknown kind"
    )
    return f"This is {name} of the {side}{part}{view}, which is not measured yet; {ACCEPTED}."


def _title(kind: Kind) -> str:
    names = {"dxa": "DXA", "ct": "CT", "mri": "MRI", "radiograph": "Radiograph"}
    part = PLAIN_NAME.get(kind.body_part, kind.body_part).replace("_", " ")
    return f"{names.get(kind.modality, 'Picture')}, {part}"


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
