"""How well a network marks vertebral bodies on a labelled CT that it has never seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.regions.canal import find_canal, on_coarse_grid, trunk_middle
from imaging.regions.straightened import Straightened, straighten, usable_span
from imaging.segmentation.agreement import dice
from imaging.segmentation.forward import PlainNetwork
from imaging.segmentation.grids import voxels_of
from imaging.segmentation.inference import ct_chances
from imaging.segmentation.labels import Ct
from imaging.volume import Volume

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int_]
# Cells around a labelled body within which the network's cells count as its own.
AROUND_CELLS = 3


@dataclass(frozen=True, slots=True)
class RailDice:
    """Overlap with each labelled body, and with all of them together, inside the rail."""

    each: dict[int, float]
    together: float


def rail_dice(volume: Volume, bodies: Numbers, network: PlainNetwork | None = None) -> RailDice:
    """Compare a network with labelled bodies along the canal.

    Parameters
    ----------
    bodies : ndarray of int, shape of the volume
        A number of its own for every vertebral body, 0 elsewhere.
    network : PlainNetwork, optional
        The shipped one if left out.

    Returns
    -------
    RailDice
        In the network's own cells of 2 mm, from below the lowest to above the highest body that
        is labelled: what is not labelled there counts as wrong.

    Raises
    ------
    UnsuitableScan
        If no canal can be followed, or no labelled body lies along it.
    """
    spine = rail(volume)
    seen = ct_chances(spine, network).argmax(axis=0) == Ct.BODY
    labels = sampled(spine, volume, bodies)
    numbers = [int(number) for number in np.unique(labels) if number]
    if not numbers:
        raise UnsuitableScan("No labelled body lies along the canal of this CT.")
    each = {}
    for number in numbers:
        mask = labels == number
        near = ndimage.binary_dilation(mask, iterations=AROUND_CELLS)
        each[number] = dice(seen & near & ~((labels > 0) & ~mask), mask)
    planes = np.flatnonzero((labels > 0).any(axis=(1, 2)))
    span = slice(planes[0], planes[-1] + 1)
    return RailDice(each, dice(seen[span], labels[span] > 0))


def sampled(spine: Straightened, volume: Volume, labels: Numbers) -> Numbers:
    """Look up the label of each cell of the network; cells outside the volume are 0."""
    voxels = voxels_of(spine, volume)
    within = ((voxels >= 0) & (voxels < np.array(labels.shape))).all(axis=-1)
    found = np.zeros(within.shape, dtype=np.int_)
    found[within] = labels[tuple(voxels[within].T)]
    return found


def rail(volume: Volume) -> Straightened:
    """Unroll a CT along its canal, for the network to look at."""
    coarse = on_coarse_grid(volume)
    canal = find_canal(coarse, trunk_middle(coarse))
    span = usable_span(canal[:, 2])
    if span is None:
        raise UnsuitableScan("No spinal canal can be followed in this CT.")
    return straighten(volume, canal, span)
