"""Drawn CT of both hips, and the truth about each femur."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Array = npt.NDArray[np.float64]

# Adults, as drawn elsewhere here from published means: head 20-27 mm in radius, neck-shaft angle
# 118-140 degrees, anteversion 0-25 degrees.
HEAD_MM, ANGLE_DEG, VERSION_DEG = (20.0, 27.0), (118.0, 140.0), (0.0, 25.0)
NECK_OF_HEAD = (0.60, 0.70)  # radius of the narrowest neck as a share of the head's
JUNCTION_MM = 36.0  # from the surface of the head to the axis of the shaft
SHAFT_MM = 15.0
MUSCLE_HU, FAT_HU, CORTEX_HU, CARTILAGE_HU, AIR_HU = 55.0, -100.0, 900.0, 90.0, -1000.0
SHAFT_MARROW_HU = -40.0
CORTEX_MM, SHAFT_CORTEX_MM = 1.3, 6.0
HALF_MM = (190.0, 110.0)  # of the body, aside and in depth


@dataclass(frozen=True, slots=True)
class FemurTruth:
    """What was drawn; mm along slices, rows and columns of the volume."""

    head: Array
    radius: float
    axis: Array  # unit vector from the head to the shaft
    shaft: Array  # unit vector down the shaft
    neck_radius: float  # at the narrowest place
    narrowest_mm: float  # from the middle of the head
    marrow_hu: float
    angle_deg: float


@dataclass(frozen=True, slots=True)
class HipTruth:
    femora: dict[str, FemurTruth]
    sacrum_mm: Array  # where the middle of the lumbosacral disc would be
    spacing_mm: tuple[float, float, float]


def ct_hip(
    seed: int,
    *,
    slice_mm: float = 2.5,
    pixel_mm: float = 1.2,
    noise_hu: float = 12.0,
    below_mm: float = 130.0,
    marrow_hu: float | None = None,
) -> tuple[npt.NDArray[np.float32], HipTruth]:
    """Draw both hips, foot to head, front to back, right to left.

    Parameters
    ----------
    below_mm : float
        How far the scan reaches below the middle of the heads; 130 shows some shaft, 15 cuts
        the necks off.
    marrow_hu : float, optional
        Of neck and trochanter; drawn between 20 and 180 by default.
    """
    rng = np.random.default_rng(seed)
    above = 110.0
    # Two layers make a slice, as slices mix what they cut across.
    layer_mm = slice_mm / 2
    layers = 2 * int((below_mm + above) / slice_mm)
    rows, columns = (2 * round(half / pixel_mm) for half in (HALF_MM[1] + 15, HALF_MM[0] + 15))
    z = np.arange(layers) * layer_mm
    y = (np.arange(rows) - rows / 2) * pixel_mm
    x = (np.arange(columns) - columns / 2) * pixel_mm
    depth, across = np.meshgrid(y, x, indexing="ij")
    plane = np.full(depth.shape, AIR_HU)
    for share, hu in ((1.0, FAT_HU), (0.88, MUSCLE_HU)):
        half = share * HALF_MM[0], share * HALF_MM[1]
        plane[(across / half[0]) ** 2 + (depth / half[1]) ** 2 < 1] = hu
    axes = tuple(np.asarray(axis, dtype=np.float64) for axis in (z, y, x))
    volume = plane[None].repeat(layers, axis=0)
    # A slice lies half a layer above the first of its two layers.
    corner = np.array([layer_mm / 2, y[0], x[0]])
    femora = {}
    radius, angle = rng.uniform(*HEAD_MM), rng.uniform(*ANGLE_DEG)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        head = np.array([below_mm, rng.normal(0, 3), sign * rng.uniform(82, 96)])
        truth = _femur(rng, sign, head, radius + rng.normal(0, 0.3), angle + rng.normal(0, 2))
        if marrow_hu is not None:
            truth = replace(truth, marrow_hu=marrow_hu)
        _draw(volume, axes, truth, sign)
        femora[side] = replace(truth, head=truth.head - corner)
    volume = ndimage.gaussian_filter(volume, (0.5, 0.5, 0.5))
    sliced = volume.reshape(-1, 2, rows, columns).mean(axis=1)
    sliced += rng.normal(0, noise_hu, sliced.shape)
    disc = np.array([below_mm + 95.0, 40.0, 0.0]) - corner
    return np.rint(sliced).astype(np.float32), HipTruth(
        femora, disc, (slice_mm, pixel_mm, pixel_mm)
    )


def _femur(
    rng: np.random.Generator, sign: float, head: Array, radius: float, angle: float
) -> FemurTruth:
    lean, version = np.deg2rad(angle - 90.0), np.deg2rad(rng.uniform(*VERSION_DEG))
    axis = np.array(
        [-np.sin(lean), np.sin(version) * np.cos(lean), sign * np.cos(version) * np.cos(lean)]
    )
    shaft = np.array([-1.0, rng.normal(0, 0.04), -sign * rng.uniform(0.0, 0.12)])
    shaft /= np.linalg.norm(shaft)
    return FemurTruth(
        head=head,
        radius=radius,
        axis=axis,
        shaft=shaft,
        neck_radius=radius * rng.uniform(*NECK_OF_HEAD),
        narrowest_mm=radius + rng.uniform(3.0, 9.0),
        marrow_hu=rng.uniform(20, 180),
        angle_deg=float(np.rad2deg(np.arccos(-axis @ shaft))),
    )


def _draw(volume: Array, axes: tuple[Array, ...], truth: FemurTruth, sign: float) -> None:
    low, high = truth.head - (200.0, 60.0, 75.0), truth.head + (45.0, 60.0, 75.0)
    spans = tuple(
        slice(int(np.searchsorted(axis, a)), int(np.searchsorted(axis, b)))
        for axis, a, b in zip(axes, low, high, strict=True)
    )
    grid = np.meshgrid(*(axis[span] for axis, span in zip(axes, spans, strict=True)), indexing="ij")
    at = np.stack(grid, axis=-1)
    box = volume[spans]
    off = at - truth.head
    far = np.linalg.norm(off, axis=-1)
    _socket(box, off, far, truth, sign)
    # How deep a place lies inside each part, mm.
    head = truth.radius - far
    along = off @ truth.axis
    away = np.linalg.norm(off - along[..., None] * truth.axis, axis=-1)
    junction = truth.radius + JUNCTION_MM
    waist = truth.neck_radius + 0.016 * (along - truth.narrowest_mm) ** 2
    neck = np.where((along > 0) & (along < junction), waist - away, -99.0)
    start = truth.head + junction * truth.axis
    below = at - start
    down = below @ truth.shaft
    aside = np.linalg.norm(below - down[..., None] * truth.shaft, axis=-1)
    shaft = np.where(down > 0, SHAFT_MM + 7 * np.exp(-down / 18) - aside, -99.0)
    trochanter = _ellipsoid(at, start + (4.0, 3.0, sign * 3.0), (25.0, 17.0, 16.0))
    lesser = 9.0 - np.linalg.norm(at - start - (-34.0, 9.0, -sign * 12.0), axis=-1)
    depth = np.max([head, neck, shaft, trochanter, lesser], axis=0)
    thick = np.where(
        (shaft > -50) & (down > 0),
        np.clip(CORTEX_MM + (down - 15) * 0.09, CORTEX_MM, SHAFT_CORTEX_MM),
        CORTEX_MM,
    )
    fat = np.clip((down - 25) / 30, 0, 1) * (down > 0)
    marrow = truth.marrow_hu * (1 - fat) + SHAFT_MARROW_HU * fat
    # The head is denser than the neck.
    marrow = np.where(head > 0, truth.marrow_hu + 120.0, marrow)
    box[depth > 0] = marrow[depth > 0]
    cortex = (depth > 0) & (depth < thick)
    box[cortex] = CORTEX_HU


def _ellipsoid(at: Array, middle: Array, half: tuple[float, float, float]) -> Array:
    scaled = np.linalg.norm((at - middle) / np.array(half), axis=-1)
    return np.asarray((1 - scaled) * min(half))


def _socket(box: Array, off: Array, far: Array, truth: FemurTruth, sign: float) -> None:
    """Draw cartilage and the shell of bone above and medial of the head."""
    way = np.array([0.72, -0.1, -0.69 * sign])
    covered = off @ way > 0.05 * far
    gap, shell = truth.radius + 3.0, truth.radius + 10.0
    box[(far < gap) & covered] = CARTILAGE_HU
    wall = (far >= gap) & (far < shell) & covered
    box[wall] = 150.0
    box[wall & ((far < gap + 2) | (far > shell - 2))] = 700.0
    # The wing and the pubic branch go on from it.
    wing = (np.abs(off[..., 2] + sign * 8) < 7) & (off[..., 0] > truth.radius + 6)
    wing &= np.abs(off[..., 1]) < 30
    box[wing] = 400.0
