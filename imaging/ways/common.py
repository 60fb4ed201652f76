"""What the ways of measuring share: answers without a number, titles, a person's regions."""

from collections.abc import Sequence

from imaging.drawing.display import projection_picture
from imaging.kinds.recognising import Recognised
from imaging.kinds.refusing import why_not
from imaging.polygons import BY_HAND
from imaging.projection import Projection
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

NAMES = {"dxa": "DXA", "ct": "CT", "mri": "MRI", "radiograph": "Radiograph"}


def title(kind: Kind) -> str:
    """Name a picture for the one who looks at it."""
    return f"{NAMES.get(kind.modality, 'Picture')}, {kind.body_part.replace('_', ' ')}"


def by_hand(given: Sequence[Region]) -> tuple[Region, ...]:
    """Mark a person's regions as theirs, whatever the caller wrote into them."""
    return tuple(
        Region(
            id=region.id,
            label=region.label or region.id,
            method=BY_HAND,
            confidence=None,
            polygon=region.polygon,
            outline=region.outline,
            slice_index=region.slice_index,
            depth_slices=region.depth_slices,
            voxels=region.voxels,
        )
        for region in given
    )


def magnified(image: Projection) -> tuple[Finding, ...]:
    """Say of a radiograph that its pixels were measured at the detector, not in the body."""
    if image.spacing is None or image.spacing.source != "ImagerPixelSpacing":
        return ()
    return (
        Finding(
            code="magnification_unknown",
            severity=Severity.WARNING,
            advice="The size of a pixel is that at the detector: sizes in mm are too large by the "
            "unknown magnification; ratios are not touched by it.",
        ),
    )


def not_measured(image: Projection, seen: Recognised, findings: tuple[Finding, ...]) -> Measured:
    """Refuse a flat picture that no way is for, and show it."""
    rows, columns = image.pixels.shape
    reason = why_not(seen, None if image.tags else (columns, rows))
    return refused_projection(image, seen.kind, findings, reason)


def refused_projection(
    image: Projection, kind: Kind, findings: tuple[Finding, ...], reason: str
) -> Measured:
    """Refuse a flat picture with a reason, and show it."""
    picture = projection_picture(image, title(kind))
    return no_number(Status.REFUSED, reason, kind, image.spacing, findings, pictures=(picture,))


def no_number(
    status: Status,
    reason: str,
    kind: Kind | None = None,
    spacing: Spacing | None = None,
    quality: tuple[Finding, ...] = (),
    pictures: tuple[Picture, ...] = (),
) -> Measured:
    """Answer without a measurement: refused or unreadable, in one sentence."""
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
