"""One height on straight lines between knots, as numpy.interp has it, without making arrays."""

from bisect import bisect
from collections.abc import Sequence


def height_at(x: float, knots: Sequence[float], heights: Sequence[float]) -> float:
    """Level beyond the first and last knot; the same number as numpy.interp."""
    after = bisect(knots, x)
    if after == 0:
        return float(heights[0])
    if after == len(knots):
        return float(heights[-1])
    before = after - 1
    slope = (heights[after] - heights[before]) / (knots[after] - knots[before])
    return float(slope * (x - knots[before]) + heights[before])
