"""Parametric spines as label maps, in the space unrolled along the spinal canal.

No shape was taken from a scan: sizes are drawn from wide ranges around published means (Zhou et
al. 2000, Eur Spine J 9:242-248: lumbar bodies 40-52 mm wide, 30-37 mm deep, 25-30 mm high, discs
7-14 mm; recalled, to be confirmed), wide enough for thoracic and for crushed vertebrae.
"""

from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import numpy.typing as npt

from imaging.segmentation.labels import CT_ASIDE_MM, CT_FRONT_MM, CT_GRID_MM, Ct
from imaging.segmentation.synthesis import Array, Labels, Random, clouds

FRACTURED_SHARE = 0.12  # of the vertebrae drawn
SACRUM_SHARE = 0.35  # of the spines drawn
HARMONICS = 4


@dataclass(frozen=True, slots=True)
class DrawnSpine:
    """A label map and the distances from which an image is painted.

    Attributes
    ----------
    labels : ndarray of uint8, shape (along, front, aside)
        Classes of ``Ct``; foot to head, forward, towards the left.
    inside : dict of Ct to ndarray
        Signed distance in mm, positive inside; approximate away from the surface.
    discs : tuple of float
        Place of each disc along the canal in mm, from foot to head.
    ahead, aside : ndarray
        Place of each cell relative to the middle of the bodies, mm.
    """

    labels: Labels
    inside: dict[Ct, Array]
    discs: tuple[float, ...]
    ahead: Array
    aside: Array
    level: npt.NDArray[np.int8] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Disc:
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
class _Size:
    """Half width and depth, shape of the cross-section and of the waist, shared by a spine."""

    half_width: float
    half_depth: float
    roundness: float
    hollow_back: float
    waist: float
    rim: float
    harmonics: Array  # (HARMONICS, 2)


def draw_spine(rng: Random, cells: int) -> DrawnSpine:
    """Draw a piece of spine that is ``cells`` planes long."""
    z, y, x = _grid(cells)
    drift = [_drift(rng, cells, mm) for mm in (1.6, 1.8)]
    size = _size(rng)
    canal = rng.uniform(7.0, 10.5), rng.uniform(9.0, 13.0)  # half depth, half width
    gap_to_canal = rng.uniform(-1.5, 2.0)
    aside = x - drift[1]
    behind_wall = y - drift[0] - np.float32(canal[0] + gap_to_canal)  # ahead of the posterior wall
    ahead = behind_wall - np.float32(size.half_depth)
    sacral = bool(rng.random() < SACRUM_SHARE)
    discs = _discs(rng, cells * CT_GRID_MM, sacral)
    shape = np.broadcast_shapes(z.shape, ahead.shape, aside.shape)
    inside: dict[Ct, Array] = {
        kind: np.full(shape, -99, np.float32) for kind in Ct if kind is not Ct.OTHER
    }
    level = np.zeros(shape, np.int8)
    if sacral:
        reach = _planes(0, discs[0].along + 25, cells)
        inside[Ct.SACRUM][reach] = _sacrum(
            rng, z[reach], ahead[reach], aside[reach], discs[0], size
        )
    for at in range(len(discs) - 1):
        reach = _planes(discs[at].along - 30, discs[at + 1].along + 30, cells)
        place = (z[reach], ahead[reach], aside[reach])
        body, arch = _vertebra(rng, place, discs[at], discs[at + 1], size, canal)
        level[reach][body > 0] = at + 1
        inside[Ct.BODY][reach] = np.maximum(inside[Ct.BODY][reach], body)
        inside[Ct.ARCH][reach] = np.maximum(inside[Ct.ARCH][reach], arch)
    for at, disc in enumerate(discs):
        reach = _planes(disc.along - 25, disc.along + 25, cells)
        drawn = _disc(rng, z[reach], ahead[reach], aside[reach], disc, size)
        if sacral and at == 0:
            drawn = np.minimum(drawn, -inside[Ct.SACRUM][reach])
        drawn = np.minimum(drawn, -inside[Ct.BODY][reach])
        inside[Ct.DISC][reach] = np.maximum(inside[Ct.DISC][reach], drawn)
    middle = behind_wall + np.float32(canal[0] + gap_to_canal)
    tube = (1 - np.hypot(middle / canal[0], aside / canal[1])) * np.float32(min(canal))
    inside[Ct.CANAL] = np.minimum(np.broadcast_to(tube, shape), -inside[Ct.BODY])
    inside[Ct.ARCH] = meet(inside[Ct.ARCH], -inside[Ct.CANAL])
    return DrawnSpine(
        labels=_labels(inside),
        inside=inside,
        discs=tuple(disc.along for disc in discs),
        ahead=np.broadcast_to(ahead, shape),
        aside=np.broadcast_to(aside, shape),
        level=level,
    )


