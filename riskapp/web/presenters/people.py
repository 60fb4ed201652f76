"""A hundred or a thousand people, drawn: who breaks a bone, and who is kept from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PEOPLE = 100
PER_ROW = {100: 10, 1_000: 40}  # of the groups that can be drawn
PITCH = 20  # of one person, in the units of the picture's view box
HAIR = 0.02  # nothing that is seen
SHOULDERS = 4  # how long the line of a body is; its round ends make it a body


@dataclass(frozen=True, slots=True)
class Picture:
    """A group of people as lines to be dashed, one figure to each dash, a line to each row.

    Everybody has the same place in every picture: those whom a medicine keeps from a break are
    the last of those who break a bone without it.
    """

    width: int
    height: int
    breaks: str
    spared: str
    well: str


@dataclass(frozen=True, slots=True)
class NaturalFrequency:
    """A probability as a count of people, rounded once from the exact value."""

    count: int
    well: int
    fewest: int | None
    most: int | None
    picture: Picture

    @property
    def below_one(self) -> bool:
        """Too rare for one whole person: said in words instead of "0"."""
        return self.count == 0

    @property
    def is_spread(self) -> bool:
        """Whether the interval survives rounding to whole people."""
        return self.fewest is not None and self.fewest != self.most


def natural_frequency(outcome: Mapping[str, Any]) -> NaturalFrequency:
    """Shape one outcome of an estimate for the patient's page."""
    count = whole(outcome["probability_10y"])
    interval = outcome.get("interval_95")
    return NaturalFrequency(
        count=count,
        well=PEOPLE - count,
        fewest=whole(interval[0]) if interval else None,
        most=whole(interval[1]) if interval else None,
        picture=picture(count),
    )


def picture(breaks: int, spared: int = 0, of: int = PEOPLE) -> Picture:
    """Everybody of a group in reading order."""
    per_row, ends = PER_ROW[of], breaks + spared
    return Picture(
        width=PITCH * per_row,
        height=PITCH * (of // per_row),
        breaks=_lines(0, breaks, per_row),
        spared=_lines(breaks, ends, per_row),
        well=_lines(ends, of, per_row),
    )


def _lines(first: int, end: int, per_row: int) -> str:
    """The path of the people from ``first`` up to ``end``."""
    lines = []
    while first < end:
        row, column = divmod(first, per_row)
        there = min(end - first, per_row - column)
        start = PITCH * column + (PITCH - SHOULDERS) // 2
        # Up to the next dash and no further. Where a typesetter lets the dashes of one row run on
        # into the next, the rows still begin with one.
        lines.append(f"M{start} {PITCH * row + 5}h{PITCH * there - HAIR:g}")
        first += there
    return "".join(lines)


def whole(probability: float, of: int = PEOPLE) -> int:
    """A probability as whole people of a group."""
    # Halves go up, as people expect; Python's round would send them to the even neighbour. What
    # binary fractions leave below a half (100 * 0.145) still is one.
    return int(round(of * probability, 9) + 0.5)
