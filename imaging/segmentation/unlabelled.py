"""Scans without labels, on the grids on which networks learn from them by themselves."""

from pathlib import Path

import numpy as np
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.projection import Projection
from imaging.segmentation import painting_ct, painting_flat
from imaging.segmentation.embedding import CELL_MM, CELLS
from imaging.segmentation.embedding_training import MARGIN
from imaging.segmentation.evaluating import rail
from imaging.segmentation.grids import on_ct_grid, on_flat_grid
from imaging.segmentation.recipe import Target
from imaging.segmentation.synthesis import Array
from imaging.volume import Volume


def read_unlabelled(path: Path, target: Target) -> Array:
    """Read one scan onto the grid of a segmentation network.

    Raises
    ------
    UnreadableScan, UnsuitableScan
        If it cannot be opened, or is not of the target's kind.
    """
    scan, _ = open_scan(gather([path]))
    if target == "ct" and isinstance(scan, Volume):
        return painting_ct.normalised(on_ct_grid(rail(scan)))
    if target == "flat" and isinstance(scan, Projection):
        grid = on_flat_grid(scan)
        if grid is not None:
            return painting_flat.normalised(grid)
    raise UnsuitableScan(f"{path.name} is not a scan that this network could look at.")


def texture_field(path: Path) -> Array:
    """Read one flat picture onto the grid of the texture encoders.

    Raises
    ------
    UnreadableScan, UnsuitableScan
        If it cannot be opened, is no flat picture with a spacing, or is too small.
    """
    scan, _ = open_scan(gather([path]))
    if not isinstance(scan, Projection) or scan.spacing is None:
        raise UnsuitableScan(f"{path.name} is not a flat picture with a known spacing.")
    zoom = [mm / CELL_MM for mm in scan.spacing.mm]
    field = ndimage.zoom(scan.pixels, zoom, order=1)
    if min(field.shape) < CELLS + MARGIN:
        raise UnsuitableScan(f"{path.name} is too small to cut patches from.")
    return np.asarray(field, dtype=np.float32)
