"""How directions and slices are put together into one number."""

import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.texture.discretise import OUTSIDE, Levels


class Aggregation(StrEnum):
    """The value is IBSI's identifier; averages are of features, merging is of counts."""

    SLICES_AND_DIRECTIONS_AVERAGED = "BTW3"
    DIRECTIONS_MERGED_SLICES_AVERAGED = "SUJT"
    SLICES_MERGED_DIRECTIONS_AVERAGED = "JJUI"
    SLICES_AND_DIRECTIONS_MERGED = "ZW7Z"
    VOLUME_AVERAGED = "ITBB"
    VOLUME_MERGED = "IAZD"


class Dimension(StrEnum):
    """What counts as one picture; the value is IBSI's identifier where there is no direction."""

    SLICES = "8QNN"
    SLICES_MERGED = "62GR"
    VOLUME = "KOBO"


class How(NamedTuple):
    """``tag`` ends the standard's short names; ``merged`` is whether directions are merged."""

    tag: str
    dimension: Dimension
    merged: bool


HOW = {
    Aggregation.SLICES_AND_DIRECTIONS_AVERAGED: How("2D_avg", Dimension.SLICES, False),
    Aggregation.DIRECTIONS_MERGED_SLICES_AVERAGED: How("2D_comb", Dimension.SLICES, True),
    Aggregation.SLICES_MERGED_DIRECTIONS_AVERAGED: How("2_5D_avg", Dimension.SLICES_MERGED, False),
    Aggregation.SLICES_AND_DIRECTIONS_MERGED: How("2_5D_comb", Dimension.SLICES_MERGED, True),
    Aggregation.VOLUME_AVERAGED: How("3D_avg", Dimension.VOLUME, False),
    Aggregation.VOLUME_MERGED: How("3D_comb", Dimension.VOLUME, True),
}
DIMENSION_TAG = {Dimension.SLICES: "2D", Dimension.SLICES_MERGED: "2_5D", Dimension.VOLUME: "3D"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One picture to count in, flattened with a border, so that no neighbour is out of reach.

    Attributes
    ----------
    levels : ndarray of int32, shape (n,)
        Levels from 0; ``OUTSIDE`` beyond the region and in the border.
    distances : ndarray of int32, shape (n,)
        Steps across faces to the edge of the region's outline, 1 at the edge; empty without one.
    steps : ndarray of intp, shape (directions,)
        One of each opposite pair of neighbours, as an offset: 4 in a slice, 13 in a volume.
    across : int
        The step to the neighbour that touches all other neighbours on its side.
    points : int
        How many voxels lie in the region.
    longest : int
        Voxels along the longest side.
    """

    levels: npt.NDArray[np.int32]
    distances: npt.NDArray[np.int32]
    steps: npt.NDArray[np.intp]
    across: int
    points: int
    longest: int


def directions(axes: int) -> list[tuple[int, ...]]:
    """List one of each opposite pair of neighbour steps: 4 in a plane, 13 in a volume."""
    steps = itertools.product((-1, 0, 1), repeat=axes)
    return [step for step in steps if step > (0,) * axes]


def pieces(
    levels: Levels, dimension: Dimension, outline: npt.NDArray[np.bool_] | None = None
) -> list[Piece]:
    """Cut levels into the pictures that are counted in; slices without the region are left out.

    Parameters
    ----------
    levels : ndarray of int, shape (slices, rows, columns) or (rows, columns)
        A flat image counts as one slice.
    outline : ndarray of bool, shape of ``levels``, optional
        The region before re-segmentation, from whose edge distances are taken.
    """
    stack = levels if levels.ndim == 3 else levels[None]
    padded = np.full(tuple(n + 2 for n in stack.shape), OUTSIDE, dtype=np.int32)
    padded[1:-1, 1:-1, 1:-1] = stack
    longest = max(stack.shape)
    if outline is None:
        distances = np.empty((len(padded), 0), dtype=np.int32)
    else:
        distances = _to_edge(np.pad(outline, 1), dimension)
    if dimension is Dimension.VOLUME:
        steps = _steps([(1, 0, 0), *directions(3)], padded.shape)
        return [_piece(padded, steps, distances, longest)]
    steps = _steps([(0, *step) for step in ((1, 0), *directions(2))], padded.shape)
    if dimension is Dimension.SLICES_MERGED:
        return [_piece(padded, steps, distances, longest)]
    return [
        _piece(plane, steps, far, longest)
        for plane, far in zip(padded, distances, strict=True)
        if (plane >= 0).any()
    ]


def _piece(
    levels: npt.NDArray[np.int32],
    steps: npt.NDArray[np.intp],
    distances: npt.NDArray[np.int32],
    longest: int,
) -> Piece:
    """Put a piece together; the first of the steps is the one across, and comes again later."""
    points = int(np.count_nonzero(levels >= 0))
    return Piece(levels.ravel(), distances.ravel(), steps[1:], int(steps[0]), points, longest)


def _steps(steps: list[tuple[int, ...]], shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    across = np.array([shape[1] * shape[2], shape[2], 1], dtype=np.intp)
    return np.array(steps, dtype=np.intp) @ across


def _to_edge(within: npt.NDArray[np.bool_], dimension: Dimension) -> npt.NDArray[np.int32]:
    if dimension is Dimension.VOLUME:
        return np.asarray(ndimage.distance_transform_cdt(within, metric="taxicab"), dtype=np.int32)
    far = np.zeros(within.shape, dtype=np.int32)
    for number in np.flatnonzero(within.any(axis=(1, 2))):
        far[number] = ndimage.distance_transform_cdt(within[number], metric="taxicab")
    return far
