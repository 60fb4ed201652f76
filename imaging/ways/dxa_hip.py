"""The hip on a densitometer's picture: regions, geometry, and the texture of the neck."""

from collections.abc import Sequence
from dataclasses import dataclass

from imaging import stages
from imaging.kinds.recognising import Recognised
from imaging.morphometry.hip import hip_geometry
from imaging.polygons import inside
from imaging.projection import Projection
from imaging.quality.common import too_small
from imaging.quality.flat import motion_in
from imaging.regions import dxa_hip
from imaging.regions.spine_column import exposed_field
from imaging.result import Finding, Kind, Measured, Measurement, Region, Severity
from imaging.stages import Stage
from imaging.texture.bone_texture import texture_measurements
from imaging.ways.flat_dxa import measure_flat

# Regions whose grey values and texture are given; the cortex of the shaft rules the others.
TEXTURED = ("femoral_neck", "trochanter")


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
        find=lambda picture: _find(picture, seen.kind),
        numbers=_numbers,
        judge=_judge,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]


def _find(image: Projection, kind: Kind) -> _Found:
    found = dxa_hip.find_regions(image)
    return _Found(found.regions, (*found.findings, side_shown(found.medial_left, kind)))


def side_shown(medial_left: bool, kind: Kind) -> Finding:
    """Say which side the anatomy speaks for; a mirrored picture would say the other."""
    side = "left" if medial_left else "right"
    looks = f"The pelvis lies to the picture’s {side}, as densitometers show a {side} hip"
    if kind.laterality in {"unknown", side}:
        return Finding(code="side_shown", severity=Severity.INFO, advice=f"{looks}.")
    return Finding(
        code="laterality_contradicts",
        severity=Severity.WARNING,
        advice=f"{looks}, but it is tagged {kind.laterality}: check the side, or whether the "
        "picture was mirrored.",
    )


def _numbers(image: Projection, regions: Sequence[Region]) -> list[Measurement]:
    shape = (image.pixels.shape[0], image.pixels.shape[1])
    exposed = exposed_field(image.pixels)
    spacing = None if image.spacing is None else image.spacing.mm
    numbers = hip_geometry(regions, spacing)
    stages.now(Stage.TEXTURE)
    for region in regions:
        if region.id in TEXTURED and region.outline == "area":
            mask = inside(region.polygon, shape) & exposed
            numbers += texture_measurements(image.pixels, mask, spacing, region.id)
    return numbers


def _judge(
    image: Projection, regions: Sequence[Region], measured: Sequence[Measurement]
) -> list[Finding]:
    named = [region for region in regions if region.id in TEXTURED]
    seen = {number.region for number in measured if number.name == "grey_mean"}
    return [*too_small(named, seen), *motion_in(image)]
