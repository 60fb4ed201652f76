"""Rows of a table of bone density among words, whoever printed it."""

from collections.abc import Sequence

from imaging.densitometry.sites import spine_region
from imaging.reports.cell_text import NUMBER, is_cell, number_of
from imaging.reports.headings import DATE, is_before
from imaging.reports.heads import Column, Head
from imaging.reports.placing import claimed
from imaging.reports.printed import Printed, Quantity, Row
from imaging.reports.regions import LEVELS, SPINE_TOTAL, Label, part_of, read_label
from imaging.reports.words import Line, Word, text_of

LINES_BETWEEN = 3  # that are no region before a table has ended


def rows_under(head: Head, lines: Sequence[Line], part: str | None) -> list[Row]:
    """Read the lines below a head until the table ends.

    Parameters
    ----------
    lines : sequence of Line
        Those below the head, down to the next one.
    """
    following = Following(part, head.label)
    named: list[tuple[str, list[Word]]] = []
    without = 0
    for line in lines:
        words = [word for word in line if head.left <= word.left < head.right]
        if is_before(text_of(words)):
            break  # what follows is of another day
        region, cells = _taken_apart(words, following)
        if region is not None:
            named.append((region, cells))
            without = 0
            continue
        if _has_numbers(words):
            _forget(named, words)
        without += 1
        if without > LINES_BETWEEN:
            break
    return named_totals(_rows(named, head.columns))


def _taken_apart(words: Sequence[Word], following: "Following") -> tuple[str | None, list[Word]]:
    """Part a line into its label and its cells; no label where any word before a cell is unknown.

    A figure can be of the label: "Radius 33 %".
    """
    first = next((at for at, word in enumerate(words) if NUMBER.match(word.text)), len(words))
    for end in range(first, 0, -1):
        if end < len(words) and not is_cell(words[end].text):
            continue
        region = following.region(text_of(words[:end]))
        if region is not None:
            cells = list(words[end:])
            return (None, []) if any(DATE.search(cell.text) for cell in cells) else (region, cells)
    return None, []


def _has_numbers(words: Sequence[Word]) -> bool:
    return sum(NUMBER.match(word.text) is not None for word in words) > 1


def _forget(named: list[tuple[str, list[Word]]], words: Sequence[Word]) -> None:
    """Drop what a line of numbers without a known label makes doubtful.

    Without any label it is the region above once more, at another visit; one that may be a
    vertebra leaves open which vertebrae a total is of.
    """
    if is_cell(words[0].text):
        region = named[-1][0] if named else None
        named[:] = [one for one in named if one[0] != region]
    if words[0].text[:1].upper() in {"L", "T", "1", "I", "|"}:
        named.append((UNNAMED, []))


UNNAMED = "unnamed"


def _rows(named: Sequence[tuple[str, list[Word]]], columns: Sequence[Column]) -> list[Row]:
    cells = [[word for word in row if is_cell(word.text)] for _, row in named]
    return [
        Row(region, numbers_of(pairs))
        for (region, _), pairs in zip(named, claimed(cells, columns), strict=True)
    ]


def numbers_of(pairs: Sequence[tuple[Word, Column]]) -> dict[Quantity, Printed]:
    """Read what stands in the cells of one row, each by its heading."""
    numbers: dict[Quantity, Printed] = {}
    for word, column in pairs:
        quantity = column.heading.quantity
        if quantity is None:
            continue
        number = number_of(word.text, quantity, column.heading.factor)
        if number is not None:
            numbers[quantity] = number
    return numbers


def named_totals(rows: Sequence[Row]) -> list[Row]:
    """Say of the "Total" of a spine which vertebrae it is of: those listed above it."""
    above = [row.region for row in rows]
    above = above[: above.index(SPINE_TOTAL)] if SPINE_TOTAL in above else above
    levels = tuple(region for region in above if region in LEVELS)
    certain = UNNAMED not in above and len(set(levels)) == len(levels) > 1
    named = []
    for row in rows:
        if not row.numbers or row.region == UNNAMED or row.region.endswith("_diff"):
            continue
        if row.region != SPINE_TOTAL:
            named.append(row)
        elif certain:
            named.append(Row(spine_region(levels), row.numbers))
    return named


class Following:
    """Remembers the heading above rows that say a side only, and what the table is about."""

    def __init__(self, part: str | None, over_labels: str = "") -> None:
        self.part = part
        self.heading: str | None = None
        over = read_label(over_labels.replace("Region", ""), "forearm") if over_labels else None
        self._bone = over.bone if over and over.bone in {"radius", "ulna", "forearm"} else None
        if self._bone:
            self.part = "forearm"

    def region(self, text: str) -> str | None:
        """Name the region of the row that begins with these words."""
        return self.region_of(read_label(text, self.part) if text else None)

    def region_of(self, label: Label | None) -> str | None:
        """Name the region of the row with this label."""
        if label is None:
            return None
        if label.bone is None:
            return f"{self.heading}_{label.side}" if self.heading else None
        bone = label.bone
        if bone in {"33", "ud", "mid", "total"}:
            bone = f"{self._bone or 'forearm'}_{bone}"
        self.part = self.part or part_of(bone)
        self.heading = bone
        return bone if label.side is None else f"{bone}_{label.side}"
