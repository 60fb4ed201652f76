"""The lumbar spine on sagittal T1 MRI: proposals, and the bone quality score once named."""

from collections.abc import Sequence
from dataclasses import replace

from imaging import stages
from imaging.densitometry.mri import LEVELS, bone_quality
from imaging.drawing.display import plane_picture
from imaging.errors import UnsuitableScan
from imaging.kinds.recognising import Recognised
from imaging.polygons import check_regions
from imaging.quality.mri import require_plain_t1
from imaging.regions import mri_spine
from imaging.result import Finding, Measured, Measurement, Region, ScanMeasurement, Spacing, Status
from imaging.sagittal import Sagittal, sagittal
from imaging.stages import Stage
from imaging.volume import Volume
from imaging.ways.common import by_hand

# A pixel of a sagittal picture is at most this large; a series of other planes has only a few
# thick slices in that direction.
COARSEST_MM = 2.0


def measure(
    volume: Volume,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure regions that a person named; without them propose some and say what to name.

    The levels of a vertebra are never guessed here, so that the first answer is a refusal that
    carries the proposals.
    """
    stack = sagittal(volume)
    regions: tuple[Region, ...] = ()
    try:
        if max(stack.pixel_mm) > COARSEST_MM:
            raise UnsuitableScan(
                "This MR series does not show the spine from the side in fine pixels: "
                "send the sagittal T1 series of the lumbar spine."
            )
        findings += require_plain_t1(volume.tags)
        if given is None:
            stages.now(Stage.FINDING_BONE)
            regions = mri_spine.find_regions(stack)
            names = ", ".join(LEVELS)
            raise UnsuitableScan(
                f"The vertebrae are outlined but their levels cannot be told: name {names}, check "
                "the fluid (csf) beside L3 and save; the others may be deleted."
            )
        check_regions(given, (stack.planes.shape[1], stack.planes.shape[2]), len(stack.planes))
        regions = by_hand(given)
        stages.now(Stage.MEASURING)
        numbers = bone_quality(stack, regions)
    except UnsuitableScan as error:
        return _answer(stack, volume, seen, findings, regions, (), str(error))
    return _answer(stack, volume, seen, findings, regions, numbers, None)


def _answer(
    stack: Sagittal,
    volume: Volume,
    seen: Recognised,
    findings: tuple[Finding, ...],
    regions: tuple[Region, ...],
    numbers: tuple[Measurement, ...],
    reason: str | None,
) -> Measured:
    """Give regions, places and pictures of the sagittal slices, with or without a number."""
    kind = replace(seen.kind, view="lateral")
    shown = {region.slice_index for region in regions if region.slice_index is not None}
    shown = shown or {len(stack.planes) // 2}
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED if reason is None else Status.REFUSED,
            reason=reason,
            kind=kind,
            spacing=Spacing(mm=stack.spacing_mm, source=volume.source),
            quality=findings,
            regions=regions,
            measurements=numbers,
            size=stack.planes.shape,
            affine=tuple(tuple(float(one) for one in row) for row in stack.affine),
        ),
        pictures=tuple(plane_picture(stack, index) for index in sorted(shown)),
    )
