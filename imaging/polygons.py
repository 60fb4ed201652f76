"""Polygons in pixel coordinates: area, the pixels inside, and whether a person's are sound."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from imaging.errors import UnsuitableScan
from imaging.limits import LIMITS, Limits
from imaging.result import Outline, Region

BY_HAND = "corrected by hand"  # the method of a region that a person placed
FEWEST_CORNERS: dict[Outline, int] = {"area": 3, "line": 2, "points": 1}
Corner = tuple[float, float]
Corners = npt.NDArray[np.float64]


def area(polygon: Sequence[Corner]) -> float:
    """Give the area in square pixels; the shoelace formula, sign dropped."""
    corners = np.asarray(polygon, dtype=np.float64)
    x, y = corners[:, 0], corners[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def inside(polygon: Sequence[Corner], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Mark the pixels whose centre lies inside, by the even-odd rule.

    Parameters
    ----------
    polygon : sequence of (column, row)
        (0, 0) is the centre of the first pixel.
    shape : tuple of int
        (rows, columns) of the mask.
    """
    mask = np.zeros(shape, dtype=bool)
    columns = np.arange(shape[1])
    for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        low, high = min(y0, y1), max(y0, y1)
        # Half-open in row, so that a corner on a row is crossed once.
        for row in range(max(0, math.ceil(low)), min(shape[0], math.ceil(high))):
            crossing = x0 + (row - y0) * (x1 - x0) / (y1 - y0)
            mask[row] ^= columns >= crossing
    return mask


def thinned(corners: Corners, tolerance: float) -> Corners:
    """Leave out corners of a closed outline that lie within a tolerance of the line without them.

    References
    ----------
    Douglas and Peucker 1973, Cartographica 10:112-122, doi 10.3138/FM57-6770-U75U-7727.
    """
    if len(corners) < 4:
        return corners
    opposite = int(np.hypot(*(corners - corners[0]).T).argmax())
    keep = {0, opposite}
    closed = np.vstack([corners, corners[:1]])
    open_runs = [(0, opposite), (opposite, len(corners))]
    while open_runs:
        first, last = open_runs.pop()
        if last - first < 2:
            continue
        span = closed[last] - closed[first]
        away = closed[first + 1 : last] - closed[first]
        length = float(np.hypot(*span))
        apart = (
            np.abs(away[:, 0] * span[1] - away[:, 1] * span[0]) / length
            if length
            else np.hypot(away[:, 0], away[:, 1])
        )
        farthest = int(apart.argmax())
        if apart[farthest] > tolerance:
            middle = first + 1 + farthest
            keep.add(middle)
            open_runs += [(first, middle), (middle, last)]
    return np.asarray(corners[sorted(keep)])


def check_regions(
    regions: Sequence[Region],
    shape: tuple[int, int],
    slices: int | None,
    limits: Limits = LIMITS,
) -> None:
    """Refuse regions that cannot be measured, with a sentence for the person who drew them.

    Parameters
    ----------
    shape : tuple of int
        (rows, columns) of the picture.
    slices : int or None
        Number of slices of a volume; None for a projection.

    Raises
    ------
    UnsuitableScan
    """
    if not regions:
        raise UnsuitableScan("There is no region: draw at least one.")
    if len(regions) > limits.regions:
        raise UnsuitableScan(f"There are more than {limits.regions} regions.")
    names = [region.id for region in regions]
    if len(set(names)) != len(names):
        raise UnsuitableScan("Two regions have the same name: each level can be there once.")
    for region in regions:
        _check(region, shape, slices, limits)


def _check(region: Region, shape: tuple[int, int], slices: int | None, limits: Limits) -> None:
    name = "".join(c for c in region.id if c.isprintable())[: limits.region_id_letters]
    if not name or name != region.id:
        raise UnsuitableScan("A region has no usable name: use one such as L1.")
    if len(region.label) > limits.region_label_letters or not region.label.isprintable():
        raise UnsuitableScan(f"The label of region {name} cannot be used.")
    fewest = FEWEST_CORNERS[region.outline]
    if not fewest <= len(region.polygon) <= limits.corners:
        raise UnsuitableScan(f"Region {name} needs between {fewest} and {limits.corners} corners.")
    for column, row in region.polygon:
        if not (-0.5 <= column <= shape[1] - 0.5 and -0.5 <= row <= shape[0] - 0.5):
            raise UnsuitableScan(f"Region {name} reaches outside the picture.")
    if region.outline == "area":
        _check_area(region, name)
    if slices is None:
        return
    first, last = region.depth_slices or (-1, -1)
    if region.slice_index is None or not 0 <= first <= region.slice_index <= last < slices:
        raise UnsuitableScan(
            f"Region {name} must say its slice and the slices it spans, between 0 and {slices - 1}."
        )


def _check_area(region: Region, name: str) -> None:
    # First: the halves of one that crosses itself may cancel out.
    if _crosses_itself(region.polygon):
        raise UnsuitableScan(f"The outline of region {name} crosses itself.")
    if area(region.polygon) < 1:
        raise UnsuitableScan(f"Region {name} has no area: its corners lie on one line.")


def _crosses_itself(polygon: Sequence[Corner]) -> bool:
    """Whether two edges cross inside both; edges that only touch do not."""
    start = np.asarray(polygon, dtype=np.float64)
    end = np.roll(start, -1, axis=0)

    def side(of: Corners) -> Corners:
        """On which side of edge i corner j of ``of`` lies: the sign of element (i, j)."""
        along, apart = end - start, of[None] - start[:, None]
        return np.sign(along[:, None, 0] * apart[..., 1] - along[:, None, 1] * apart[..., 0])

    apart = side(start) * side(end) < 0
    return bool((apart & apart.T).any())
