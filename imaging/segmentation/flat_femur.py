"""Drawn hips from the front: head, neck, trochanters, shaft and the pelvis behind the head."""

import numpy as np

from imaging.segmentation.flat_frame import Sheet, frame, sheet
from imaging.segmentation.labels import FLAT_GRID_MM, Flat
from imaging.segmentation.synthesis import Array, Random, clouds


def draw(rng: Random, shape: tuple[int, int]) -> Sheet:
    """Draw one hip; sizes around published ones.

    Femoral heads are 38-56 mm across, necks 26-42 mm, neck-shaft angles 115-145 degrees
    (Boese et al. 2016, Skeletal Radiol 45:19-28, for the angles; recalled, to be confirmed).
    """
    place = frame(rng, shape, FLAT_GRID_MM)
    drawn = sheet(rng, shape)
    down = place.down - rng.normal(-20, 12)
    across = place.across - rng.normal(-12, 12)  # + is away from the body's middle
    angle = np.deg2rad(rng.uniform(112, 148) - 90)
    radius = rng.uniform(18.5, 29)
    axis = np.array([np.cos(angle), np.sin(angle)])  # across, down: from head to shaft
    along = (across * axis[0] + down * axis[1]).astype(np.float32)
    off = (-across * axis[1] + down * axis[0]).astype(np.float32)
    head = (radius - np.hypot(across, down)).astype(np.float32)
    length = rng.uniform(1.45, 2.1) * radius  # from the head's middle to the base of the neck
    neck_half = rng.uniform(0.58, 0.82) * radius
    flare = np.clip((along - 0.75 * length) / length, 0, 1) ** 2
    wide = neck_half * (1 + rng.uniform(0.3, 1.4) * flare)
    neck = np.minimum.reduce([wide - np.abs(off), along, 1.25 * length - along]).astype(np.float32)
    shaft, cortex = _shaft(rng, (down, across), axis * length, radius)
    bright = rng.uniform(45, 120)
    drawn.mark(shaft, Flat.FEMORAL_SHAFT)
    drawn.mark(np.minimum(neck, length - along), Flat.FEMORAL_NECK)
    drawn.mark(head, Flat.FEMORAL_HEAD)
    _pelvis(rng, drawn, (down, across), radius)
    bone = np.maximum.reduce([head, neck, shaft])
    texture = rng.uniform(0, 14) * clouds(rng, shape, 2) + rng.uniform(0, 15) * clouds(
        rng, shape, 12
    )
    drawn.add(bone, bright + texture)
    drawn.add(cortex, bright * rng.uniform(0.3, 1.6), 1.0)
    drawn.line(bone, rng.uniform(0.8, 1.6), rng.uniform(0, 40))
    drawn.add(head, bright * rng.uniform(-0.1, 0.5), 2.0)
    # The lower arc of the neck is its thickest cortex.
    calcar = np.exp(-(((off - 0.8 * wide) / 3.0) ** 2)) * np.clip(neck + 2, 0, 1)
    drawn.density += (rng.uniform(0, 70) * calcar).astype(np.float32)
    return drawn


def _shaft(
    rng: Random,
    at: tuple[Array, Array],
    base: np.ndarray[tuple[int], np.dtype[np.float64]],
    radius: float,
) -> tuple[Array, Array]:
    """Give the shaft with both trochanters, and its cortex."""
    down, across = at
    lean = rng.uniform(-0.12, 0.12)
    middle = base[0] + rng.uniform(-0.1, 0.35) * radius + lean * (down - base[1])
    half = radius * rng.uniform(0.52, 0.75) * np.ones_like(down)
    # Wider above, towards the trochanters.
    half = half * (
        1 + rng.uniform(0.2, 0.7) * np.clip(1 - (down - base[1]) / (2.2 * radius), 0, 1.4)
    )
    top = base[1] - rng.uniform(0.1, 0.5) * radius
    tube = np.minimum(half - np.abs(across - middle), down - top)
    great = (base[0] + rng.uniform(0.5, 0.8) * radius, base[1] - rng.uniform(0.2, 0.6) * radius)
    tall = rng.uniform(0.6, 1.1)
    greater = 1 - np.hypot(
        (across - great[0]) / (0.55 * radius), (down - great[1]) / (tall * radius)
    )
    less = base[0] - rng.uniform(0.2, 0.6) * radius, base[1] + rng.uniform(1.0, 1.7) * radius
    lesser = 1 - np.hypot((across - less[0]) / (0.4 * radius), (down - less[1]) / (0.55 * radius))
    shaft = np.maximum.reduce([tube, greater * 0.5 * radius, lesser * 0.4 * radius])
    wall = rng.uniform(3, 8) * np.clip((down - base[1]) / (2 * radius), 0.1, 1)
    sides = half - np.abs(across - middle)
    cortex = np.minimum.reduce([sides, wall - sides, down - top])
    return shaft.astype(np.float32), cortex.astype(np.float32)


def _pelvis(rng: Random, drawn: Sheet, at: tuple[Array, Array], radius: float) -> None:
    """Draw the socket over the head, ilium above, pubis and ischium around a hole below."""
    down, across = at
    bright = rng.uniform(20, 90)
    off = np.hypot(across, down)
    socket = np.minimum.reduce(
        [radius * rng.uniform(1.15, 1.5) - off, 0.3 * radius - across - 0 * off]
    )
    ilium = np.minimum.reduce(
        [
            -down - rng.uniform(0.7, 1.1) * radius,
            rng.uniform(0.2, 1.0) * radius - across + 0.3 * down,
            across + rng.uniform(1.2, 2.2) * radius - 0.25 * down,
        ]
    )
    low = (-rng.uniform(1.2, 1.9) * radius, rng.uniform(1.2, 1.9) * radius)
    ring = np.hypot((across - low[0]) / (1.15 * radius), (down - low[1]) / (1.25 * radius))
    hole = rng.uniform(0.25, 0.6)
    pubis = np.minimum(1 - ring, (ring - hole)) * radius
    bone = np.maximum.reduce([socket, ilium, pubis]).astype(np.float32)
    free = drawn.labels == Flat.OTHER
    drawn.labels[(bone > 0) & free] = Flat.PELVIS
    drawn.add(bone, bright + rng.uniform(0, 12) * clouds(rng, down.shape, 4), 1.0)
    roof = np.where(down < 0.3 * radius, off - 1.08 * radius, 20)
    drawn.line(roof, rng.uniform(1, 2.5), rng.uniform(0, 110) * (across < 0.7 * radius))
