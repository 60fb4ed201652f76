"""Drawn lumbar spines from the front, as a densitometer shows them."""

import numpy as np

from imaging.segmentation.flat_frame import Disc, Frame, Sheet, chain, frame, meander, sheet
from imaging.segmentation.labels import FLAT_GRID_MM, Flat
from imaging.segmentation.synthesis import Array, Random, clouds

PELVIS_SHARE = 0.6


def draw(rng: Random, shape: tuple[int, int]) -> Sheet:
    """Draw a column with processes, ribs, pelvis and sacrum; bodies grow wider downward."""
    place = frame(rng, shape, FLAT_GRID_MM)
    drawn = sheet(rng, shape)
    reach = shape[0] * FLAT_GRID_MM / 2
    across = place.across - rng.normal(0, 8) - meander(rng, place.down, 5)
    height = rng.uniform(19, 29)
    discs = chain(
        rng,
        -reach - rng.uniform(5, 60),
        reach + 60,
        height,
        rng.uniform(1.0, 1.06),
        rng.uniform(0.14, 0.38),
    )
    half_width = rng.uniform(15.5, 23) * (1 + place.down / reach * rng.uniform(0.0, 0.16))
    sacral = _pelvis(rng, drawn, place, across, discs)
    if rng.random() < 0.6:
        _ribs(rng, drawn, place, across, reach)
    style = _Style(rng)
    for at, (above, below) in enumerate(zip(discs, discs[1:], strict=False)):
        if at < sacral:
            _vertebra(rng, drawn, (place.down, across), above, below, half_width, style)
    for at, disc in enumerate(discs[: sacral + 1]):
        inside = np.minimum(
            disc.half + 0.5 - np.abs(disc.off(place.down, across)),
            half_width * 0.97 - np.abs(across),
        )
        free = drawn.labels != Flat.BODY
        drawn.labels[(inside > 0) & free & (at <= sacral)] = Flat.DISC
        drawn.add(inside, style.disc * rng.uniform(0.7, 1.3), 1.0)
    return drawn


class _Style:
    """Densities that the vertebrae of one picture share."""

    def __init__(self, rng: Random) -> None:
        self.body = rng.uniform(45, 120)
        self.disc = self.body * rng.uniform(0.2, 0.85)
        self.plate = rng.uniform(0, 70)
        self.cortex = rng.uniform(0, 60)
        self.pedicle = rng.uniform(0, 90)
        self.spinous = rng.uniform(0, 130)
        self.facet = rng.uniform(0, 70)
        self.wing = rng.uniform(0, 35)
        self.waist = rng.uniform(0.5, 4.5)
        self.plate_mm = rng.uniform(0.6, 1.6)
        self.grain = rng.uniform(0, 18)


def _vertebra(
    rng: Random,
    drawn: Sheet,
    at: tuple[Array, Array],
    above: Disc,
    below: Disc,
    half_width: Array,
    style: _Style,
) -> None:
    down, across = at
    top = above.off(down, across) - above.half
    bottom = -below.off(down, across) - below.half
    height = np.maximum(top + bottom, 1.0)
    share = np.clip(top / height, 0, 1)
    side = np.abs(across)
    edge = half_width - style.waist * np.sin(np.pi * share) - side
    # Endplates bow into the body.
    bow = rng.uniform(0, 2.0) * np.clip(1 - (across / half_width) ** 2, 0, 1)
    body = np.minimum.reduce([edge, top - bow, bottom - bow])
    bright = style.body * rng.normal(1, 0.08)
    drawn.mark(np.minimum.reduce([edge, top, bottom]), Flat.BODY)
    drawn.add(body, bright + style.grain * clouds(rng, down.shape, 2))
    between = np.clip(edge + 1, 0, 1)
    for plate in (top - bow, bottom - bow):
        drawn.line(plate, style.plate_mm, style.plate * rng.uniform(0.3, 1.4) * between)
    drawn.line(edge, 1.0, style.cortex * np.clip(body + 1, 0, 1))
    _processes(rng, drawn, (top, bottom, across), height, half_width, style)


