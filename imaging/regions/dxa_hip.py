"""The proximal femur on a densitometer's picture: neck, trochanter, total hip, head and axes."""

from dataclasses import dataclass

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.polygons import thinned
from imaging.projection import Projection
from imaging.regions.dxa_hip_bridge import DOUBT, doubtful, find_bridge
from imaging.regions.dxa_hip_head import Head, find_brim, find_head
from imaging.regions.dxa_hip_neck import (
    Circle,
    Crossing,
    Neck,
    below,
    find_crossing,
    refine,
    soft_tissue,
)
from imaging.regions.dxa_hip_noise import sureness
from imaging.regions.dxa_hip_outline import Outline, find_outline
from imaging.regions.dxa_hip_parts import parts_of
from imaging.regions.dxa_hip_quality import MOST_LEAN_DEG, check_bone, findings_of
from imaging.regions.dxa_hip_shaft import Shaft, find_shaft
from imaging.regions.dxa_hip_upright import check_foot, check_upright
from imaging.regions.dxa_hip_words import LABELS, METHOD, method_of_neck
from imaging.regions.edge_field import EdgeField, Vector, edge_field
from imaging.regions.spine_column import STEP_MM, exposed_field, on_working_grid
from imaging.result import Finding, Region
from imaging.result import Outline as Shape

# Heights that a hip picture may have where the file does not say; the neck's score chooses.
GUESSED_HEIGHT_MM = (125.0, 155.0, 190.0)
# Below the first no neck; a side is believed where it beats the other this many times. Real hips
# of two vendors score 0.15-0.17, their mirrored readings 0.05 at most.
LEAST_SCORE = 0.05
LEAST_LEAD = 1.4
CERTAIN_SCORE = 0.12
CERTAIN_EDGE = 0.08
# Share of the head's free edge that must be seen before anything is measured from its centre.
LEAST_SEEN = 0.42
CERTAIN_SEEN = 0.7
CLEAR_NECK, CLEAR_HEAD = 0.75, 0.5  # confidence from which a picture is named after them
TOLERANCE_MM = 0.35


@dataclass(frozen=True, slots=True)
class HipRegions:
    """What was found on one hip picture.

    Attributes
    ----------
    regions : tuple of Region
        Areas ``femoral_neck, trochanter, intertrochanteric, total_hip, femoral_head`` and lines
        ``femoral_axis, neck_axis, neck_width, hip_axis``; the last and the head only where seen.
    medial_left : bool
        Whether the pelvis lies to the picture's left, as on a left hip shown the usual way.
    """

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    medial_left: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """One reading of the picture, with its medial side turned to the left."""

    field: EdgeField
    shaft: Shaft
    crossing: Crossing
    mirrored: bool
    lead: float
    spacing: tuple[float, float]
    soft: float


def find_regions(projection: Projection) -> HipRegions:
    """Place the regions of a hip image.

    Raises
    ------
    UnsuitableScan
        If there is no shaft at the foot of the picture, no neck beside it, the two sides cannot
        be told apart, or there is metal in the femur.
    """
    found = _best_reading(projection)
    neck = refine(found.field, found.crossing)
    head = find_head(found.field, neck)
    neck = _with_head(found, neck, head)
    head = find_head(found.field, neck)
    neck = _with_head(found, neck, head)
    rows, columns = found.field.grey.shape
    circle = head.circle()
    in_picture = ((circle > 1) & (circle < np.array([rows - 2, columns - 2]))).all(axis=1).mean()
    visible = head.seen >= LEAST_SEEN and in_picture > 0.85
    if not visible:
        neck = refine(found.field, found.crossing)
    shown = head if visible else None
    hologic = "hologic" in str(projection.tags.get("Manufacturer", "")).lower()
    outline = find_outline(found.field, found.shaft, neck, shown, by_trochanter=hologic)
    check_foot(found.field, found.shaft)
    check_bone(found.field, found.shaft, outline, found.soft)
    check_upright(found.field, found.shaft, neck, head, outline, found.soft)
    brim = find_brim(found.field, head, neck.ahead, found.soft) if visible else None
    bridge = find_bridge(found.field, found.shaft, neck, outline, found.soft)
    doubted = bridge is not None and not bridge.agrees
    sure = _sureness(found, neck, shown) * (DOUBT if doubted else 1.0)
    sure *= sureness(projection, found.spacing, found.field, neck, found.soft)
    regions = _regions(projection, found, neck, shown, outline, brim, sure=sure, hologic=hologic)
    findings = [doubtful()] if doubted else []
    findings += findings_of(found.shaft, outline, (rows, columns), head_seen=visible, brim=brim)
    return HipRegions(regions, tuple(findings), medial_left=not found.mirrored)


def looks_like_a_hip(projection: Projection) -> bool:
    """Tell whether shaft, neck and head are all found, and clearly."""
    try:
        regions = find_regions(projection).regions
    except UnsuitableScan:
        return False
    sure = {region.id: region.confidence or 0.0 for region in regions}
    return sure.get("femoral_head", 0.0) >= CLEAR_HEAD and sure["femoral_neck"] >= CLEAR_NECK


def _with_head(found: _Found, neck: Neck, head: Head) -> Neck:
    """Seek the neck again where it leaves the head."""
    circle = Circle(head.centre, head.radius)
    crossing = find_crossing(
        found.field, found.shaft, found.soft, head=circle, near=found.crossing.angle_deg
    )
    if crossing is None or crossing.score < LEAST_SCORE:
        return neck
    return refine(found.field, crossing, circle)


