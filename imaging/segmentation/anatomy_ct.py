"""Parametric spines as label maps, in the space unrolled along the spinal canal.

No shape was taken from a scan: sizes are drawn from wide ranges around published means (Zhou et
al. 2000, Eur Spine J 9:242-248: lumbar bodies 40-52 mm wide, 30-37 mm deep, 25-30 mm high, discs
7-14 mm; recalled, to be confirmed), wide enough for thoracic and for crushed vertebrae.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from imaging.segmentation.anatomy_vertebra import (
    Disc,
    draw_disc,
    draw_sacrum,
    draw_size,
    draw_vertebra,
    meet,
)
from imaging.segmentation.labels import CT_ASIDE_MM, CT_FRONT_MM, CT_GRID_MM, Ct
from imaging.segmentation.synthesis import Array, Labels, Random

FRACTURED_SHARE = 0.12  # of the vertebrae drawn
SACRUM_SHARE = 0.35  # of the spines drawn


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


def draw_spine(rng: Random, cells: int) -> DrawnSpine:
    """Draw a piece of spine that is ``cells`` planes long."""
    z, y, x = _grid(cells)
    drift = [_drift(rng, cells, mm) for mm in (1.6, 1.8)]
    size = draw_size(rng)
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
        inside[Ct.SACRUM][reach] = draw_sacrum(
            rng, z[reach], ahead[reach], aside[reach], discs[0], size
        )
    for at in range(len(discs) - 1):
        reach = _planes(discs[at].along - 30, discs[at + 1].along + 30, cells)
        place = (z[reach], ahead[reach], aside[reach])
        body, arch = draw_vertebra(rng, place, discs[at], discs[at + 1], size, canal)
        level[reach][body > 0] = at + 1
        inside[Ct.BODY][reach] = np.maximum(inside[Ct.BODY][reach], body)
        inside[Ct.ARCH][reach] = np.maximum(inside[Ct.ARCH][reach], arch)
    for at, disc in enumerate(discs):
        reach = _planes(disc.along - 25, disc.along + 25, cells)
        drawn = draw_disc(rng, z[reach], ahead[reach], aside[reach], disc, size)
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


def _discs(rng: Random, length_mm: float, sacral: bool) -> list[Disc]:
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
    discs: list[Disc] = []
    while along < length_mm + 45:
        half = thick / 2 * rng.uniform(0.6, 1.25)
        discs.append(
            Disc(
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


def _labels(inside: dict[Ct, Array]) -> Labels:
    """Give each cell one class: body before disc, both before the arch."""
    labels = np.zeros(inside[Ct.BODY].shape, np.uint8)
    for kind in (Ct.CANAL, Ct.ARCH, Ct.SACRUM, Ct.DISC, Ct.BODY):
        labels[inside[kind] > 0] = kind
    return labels
