"""Vertebral bodies on a CT volume: canal, straightened spine, discs, names, outlines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.regions.body_outline import outlines
from imaging.regions.canal import (
    GRID_MM,
    find_canal,
    is_upright,
    on_coarse_grid,
    trunk_middle,
)
from imaging.regions.ct_bodies import Body, drawn_region, find_body, is_sound
from imaging.regions.ct_discs import Disc, find_discs
from imaging.regions.ct_levels import names_from, sacral_disc
from imaging.regions.ct_pelvis_bone import PelvisRegions, find_pelvis
from imaging.regions.ct_turned_over import is_turned_over
from imaging.regions.straightened import Straightened, Vector, straighten, usable_span
from imaging.result import Finding, Region, Severity
from imaging.volume import Volume
from imaging.wording import about, listed

METHOD = "canal rail, polar outline and disc chain"
UNKNOWN = "level unknown"
# A disc this dark is certain.
CERTAIN = 0.35
# Share of an endplate's columns that agree with its surface where it is certain: 0.94 and more on
# real vertebrae as scanned, 0.77 in one made very porous.
AGREEING = 0.9
# Where all columns agree an endplate is one, though its disc be faint. Elsewhere a disc of little
# more than half the usual darkness of this spine may be a bone island or a nodule taken for one.
CRISP, USUAL_SHARE = 0.97, 0.6
FEWEST_DISCS = 2
NOT_FOUND = (
    "No row of vertebrae can be followed in this CT: send an axial series that shows at least "
    "two whole vertebrae of the thoracic or lumbar spine."
)
TURNED_OVER = (
    "The sacrum lies at the upper end of this CT: the slices seem to be stored foot for head, or "
    "their positions were lost, so send the series as the scanner made it."
)


@dataclass(frozen=True, slots=True)
class CtRegions:
    """Regions, findings and the spine they were found on.

    Attributes
    ----------
    columns : ndarray, shape (slices,)
        Column of the canal in each slice of the volume, for the sagittal picture.
    bodies : dict of str to Body
    spine : Straightened
        The spine unrolled along its canal, for a second look at it.
    pelvis : PelvisRegions
        What lies below the last disc: the first sacral body and the femoral heads.
    """

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    columns: Vector
    bodies: dict[str, Body]
    spine: Straightened
    pelvis: PelvisRegions


def find_regions(volume: Volume) -> CtRegions:
    """Place a trabecular region in every whole vertebral body.

    Raises
    ------
    UnsuitableScan
        If no spine with at least two discs can be followed.
    """
    if min(n * mm for n, mm in zip(volume.voxels.shape, volume.spacing_mm, strict=True)) < GRID_MM:
        raise UnsuitableScan(NOT_FOUND)  # not one cell of the grid
    coarse = on_coarse_grid(volume)
    if min(coarse.shape[1:]) * GRID_MM < 100 or len(coarse) < 12:
        raise UnsuitableScan(NOT_FOUND)
    trunk = trunk_middle(coarse)
    canal = find_canal(coarse, trunk)
    span = usable_span(canal[:, 2])
    if span is None:
        raise UnsuitableScan(NOT_FOUND)
    if not is_upright(trunk, canal, span):
        raise UnsuitableScan(
            "The spine does not lie where the directions of the slices put the back: the pictures "
            "seem to be turned, so send the series as the scanner made it."
        )
    spine = straighten(volume, canal, span)
    centre, radii = outlines(spine.voxels)
    discs = find_discs(spine, centre, radii)
    if len(discs) < FEWEST_DISCS:
        raise UnsuitableScan(NOT_FOUND)
    sacral = sacral_disc(volume, spine, radii, discs)
    names: list[str | None] = [None] * (len(discs) - 1)
    if sacral is None and is_turned_over(volume, spine, centre, radii):
        raise UnsuitableScan(TURNED_OVER)
    if sacral is not None:
        names = names_from(sacral, len(discs))
    regions, bodies, findings = _regions(volume, spine, centre, discs, names, sacral)
    if not regions:
        raise UnsuitableScan(NOT_FOUND)
    if sacral is None:
        findings = (_unknown(), *findings)
        pelvis = PelvisRegions((), ())
    else:
        pelvis = find_pelvis(volume, coarse, spine, centre, discs[sacral])
    columns = canal_columns(volume, canal)
    return CtRegions(regions, findings, columns, bodies, spine, pelvis)


def canal_columns(volume: Volume, canal: Vector) -> Vector:
    """Give the canal's column in every slice of the volume."""
    slice_mm, _, column_mm = volume.spacing_mm
    z = (np.arange(len(canal)) + 0.5) * GRID_MM - 0.5 * slice_mm
    x = ((canal[:, 1] + 0.5) * GRID_MM - 0.5 * column_mm) / column_mm
    return np.asarray(np.interp(np.arange(len(volume.voxels)) * slice_mm, z, x))


