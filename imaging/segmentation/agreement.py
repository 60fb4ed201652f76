"""How far what a network sees supports a region that geometry placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.segmentation.grids import Mask, polygon_mask
from imaging.segmentation.labels import CT_GRID_MM, FLAT_GRID_MM, Ct, Flat
from imaging.segmentation.synthesis import Array

# Overlap that supports nothing, and that supports fully. Two sound outlines of one body differ by
# the thickness of its cortex: Dice 0.85-0.95.
OVERLAP = (0.55, 0.85)
# A disc may be this far off at no cost, and at full cost; half a disc, half a body (mm).
DISC_OFF_MM = (3.0, 9.0)
SEARCH_MM = 16
FAINTEST_DISC = 0.2  # chance below which a network sees no disc
# A fainter streak nearby does not stand for the disc when a much clearer one lies further off.
CLEAR_SHARE = 0.6
AROUND_CELLS = 3
ASIDE_CELLS = 12


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a network says about one region.

    Attributes
    ----------
    support : float
        In [0, 1]; below a half the two ways disagree.
    overlap : float
        Dice of what the two ways mark.
    offset_mm : float
        How far the network's region, or its farther disc, lies from the geometric one.
    foreground : float
        Mean chance, inside the region, of what the region should hold.
    entropy : float
        Mean entropy of the classes inside the region, as a share of the largest possible.
    """

    support: float
    overlap: float
    offset_mm: float
    foreground: float
    entropy: float


def bodies_agree(chances: Array, masks: Mapping[str, Mask]) -> dict[str, Agreement]:
    """Compare the bodies of a CT with the network's, each near its own place."""
    seen = chances.argmax(axis=0) == Ct.BODY
    anyone = np.logical_or.reduce(list(masks.values()))
    answers = {}
    for name, mask in masks.items():
        if not mask.any():
            continue
        near = ndimage.binary_dilation(mask, iterations=AROUND_CELLS) & ~(anyone & ~mask)
        here = seen & near
        overlap = dice(here, mask)
        offset = _offset(here, mask, CT_GRID_MM)
        answers[name] = Agreement(
            support=ramp(overlap, OVERLAP),
            overlap=overlap,
            offset_mm=offset,
            foreground=float(chances[Ct.BODY][mask].mean()),
            entropy=entropy_in(chances, mask),
        )
    return answers


def column_agrees(chances: Array, corners: npt.NDArray[np.float64]) -> Agreement:
    """Compare one vertebra between two discs, seen from the front, with the network's column.

    Parameters
    ----------
    corners : ndarray, shape (2 n, 2)
        (column, row) clockwise from the upper left on the right side down, and up on the left.
    """
    shape = chances.shape[1:]
    mask = polygon_mask(corners, shape)
    column = np.isin(chances.argmax(axis=0), (Flat.BODY, Flat.DISC))
    beside = ndimage.binary_dilation(mask, np.ones((1, 2 * ASIDE_CELLS + 1), dtype=bool))
    overlap = dice(column & beside, mask)
    half = len(corners) // 2
    ends = (corners[0], corners[-1]), (corners[half - 1], corners[half])
    offsets = [_disc_offset(chances[Flat.DISC], *end) for end in ends]
    offset = max(offsets)
    inside = mask if mask.any() else np.ones(shape, dtype=bool)
    return Agreement(
        support=min(ramp(overlap, OVERLAP), 1 - ramp(offset, DISC_OFF_MM)),
        overlap=overlap,
        offset_mm=offset,
        foreground=float((chances[Flat.BODY] + chances[Flat.DISC])[inside].mean()),
        entropy=entropy_in(chances, inside),
    )


def area_agrees(
    chances: Array, corners: npt.NDArray[np.float64], kinds: Sequence[Flat]
) -> Agreement:
    """Compare an outline with the part near it that the network takes for ``kinds``."""
    mask = polygon_mask(corners, chances.shape[1:])
    around = _around(mask)
    mask, chances = mask[around], chances[:, *around]
    near = ndimage.binary_dilation(mask, iterations=AROUND_CELLS)
    here = np.isin(chances.argmax(axis=0), kinds) & near
    overlap = dice(here, mask)
    inside = mask if mask.any() else np.ones(mask.shape, dtype=bool)
    return Agreement(
        support=ramp(overlap, OVERLAP),
        overlap=overlap,
        offset_mm=_offset(here, mask, FLAT_GRID_MM),
        foreground=float(chances[list(kinds)].sum(axis=0)[inside].mean()),
        entropy=entropy_in(chances, inside),
    )


def _around(mask: Mask) -> tuple[slice, ...]:
    """Give the part of a picture in which a mask lies, and what is near; all if it is empty."""
    if not mask.any():
        return tuple(slice(None) for _ in mask.shape)
    return tuple(
        slice(max(0, int(at.min()) - AROUND_CELLS), int(at.max()) + AROUND_CELLS + 1)
        for at in mask.nonzero()
    )


def dice(one: Mask, other: Mask) -> float:
    """Give Dice's overlap (Dice 1945, Ecology 26:297-302); 0 where both are empty."""
    return float(2 * (one & other).sum() / max(1, one.sum() + other.sum()))


def ramp(value: float, ends: tuple[float, float]) -> float:
    """Rise from 0 at the first end to 1 at the second."""
    return float(np.clip((value - ends[0]) / (ends[1] - ends[0]), 0, 1))


def entropy_in(chances: Array, mask: Mask) -> float:
    """Give the mean entropy of the classes inside a mask, as a share of the largest possible."""
    here = np.clip(chances[:, mask], 1e-7, 1.0)
    return float(-(here * np.log(here)).sum(axis=0).mean() / np.log(len(chances)))


def _offset(one: Mask, other: Mask, cell_mm: float) -> float:
    """Give the distance in mm between the middles of two masks; as far as can be if one is not."""
    if not one.any() or not other.any():
        return float(SEARCH_MM)
    apart = np.subtract(*(np.argwhere(mask).mean(axis=0) for mask in (one, other)))
    return float(np.linalg.norm(apart) * cell_mm)


def _disc_offset(
    disc: Array, one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]
) -> float:
    """Find how far up or down a line must move to lie where the network sees a disc, mm."""
    points = np.linspace(one, other, 15)[2:-2]
    shifts = np.arange(-SEARCH_MM, SEARCH_MM + 1) / FLAT_GRID_MM
    rows = points[:, 1][None] + shifts[:, None]
    columns = np.broadcast_to(points[:, 0], rows.shape)
    # Beyond the picture there is nothing to see.
    seen = ndimage.map_coordinates(disc, [rows, columns], order=1, mode="constant").mean(axis=1)
    smooth = ndimage.gaussian_filter1d(seen, 1.5)
    peaks = [
        abs(shift)
        for at, shift in enumerate(shifts)
        if smooth[at] >= max(FAINTEST_DISC, CLEAR_SHARE * float(smooth.max()))
        and smooth[at] >= smooth[max(0, at - 1) : at + 2].max()
    ]
    return float(min(peaks, default=SEARCH_MM) * FLAT_GRID_MM)