def _processes(
    rng: Random,
    drawn: Sheet,
    at: tuple[Array, Array, Array],
    height: Array,
    half_width: Array,
    style: _Style,
) -> None:
    """Draw what lies behind the body: pedicles, facets, spinous and transverse processes."""
    top, bottom, across = at
    side = np.abs(across - rng.normal(0, 1.0))
    tall, wide = rng.uniform(4, 8), rng.uniform(2.5, 5)
    middle = top - rng.uniform(0.25, 0.45) * height
    ring = np.hypot((side - rng.uniform(0.55, 0.75) * half_width) / wide, middle / tall)
    drawn.line(((ring - 1) * wide), 1.2, style.pedicle)
    facet = np.hypot((side - rng.uniform(9, 16)) / rng.uniform(3, 6), bottom / rng.uniform(5, 11))
    drawn.add(((1 - facet) * 4), style.facet, 1.0)
    start, end = rng.uniform(0.3, 0.7), rng.uniform(-0.15, 0.45)
    lower, upper = bottom + end * height, top - start * height
    thick = rng.uniform(1.5, 4)
    spine = np.minimum.reduce(
        [lower, upper, thick * (0.5 + 0.5 * np.clip(upper / height, 0, 1)) - side]
    )
    drawn.add(spine, style.spinous * rng.uniform(0.6, 1.2), 0.9)
    out = np.minimum(half_width + rng.uniform(8, 22) - side, rng.uniform(2.5, 6) - np.abs(middle))
    drawn.add(np.minimum(out, side - 0.8 * half_width), style.wing, 1.0)
    lamina = np.minimum(rng.uniform(8, 14) - side, height * 0.3 - np.abs(bottom - 0.2 * height))
    drawn.add(lamina, style.facet * rng.uniform(0, 0.8), 1.5)


def _pelvis(rng: Random, drawn: Sheet, place: Frame, across: Array, discs: list[Disc]) -> int:
    """Draw wings and sacrum under one of the discs; give the index of the lumbosacral one."""
    reach = float(place.down.max())
    if rng.random() > PELVIS_SHARE:
        return len(discs)
    wanted = rng.uniform(0.35, 1.3) * reach
    sacral = int(np.argmin([abs(disc.at - wanted) for disc in discs]))
    crest = discs[sacral].at - rng.uniform(18, 48)
    wide, tall = rng.uniform(36, 60), rng.uniform(45, 75)
    out = rng.uniform(70, 100)
    wing = (1 - np.hypot((np.abs(across) - out) / wide, (place.down - crest - tall) / tall)) * 30
    drawn.mark(wing.astype(np.float32), Flat.PELVIS)
    drawn.add(wing, rng.uniform(15, 90), 1.0)
    drawn.line(wing, 1.8, rng.uniform(0, 50))
    below = discs[sacral].off(place.down, across) - discs[sacral].half
    bone = np.minimum(below, rng.uniform(20, 30) + 0.35 * below - np.abs(across))
    bone = np.maximum(
        bone, np.minimum(below - 6, rng.uniform(35, 55) - np.abs(across) - 0.2 * below)
    )
    drawn.mark(bone, Flat.PELVIS)
    drawn.add(bone, rng.uniform(30, 100) + 12 * clouds(rng, across.shape, 6), 1.0)
    return sacral


def _ribs(rng: Random, drawn: Sheet, place: Frame, across: Array, reach: float) -> None:
    slope, thick = rng.uniform(0.3, 1.3), rng.uniform(2.5, 5)
    for start in rng.uniform(-reach - 40, -reach + 40, rng.integers(1, 4)):
        side = np.abs(across) - 22
        off = (place.down - start - slope * side) / np.hypot(1, slope)
        rib = np.minimum(thick - np.abs(off), side)
        drawn.add(rib, rng.uniform(8, 55), 1.0)
