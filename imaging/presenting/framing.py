"""The part of a slice that is shown: the bone that is measured fills little of it."""

from collections.abc import Sequence

from imaging.presenting.labels import Box, Point, box_of

AROUND_REGION, LEAST_SHARE = 3.0, 0.25


def around(lines: Sequence[Sequence[Point]], width: float, height: float) -> Box:
    """Give a square around what is drawn, as far as the picture goes.

    Parameters
    ----------
    lines : sequence of sequence of (x, y)
        At least one, in units of the picture.
    width, height : float
        Of the whole picture.
    """
    boxes = [box_of(line) for line in lines]
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    side = max(AROUND_REGION * max(right - left, bottom - top), LEAST_SHARE * width)
    side = min(side, width, height)
    x = min(max((left + right - side) / 2, 0.0), width - side)
    y = min(max((top + bottom - side) / 2, 0.0), height - side)
    return Box(x, y, x + side, y + side)
