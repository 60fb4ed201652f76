"""The AP lumbar spine on a densitometer's picture: L1-L4 and their texture."""

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.display import projection_picture
from imaging.errors import UnsuitableScan
from imaging.kind import Recognised
from imaging.polygons import check_regions
from imaging.projection import Projection
from imaging.quality import projection_findings, too_small
from imaging.regions import dxa_spine
from imaging.result import Finding, Measured, Region, ScanMeasurement, Severity, Status
from imaging.texture.spine_texture import spine_texture
from imaging.ways.common import by_hand, refused_projection, title


def measure(
    image: Projection,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure one picture; a person's regions replace the automatic ones."""
    kind = seen.kind
    # Whether bone is bright is settled first, so that a person's regions are measured on the
    # same grey values as the automatic ones, and shown on them.
    upright = _upright(image)
    image, findings = upright.image, findings + upright.findings
    if given is not None:
        try:
            check_regions(given, (image.pixels.shape[0], image.pixels.shape[1]), None)
        except UnsuitableScan as error:
            return refused_projection(image, kind, findings, str(error))
        regions = by_hand(given)
    elif upright.found is None:
        return refused_projection(image, kind, findings, upright.refusal)
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
        pictures=(projection_picture(image, title(kind)),),
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
