"""Trabecular regions of the first sacral body and of the femoral heads on CT."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.regions.canal import GRID_MM
from imaging.regions.ct_discs import Disc
from imaging.regions.ct_femur import Head
from imaging.regions.straightened import Array, Straightened, Vector
from imaging.result import Finding, Region, Severity
from imaging.volume import Volume
from imaging.wording import about

SACRAL_METHOD = "placed from the lumbosacral disc"
HEAD_METHOD = "ball of dense bone beside the pelvis"
CORNERS = 24
# The first sacral body is about 27 mm high and begins about 5 mm below the middle of the disc
# (assumed): the middle of the region lies in its middle. It is denser below its endplate, so that
# a small region is no sample of it.
S1_BELOW_MM, S1_HALF_MM = 18.0, (6.0, 8.0, 13.0)
# The wings (alae): so far to the side of the body's middle and behind it. Bone and fat alternate
# there within millimetres, so that their regions are large and their intervals wide.
ALA_BELOW_MM, ALA_ASIDE_MM, ALA_BEHIND_MM = 15.0, 36.0, 12.0
ALA_HALF_MM = (10.0, 8.0, 8.0)
# A region is bone with a cortex about it: no more of it may be cortex, or soft tissue and air.
CORTEX_HU, LARGEST_CORTEX = 450.0, 0.1
EMPTIEST_HU = -120.0
# Femoral heads have radii of 20-28 mm in adults; the ball that is looked for fits into all, the
# region lies within it away from cartilage and cortex.
BALL_MM = 18.0
RADII_MM = (19.0, 30.0)
INSET_MM = 8.0
HEAD_ROUND = 0.7  # radius and half height of the region, of what is left: the corners stay within
# The surface: where attenuation drops outward, in most directions but that of neck and socket.
DIRECTIONS, REACH_MM, LEAST_DROP_HU = 300, (14.0, 36.0), 60.0
OFF_MM, LEAST_ROUND = 2.0, 0.35
LOWER_MM = (0.0, 8.0, 16.0, 24.0)
HEAD_HU = 100.0  # heads stay dense in old age, while muscle and the hollow pelvis do not
LEAST_FILLED = 0.93
# Heads lie this far from the middle of the body, on both sides, and this far below the last disc.
ASIDE_MM = (55.0, 125.0)
BELOW_MM = 60.0
METAL_HU, METAL_MM, METAL_MM3 = 2000.0, 55.0, 100.0


@dataclass(frozen=True, slots=True)
class PelvisRegions:
    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    heads: tuple[Head, ...] = ()


def find_pelvis(
    volume: Volume, coarse: Array, spine: Straightened, centre: Vector, disc: Disc
) -> PelvisRegions:
    """Place what of sacrum and femoral heads is in view; what is not certain is left out.

    Parameters
    ----------
    coarse : ndarray
        The volume on the coarse grid of ``canal``.
    disc : Disc
        The lumbosacral one.
    """
    middle = float(np.interp(disc.along, np.arange(len(centre)), centre))
    sacrum = _sacrum(volume, spine, middle, disc)
    at = spine.place(np.array([disc.along]), np.zeros(1), np.zeros(1))[0]
    regions, findings, heads = _heads(volume, coarse, at)
    return PelvisRegions((*sacrum, *regions), findings, tuple(heads))


def _sacrum(volume: Volume, spine: Straightened, middle: float, disc: Disc) -> list[Region]:
    row = int(disc.along)
    normal = spine.up[row] - disc.tilt_front * spine.front[row] - disc.tilt_aside * spine.aside[row]
    normal /= np.linalg.norm(normal)
    start = spine.place(np.array([disc.along]), np.array([middle]), np.zeros(1))[0]
    places = [("S1", start - S1_BELOW_MM * normal, S1_HALF_MM)]
    behind = -spine.front[row] * (0.0, 1.0, 1.0)  # level with the slices, as the regions are
    for side, sign in (("left", 1.0), ("right", -1.0)):
        beside = sign * ALA_ASIDE_MM * spine.aside[row] + ALA_BEHIND_MM * behind
        places.append((f"sacral_ala_{side}", start - ALA_BELOW_MM * normal + beside, ALA_HALF_MM))
    placed = []
    for name, at, half in places:
        region = _ellipse(volume, name, at, half, SACRAL_METHOD)
        if region is not None and _is_marrow(volume, at, half):
            placed.append(region)
    return placed


def _is_marrow(volume: Volume, at: Vector, half: tuple[float, float, float]) -> bool:
    """Whether a place holds neither much cortex nor what is no bone at all."""
    spacing = np.array(volume.spacing_mm)
    low = np.floor((at - half) / spacing).astype(int)
    high = np.ceil((at + half) / spacing).astype(int) + 1
    box = volume.voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    return bool((box > CORTEX_HU).mean() < LARGEST_CORTEX and np.median(box) > EMPTIEST_HU)


def _heads(
    volume: Volume, image: Array, disc: Vector
) -> tuple[list[Region], tuple[Finding, ...], list[Head]]:
    """Find the ball of dense bone on each side; refuse a side with metal."""
    slices = min(len(image), int((disc[0] - BELOW_MM) / GRID_MM))
    if slices * GRID_MM < BALL_MM:
        return [], (), []
    below = image[:slices]
    filled = _share_of_ball(below > HEAD_HU)
    # A ball that is cut by the end of the scan is not a whole head.
    filled[: int(BALL_MM / GRID_MM)] = 0
    aside = (np.arange(below.shape[2]) + 0.5) * GRID_MM - disc[2]
    regions: list[Region] = []
    heads: list[Head] = []
    metal = []
    # Columns grow towards the patient's left.
    for name, sign in (("left", 1.0), ("right", -1.0)):
        beside = (sign * aside > ASIDE_MM[0]) & (sign * aside < ASIDE_MM[1])
        if not beside.any():
            continue
        side = np.where(beside, filled, 0)
        top = np.unravel_index(int(side.argmax()), side.shape)
        if side[top] < LEAST_FILLED:
            continue
        # The middle of all places that are filled as well: the head is larger than the ball.
        best = np.argwhere(side > side[top] - 0.01)
        near = best[np.linalg.norm(best - np.array(top), axis=1) * GRID_MM < BALL_MM]
        at = (near.mean(axis=0) + 0.5) * GRID_MM - 0.5 * np.array(volume.spacing_mm)
        if _metal_about(volume, at):
            metal.append(name)
            continue
        # The roof of the socket is dense as well, and lies right above the head.
        balls = [_sphere(volume, at - np.array([low, 0.0, 0.0])) for low in LOWER_MM]
        at, radius, roundness = max(balls, key=lambda ball: ball[2])
        if roundness < LEAST_ROUND:
            continue
        half = (HEAD_ROUND * (radius - INSET_MM),) * 3
        region = _ellipse(volume, f"femoral_head_{name}", at, half, HEAD_METHOD)
        if region is not None:
            regions.append(region)
        heads.append(Head(name, at, radius))
    return regions, _metal_finding(metal), heads


def _sphere(volume: Volume, start: Vector) -> tuple[Vector, float, float]:
    """Fit a sphere to the surface of a head.

    Returns
    -------
    middle, radius, roundness
        mm; roundness is the share of directions in which the surface lies on the sphere, 0 where
        it is not a head's.
    """
    turn = np.arange(DIRECTIONS) * np.pi * (3 - 5**0.5)
    height = 1 - 2 * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    flat = np.sqrt(1 - height**2)
    rays = np.column_stack([height, flat * np.cos(turn), flat * np.sin(turn)])
    reach = np.arange(*REACH_MM)
    at, radius = start, float(np.mean(RADII_MM))
    for _ in range(4):
        points = at + rays[:, None] * reach[:, None]
        index = np.moveaxis(points / np.array(volume.spacing_mm), -1, 0)
        along = ndimage.map_coordinates(volume.voxels, index, order=1, mode="nearest")
        drop = -ndimage.gaussian_filter1d(np.clip(along, -100, 600), 1.5, axis=1, order=1) * 4
        best = drop.argmax(axis=1)
        seen = drop[np.arange(len(rays)), best] > LEAST_DROP_HU
        surface = points[np.arange(len(rays)), best]
        off = np.abs(np.linalg.norm(surface - at, axis=1) - radius)
        used = seen & (off < max(OFF_MM, float(np.median(off[seen])) if seen.any() else OFF_MM))
        if used.sum() < LEAST_ROUND * DIRECTIONS / 2:
            return start, radius, 0.0
        # |p|^2 = 2 p.c + (r^2 - |c|^2): linear in centre and offset.
        basis = np.column_stack([2 * surface[used], np.ones(used.sum())])
        terms = np.linalg.lstsq(basis, (surface[used] ** 2).sum(axis=1), rcond=None)[0]
        at = terms[:3]
        radius = float(np.sqrt(max(terms[3] + at @ at, 0)))
    near = seen & (np.abs(np.linalg.norm(surface - at, axis=1) - radius) < OFF_MM)
    is_head = RADII_MM[0] < radius < RADII_MM[1] and np.linalg.norm(at - start) < BALL_MM
    return at, radius, float(near.mean()) if is_head else 0.0


def _metal_finding(sides: list[str]) -> tuple[Finding, ...]:
    if not sides:
        return ()
    return (
        Finding(
            code="metal_hip",
            severity=Severity.WARNING,
            advice=f"{about([f'{side} hip' for side in sides], 'holds', 'hold')} metal: bone is "
            "not measured there.",
        ),
    )


def _share_of_ball(dense: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Array:
    """Give the share of a ball about every place that is dense."""
    reach = np.arange(-int(BALL_MM / GRID_MM), int(BALL_MM / GRID_MM) + 1) * GRID_MM
    z, y = np.meshgrid(reach, reach, indexing="ij")
    total = np.zeros(dense.shape, dtype=np.float32)
    weight = 0.0
    values = dense.astype(np.float32)
    # Row by row of the ball: a running mean along columns for each of its chords.
    squared = BALL_MM**2 - z**2 - y**2
    sums: dict[int, Array] = {}
    for i, j in np.argwhere(squared >= 0):
        length = 2 * int(np.sqrt(squared[i, j]) / GRID_MM) + 1
        if length not in sums:
            sums[length] = length * np.asarray(
                ndimage.uniform_filter1d(values, length, axis=2, mode="constant")
            )
        step = (i - len(reach) // 2, j - len(reach) // 2)
        to, away = _overlap(dense.shape, step)
        total[to] += sums[length][away]
        weight += length
    return total / np.float32(weight)


def _overlap(
    shape: tuple[int, ...], step: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Give the places whose neighbour at (slices, rows) lies in the volume, and the neighbours."""
    to = [
        slice(max(0, -shift), min(size, size - shift))
        for shift, size in zip(step, shape, strict=False)
    ]
    away = [slice(at.start + shift, at.stop + shift) for at, shift in zip(to, step, strict=True)]
    return (to[0], to[1]), (away[0], away[1])


