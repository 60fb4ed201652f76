"""Where tables of bone density begin: their headings, put together over several lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imaging.reports.cell_text import NUMBER
from imaging.reports.headings import (
    NOTHING,
    Heading,
    heading_of,
    is_before,
    is_only_date,
    names_quantity,
    quantities_in,
)
from imaging.reports.placing import shared
from imaging.reports.printed import Quantity
from imaging.reports.regions import read_label
from imaging.reports.words import Line, Word, phrases_of, text_of

MOST_LINES = 3
# Lines of one head follow each other within so many heights of their letters.
LINE_STEP = 3.2
SHORT = 4  # words of a heading that stands over others
# What stands over labels, also as poor readings have it.
LABELS = frozenset(
    "region regions egion gion gio gic roi site bone vertebra vertebrae level segment regio zone "
    "zona regione "
    "localisation lokalisation bereich radius ulna forearm both".split()
)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, from its left to its right edge."""

    left: float
    right: float
    text: str
    heading: Heading

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table: its columns, the lines that it takes, and how wide the table may be."""

    columns: tuple[Column, ...]
    first_line: int
    last_line: int
    left: float = float("-inf")
    right: float = float("inf")

    @property
    def label(self) -> str:
        """What stands over the labels: "Region", or a bone."""
        first = self.columns[0]
        return "" if first.heading.quantity is not None else first.text

    def over_numbers(self, words: Sequence[Word]) -> "Head":
        """Leave out what stands left of the numbers below: a heading of labels, or a drawing."""
        columns = self.columns
        numbers = [word for word in words if NUMBER.match(word.text)]
        while columns[0].heading.quantity is None and (
            _is_for_labels(columns[0]) or not any(shared(word, columns[0]) > 0 for word in numbers)
        ):
            columns = columns[1:]
        return replace(self, columns=columns)

    @property
    def boundary(self) -> float:
        """Labels stand left of it, where the first column is one of numbers."""
        columns = self.columns
        gap = columns[1].middle - columns[0].middle if len(columns) > 1 else 0.4 * columns[0].middle
        return columns[0].middle - 0.45 * gap

    @property
    def known(self) -> int:
        return sum(column.heading.quantity is not None for column in self.columns)


def heads_of(lines: Sequence[Line]) -> list[Head]:
    """Find the heads of tables of bone density, top to bottom."""
    found: list[Head] = []
    at = 0
    while at < len(lines):
        choices = [
            heads
            for first in range(at, min(at + MOST_LINES, len(lines)))
            for heads in _heads_from(lines, first)
        ]
        # The head that says most, and of those the one with most lines.
        best = max(choices, key=_worth, default=None)
        if best is None or best[0].first_line > at:
            at += 1
            continue
        found += best
        at = best[0].last_line + 1
    return found


def _worth(heads: Sequence[Head]) -> tuple[int, int]:
    return sum(head.known for head in heads), heads[0].last_line


def _heads_from(lines: Sequence[Line], first: int) -> list[list[Head]]:
    """Put one to three lines from here together, in all ways that make a head."""
    found = []
    for last in range(first, min(first + MOST_LINES, len(lines))):
        if not _is_of_head(lines, last, first):
            break
        columns = _without_earlier(lines, first, _columns(lines[first : last + 1]))
        tables = _apart(columns)
        heads = [
            Head(tuple(_once(table)), first, last, _edge(table, tables, 0), _edge(table, tables, 1))
            for table in tables
        ]
        heads = [head for head in heads if _is_head(head)]
        if heads:
            found.append(heads)
    return found


def _is_head(head: Head) -> bool:
    quantities = {column.heading.quantity for column in head.columns}
    others = quantities - {Quantity.BMD, None}
    labelled = any(_is_for_labels(column) for column in head.columns)
    return Quantity.BMD in quantities and (len(others) > 1 or bool(others and labelled))


def _is_of_head(lines: Sequence[Line], at: int, first: int) -> bool:
    """Tell a line of a head from one of numbers, from a heading of rows, and from one far away."""
    line = lines[at]
    if any(NUMBER.match(word.text) for word in line):
        return False
    if at == first:
        return True
    above = lines[at - 1]
    height = max(word.height for word in above)
    if line[0].top - above[0].top >= LINE_STEP * height:
        return False
    labels = [read_label(text_of(line), part) for part in ("hip", "forearm", "spine")]
    return all(label is None for label in labels) or names_quantity(text_of(line))


def _columns(lines: Sequence[Line]) -> list[Column]:
    """Put headings over each other together; one that spans several belongs to each of them."""
    columns: list[tuple[float, float, str]] = []
    for line in reversed(lines):
        added: list[tuple[float, float, str]] = []
        for phrase in (part for whole in phrases_of(line) for part in _parted(whole)):
            left, right, text = phrase[0].left, phrase[-1].right, text_of(phrase)
            below = [c for c in columns if min(right, c[1]) > max(left, c[0])]
            columns = [
                (
                    (min(left, c[0]), max(right, c[1]), f"{text} {c[2]}")
                    if len(below) == 1
                    else (c[0], c[1], f"{text} {c[2]}")
                )
                if c in below
                else c
                for c in columns
            ]
            if not below:
                added.append((left, right, text))
        columns += added
    return [Column(left, right, text, heading_of(text)) for left, right, text in sorted(columns)]


def _parted(phrase: Sequence[Word]) -> list[Sequence[Word]]:
    """Part headings that stand too close to each other where the gap is widest."""
    if (
        sum(names_quantity(word.text) for word in phrase) < 2
        or len(quantities_in(text_of(phrase))) < 2
    ):
        return [phrase]
    gaps = [after.left - word.right for word, after in zip(phrase, phrase[1:], strict=False)]
    at = gaps.index(max(gaps)) + 1
    return [*_parted(phrase[:at]), *_parted(phrase[at:])]


def _without_earlier(lines: Sequence[Line], first: int, columns: Sequence[Column]) -> list[Column]:
    """Take out what stands under a line that says an earlier visit, or another day for each."""
    if first == 0:
        return list(columns)
    above = phrases_of(lines[first - 1])
    kept = list(columns)
    for phrase in above:
        text = text_of(phrase)
        begins = phrase[0].left <= columns[0].right
        of_all = begins and len(above) == 1 and is_before(" ".join(text.split()[:2]))
        earlier = is_before(text) and len(phrase) <= SHORT
        if not (of_all or earlier or is_only_date(text)):
            continue
        over = Word(text, phrase[0].left, phrase[-1].right, 0, 0)
        kept = [replace(c, heading=NOTHING) if of_all or shared(over, c) > 0 else c for c in kept]
    return kept


def _apart(columns: Sequence[Column]) -> list[list[Column]]:
    """Divide headings into tables side by side: each begins with the heading of its labels."""
    tables: list[list[Column]] = [[]]
    for column in columns:
        if _is_for_labels(column) and tables[-1]:
            tables.append([])
        tables[-1].append(column)
    return tables


def _edge(table: Sequence[Column], tables: Sequence[Sequence[Column]], side: int) -> float:
    """Say where a table ends to its left (0) or right (1): where the last heading before does."""
    at = next(index for index, other in enumerate(tables) if other is table) + side
    if 0 < at < len(tables):
        return tables[at - 1][-1].right
    return float("inf") if side else float("-inf")


def _once(columns: Sequence[Column]) -> list[Column]:
    """Believe no quantity that heads two columns: one of them is of another visit or side."""
    quantities = [column.heading.quantity for column in columns]
    return [
        replace(column, heading=NOTHING)
        if quantities.count(column.heading.quantity) > 1
        else column
        for column in columns
    ]


def _is_for_labels(column: Column) -> bool:
    return column.heading.quantity is None and any(
        word.strip(":+").lower() in LABELS for word in column.text.split()
    )
