"""A printed table in a picture, cut into lines and cells by the ink between its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from imaging.reports.heads import Head

INK = 0.2  # share of the way from paper to the darkest ink; thin dashes are faint
SPECK_PAGE = 600  # on a page so many pixels wide what has only 2 is noise; more on wider ones
RULE = 0.6  # a line of the frame covers more of the width than print does
SAME_CELL = 0.7  # gaps within a cell, in heights of its row
LONGEST_GAP = 2.7  # between rows of one table, in rows: a heading may stand between
LONGEST_DASH = 0.5  # in heights of a figure


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page, in its pixels; ends are not included."""

    left: int
    right: int
    top: int
    bottom: int

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its label, and its cells from left to right."""

    label: Box | None
    cells: tuple[Box, ...]


def ink_of(page: Image.Image) -> npt.NDArray[np.bool_]:
    """Mark print on the paper around it, whatever the paper's colour; frames are left out."""
    grey = np.asarray(page, dtype=np.float32)
    size = max(8, page.width // 40)
    rows, columns = (-(-side // size) * size for side in grey.shape)
    padded = np.pad(grey, ((0, rows - grey.shape[0]), (0, columns - grey.shape[1])), mode="edge")
    tiles = padded.reshape(rows // size, size, columns // size, size)
    paper = np.percentile(tiles, 75, axis=(1, 3))
    paper = np.kron(paper, np.ones((size, size)))[: grey.shape[0], : grey.shape[1]]
    ink = (paper - grey) > INK * np.maximum(paper, 1.0)
    parts, _ = ndimage.label(ink, np.ones((3, 3)))
    speck = max(2, round((page.width / SPECK_PAGE) ** 2))
    ink &= np.bincount(parts.ravel())[parts] > speck
    upright = ndimage.binary_opening(ink, np.ones((max(20, page.width // 30), 1), dtype=bool))
    return np.asarray(ink & ~upright)


def lines_below(ink: npt.NDArray[np.bool_], head: Head, bottom: int) -> list[Line]:
    """Cut the table below its head into lines and cells."""
    columns = head.columns
    gaps = [b.middle - a.middle for a, b in zip(columns, columns[1:], strict=False)]
    gap = float(np.median(gaps))
    left = max(0, int(head.boundary))
    right = min(ink.shape[1], int(columns[-1].middle + 0.6 * gap))
    bands = _bands(ink[bottom:, left:right])
    lines: list[Line] = []
    for top, end in bands:
        cells = _boxes(ink, left, right, bottom + top, bottom + end)
        label = _label_box(ink, left, bottom + top, bottom + end)
        lines.append(Line(label, cells))
    return _with_headings(ink, lines, left, bottom)


def _bands(ink: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Rows of print, until the frame or a wide gap ends the table."""
    share = ink.mean(axis=1)
    bands = [run for run in _runs(share > 0, 0) if share[run[0] : run[1]].max() < RULE]
    rules = _runs(share >= RULE, 0)
    if not bands:
        return []
    usual = float(np.median([end - top for top, end in bands]))
    bands = [(top, end) for top, end in bands if 0.5 * usual <= end - top <= 2 * usual]
    if bands:
        # The rule below the head may come first; one after the first row is the frame's foot,
        # unless each row has one.
        feet = [top for top, _ in rules if top > bands[0][1]]
        ruled = [bool([1 for foot in feet if a[1] <= foot <= b[0]]) for a, b in pairwise(bands)]
        feet = [] if len(ruled) > 1 and all(ruled[:2]) else feet
        bands = [band for band in bands if not feet or band[1] <= feet[0]]
    kept = bands[:1]
    pitch = min((b[0] - a[0] for a, b in zip(bands, bands[1:], strict=False)), default=0)
    for band in bands[1:]:
        if band[0] - kept[-1][0] > LONGEST_GAP * pitch:
            break
        kept.append(band)
    return kept


def _runs(marked: npt.ArrayLike, join: int) -> list[tuple[int, int]]:
    """Stretches of True, ends not included; gaps of up to ``join`` are bridged."""
    places = np.flatnonzero(marked)
    if places.size == 0:
        return []
    breaks = np.flatnonzero(np.diff(places) > join + 1)
    starts = places[np.concatenate(([0], breaks + 1))]
    ends = places[np.concatenate((breaks, [places.size - 1]))] + 1
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def _boxes(
    ink: npt.NDArray[np.bool_], left: int, right: int, top: int, bottom: int
) -> tuple[Box, ...]:
    join = int(SAME_CELL * (bottom - top))
    runs = _runs(ink[top:bottom, left:right].any(axis=0), join)
    return tuple(Box(left + start, left + end, top, bottom) for start, end in runs)


def _label_box(ink: npt.NDArray[np.bool_], right: int, top: int, bottom: int) -> Box | None:
    """Find the words next to the left of the numbers; a frame's line is no word."""
    boxes = [
        box for box in _boxes(ink, 0, right, top, bottom) if box.right - box.left > 0.4 * box.height
    ]
    if not boxes:
        return None
    last = boxes[-1]
    for box in reversed(boxes[:-1]):
        if last.left - box.right > 1.5 * last.height:
            break
        last = Box(box.left, last.right, top, bottom)
    return last


def _with_headings(
    ink: npt.NDArray[np.bool_], lines: Sequence[Line], right: int, begin: int
) -> list[Line]:
    """Add lines that hold a heading and no number: they say which bone the next ones are of."""
    labels = [line.label for line in lines if line.label is not None]
    if not labels:
        return list(lines)
    left = max(0, min(box.left for box in labels) - 2)
    whole: list[Line] = []
    above = begin
    for line in lines:
        top = line.cells[0].top if line.cells else above
        strip = ink[above:top, left:right]
        for start, end in _runs(strip.any(axis=1), 0):
            height = end - start
            if 0.6 * (line.cells[0].height if line.cells else 1) <= height:
                heading = _label_box(ink[:, :right], right, above + start, above + end)
                if heading is not None and heading.left >= left - 2:
                    whole.append(Line(heading, ()))
        whole.append(line)
        above = line.cells[0].bottom if line.cells else above
    return whole


def dash_width(cell: npt.NDArray[np.bool_]) -> int:
    """Width of a minus sign at the left of a cell, 0 without one; all of it where it is alone."""
    rows = np.flatnonzero(cell.any(axis=1))
    height = rows[-1] - rows[0] + 1
    alone = height <= 0.4 * cell.shape[0]
    width = 0
    for column in cell.T:
        places = np.flatnonzero(column)
        if places.size == 0:
            break
        thin = places[-1] - places[0] + 1 <= max(1, round(0.34 * height))
        level = ((places[0] + places[-1] + 1) / 2 - rows[0]) / height
        if not alone and not (thin and 0.3 < level < 0.75):
            break
        width += 1
    if alone:
        return width
    # The rim of a round figure behind the dash can be as thin.
    return min(width, round(LONGEST_DASH * height)) if width >= max(2, round(0.22 * height)) else 0
