"""One hundred people, drawn: how many of them break a bone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PEOPLE = 100
PER_ROW = 10
PITCH = 20  # of one person, in the units of the picture's view box


@dataclass(frozen=True, slots=True)
class Person:
    """One figure and what happens to them."""

    x: int
    y: int
    state: str  # a class of the style sheet: breaks, stays-well


@dataclass(frozen=True, slots=True)
class NaturalFrequency:
    """A probability as a count of people, rounded once from the exact value."""

    count: int
    well: int
    fewest: int | None
    most: int | None
    people: tuple[Person, ...]

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
    count = _whole(outcome["probability_10y"])
    interval = outcome.get("interval_95")
    return NaturalFrequency(
        count=count,
        well=PEOPLE - count,
        fewest=_whole(interval[0]) if interval else None,
        most=_whole(interval[1]) if interval else None,
        people=tuple(
            Person(
                x=PITCH * (index % PER_ROW),
                y=PITCH * (index // PER_ROW),
                state="breaks" if index < count else "stays-well",
            )
            for index in range(PEOPLE)
        ),
    )


def _whole(probability: float) -> int:
    # Halves go up, as people expect; Python's round would send them to the even neighbour. What
    # binary fractions leave below a half (100 * 0.145) still is one.
    return int(round(PEOPLE * probability, 9) + 0.5)