def middle_columns(volume: Volume, regions: Sequence[Region]) -> Vector:
    """Give the column through the middle of a person's regions in every slice."""
    placed = sorted(
        (region.slice_index or 0, float(np.mean([column for column, _ in region.polygon])))
        for region in regions
    )
    at, columns = zip(*placed, strict=True)
    return np.asarray(np.interp(np.arange(len(volume.voxels)), at, columns))


def still_unknown(regions: Sequence[Region]) -> tuple[Finding, ...]:
    """Say which vertebrae a person left without a level: while any is, the count is not sure."""
    names = [region.id for region in regions if region.label == UNKNOWN]
    if not names:
        return ()
    return (
        Finding(
            code="level_unknown",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"{about(names, 'carries', 'carry')} no level yet: name every vertebra before "
            "a value is used.",
        ),
    )


def _unknown() -> Finding:
    return Finding(
        code="level_unknown",
        severity=Severity.WARNING,
        advice="The sacrum is not in view, so the vertebrae cannot be counted: they are numbered "
        "from above, and a person must name the level before a value is used.",
    )


def _regions(
    volume: Volume,
    spine: Straightened,
    centre: Vector,
    discs: list[Disc],
    names: list[str | None],
    sacral: int | None,
) -> tuple[tuple[Region, ...], dict[str, Body], tuple[Finding, ...]]:
    regions: list[Region] = []
    bodies: dict[str, Body] = {}
    left_out: list[str | None] = []
    clear = max(CERTAIN, USUAL_SHARE * float(np.median([disc.depth for disc in discs])))
    # From head to foot, as people read a spine.
    for at in reversed(range(sacral or 0, len(discs) - 1)):
        lower, upper = discs[at], discs[at + 1]
        body = find_body(volume, spine, centre, lower, upper, clear)
        name = names[at] or f"V{len(regions) + 1}"
        drawn = drawn_region(body) if is_sound(body) else None
        if drawn is None:
            left_out.append(names[at])
            continue
        polygon, index, depth = drawn
        needed = CERTAIN if body.agreement >= CRISP else clear
        certainty = min(min(lower.depth, upper.depth) / needed, body.agreement / AGREEING)
        regions.append(
            Region(
                id=name,
                label=names[at] or UNKNOWN,
                method=METHOD,
                confidence=round(float(np.clip(certainty, 0.1, 1.0)) * 0.95, 2),
                polygon=polygon,
                slice_index=index,
                depth_slices=depth,
            )
        )
        bodies[name] = body
    return tuple(regions), bodies, _left_out(left_out)


def _left_out(names: Sequence[str | None]) -> tuple[Finding, ...]:
    """Say which vertebrae have no outline; those without a level are counted."""
    if not names:
        return ()
    told = [name for name in names if name is not None]
    unnamed = len(names) - len(told)
    if unnamed:
        told.append(
            "one vertebra without a level" if unnamed == 1 else f"{unnamed} without a level"
        )
    return (
        Finding(
            code="vertebra_left_out",
            severity=Severity.WARNING,
            advice=f"Not outlined with certainty and not measured: {listed(told)} (crushed, cut "
            "off, or hidden by metal); draw the region by hand if it is needed.",
        ),
    )
