"""One vertebra of a parametric spine, the disc beside it and the sacrum below it.

No shape was taken from a scan; the ranges are those of ``anatomy_ct``.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from imaging.segmentation.synthesis import Array, Random, clouds

HARMONICS = 4


@dataclass(frozen=True, slots=True)
class Disc:
    """A plane that leans, with half the height of its disc and how far it bulges into each body."""

    along: float
    lean_front: float
    lean_aside: float
    half: float
    bulge: tuple[float, float]  # into the body below, into the body above

    def plane(self, ahead: Array, aside: Array) -> Array:
        return np.asarray(
            np.float32(self.along)
            + np.float32(self.lean_front) * ahead
            + np.float32(self.lean_aside) * aside
        )


@dataclass(frozen=True, slots=True)
class Size:
    """Half width and depth, shape of the cross-section and of the waist, shared by a spine."""

    half_width: float
    half_depth: float
    roundness: float
    hollow_back: float
    waist: float
    rim: float
    harmonics: Array  # (HARMONICS, 2)


def draw_size(rng: Random) -> Size:
    scale = rng.uniform(0.68, 1.22)
    return Size(
        half_width=23.0 * scale * rng.uniform(0.88, 1.12),
        half_depth=16.5 * scale * rng.uniform(0.88, 1.12),
        roundness=rng.uniform(1.9, 2.7),
        hollow_back=rng.uniform(0.0, 3.5),
        waist=rng.uniform(0.02, 0.15),
        rim=rng.uniform(0.0, 2.2) * (rng.random() < 0.6),
        harmonics=rng.normal(0, 0.018, (HARMONICS, 2)).astype(np.float32),
    )


def meet(*inside: Array | npt.NDArray[np.float64]) -> Array:
    """Keep what lies inside all of them."""
    return np.asarray(reduce(np.minimum, inside), dtype=np.float32)


def join(*inside: Array | npt.NDArray[np.float64]) -> Array:
    """Keep what lies inside any of them."""
    return np.asarray(reduce(np.maximum, inside), dtype=np.float32)


def _radius(rng: Random, size: Size, ahead: Array, aside: Array, scale: float) -> Array:
    """Give the distance from the middle as a share of the way to the edge, in each direction."""
    angle = np.arctan2(aside, ahead)
    wobble = np.ones_like(angle)
    own = size.harmonics + rng.normal(0, 0.010, size.harmonics.shape).astype(np.float32)
    for order, (cosine, sine) in enumerate(own, start=2):
        wobble += cosine * np.cos(order * angle) + sine * np.sin(order * angle)
    p = np.float32(size.roundness)
    across = np.abs(aside / (size.half_width * scale))
    deep = np.abs(ahead / (size.half_depth * scale))
    return np.asarray((across**p + deep**p) ** (1 / p) / wobble, dtype=np.float32)


def draw_vertebra(
    rng: Random,
    place: tuple[Array, Array, Array],
    lower: Disc,
    upper: Disc,
    size: Size,
    canal: tuple[float, float],
) -> tuple[Array, Array]:
    z, ahead, aside = place
    rho = _radius(rng, size, ahead, aside, rng.normal(1, 0.02))
    flat = np.clip(1 - rho**2, 0, 1)
    floor = lower.plane(ahead, aside) + np.float32(lower.half) + 0 * z
    ceiling = upper.plane(ahead, aside) - np.float32(upper.half) + 0 * z
    floor = floor + np.float32(lower.bulge[1]) * (flat - 0.5)
    ceiling = ceiling - np.float32(upper.bulge[0]) * (flat - 0.5)
    # Endplates are never quite smooth, and may be broken in by a node of the disc.
    rough = rng.uniform(0, 0.9)
    floor = floor + rough * clouds(rng, floor.shape[1:], 4)
    ceiling = ceiling + rough * clouds(rng, ceiling.shape[1:], 4)
    height = np.asarray(np.maximum(ceiling - floor, 1.0), dtype=np.float32)
    share = np.asarray(np.clip((z - floor) / height, 0, 1), dtype=np.float32)
    # Narrow in the middle; rims and spurs beside the endplates.
    edge = 1 - np.float32(size.waist) * np.sin(np.pi * share)
    spur = np.exp(-(((share - rng.choice([0.0, 1.0])) / 0.13) ** 2))
    spread = np.cos(np.arctan2(aside, ahead) - np.float32(rng.uniform(-np.pi, np.pi)))
    edge = edge + np.float32(size.rim / size.half_depth) * spur * np.clip(spread, 0, 1)
    away = (edge - rho) * np.float32((size.half_depth + size.half_width) / 2)
    wall = ahead + np.float32(size.half_depth)
    hollow = size.hollow_back * (1 - (aside / (0.6 * size.half_width)) ** 2)
    wall = wall - np.clip(hollow, 0, None) - 1.2 * np.sin(np.pi * share)
    body = meet(away, wall, z - floor, ceiling - z)
    return body, _arch(rng, (z, ahead, aside), share, height, size, canal)


def _arch(
    rng: Random,
    place: tuple[Array, Array, Array],
    share: Array,
    height: Array,
    size: Size,
    canal: tuple[float, float],
) -> Array:
    """Draw pedicles in the upper half, laminae lower, facets beside the disc, rib heads."""
    _, ahead, aside = place
    behind = ahead + np.float32(size.half_depth)  # from the posterior wall, forward
    side = np.abs(aside)
    up = (share - np.float32(rng.uniform(0.62, 0.74))) * height
    out = np.float32(rng.uniform(0.52, 0.72) * size.half_width)
    thick, tall = rng.uniform(2.5, 5.5), rng.uniform(4.0, 8.0)
    tube = (1 - np.hypot((side - out) / thick, up / tall)) * np.float32(thick)
    pedicle = meet(tube, 3.0 - behind, behind + 16.0)
    middle = behind + np.float32(canal[0])
    ring = (1.35 - np.hypot(middle / (canal[0] + 3), aside / (canal[1] + 4))) * 9
    lamina = meet(ring, -2.0 - behind, (0.75 - share) * height, share * height + 6)
    facet_at = (np.float32(canal[1] + rng.uniform(2, 7)), np.float32(-rng.uniform(9, 15)))
    facet = rng.uniform(4, 8) - np.hypot(side - facet_at[0], behind - facet_at[1])
    facet = np.minimum(facet, (np.abs(share - 0.5) - 0.15) * height)
    wing_half, wing_up = rng.uniform(2.5, 5), up + rng.uniform(-2, 4)
    wing = wing_half - np.hypot(behind + rng.uniform(4, 10), wing_up)
    wing = np.minimum(wing, side - out)
    parts = [pedicle, lamina, facet, wing]
    if rng.random() < 0.35:
        rib = np.hypot(side - np.float32(size.half_width + rng.uniform(0, 5)), behind - 2)
        parts.append(rng.uniform(4, 7) - np.hypot(rib, (share - 1.0) * height * 0.8))
    return join(*parts)


def draw_disc(rng: Random, z: Array, ahead: Array, aside: Array, disc: Disc, size: Size) -> Array:
    """Fill the room between two bodies, to their edge or a little beyond."""
    rho = _radius(rng, size, ahead, aside, 1.0)
    away = (rng.uniform(0.96, 1.07) - rho) * np.float32((size.half_depth + size.half_width) / 2)
    off = np.abs(z - disc.plane(ahead, aside))
    wall = ahead + np.float32(size.half_depth + rng.uniform(-1, 2))
    return meet(away, wall, np.float32(disc.half + 3.0) - off)


def draw_sacrum(rng: Random, z: Array, ahead: Array, aside: Array, disc: Disc, size: Size) -> Array:
    """Draw what lies under the lowest disc: it tapers downward, with wings at both sides."""
    below = disc.plane(ahead, aside) - np.float32(disc.half) - z
    taper = np.clip(1 - below / rng.uniform(32, 100), 0.1, 1.0)
    front = size.half_depth * (2 * taper - 1) - ahead
    back = ahead + np.float32(size.half_depth)
    body = meet(below, front, back, size.half_width * taper - np.abs(aside))
    wing = meet(
        below - np.float32(rng.uniform(2, 9)) - 0.25 * np.abs(aside),
        front - np.float32(rng.uniform(6, 16)),
        back + np.float32(rng.uniform(2, 10)),
        rng.uniform(44, 60) - np.abs(aside) + 0 * z,
    )
    return join(body, wing)
