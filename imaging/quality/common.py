"""Findings about a scan: code, severity and what to do, before any number is read."""

from collections.abc import Collection, Mapping, Sequence

from imaging.identity.deidentify import Value
from imaging.intake.flat import exposed_spacing
from imaging.phantoms.writing import MARK
from imaging.polygons import inside
from imaging.projection import Projection
from imaging.result import Finding, Region, Severity
from imaging.wording import about, in_words, listed

SYNTHETIC = "synthetic"
# Texture at 1 step of a 0.5 mm grid needs pixels of about that size.
COARSE_MM = 0.7
# Share of a region at the lightest value: clipped bone hides its texture.
CLIPPED = 0.05
# Exposed Area is kept to whole mm of about 180, and calibrated at the table, not the detector:
# sizes that differ by more than this are not of one picture.
SAME_SIZE = 1.1


def projection_findings(image: Projection, regions: Sequence[Region]) -> list[Finding]:
    """Judge a densitometer image on which regions were placed."""
    findings = [
        Finding(
            code="no_bmd_calibration",
            severity=Severity.INFO,
            advice="A display image has no absolute calibration: bone mineral density cannot be "
            "read from its pixels; take it from the report.",
        )
    ]
    if image.spacing is None:
        findings.append(
            Finding(
                code="no_physical_spacing",
                severity=Severity.WARNING,
                advice="The file does not say how large a pixel is: sizes in mm and "
                "co-occurrence texture are not given. Export it with PixelSpacing.",
            )
        )
    elif max(image.spacing.mm) > COARSE_MM:
        findings.append(
            Finding(
                code="low_resolution",
                severity=Severity.WARNING,
                advice=f"Pixels of {max(image.spacing.mm):.2f} mm are coarse for texture: "
                "do not compare it with finer scans.",
            )
        )
    findings += _contradicted(image)
    if image.reduced > 1:
        findings.append(
            Finding(
                code="picture_reduced",
                severity=Severity.INFO,
                advice=f"The picture is far larger than a densitometer’s: {image.reduced} x "
                f"{image.reduced} pixels were averaged into one. Regions are in the pixels of the "
                "picture shown.",
            )
        )
    findings += _clipped(image, regions)
    findings += uncertain(regions)
    return findings


def synthetic(tags: Mapping[str, Value]) -> tuple[Finding, ...]:
    """Say of this project's own phantoms that no person was scanned."""
    if not str(tags.get("Manufacturer", "")).startswith(MARK):
        return ()
    return (
        Finding(
            code=SYNTHETIC,
            severity=Severity.INFO,
            advice="This picture is synthetic: a program drew it and no person was scanned.",
        ),
    )


def too_small(regions: Sequence[Region], measured: Collection[str]) -> list[Finding]:
    """Name regions that hold too little for a number, so that none is missed unsaid.

    Parameters
    ----------
    measured : collection of str
        The regions that have the number in question.
    """
    names = [region.id for region in regions if region.id not in measured]
    if not names:
        return []
    return [
        Finding(
            code="region_too_small",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"{about(names, 'holds', 'hold')} too few points to be measured: draw larger.",
        )
    ]


def _contradicted(image: Projection) -> list[Finding]:
    """Compare every size of a pixel that the file gives: they are sizes of one picture."""
    given = {
        name: pair
        for name in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
        if isinstance(pair := image.tags.get(name), tuple) and len(pair) == 2
    }
    exposed = exposed_spacing(image.tags)
    if exposed is not None:
        given["ExposedArea"] = exposed
    if all(max(side) <= SAME_SIZE * min(side) for side in zip(*given.values(), strict=True)):
        return []
    told = ", ".join(f"{name} {pair[0]:.3g} x {pair[1]:.3g} mm" for name, pair in given.items())
    return [
        Finding(
            code="spacing_contradicts",
            severity=Severity.WARNING,
            advice=f"The file gives several sizes of a pixel that do not agree ({told}): texture "
            "depends on it, so ask the sender which is right before a value is used.",
        )
    ]


def _clipped(image: Projection, regions: Sequence[Region]) -> list[Finding]:
    top = image.pixels.max()
    shape = (image.pixels.shape[0], image.pixels.shape[1])
    names = []
    for region in regions:
        if region.outline != "area":
            continue
        mask = inside(region.polygon, shape)
        if mask.any() and (image.pixels[mask] >= top).mean() > CLIPPED:
            names.append(region.id)
    if not names:
        return []
    return [
        Finding(
            code="saturation",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"More than {CLIPPED:.0%} of {listed(map(in_words, names))} is shown at the "
            "lightest value: export the image with a wider window for better texture.",
        )
    ]


def uncertain(regions: Sequence[Region]) -> list[Finding]:
    """Name the outlines that whatever placed them was not sure of."""
    names = [r.id for r in regions if r.confidence is not None and r.confidence < 0.5]
    if not names:
        return []
    return [
        Finding(
            code="low_confidence",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"The outline of {listed(in_words(name) for name in names)} is uncertain: check "
            "and correct it.",
        )
    ]