def _metal_about(volume: Volume, at: Vector) -> bool:
    spacing = np.array(volume.spacing_mm)
    low = np.maximum(0, np.floor((at - METAL_MM) / spacing)).astype(int)
    high = np.ceil((at + METAL_MM) / spacing).astype(int) + 1
    box = volume.voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    return bool((box > METAL_HU).sum() * np.prod(spacing) > METAL_MM3)


def _ellipse(
    volume: Volume, name: str, at: Vector, half: tuple[float, float, float], method: str
) -> Region | None:
    """Draw an upright elliptic cylinder; None where it leaves the volume."""
    spacing = np.array(volume.spacing_mm)
    index, reach = at / spacing, np.array(half) / spacing
    size = np.array(volume.voxels.shape)
    if (index - reach < 0).any() or (index + reach > size - 1).any():
        return None
    turn = 2 * np.pi * np.arange(CORNERS) / CORNERS
    polygon = tuple(
        (
            round(float(index[2] + reach[2] * np.cos(a)), 1),
            round(float(index[1] + reach[1] * np.sin(a)), 1),
        )
        for a in turn
    )
    middle = round(float(index[0]))
    first = min(middle, int(np.ceil(index[0] - reach[0])))
    last = max(middle, int(np.floor(index[0] + reach[0])))
    return Region(
        id=name,
        label=name.replace("_", " "),
        method=method,
        confidence=0.6,
        polygon=polygon,
        slice_index=middle,
        depth_slices=(first, last),
    )
