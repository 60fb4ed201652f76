"""Tables of regions and numbers among words, whoever printed them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imaging.reports.printed import POSSIBLE, Printed, Quantity, Row
from imaging.reports.regions import LEVELS, SPINE_TOTAL, Label, part_of, read_label, spine_region
from imaging.reports.words import Line, Word, text_of

# What heads a column, as single words; a per cent sign heads one that is left out. A column's
# numbers have a fixed number of decimals, which also tells a T-score from a percentage.
HEADS: tuple[tuple[re.Pattern[str], Quantity | None], ...] = (
    # French, Spanish, Italian and Portuguese have DMO and CMO.
    (re.compile(r"^[\W_]*(?:s?bmd|dmo)\W*\d?\W*$", re.I), Quantity.BMD),
    (re.compile(r"^[\W_]*(?:bmc|cmo)\W*$", re.I), Quantity.BMC),
    (re.compile(r"^[\W_]*(?:[aá]rea|surface|fl(?:ä|ae)che)\W*$", re.I), Quantity.AREA),
    (re.compile(r"^[\W_]*t(?:\W*-\W*)?(?:\w{0,2}c?ore|wert)?\W*\d?\W*$", re.I), Quantity.T),
    (re.compile(r"^[\W_]*z(?:\W*-\W*)?(?:\w{0,2}c?ore|wert)?\W*\d?\W*$", re.I), Quantity.Z),
    (re.compile(r"^\(?%\)?$|^pr$", re.I), None),
)
DECIMALS: dict[Quantity, tuple[int, ...]] = {
    Quantity.BMD: (3, 4, 2),
    Quantity.BMC: (2, 1, 3),
    Quantity.AREA: (2, 1, 3),
    Quantity.T: (1, 2),
    Quantity.Z: (1, 2),
}
NUMBER = re.compile(r"^[-–−+]?\d{1,4}[.,]\d{1,4}\*?$")
NO_NUMBER = re.compile(r"^(?:[-–−]{1,2}|n/?a|\d{1,3}%?\*?)$", re.I)
LINES_OF_A_HEAD = 2  # below the line that names BMD
LINES_BETWEEN = 3  # that are no region before a table has ended


@dataclass(frozen=True, slots=True)
class Column:
    quantity: Quantity | None  # None: percentages, which are not read
    middle: float


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table: where its columns stand, and the lines that it takes."""

    columns: tuple[Column, ...]
    first_line: int
    last_line: int
    label: str  # what stands over the labels: "Region", or a bone

    @property
    def boundary(self) -> float:
        """Labels stand left of it."""
        first = self.columns[0].middle
        gap = self.columns[1].middle - first if len(self.columns) > 1 else 0.4 * first
        return first - 0.45 * gap


def heads_of(lines: Sequence[Line]) -> list[Head]:
    """Find the heads of tables of bone density."""
    found: list[Head] = []
    for index, line in enumerate(lines):
        if found and index <= found[-1].last_line:
            continue
        if any(_quantity(word) is Quantity.BMD for word in line):
            found += _heads_at(lines, index)
    return found


def _heads_at(lines: Sequence[Line], index: int) -> list[Head]:
    last = index
    while last + 1 < len(lines) and last - index < LINES_OF_A_HEAD:
        if not _is_of_head(lines, last + 1, index):
            break
        last += 1
    words = sorted((w for line in lines[index : last + 1] for w in line), key=lambda w: w.middle)
    heads = []
    for columns, labels in _apart(words):
        quantities = [column.quantity for column in columns]
        others = {Quantity.BMC, Quantity.AREA, Quantity.Z, Quantity.T} & set(quantities)
        if Quantity.BMD in quantities and (len(others) > 1 or (others and "egion" in labels)):
            heads.append(Head(tuple(columns), index, last, labels))
    return heads


def _is_of_head(lines: Sequence[Line], at: int, index: int) -> bool:
    """Tell a line of a head from one of numbers, from a heading of rows, and from one far away."""
    line, named = lines[at], lines[index]
    height = max(word.height for word in named)
    if abs(line[0].top - named[0].top) >= 2.6 * LINES_OF_A_HEAD * height:
        return False
    if any(NUMBER.match(word.text) for word in line):
        return False
    return all(read_label(text_of(line), part) is None for part in ("hip", "forearm", "spine"))


