"""A picture of where the network for CT looked, made where it disagrees with geometry."""

import numpy as np

from imaging.regions.straightened import Straightened
from imaging.result import Picture
from imaging.segmentation import painting_ct
from imaging.segmentation.grids import Mask, on_ct_grid
from imaging.segmentation.labels import CT_GRID_MM, Ct
from imaging.segmentation.network import UNet
from imaging.segmentation.saliency import heat_picture, looked_at
from imaging.segmentation.weights import shipped

TITLE = "Where the learned check looked for {}"


def along_the_spine(spine: Straightened, mask: Mask, name: str) -> Picture:
    """Show what spoke for a body, in the middle of the spine unrolled along its canal, head up."""
    picture = painting_ct.normalised(on_ct_grid(spine))
    heat = looked_at(UNet.of(shipped("ct").network), picture, Ct.BODY, mask)
    middle = int(np.flatnonzero(mask.any(axis=(0, 1))).mean())
    rows, columns = picture.shape[:2]
    size = round(columns * CT_GRID_MM * 2), round(rows * CT_GRID_MM * 2)
    return heat_picture(
        picture[::-1, ::-1, middle], heat[::-1, ::-1, middle], size, TITLE.format(name)
    )
