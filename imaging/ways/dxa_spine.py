"""The AP lumbar spine on a densitometer's picture: L1-L4 and their texture."""

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.kinds.recognising import Recognised
from imaging.projection import Projection
from imaging.quality.common import too_small
from imaging.quality.flat import metal_in, motion_in, odd_levels
from imaging.regions import dxa_spine
from imaging.result import Finding, Measured, Measurement, Region
from imaging.segmentation.checking import check_column
from imaging.texture.spine_texture import spine_texture
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
        find=_find,
        numbers=lambda picture, regions: spine_texture(picture, areas(regions)),
        judge=_judge,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]


def _find(image: Projection) -> _Found:
    found = dxa_spine.find_regions(image)
    checked = check_column(image, found.regions)
    return _Found(checked.regions, (*found.findings, *checked.findings))


def areas(regions: Sequence[Region]) -> list[Region]:
    return [region for region in regions if region.outline == "area"]


def _judge(
    image: Projection, regions: Sequence[Region], measured: Sequence[Measurement]
) -> list[Finding]:
    # Without spacing there is no co-occurrence in any region, which is said elsewhere.
    wanted = "grey_mean" if image.spacing is None else "glcm_correlation"
    return [
        *too_small(areas(regions), {m.region for m in measured if m.name == wanted}),
        *odd_levels(measured),
        *metal_in(image, regions),
        *motion_in(image),
    ]
