"""Scans on the grids of the networks, and geometric masks on the same grids."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

from imaging.projection import Projection
from imaging.regions.ct_bodies import Body
from imaging.regions.spine_column import exposed_field
from imaging.regions.straightened import ASIDE_MM, FRONT_MM, Straightened
from imaging.result import Region
from imaging.segmentation.labels import CT_ASIDE_MM, CT_FRONT_MM, CT_GRID_MM, FLAT_GRID_MM
from imaging.segmentation.synthesis import Array
from imaging.sheet import resampled
from imaging.volume import Volume

Mask = npt.NDArray[np.bool_]

# Of the straightened stack, whose steps are 1 mm, to cells of 2 mm.
STRIDE = round(CT_GRID_MM)
BINOMIAL = (0.25, 0.5, 0.25)


def on_ct_grid(spine: Straightened) -> Array:
    """Average the straightened stack to the network's cells; shape (planes, front, aside)."""
    values = spine.voxels
    for axis in range(3):
        values = ndimage.convolve1d(values, BINOMIAL, axis=axis, mode="nearest")
    first = round(CT_FRONT_MM[0] - FRONT_MM[0]), round(CT_ASIDE_MM[0] - ASIDE_MM[0])
    last = round(CT_FRONT_MM[1] - FRONT_MM[0]), round(CT_ASIDE_MM[1] - ASIDE_MM[0])
    return np.asarray(
        values[::STRIDE, first[0] : last[0] + 1 : STRIDE, first[1] : last[1] + 1 : STRIDE],
        dtype=np.float32,
    )


def voxels_of(spine: Straightened, volume: Volume) -> npt.NDArray[np.intp]:
    """Give the nearest voxel (slice, row, column) of each cell; shape (planes, front, aside, 3)."""
    front = np.arange(CT_FRONT_MM[0], CT_FRONT_MM[1] + 1, CT_GRID_MM)
    aside = np.arange(CT_ASIDE_MM[0], CT_ASIDE_MM[1] + 1, CT_GRID_MM)
    kept = slice(None, None, STRIDE)
    where = (
        spine.origin[kept, None, None]
        + spine.front[kept, None, None] * front[None, :, None, None]
        + spine.aside[kept, None, None] * aside[None, None, :, None]
    )
    return np.asarray(np.rint(where / np.array(volume.spacing_mm)), dtype=np.intp)


def bodies_on_ct_grid(
    spine: Straightened, volume: Volume, bodies: Mapping[str, Body]
) -> dict[str, Mask]:
    """Look up each body's mask in the network's cells."""
    voxels = voxels_of(spine, volume)
    masks = {}
    for name, body in bodies.items():
        inside = voxels - np.array(body.corner)
        within = ((inside >= 0) & (inside < np.array(body.body.shape))).all(axis=-1)
        mask = np.zeros(within.shape, dtype=bool)
        mask[within] = body.body[tuple(inside[within].T)]
        masks[name] = mask
    return masks


def on_flat_grid(image: Projection) -> Array | None:
    """Resample a flat picture to the network's cells; None where its spacing is not known.

    What the densitometer did not expose becomes as dark as the darkest.
    """
    if image.spacing is None:
        return None
    field = exposed_field(image.pixels)
    pixels = np.where(field, image.pixels, image.pixels.min()).astype(np.float32)
    return resampled(pixels, (image.spacing.mm[0], image.spacing.mm[1]), FLAT_GRID_MM)


def corners_on_flat_grid(region: Region, image: Projection) -> npt.NDArray[np.float64]:
    """Give a region's corners as (column, row) in the network's cells."""
    if image.spacing is None:
        raise ValueError("Without spacing a picture has no place on the grid.")
    mm = np.array([image.spacing.mm[1], image.spacing.mm[0]])
    return np.asarray((np.array(region.polygon) + 0.5) * mm / FLAT_GRID_MM - 0.5)


def polygon_mask(corners: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Mask:
    """Fill a polygon of (column, row) corners."""
    canvas = Image.new("1", (shape[1], shape[0]))
    ImageDraw.Draw(canvas).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    return np.asarray(canvas, dtype=bool)