def _apart(words: Sequence[Word]) -> list[tuple[list[Column], str]]:
    """Divide the words of a head into tables: a quantity that comes again begins the next."""
    tables: list[tuple[list[Column], list[str]]] = [([], [])]
    scores = [word for word in words if re.match(r"^[\W_]*score\W*$", word.text, re.I)]
    for word in words:
        quantity = _quantity(word)
        if quantity is None and not _is_left_out(word):
            tables[-1][1].append(word.text)
            continue
        columns = tables[-1][0]
        same = [c for c in columns if c.quantity is quantity and quantity is not None]
        if same and word.middle - same[-1].middle < word.right - word.left:
            continue  # the same head once more, on the next line
        if same:
            tables.append(([], []))
        tables[-1][0].append(Column(quantity, word.middle))
    for columns, _ in tables:
        _add_scores(columns, scores)
    return [(columns, " ".join(labels)) for columns, labels in tables if columns]


def _add_scores(columns: list[Column], scores: Sequence[Word]) -> None:
    """Where one of "T" and "Z" was not read, the two words "score" below them still tell."""
    quantities = {column.quantity for column in columns}
    right = [word for word in scores if word.middle > columns[0].middle]
    if len(right) == 2:
        for quantity, word in zip((Quantity.T, Quantity.Z), right, strict=True):
            if quantity not in quantities:
                columns.append(Column(quantity, word.middle))
        columns.sort(key=lambda column: column.middle)


def _quantity(word: Word) -> Quantity | None:
    return next((quantity for pattern, quantity in HEADS if pattern.match(word.text)), None)


def _is_left_out(word: Word) -> bool:
    return any(quantity is None and pattern.match(word.text) for pattern, quantity in HEADS)


def number_of(text: str, quantity: Quantity) -> Printed | None:
    """Read one number as this quantity is printed; None where it cannot be one."""
    plain = text.strip("*+ ").replace("–", "-").replace("−", "-").replace(",", ".")
    if not re.fullmatch(r"-?\d{1,4}\.\d{1,4}", plain):
        return None
    decimals = len(plain.partition(".")[2])
    low, high = POSSIBLE[quantity]
    if decimals not in DECIMALS[quantity] or not low <= float(plain) <= high:
        return None
    return Printed(float(plain), decimals)


def rows_under(head: Head, lines: Sequence[Line], part: str | None) -> list[Row]:
    """Read the lines below a head until the table ends.

    Parameters
    ----------
    lines : sequence of Line
        Those below the head, down to the next one.
    """
    following = Following(part, head.label)
    rows: list[Row] = []
    without = 0
    for line in lines:
        labels = [word for word in line if word.middle < head.boundary]
        cells = [word for word in line if word.middle >= head.boundary]
        region = following.region(text_of(labels))
        if region is None:
            without += 1
            if without > LINES_BETWEEN:
                break
            continue
        without = 0
        numbers = numbers_in(cells, head.columns)
        if numbers:
            rows.append(Row(region, numbers))
    return named_totals(rows)


def named_totals(rows: Sequence[Row]) -> list[Row]:
    """Say of the "Total" of a spine which vertebrae it is of: those listed above it."""
    levels = tuple(row.region for row in rows if row.region in LEVELS)
    named = []
    for row in rows:
        if row.region == SPINE_TOTAL:
            if len(levels) > 1:
                named.append(Row(spine_region(levels), row.numbers))
        elif not row.region.endswith("_diff"):
            named.append(row)
    return named


def numbers_in(cells: Sequence[Word], columns: Sequence[Column]) -> dict[Quantity, Printed]:
    """Give each number to its column: by order where there are as many, else by place."""
    cells = [word for word in cells if NUMBER.match(word.text) or NO_NUMBER.match(word.text)]
    if len(cells) == len(columns):
        pairs = list(zip(cells, columns, strict=True))
    else:
        pairs = [(word, min(columns, key=lambda c: abs(c.middle - word.middle))) for word in cells]
    numbers: dict[Quantity, Printed] = {}
    for word, column in pairs:
        if column.quantity is None or not NUMBER.match(word.text):
            continue
        number = number_of(word.text, column.quantity)
        if number is not None and column.quantity not in numbers:
            numbers[column.quantity] = number
    return numbers


class Following:
    """Remembers the heading above rows that say a side only, and what the table is about."""

    def __init__(
        self,
        part: str | None,
        over_labels: str = "",
        read: Callable[[str, str | None], Label | None] = read_label,
    ) -> None:
        self.part = part
        self.heading: str | None = None
        self._read = read
        over = read_label(over_labels.replace("Region", ""), "forearm") if over_labels else None
        self._bone = over.bone if over and over.bone in {"radius", "ulna", "forearm"} else None
        if self._bone:
            self.part = "forearm"

    def region(self, text: str) -> str | None:
        """Name the region of the row that begins with these words."""
        label = self._read(text, self.part) if text else None
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
