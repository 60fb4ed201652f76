"""Drawn spines from the side, thoracic to sacral, as a vertebral assessment shows them."""

import numpy as np

from imaging.segmentation.flat_frame import Disc, Sheet, chain, frame, sheet
from imaging.segmentation.labels import FLAT_GRID_MM, Flat
from imaging.segmentation.synthesis import Array, Random, clouds

CRUSHED_SHARE = 0.12


def draw(rng: Random, shape: tuple[int, int]) -> Sheet:
    """Draw a curved column facing one side, with arches behind, ribs and soft tissue in front."""
    place = frame(rng, shape, FLAT_GRID_MM)
    drawn = sheet(rng, shape)
    reach = shape[0] * FLAT_GRID_MM / 2
    curve = rng.normal(0, 12) * (place.down / 80) + rng.normal(0, 9) * (place.down / 80) ** 2
    ahead = (place.across - rng.normal(-5, 10) - curve).astype(np.float32)  # + is forward
    slope = np.gradient(curve, axis=0).mean()
    height = rng.uniform(14, 28)
    discs = [
        Disc(disc.at, disc.lean - slope * 0.8, disc.half)
        for disc in chain(
            rng,
            -reach - rng.uniform(5, 40),
            reach + 50,
            height,
            rng.uniform(1.0, 1.035),
            rng.uniform(0.12, 0.36),
        )
    ]
    half_depth = rng.uniform(10.5, 18.5) * (1 + place.down / reach * rng.uniform(0, 0.12))
    _soft(rng, drawn, place.down, ahead)
    sacral = len(discs) if rng.random() < 0.6 else int(rng.integers(len(discs) // 2, len(discs)))
    if sacral < len(discs):
        _sacrum(rng, drawn, discs[sacral], place.down, ahead)
    bright, gap = rng.uniform(40, 110), rng.uniform(0.0, 0.7)
    plate, cortex = rng.uniform(0, 60), rng.uniform(0, 45)
    arch = rng.uniform(20, 150)
    for above, below in zip(discs[:sacral], discs[1 : sacral + 1], strict=False):
        top = above.off(place.down, ahead) - above.half
        bottom = -below.off(place.down, ahead) - below.half
        body = _body(rng, top, bottom, ahead, half_depth)
        drawn.mark(body, Flat.BODY)
        drawn.add(body, bright * rng.normal(1, 0.08) + rng.uniform(0, 15) * clouds(rng, shape, 2))
        drawn.line(body, rng.uniform(0.8, 1.5), plate * np.clip(half_depth - np.abs(ahead), 0, 1))
        drawn.line(body, 1.0, cortex)
        _arch(rng, drawn, (top, bottom, ahead), half_depth, arch)
    for disc in discs[: sacral + 1]:
        inside = np.minimum(
            disc.half + 2.0 - np.abs(disc.off(place.down, ahead)), half_depth * 0.97 - np.abs(ahead)
        )
        inside = np.where(drawn.labels == Flat.OTHER, inside, -1).astype(np.float32)
        drawn.mark(inside, Flat.DISC)
        drawn.add(inside, bright * gap, 1.0)
    _ribs(rng, drawn, place.down, ahead)
    return drawn


def _body(rng: Random, top: Array, bottom: Array, ahead: Array, half_depth: Array) -> Array:
    """Give the outline of a body: hollow walls, hollow plates, now and then crushed."""
    height = np.maximum(top + bottom, 1.0)
    share = np.clip(top / height, 0, 1)
    deep = np.clip(1 - (ahead / half_depth) ** 2, 0, 1)
    hollow = rng.uniform(0, 2.2) * deep
    lost = np.zeros_like(ahead)
    if rng.random() < CRUSHED_SHARE:
        amount = rng.uniform(0.15, 0.5) * height
        # In front, in the middle, or all over.
        where = (np.clip(0.5 + ahead / half_depth / 2, 0, 1), deep, np.ones_like(ahead))
        lost = amount * where[int(rng.integers(0, 3))]
    waist = rng.uniform(0.3, 2.5) * np.sin(np.pi * share)
    wall = half_depth - waist - np.abs(ahead)
    return np.asarray(
        np.minimum.reduce([wall, top - hollow - lost, bottom - hollow]), dtype=np.float32
    )


def _arch(
    rng: Random, drawn: Sheet, at: tuple[Array, Array, Array], half_depth: Array, bright: float
) -> None:
    """Draw pedicle, facets and spinous process behind the body."""
    top, bottom, ahead = at
    height = np.maximum(top + bottom, 1.0)
    behind = -ahead - half_depth
    pedicle = np.minimum(rng.uniform(3, 5.5) - np.abs(top - 0.3 * height), 6 - np.abs(behind - 4))
    drawn.add(pedicle, bright * rng.uniform(0.3, 0.8), 1.0)
    facet = 1 - np.hypot((behind - rng.uniform(9, 16)) / 6, (bottom + rng.uniform(-4, 8)) / 12)
    drawn.add((facet * 6), bright * rng.uniform(0.3, 1.0), 1.5)
    tip = np.minimum(rng.uniform(4, 9) - np.abs(bottom + 0.3 * (behind - 25)), behind - 14)
    spinous = np.minimum(tip, rng.uniform(30, 45) - behind)
    drawn.add(spinous, bright * rng.uniform(0.1, 0.7), 1.5)


def _soft(rng: Random, drawn: Sheet, down: Array, ahead: Array) -> None:
    """Draw lung above and belly below, bowel, and the wall of the chest."""
    border = rng.uniform(-60, 120) + rng.uniform(-0.8, 0.3) * ahead
    drawn.add((down - border), rng.uniform(0, 40), 4.0)
    behind = (-ahead - rng.uniform(40, 70)).astype(np.float32)
    drawn.add(behind, -rng.uniform(0, 20), 3.0)
    drawn.density += rng.uniform(0, 18) * clouds(rng, down.shape, 10) * (ahead > 10)


def _ribs(rng: Random, drawn: Sheet, down: Array, ahead: Array) -> None:
    """Draw ribs that run across the bodies, downward in front."""
    for _ in range(rng.integers(0, 7)):
        slope, thick = rng.uniform(0.2, 1.4), rng.uniform(2, 5)
        off = (down - rng.uniform(-90, 90) - slope * ahead) / np.hypot(1, slope)
        rib = np.minimum(thick - np.abs(off), ahead + rng.uniform(0, 30))
        drawn.add(rib, rng.uniform(4, 35), 1.5)


def _sacrum(rng: Random, drawn: Sheet, disc: Disc, down: Array, ahead: Array) -> None:
    below = disc.off(down, ahead) - disc.half
    back = ahead + rng.uniform(0.3, 1.0) * below
    bone = np.minimum(below, rng.uniform(14, 20) - np.abs(back))
    drawn.mark(bone, Flat.PELVIS)
    drawn.add(bone, rng.uniform(40, 120), 1.0)
    wing = np.minimum(below + rng.uniform(-20, 10), 60 - np.abs(ahead - rng.uniform(-20, 30)))
    drawn.add(wing, rng.uniform(5, 60), 2.0)
