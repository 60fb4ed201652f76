"""What the shipped networks see: the chance of every class in every cell."""

import numpy as np

from imaging.projection import Projection
from imaging.regions.straightened import Straightened
from imaging.segmentation import painting_ct, painting_flat
from imaging.segmentation.forward import PlainNetwork, softmax
from imaging.segmentation.grids import on_ct_grid, on_flat_grid
from imaging.segmentation.synthesis import Array
from imaging.segmentation.weights import shipped

# A picture larger than this would take seconds; none of a densitometer's is.
MOST_CELLS = 1_500_000


def chances(network: PlainNetwork, picture: Array) -> Array:
    """Give the chance of each class; the mean of the picture and its mirror image.

    Parameters
    ----------
    picture : ndarray
        As the network's painter normalises it; the last axis is left to right.

    Returns
    -------
    ndarray, shape (classes, *picture.shape)
    """
    multiple = network.design.multiple
    pads = [(0, -n % multiple) for n in picture.shape]
    padded = np.pad(picture, pads, mode="edge").astype(np.float32, copy=False)
    seen = softmax(network.scores(padded))
    seen += softmax(network.scores(padded[..., ::-1]))[..., ::-1]
    inside = tuple(slice(0, n) for n in picture.shape)
    return np.asarray(seen[(slice(None), *inside)] / 2, dtype=np.float32)


def ct_chances(spine: Straightened, network: PlainNetwork | None = None) -> Array:
    """Give the chance of each class of ``Ct`` along a straightened spine."""
    picture = painting_ct.normalised(on_ct_grid(spine))
    return chances(network or shipped("ct").network, picture)


def flat_chances(image: Projection, network: PlainNetwork | None = None) -> Array | None:
    """Give the chance of each class of ``Flat``; None where no grid in mm can be laid."""
    grid = on_flat_grid(image)
    if grid is None or grid.size > MOST_CELLS or float(grid.max()) == float(grid.min()):
        return None
    return chances(network or shipped("flat").network, painting_flat.normalised(grid))
