"""The forearm on a densitometer's picture: one-third and ultradistal regions and their texture."""

from collections.abc import Sequence

from imaging.kinds.recognising import Recognised
from imaging.polygons import inside
from imaging.projection import Projection
from imaging.quality.common import too_small
from imaging.quality.flat import metal_in, motion_in
from imaging.regions import forearm
from imaging.regions.spine_column import exposed_field
from imaging.result import Finding, Measured, Measurement, Region
from imaging.texture.bone_texture import texture_measurements
from imaging.ways.flat_dxa import measure_flat


def measure(
    image: Projection,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
) -> Measured:
    """Measure one picture; a person's regions replace the automatic ones."""
    return measure_flat(
        image,
        seen,
        findings,
        given,
        find=forearm.find_regions,
        numbers=_numbers,
        judge=_judge,
    )


def _numbers(image: Projection, regions: Sequence[Region]) -> list[Measurement]:
    shape = (image.pixels.shape[0], image.pixels.shape[1])
    exposed = exposed_field(image.pixels)
    spacing = None if image.spacing is None else image.spacing.mm
    numbers: list[Measurement] = []
    for region in regions:
        if region.outline == "area":
            mask = inside(region.polygon, shape) & exposed
            numbers += texture_measurements(
                image.pixels, mask, spacing, region.id, tried_on="generated images"
            )
    return numbers


def _judge(
    image: Projection, regions: Sequence[Region], measured: Sequence[Measurement]
) -> list[Finding]:
    bones = [region for region in regions if region.outline == "area"]
    seen = {number.region for number in measured if number.name == "grey_mean"}
    return [*too_small(bones, seen), *metal_in(image, bones), *motion_in(image)]
