"""The spine from the side, on DXA or a radiograph: heights, deformity, aortic calcification."""

from collections.abc import Sequence

from imaging import stages
from imaging.drawing.display import projection_picture
from imaging.errors import UnsuitableScan
from imaging.kinds.recognising import Recognised
from imaging.morphometry.aortic_calcification import calcification, is_mark
from imaging.morphometry.vertebrae import vertebral_morphometry
from imaging.polygons import check_regions
from imaging.projection import Projection
from imaging.quality.common import projection_findings
from imaging.regions import lateral_spine
from imaging.regions.six_points import POINTS, check_order
from imaging.result import Finding, Measured, Region, ScanMeasurement, Severity, Status
from imaging.segmentation.checking import check_areas
from imaging.segmentation.labels import Flat
from imaging.stages import Stage
from imaging.ways.common import by_hand, magnified, refused_projection, title
from imaging.wording import listed

# Of the bodies whose points were clear, on twelve copies of one real image: turned 5 degrees,
# mirrored, cut, noisy, lighter, darker, blurred and at half the resolution.
PRECISION = (
    "median SD 0.2 mm, nine in ten below 1 mm, between altered copies of one real image; between "
    "visits and readers not established"
)
# Half of the interval about one height: 95 in 100 errors on drawn spines, deformed ones as well.
WITHIN_MM = 0.7
BY_HAND_PRECISION = "as the points that a person placed, taken as within 1 mm"
# Two standard deviations of a height that one reader measures twice (recalled, to be confirmed:
# Rea et al. 1998, J Bone Miner Res 13:464-474, doi 10.1359/jbmr.1998.13.3.464, and others).
BY_HAND_WITHIN_MM = 1.0
BODY = (Flat.BODY,)  # what the learned check should see in each region
SURE = 0.5  # below it a body's points are shown, and graded once a person has placed them


def measure(
    image: Projection,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure one picture; a person's regions replace the automatic ones."""
    try:
        if given is None:
            stages.now(Stage.FINDING_BONE)
            found = lateral_spine.find_regions(image, seen.likeness)
            image = found.image
            checked = check_areas(image, found.regions, dict.fromkeys(ids(found.regions), BODY))
            regions = checked.regions
            findings += (*found.findings, *checked.findings)
        else:
            check_regions(given, (image.pixels.shape[0], image.pixels.shape[1]), None)
            regions = by_hand(given)
        marks = [region for region in regions if is_mark(region)]
        bodies = [region for region in regions if not is_mark(region)]
        graded = [body for body in bodies if body.confidence is None or body.confidence >= SURE]
        mm = None if image.spacing is None else (image.spacing.mm[0], image.spacing.mm[1])
        check_order([body for body in graded if len(body.polygon) == len(POINTS)], mm)
        stages.now(Stage.MEASURING)
        heights = vertebral_morphometry(
            graded,
            mm,
            precision=BY_HAND_PRECISION if given else PRECISION,
            within_mm=BY_HAND_WITHIN_MM if given else WITHIN_MM,
            # No real radiograph of a spine was there to try it on.
            tried_on="real scans" if seen.kind.modality == "dxa" else "generated images",
        )
        scores, unscored = calcification(bodies, marks, mm)
    except UnsuitableScan as error:
        return refused_projection(image, seen.kind, findings, str(error))
    stages.now(Stage.CHECKING)
    findings += (*heights.findings, *unscored, *projection_findings(image, bodies))
    findings += (*_not_graded(bodies, graded), *magnified(image))
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=seen.kind,
            spacing=image.spacing,
            quality=findings,
            regions=regions,
            measurements=(*heights.measurements, *scores),
            size=image.pixels.shape,
        ),
        pictures=(projection_picture(image, title(seen.kind)),),
    )


def ids(regions: Sequence[Region]) -> list[str]:
    return [region.id for region in regions]


def _not_graded(bodies: Sequence[Region], graded: Sequence[Region]) -> tuple[Finding, ...]:
    names = [body.id for body in bodies if body not in graded]
    if not names:
        return ()
    return (
        Finding(
            code="vertebra_not_graded",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"Shown but not measured: {listed(names)}. Endplates are not clear enough; "
            "put the six points right and save them.",
        ),
    )