def meet(*inside: Array | npt.NDArray[np.float64]) -> Array:
    """Keep what lies inside all of them."""
    return np.asarray(reduce(np.minimum, inside), dtype=np.float32)


def join(*inside: Array | npt.NDArray[np.float64]) -> Array:
    """Keep what lies inside any of them."""
    return np.asarray(reduce(np.maximum, inside), dtype=np.float32)


def _grid(cells: int) -> tuple[Array, Array, Array]:
    z = np.arange(cells, dtype=np.float32)[:, None, None] * np.float32(CT_GRID_MM)
    y = np.arange(CT_FRONT_MM[0], CT_FRONT_MM[1] + 1, CT_GRID_MM, dtype=np.float32)[None, :, None]
    x = np.arange(CT_ASIDE_MM[0], CT_ASIDE_MM[1] + 1, CT_GRID_MM, dtype=np.float32)[None, None, :]
    return z, y, x


def _planes(low: float, high: float, cells: int) -> slice:
    return slice(max(0, int(low / CT_GRID_MM)), min(cells, int(high / CT_GRID_MM) + 1))


def _drift(rng: Random, cells: int, spread_mm: float) -> Array:
    """Wander slowly: the canal that was followed is not the middle of the real one."""
    knots = rng.normal(0, spread_mm, max(3, cells // 10 + 2))
    places = np.linspace(0, cells - 1, len(knots))
    line = np.interp(np.arange(cells), places, knots) + rng.normal(0, spread_mm)
    return np.asarray(line, dtype=np.float32)[:, None, None]


def _size(rng: Random) -> _Size:
    scale = rng.uniform(0.68, 1.22)
    return _Size(
        half_width=23.0 * scale * rng.uniform(0.88, 1.12),
        half_depth=16.5 * scale * rng.uniform(0.88, 1.12),
        roundness=rng.uniform(1.9, 2.7),
        hollow_back=rng.uniform(0.0, 3.5),
        waist=rng.uniform(0.02, 0.15),
        rim=rng.uniform(0.0, 2.2) * (rng.random() < 0.6),
        harmonics=rng.normal(0, 0.018, (HARMONICS, 2)).astype(np.float32),
    )


def _discs(rng: Random, length_mm: float, sacral: bool) -> list[_Disc]:
    """Draw the discs from below the field, or from the sacrum in it, to above it.

    Gaps shrink upward.
    """
    height = rng.uniform(20.0, 31.0)
    thick = rng.uniform(0.16, 0.42) * height
    lean, curve = rng.normal(0, 0.16), rng.normal(0, 0.05)
    along = rng.uniform(-0.9, 0.1) * (height + thick)
    if sacral:
        along = rng.uniform(-0.1, 0.6) * length_mm
    bulge = rng.uniform(0.0, 3.2)
    discs: list[_Disc] = []
    while along < length_mm + 45:
        half = thick / 2 * rng.uniform(0.6, 1.25)
        discs.append(
            _Disc(
                along=along,
                lean_front=float(np.clip(lean + rng.normal(0, 0.05), -0.5, 0.5)),
                lean_aside=rng.normal(0, 0.04),
                half=half,
                bulge=(bulge * rng.uniform(0.4, 1.6), bulge * rng.uniform(0.4, 1.6)),
            )
        )
        crush = rng.uniform(0.55, 0.85) if rng.random() < FRACTURED_SHARE else 1.0
        along += half + height * crush * rng.normal(1, 0.03) + thick / 2
        height, thick = height * rng.uniform(0.955, 1.005), thick * rng.uniform(0.88, 1.02)
        lean += curve
    return discs


def _radius(rng: Random, size: _Size, ahead: Array, aside: Array, scale: float) -> Array:
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


def _vertebra(
    rng: Random,
    place: tuple[Array, Array, Array],
    lower: _Disc,
    upper: _Disc,
    size: _Size,
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
    size: _Size,
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


def _disc(rng: Random, z: Array, ahead: Array, aside: Array, disc: _Disc, size: _Size) -> Array:
    """Fill the room between two bodies, to their edge or a little beyond."""
    rho = _radius(rng, size, ahead, aside, 1.0)
    away = (rng.uniform(0.96, 1.07) - rho) * np.float32((size.half_depth + size.half_width) / 2)
    off = np.abs(z - disc.plane(ahead, aside))
    wall = ahead + np.float32(size.half_depth + rng.uniform(-1, 2))
    return meet(away, wall, np.float32(disc.half + 3.0) - off)


def _sacrum(rng: Random, z: Array, ahead: Array, aside: Array, disc: _Disc, size: _Size) -> Array:
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


def _labels(inside: dict[Ct, Array]) -> Labels:
    """Give each cell one class: body before disc, both before the arch."""
    labels = np.zeros(inside[Ct.BODY].shape, np.uint8)
    for kind in (Ct.CANAL, Ct.ARCH, Ct.SACRUM, Ct.DISC, Ct.BODY):
        labels[inside[kind] > 0] = kind
    return labels
