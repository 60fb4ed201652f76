"""The cells of a table in a picture, cut out column by column and read again.

Reading a whole page finds where a table stands, but loses points and minus signs of small print.
So each column is cut out, enlarged and read at several sizes, and signs are told from the ink.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from imaging.reports.cell_text import is_cell
from imaging.reports.cutting import Box, Line, dash_width, ink_of, lines_below
from imaging.reports.heads import Column, Head
from imaging.reports.ocr import FIGURES, read_words
from imaging.reports.placing import claimed
from imaging.reports.printed import POSSIBLE, Printed, Quantity, Row
from imaging.reports.row_names import labels_of, part_told
from imaging.reports.table import UNNAMED, Following, named_totals, numbers_of
from imaging.reports.words import Word, text_of

HEIGHTS = (30, 40, 60)  # of enlarged print; readings at all of them are compared
PLACES = {Quantity.BMD: 3, Quantity.BMC: 2, Quantity.AREA: 2, Quantity.T: 1, Quantity.Z: 1}
VERTEBRAE = "L1234-,"


def rows_in_picture(
    page: Image.Image,
    head: Head,
    over_labels: str,
    bottom: float,
    words: Sequence[Word],
    part: str | None,
) -> list[Row]:
    """Read the lines of a table whose head was found on the page.

    Parameters
    ----------
    head : Head
        Without the heading of labels.
    over_labels : str
        That heading: it can say a bone.
    bottom : float
        Lower edge of the head, in pixels of the page.
    words : sequence of Word
        What reading the whole page found below the head; what both readings say is sure.
    part : str or None
        The part of the body that the words of the page tell.
    """
    ink = ink_of(page)
    lines = lines_below(ink, head, int(bottom))
    texts = [
        [_beside(line.label, words), *again]
        for line, again in zip(lines, _label_readings(page, lines, ""), strict=True)
    ]
    part = part_told(texts, part)
    following = Following(part, over_labels)
    if following.part == "spine":
        strips = _label_readings(page, lines, VERTEBRAE)
        texts = [[*one, *again] for one, again in zip(texts, strips, strict=True)]
    regions = [following.region_of(label) for label in labels_of(texts, following.part)]
    # Only lines that are rows show where the columns are.
    named = [line for line, region in zip(lines, regions, strict=True) if region]
    read = iter(_numbers(page, ink, named, head.columns))
    whole = iter(_in_words(named, words, head.columns))
    rows: list[Row] = []
    for line, region in zip(lines, regions, strict=True):
        if region is not None:
            numbers = both(next(read), next(whole))
            # A label that comes again was misread: "Diff" for "Left".
            if numbers and all(row.region != region for row in rows):
                rows.append(Row(region, numbers))
        elif line.cells:
            rows.append(Row(UNNAMED, {}))
    return named_totals(rows)


def _label_readings(page: Image.Image, lines: Sequence[Line], letters: str) -> list[list[str]]:
    """Read the labels of all lines at several sizes; nothing for a line without one."""
    boxes = [line.label for line in lines if line.label is not None]
    read = iter(_strip(page, boxes, [0] * len(boxes), letters))
    return [next(read) if line.label is not None else [] for line in lines]


def _beside(box: Box | None, words: Sequence[Word]) -> str:
    """Words of the page that lie in a box."""
    if box is None:
        return ""
    spare = 0.5 * box.height
    inside = [
        word
        for word in words
        if box.top < (word.top + word.bottom) / 2 < box.bottom
        and box.left - spare <= word.left
        and word.right <= box.right + spare
    ]
    return text_of(sorted(inside, key=lambda word: word.left))


def _in_words(
    lines: Sequence[Line], words: Sequence[Word], columns: Sequence[Column]
) -> list[dict[Quantity, Printed]]:
    """Take the numbers of each line from the reading of the whole page."""
    rows = [
        [
            word
            for word in words
            if line.cells
            and line.cells[0].top < (word.top + word.bottom) / 2 < line.cells[0].bottom
            and word.left >= line.cells[0].left - 0.5 * line.cells[0].height
            and is_cell(word.text)
        ]
        for line in lines
    ]
    return [numbers_of(pairs) for pairs in claimed(rows, columns)]


def both(own: dict[Quantity, Printed], other: dict[Quantity, Printed]) -> dict[Quantity, Printed]:
    """Put the reading of cells and that of the whole page together; a sign is told by its ink."""
    numbers: dict[Quantity, Printed] = {}
    for quantity in (*own, *(quantity for quantity in other if quantity not in own)):
        first, second = own.get(quantity), other.get(quantity)
        if first is None or second is None:
            one = first or second
            if one is not None:
                numbers[quantity] = one if first else replace(one, sure=False)
        elif first.value == second.value or first.value == -second.value < 0:
            numbers[quantity] = replace(first, sure=True)
        else:
            others = tuple(dict.fromkeys((*first.others, second.value)))
            numbers[quantity] = replace(first, sure=False, others=others)
    return numbers


def _numbers(
    page: Image.Image,
    ink: npt.NDArray[np.bool_],
    lines: Sequence[Line],
    columns: Sequence[Column],
) -> list[dict[Quantity, Printed]]:
    """Give every cell to its column and read column by column, at several sizes."""
    numbers: list[dict[Quantity, Printed]] = [{} for _ in lines]
    paired = claimed([line.cells for line in lines], columns)
    for column in columns:
        if column.heading.quantity is None:
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
            number = agreed(texts, column.heading.quantity, dash > 0)
            if number is not None:
                numbers[index][column.heading.quantity] = number
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
