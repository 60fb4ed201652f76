"""The networks' word on regions that geometry placed: confidences, and findings that ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from imaging.errors import UnsuitableWeights
from imaging.projection import Projection
from imaging.regions.ct_vertebrae import CtRegions
from imaging.result import Finding, Picture, Region, Severity
from imaging.segmentation.agreement import Agreement, area_agrees, bodies_agree, column_agrees
from imaging.segmentation.grids import bodies_on_ct_grid, corners_on_flat_grid
from imaging.segmentation.inference import ct_chances, flat_chances
from imaging.segmentation.labels import Flat
from imaging.volume import Volume

DISAGREE = 0.5
NOT_RUN = Finding(
    code="network_not_run",
    severity=Severity.INFO,
    advice="The learned check of the outlines did not run, because its weights are not in order on "
    "this machine: judge the outlines by eye.",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """Regions whose confidence the network has weighed, what it said, and what to tell a person."""

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    said: Mapping[str, Agreement]
    pictures: tuple[Picture, ...] = ()

    @property
    def doubted(self) -> tuple[str, ...]:
        """Name the regions about which the two ways disagree."""
        return tuple(name for name, word in self.said.items() if word.support < DISAGREE)


def check_bodies(volume: Volume, found: CtRegions) -> Checked:
    """Let the network for CT look at the bodies that were found along the canal."""
    try:
        chances = ct_chances(found.spine)
    except UnsuitableWeights:
        return Checked(found.regions, (NOT_RUN,), {})
    masks = bodies_on_ct_grid(found.spine, volume, found.bodies)
    checked = weigh(found.regions, bodies_agree(chances, masks))
    if not checked.doubted:
        return checked
    try:
        # torch is loaded here and not before, and measuring goes on where it is missing.
        from imaging.segmentation.looking import along_the_spine
    except ImportError:
        return checked
    first = checked.doubted[0]
    return replace(checked, pictures=(along_the_spine(found.spine, masks[first], first),))


def check_column(image: Projection, regions: Sequence[Region]) -> Checked:
    """Let the network for flat pictures look at vertebrae between discs, seen from the front."""
    try:
        chances = flat_chances(image)
    except UnsuitableWeights:
        return Checked(tuple(regions), (NOT_RUN,), {})
    if chances is None:
        return Checked(tuple(regions), (), {})
    return weigh(
        regions,
        {
            region.id: column_agrees(chances, corners_on_flat_grid(region, image))
            for region in regions
            if region.outline == "area"
        },
    )


def check_areas(
    image: Projection, regions: Sequence[Region], kinds: Mapping[str, Sequence[Flat]]
) -> Checked:
    """Let the network for flat pictures look at outlines of bones.

    Parameters
    ----------
    kinds : mapping of str to sequence of Flat
        What the region of each id should hold; regions without an entry are left as they are.
    """
    try:
        chances = flat_chances(image)
    except UnsuitableWeights:
        return Checked(tuple(regions), (NOT_RUN,), {})
    if chances is None:
        return Checked(tuple(regions), (), {})
    return weigh(
        regions,
        {
            region.id: area_agrees(chances, corners_on_flat_grid(region, image), kinds[region.id])
            for region in regions
            if region.outline == "area" and region.id in kinds
        },
    )


def weigh(regions: Sequence[Region], said: Mapping[str, Agreement]) -> Checked:
    """Lower confidences by the support that is missing, and name where the two ways disagree."""
    weighed = tuple(
        region
        if region.id not in said or region.confidence is None
        else replace(region, confidence=round(region.confidence * said[region.id].support, 2))
        for region in regions
    )
    checked = Checked(weighed, (), said)
    if not checked.doubted:
        return checked
    finding = Finding(
        code="network_disagrees",
        severity=Severity.WARNING,
        regions=checked.doubted,
        advice=f"The learned check does not see {', '.join(checked.doubted)} where the outline is: "
        "look at the outline and correct it before a value is used.",
    )
    return replace(checked, findings=(finding,))
