"""The cells of a table in a picture, cut out column by column and read again.

Reading a whole page finds where a table stands, but loses points and minus signs of small print.
So each column is cut out, enlarged and read at several sizes, and signs are told from the ink.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from imaging.reports.cutting import Box, Line, dash_width, ink_of, lines_below
from imaging.reports.ocr import FIGURES, read_words
from imaging.reports.printed import POSSIBLE, Printed, Quantity, Row
from imaging.reports.regions import LEVELS, Label, read_label
from imaging.reports.table import Column, Following, Head, named_totals

HEIGHTS = (30, 40, 60)  # of enlarged print; readings at all of them are compared
PLACES = {Quantity.BMD: 3, Quantity.BMC: 2, Quantity.AREA: 2, Quantity.T: 1, Quantity.Z: 1}
VERTEBRAE = "L1234-,"


def rows_in_picture(page: Image.Image, head: Head, bottom: float, part: str | None) -> list[Row]:
    """Read the lines of a table whose head was found on the page.

    Parameters
    ----------
    bottom : float
        Lower edge of the head, in pixels of the page.
    """
    ink = ink_of(page)
    lines = lines_below(ink, head, int(bottom))
    following = Following(part, head.label, _guessing)
    labels = iter(_labels(page, [line.label for line in lines if line.label], part))
    texts = [next(labels) if line.label is not None else "" for line in lines]
    if part == "spine":
        texts = in_order(texts)
    rows: list[Row] = []
    for text, read in zip(texts, _numbers(page, ink, lines, head.columns), strict=True):
        region = following.region(text)
        # A label that comes again was misread: "Diff" for "Left".
        if region and read and all(row.region != region for row in rows):
            rows.append(Row(region, read))
    return named_totals(rows)


def in_order(texts: Sequence[str]) -> list[str]:
    """Name a vertebra whose label was not read by those above and below it."""
    named = list(texts)
    for at, text in enumerate(texts):
        above = named[at - 1] if at else "L0"
        below = texts[at + 1] if at + 1 < len(texts) else ""
        found = (read_label(one, "spine", guess=True) for one in (above, below))
        first, last = ((label.bone or "") if label else "L0" for label in found)
        if not text and last in LEVELS and int(last[1]) > 1:
            level = LEVELS[int(last[1]) - 2]
            if first in {"L0", f"L{int(last[1]) - 2}"}:
                named[at] = level
    return named


def _guessing(text: str, part: str | None) -> Label | None:
    return read_label(text, part, guess=True)


def _labels(page: Image.Image, boxes: Sequence[Box], part: str | None) -> list[str]:
    """Read labels; where the page is about a spine, only what names vertebrae may occur."""
    letters = VERTEBRAE if part == "spine" else ""
    chosen = []
    for choices in _strip(page, boxes, [0] * len(boxes), letters):
        known = [text for text in choices if _guessing(text, part) is not None]
        chosen.append(max(known, key=known.count) if known else "")
    return chosen


def _numbers(
    page: Image.Image,
    ink: npt.NDArray[np.bool_],
    lines: Sequence[Line],
    columns: Sequence[Column],
) -> list[dict[Quantity, Printed]]:
    """Give every cell to its column and read column by column, at several sizes."""
    numbers: list[dict[Quantity, Printed]] = [{} for _ in lines]
    paired = [_paired(line.cells, columns) for line in lines]
    for column in columns:
        if column.quantity is None:
            continue
        places, boxes, dashes = [], [], []
        for index, cells in enumerate(paired):
            box = next((box for box, given in cells if given is column), None)
            if box is None:
                continue
            dash = dash_width(ink[box.top : box.bottom, box.left : box.right])
            if box.left + dash < box.right:  # else nothing but a dash: no number
                places.append(index)
                boxes.append(box)
                dashes.append(dash)
        for index, dash, texts in zip(
            places, dashes, _strip(page, boxes, dashes, FIGURES), strict=True
        ):
            number = agreed(texts, column.quantity, dash > 0)
            if number is not None:
                numbers[index][column.quantity] = number
    return numbers


def _strip(
    page: Image.Image, boxes: Sequence[Box], dashes: Sequence[int], letters: str
) -> list[list[str]]:
    """Read one column several times; for each cell what was read at each size.

    Minus signs are painted over: their ink is judged apart, and beside small figures they spoil
    the reading.
    """
    if not boxes:
        return []
    usual = float(np.median([box.height for box in boxes]))
    around = round(usual)
    left, top = min(box.left for box in boxes) - around, boxes[0].top - around
    right, bottom = max(box.right for box in boxes) + around, boxes[-1].bottom + around
    grey = np.asarray(page.crop((left, top, right, bottom))).copy()
    paper = np.uint8(np.percentile(grey, 80))
    kept = np.full(grey.shape, paper)
    for box, dash in zip(boxes, dashes, strict=True):
        rows = slice(box.top - top - 1, box.bottom - top + 1)
        columns = slice(box.left - left - (0 if dash else 1) + dash, box.right - left + 1)
        kept[rows, columns] = grey[rows, columns]
    strip = ImageOps.autocontrast(Image.fromarray(kept))
    centres = np.array([(box.top + box.bottom) / 2 - top for box in boxes])
    readings = [[""] * len(HEIGHTS) for _ in boxes]
    for size, height in enumerate(HEIGHTS):
        scale = height / usual
        enlarged = strip.resize(
            (round(strip.width * scale), round(strip.height * scale)), Image.Resampling.LANCZOS
        )
        for word in sorted(read_words(enlarged, letters=letters), key=lambda word: word.left):
            nearest = int(np.argmin(np.abs(centres - (word.top + word.bottom) / 2 / scale)))
            # Spaces part the words of a label, and nothing within a number.
            between = "" if letters == FIGURES or not readings[nearest][size] else " "
            readings[nearest][size] += between + word.text
    return readings


def _paired(cells: Sequence[Box], columns: Sequence[Column]) -> list[tuple[Box, Column]]:
    if len(cells) == len(columns):
        return list(zip(cells, columns, strict=True))
    return [(box, min(columns, key=lambda c: abs(c.middle - box.middle))) for box in cells]


def agreed(texts: Sequence[str], quantity: Quantity, negative: bool) -> Printed | None:
    """Put several readings of one cell together; None where none can be such a number.

    A point that was not read is set where this quantity has it. A reading that differs makes the
    number unsure.
    """
    places = PLACES[quantity]
    low, high = POSSIBLE[quantity]
    sign = -1 if negative and quantity in (Quantity.T, Quantity.Z) else 1
    read = [_figures(text, places) for text in texts]
    values = [sign * int(figures) / 10**places for figures in read if figures]
    values = [value for value in values if low <= value <= high]
    if not values:
        return None
    best = max(values, key=values.count)
    others = tuple(dict.fromkeys(value for value in values if value != best))
    return Printed(best, places, values.count(best) == len(texts), others)


def _figures(text: str, places: int) -> str:
    """Figures of a reading; none where they are too few, or a point stands elsewhere."""
    plain = text.strip(".")
    figures = plain.replace(".", "")
    elsewhere = "." in plain and len(plain.partition(".")[2]) != places
    return "" if elsewhere or len(figures) <= places else figures
