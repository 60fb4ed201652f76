"""Regions of the femoral necks on CT, and the picture in the plane of each hip."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.ct_femur import HALF_SLAB_MM, Head, Neck, Shaft, find_neck, find_shaft
from imaging.regions.ct_femur_head import refined
from imaging.regions.ct_trochanter import trochanteric_region
from imaging.regions.hip_plane import HipPlane, Line
from imaging.regions.rings import ANGLES
from imaging.regions.straightened import Vector
from imaging.result import Finding, Picture, Region, Severity, Trace
from imaging.volume import Volume
from imaging.voxels import packed

FEMORAL_NECK = "femoral_neck"  # how the names of these regions begin
METHOD = "narrowest section across the axis of the neck, marrow within"
# Away from the cortex of the neck, 1-3 mm thick, which blurs inward over about a slice.
INSET_MM, INSET_SLICES, BESIDE_MM = 4.0, 0.75, 1.5
OFF_HEAD_MM = 1.0
FEWEST_VOXELS = 30
CORTEX_HU, LARGEST_CORTEX = 450.0, 0.05
LEAST_CLEAR = 0.8  # share of the edge that must be seen
CORNERS, ACROSS = 24, 11
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hip:
    """What was found of one femur; lengths are measured on ``neck`` and ``shaft``."""

    neck: Neck
    shaft: Shaft | None
    head_is_sure: bool


@dataclass(frozen=True, slots=True)
class Hips:
    """Regions, with those that were given traced too; findings, pictures, and the bones."""

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    pictures: tuple[Picture, ...]
    hips: tuple[Hip, ...]


def find_hips(volume: Volume, heads: Sequence[Head], regions: Sequence[Region]) -> Hips:
    """Place regions in each femoral neck, and below it, that lie wholly in the scan.

    Parameters
    ----------
    heads : sequence of Head
        As the pelvis showed them; each is fitted again here.
    regions : sequence of Region
        Regions found before; those of the heads are traced in the picture of their hip.
    """
    placed = list(regions)
    findings: list[Finding] = []
    pictures: list[Picture] = []
    hips: list[Hip] = []
    for rough in heads:
        head = refined(volume, rough)
        neck = find_neck(volume, head or rough)
        if neck is None:
            findings.append(_left_out(volume, rough))
            continue
        plane = HipPlane.of(neck)
        pictures.append(plane.picture(volume, rough.side))
        placed = [_with_circle(region, plane, neck, head is not None) for region in placed]
        region = (
            _neck_region(volume, neck, plane) if neck.whole and neck.clear >= LEAST_CLEAR else None
        )
        if region is None:
            findings.append(_left_out(volume, rough))
            continue
        placed.append(region)
        shaft = find_shaft(volume, neck)
        hips.append(Hip(neck, shaft, head is not None))
        if shaft is None:
            findings.append(_no_shaft(rough))
            continue
        trochanteric = trochanteric_region(volume, neck, shaft, plane)
        placed += [trochanteric] if trochanteric is not None else []
    return Hips(tuple(placed), tuple(findings), tuple(pictures), tuple(hips))


def _left_out(volume: Volume, head: Head) -> Finding:
    # A neck reaches some head's radius below the head.
    cut = head.at[0] < 2.0 * head.radius
    why = "leaves the scan at its lower end" if cut else "could not be outlined with certainty"
    return Finding(
        code="femoral_neck_cut_off" if cut else "femoral_neck_left_out",
        severity=Severity.INFO,
        advice=f"The {head.side} femoral neck {why}, so it is not measured.",
    )


def _no_shaft(head: Head) -> Finding:
    return Finding(
        code="femoral_shaft_cut_off",
        severity=Severity.INFO,
        advice=f"Too little of the {head.side} femoral shaft is in view: its angle to the neck and "
        "the bone between the trochanters are not measured.",
    )


def _with_circle(region: Region, plane: HipPlane, neck: Neck, is_sure: bool) -> Region:
    """Show the sphere of a head in the plane that its middle lies in."""
    if region.id != f"femoral_head_{neck.head.side}" or not is_sure:
        return region
    circle = plane.circle(neck.head.at, neck.head.radius)
    trace = Trace(picture=f"hip-{neck.head.side}", part="bone", polygon=circle)
    return replace(region, traces=(*region.traces, trace))


def _neck_region(volume: Volume, neck: Neck, plane: HipPlane) -> Region | None:
    """Mark the slab about the narrowest section, and the marrow inside it."""
    corner, depth = _depth(volume, neck)
    slice_mm = volume.spacing_mm[0]
    inset = max(INSET_MM, INSET_SLICES * slice_mm + BESIDE_MM)
    marrow = depth > inset
    box = volume.voxels[tuple(slice(at, at + n) for at, n in zip(corner, depth.shape, strict=True))]
    # Where cortex lies in what should be marrow, this is no neck.
    if marrow.sum() < FEWEST_VOXELS or (box[marrow] > CORTEX_HU).mean() > LARGEST_CORTEX:
        return None
    areas = marrow.sum(axis=(1, 2))
    middle = int(areas.argmax())
    held = np.flatnonzero(areas)
    name = f"{FEMORAL_NECK}_{neck.head.side}"
    polygon = tuple(
        (column + corner[2], row + corner[1]) for column, row in _around(marrow[middle])
    )
    return Region(
        id=name,
        label=name.replace("_", " "),
        method=METHOD,
        confidence=round(0.9 * neck.clear, 2),
        polygon=polygon,
        slice_index=corner[0] + middle,
        depth_slices=(corner[0] + int(held[0]), corner[0] + int(held[-1])),
        voxels=packed(corner, marrow),
        bone=packed(corner, depth > 0),
        traces=_traces(neck, plane, inset),
    )


def _depth(volume: Volume, neck: Neck) -> tuple[tuple[int, int, int], Vector]:
    """Give how deep voxels of the slab lie under the surface of the neck; mm, negative outside."""
    spacing = np.array(volume.spacing_mm)
    middle = neck.rings.middle[neck.narrowest]
    reach = 40.0
    low = np.maximum(0, np.floor((middle - reach) / spacing)).astype(int)
    high = np.minimum(volume.voxels.shape, np.ceil((middle + reach) / spacing).astype(int) + 1)
    axes = [np.arange(a, b) * mm for a, b, mm in zip(low, high, spacing, strict=True)]
    off = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1) - neck.head.at
    along = off @ neck.axis
    first, second = (off @ way for way in neck.rings.across)
    turn = np.arctan2(second, first) % (2 * np.pi) * ANGLES / (2 * np.pi)
    plane = (along - neck.along_mm[0]) / (neck.along_mm[1] - neck.along_mm[0])
    radii = np.concatenate([neck.rings.radii, neck.rings.radii[:, :1]], axis=1)
    edge = ndimage.map_coordinates(radii, np.stack([plane, turn]), order=1, mode="nearest")
    depth = edge - np.hypot(first, second)
    within = np.abs(along - neck.along_mm[neck.narrowest]) < HALF_SLAB_MM
    # The head is denser than the neck, and round where it meets it.
    within &= np.linalg.norm(off, axis=-1) > neck.head.radius + OFF_HEAD_MM
    corner = (int(low[0]), int(low[1]), int(low[2]))
    return corner, np.asarray(np.where(within, depth, -1.0))


def _around(plane: Mask) -> Line:
    """Outline the voxels of one slice as seen from their middle."""
    rows, columns = np.nonzero(plane)
    row, column = float(rows.mean()), float(columns.mean())
    angle = np.arctan2(rows - row, columns - column) % (2 * np.pi)
    far = np.hypot(rows - row, columns - column)
    corners = []
    for turn in 2 * np.pi * np.arange(CORNERS) / CORNERS:
        near = np.abs((angle - turn + np.pi) % (2 * np.pi) - np.pi) < 2 * np.pi / CORNERS
        reach = float(far[near].max()) if near.any() else 0.5
        corners.append(
            (round(column + reach * np.cos(turn), 1), round(row + reach * np.sin(turn), 1))
        )
    return tuple(corners)


def _traces(neck: Neck, plane: HipPlane, inset: float) -> tuple[Trace, ...]:
    name = f"hip-{neck.head.side}"
    planes = np.flatnonzero(np.abs(neck.along_mm - neck.along_mm[neck.narrowest]) <= HALF_SLAB_MM)
    upper, lower = neck.rings.radii[planes, 0], neck.rings.radii[planes, ANGLES // 2]
    middle, way = neck.rings.middle[planes], neck.rings.across[0]

    def ring(less: float) -> Line:
        top = middle + (upper - less)[:, None] * way
        foot = middle - (lower - less)[:, None] * way
        # Towards the head the slab ends where the ball begins.
        side = np.linspace(less - lower[0], upper[0] - less, ACROSS)
        ball = np.sqrt(np.maximum((neck.head.radius + OFF_HEAD_MM) ** 2 - side**2, 0))
        along = np.maximum(neck.along_mm[planes[0]], ball)
        end = neck.head.at + along[:, None] * neck.axis + side[:, None] * way
        return plane.pixels(np.concatenate([end, top[1:], foot[:0:-1]]))

    at = planes.tolist().index(neck.narrowest)
    width = np.stack([middle[at] + upper[at] * way, middle[at] - lower[at] * way])
    axis = np.stack([neck.head.at, neck.head.at + (neck.along_mm[-1]) * neck.axis])
    return (
        Trace(picture=name, part="bone", polygon=ring(0.0)),
        Trace(picture=name, part="region", polygon=ring(inset)),
        Trace(picture=name, part="points", polygon=plane.pixels(axis), outline="line"),
        Trace(picture=name, part="points", polygon=plane.pixels(width), outline="line"),
    )
