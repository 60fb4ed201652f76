"""What a flat bone picture looks like, from its pixels alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.projection import Projection
from imaging.regions.disc_chain import find_chain
from imaging.regions.dxa_hip import looks_like_a_hip
from imaging.regions.edge_field import edge_field
from imaging.regions.forearm_bones import find_bones
from imaging.regions.spine_column import (
    HALF_STRIP_MM,
    STEP_MM,
    Array,
    exposed_field,
    find_column,
    on_working_grid,
)
from imaging.regions.spine_likeness import mirrored
from imaging.result import Spacing

# No single limb or trunk field of a densitometer is longer.
WHOLE_BODY_MM = 900.0
# Three vertebral levels and more in one chain of discs; femur and knee reach 0.4 at most.
CHAIN_SCORE = 0.9
CHAIN_DEPTH = 0.12
# A frontal column mirrors itself, a lateral one does not: 0.78 and 0.47 on real scans.
MIRRORED = 0.62
# How far the middle of the bone wanders from top to bottom, as a share of the width: the hip's
# runs from pelvis to shaft (0.29), the knee's stays (0.05-0.2).
WANDER = 0.22
PLAIN_HEIGHTS_MM = (135.0, 155.0, 180.0)  # a hip; a forearm is about as high
GUESSED_HEIGHTS_MM = (190.0, 430.0)  # lumbar spine; whole spine from the side
# Height over width: whole body about 2.9, lateral spine 2.2, hip, knee, lumbar spine 0.9-1.4.
TALL_BODY = 2.5
TALL_LIMB = 1.7


@dataclass(frozen=True, slots=True)
class Look:
    body_part: str = "unknown"
    view: str = "unknown"
    certain: bool = False
    # How well the column mirrors itself, where a chain of discs was found along it.
    likeness: float | None = None


def look_at(image: Projection) -> Look:
    """Tell spine from the front and from the side, hip, knee, forearm and whole body apart.

    Of a picture without tags neither the size nor what made it is known, and texture of any kind
    can hold a chain of dark bands: only a column that mirrors itself well is named then.
    """
    size = image.size_mm
    if size is not None and size[0] > WHOLE_BODY_MM:
        return Look("whole_body", "ap", certain=True)
    tall = image.pixels.shape[0] / image.pixels.shape[1]
    if size is None and tall > TALL_BODY:
        return Look("whole_body", "ap") if image.tags else Look()
    shown = np.where(exposed_field(image.pixels), image.pixels, image.pixels.min())
    shown = np.asarray(shown - shown.min(), dtype=np.float32)
    for spacing in _spacings(image):
        grid = on_working_grid(shown, spacing)
        if min(grid.shape) * STEP_MM < 2 * HALF_STRIP_MM:
            continue
        spine = _spine(grid)
        if spine is not None and (image.tags or spine.certain):
            return spine
        if image.tags and _is_forearm(grid):
            return Look("forearm", "ap")
        if image.tags and tall < TALL_LIMB:
            return _limb(grid)
    return Look() if image.tags else _plain(shown)


def _plain(shown: Array) -> Look:
    """Name a hip or a forearm on a picture without tags where the whole bone is found in it."""
    sizes = [high / len(shown) for high in PLAIN_HEIGHTS_MM]
    # At one size by chance, at each of them only where the bones are.
    if all(_is_forearm(on_working_grid(shown, (mm, mm))) for mm in sizes):
        return Look("forearm", "ap")
    middle = Spacing(mm=(sizes[1], sizes[1]), source="guessed")
    return Look("hip", "ap") if looks_like_a_hip(Projection(shown, middle)) else Look()


def _spacings(image: Projection) -> list[tuple[float, float]]:
    """Give the size of a pixel, or what it would be for the usual heights of a spine image."""
    if image.spacing is not None:
        return [(image.spacing.mm[0], image.spacing.mm[1])]
    return [(high / len(image.pixels),) * 2 for high in GUESSED_HEIGHTS_MM]


def _spine(grid: Array) -> Look | None:
    column = find_column(grid)
    chain = find_chain(column.strip, leaning=False)
    if chain is None or chain.score < CHAIN_SCORE or np.mean(chain.depths) < CHAIN_DEPTH:
        return None
    likeness = mirrored(column)
    if likeness >= MIRRORED:
        return Look("lumbar_spine", "ap", likeness > MIRRORED + 0.08, likeness)
    return Look("spine", "lateral", likeness=likeness)


def _is_forearm(grid: Array) -> bool:
    """Look for two slender bones side by side that end in a wrist, at either end."""
    both = (find_bones(edge_field(view), turned=False) for view in (grid, grid[::-1]))
    return any(found is not None for found in both)


def _limb(grid: Array) -> Look:
    smooth = np.asarray(ndimage.gaussian_filter(grid, 1.5 / STEP_MM))
    bone = smooth > _between(smooth)
    pieces = np.array_split(bone, 10)
    widths = np.array([piece.mean() for piece in pieces])
    if widths.min() <= 0:
        return Look()
    middles = [float(np.nonzero(piece)[1].mean()) / bone.shape[1] for piece in pieces]
    if max(middles) - min(middles) > WANDER:
        return Look("hip", "ap")
    widest = int(widths.argmax())
    ends = max(widths[0], widths[-1])
    if 2 <= widest <= 7 and ends < 0.8 * widths[widest]:
        return Look("knee", "ap")
    return Look()


def _between(values: npt.NDArray[np.float32]) -> float:
    """Split bone from the rest where the two classes differ most.

    References
    ----------
    Otsu 1979, IEEE Trans Syst Man Cybern 9:62-66, doi 10.1109/TSMC.1979.4310076.
    """
    counts, edges = np.histogram(values, 128)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    sums = np.cumsum(counts * middles)
    spread = (sums[-1] * below / below[-1] - sums) ** 2 / np.maximum(below * (below[-1] - below), 1)
    return float(middles[int(spread.argmax())])