def _best_reading(projection: Projection) -> _Found:
    pixels = np.where(exposed_field(projection.pixels), projection.pixels, projection.pixels.min())
    pixels = np.asarray(pixels - pixels.min(), dtype=np.float32)
    if projection.spacing is not None:
        spacings = [(projection.spacing.mm[0], projection.spacing.mm[1])]
    else:
        spacings = [(high / len(pixels),) * 2 for high in GUESSED_HEIGHT_MM]
    readings: list[_Found] = []
    shafts = 0
    for spacing in spacings:
        field = edge_field(on_working_grid(pixels, spacing))
        shaft = find_shaft(field)
        if shaft is None:
            continue
        shafts += 1
        soft = soft_tissue(field.grey)
        sides = _sides(field, shaft, soft)
        readings += [
            _Found(view, line, crossing, mirrored, lead, spacing, soft)
            for view, line, crossing, mirrored, lead in sides
        ]
    if not shafts:
        raise UnsuitableScan(
            "No shaft of a femur can be followed at the foot of this hip image: check that the "
            "picture stands upright and that the shaft is in view."
        )
    best = max(readings, key=lambda reading: reading.crossing.score, default=None)
    if best is None or best.crossing.score < LEAST_SCORE:
        raise UnsuitableScan(
            "No femoral neck can be followed between shaft and pelvis in this hip image: check "
            "the positioning, and that head and neck are in view."
        )
    if best.lead < LEAST_LEAD:
        raise UnsuitableScan(
            "On both sides of the shaft there is something like a femoral neck, so the hip cannot "
            "be told from what lies beside it: repeat the scan or place the regions by hand."
        )
    return best


def _sides(
    field: EdgeField, shaft: Shaft, soft: float
) -> list[tuple[EdgeField, Shaft, Crossing, bool, float]]:
    """Read the picture as it is and mirrored; the better one with its lead over the other."""
    found = []
    for mirrored in (False, True):
        view = field.mirrored() if mirrored else field
        line = shaft.mirrored(field.grey.shape[1]) if mirrored else shaft
        crossing = find_crossing(view, line, soft)
        if crossing is not None:
            found.append((view, line, crossing, mirrored))
    found.sort(key=lambda one: -one[2].score)
    if not found or found[0][2].score <= 0:
        return []
    other = found[1][2].score if len(found) > 1 else 0.0
    lead = found[0][2].score / max(other, 1e-3)
    return [(*found[0], lead)]


def _sureness(found: _Found, neck: Neck, head: Head | None) -> float:
    sure = float(np.clip(found.crossing.score / CERTAIN_SCORE, 0.1, 1.0))
    sure *= float(np.clip(neck.edge / CERTAIN_EDGE, 0.3, 1.0)) * 0.95
    if abs(found.shaft.lean_deg) > MOST_LEAN_DEG:
        sure *= 0.7
    return sure if head is not None else 0.7 * sure


def _regions(
    projection: Projection,
    found: _Found,
    neck: Neck,
    head: Head | None,
    outline: Outline,
    brim: Vector | None,
    *,
    sure: float,
    hologic: bool,
) -> tuple[Region, ...]:
    whole = sure if outline.whole else sure * 0.6
    parts = parts_of(outline, found.shaft, neck)
    across = below(neck.ahead)
    neck_only = (sure, method_of_neck(head_seen=head is not None, hologic=hologic))
    regions = [
        _region(
            projection,
            found,
            name,
            points,
            "area",
            *(neck_only if name == "femoral_neck" else (whole, METHOD)),
        )
        for name, points in parts.items()
        if len(points) >= 3
    ]
    foot = found.shaft.at(min(outline.lower, float(found.shaft.height(outline.corner)) - 1))
    ends = {
        "femoral_axis": [foot, outline.corner],
        "neck_axis": [outline.corner, neck.centre if head is None else head.centre],
        "neck_width": [neck.centre - neck.upper * across, neck.centre + neck.lower * across],
    }
    if head is not None:
        shown = sure * float(np.clip(head.seen / CERTAIN_SEEN, 0.1, 1.0))
        regions.append(_region(projection, found, "femoral_head", head.circle(), "area", shown))
        if brim is not None:
            ends["hip_axis"] = [outline.lateral_end, brim]
    regions += [
        _region(projection, found, name, np.array(points), "line", sure)
        for name, points in ends.items()
    ]
    return tuple(regions)


def _region(
    projection: Projection,
    found: _Found,
    name: str,
    points: Vector,
    shape: Shape,
    confidence: float,
    method: str = METHOD,
) -> Region:
    if shape == "area":
        points = thinned(points, TOLERANCE_MM / STEP_MM)
    return Region(
        id=name,
        label=LABELS[name],
        method=method,
        confidence=round(confidence, 2),
        polygon=_to_picture(points, found, projection),
        outline=shape,
    )


def _to_picture(
    points: Vector, found: _Found, projection: Projection
) -> tuple[tuple[float, float], ...]:
    """Turn places on the working grid into (column, row) in pixels of the picture."""
    columns = points[:, 1]
    if found.mirrored:
        columns = found.field.grey.shape[1] - 1 - columns
    high, wide = projection.pixels.shape
    across = np.clip((columns + 0.5) * STEP_MM / found.spacing[1] - 0.5, 0, wide - 1)
    down = np.clip((points[:, 0] + 0.5) * STEP_MM / found.spacing[0] - 0.5, 0, high - 1)
    return tuple(
        (round(float(x), 1), round(float(y), 1)) for x, y in zip(across, down, strict=True)
    )
