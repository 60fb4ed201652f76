"""Pictures of where the networks looked, made where they disagree with geometry."""

import numpy as np

from imaging.projection import Projection
from imaging.regions.straightened import Straightened
from imaging.result import Picture
from imaging.saliency import heat_picture, looked_at
from imaging.segmentation import painting_ct, painting_flat
from imaging.segmentation.grids import Mask, on_ct_grid, on_flat_grid
from imaging.segmentation.labels import CT_GRID_MM, Ct, Flat
from imaging.segmentation.weights import shipped

TITLE = "Where the learned check looked for {}"


def along_the_spine(spine: Straightened, mask: Mask, name: str) -> Picture:
    """Show what spoke for a body, in the middle of the spine unrolled along its canal, head up."""
    picture = painting_ct.normalised(on_ct_grid(spine))
    heat = looked_at(shipped("ct").network, picture, Ct.BODY, mask)
    middle = int(np.flatnonzero(mask.any(axis=(0, 1))).mean())
    rows, columns = picture.shape[:2]
    size = round(columns * CT_GRID_MM * 2), round(rows * CT_GRID_MM * 2)
    return heat_picture(
        picture[::-1, ::-1, middle], heat[::-1, ::-1, middle], size, TITLE.format(name)
    )


def on_the_picture(image: Projection, mask: Mask, kind: Flat, name: str) -> Picture | None:
    """Show what spoke for a class on a flat picture, in that picture's own pixels."""
    grid = on_flat_grid(image)
    if grid is None:
        return None
    picture = painting_flat.normalised(grid)
    heat = looked_at(shipped("flat").network, picture, kind, mask)
    rows, columns = image.pixels.shape
    return heat_picture(picture, heat, (columns, rows), TITLE.format(name))
