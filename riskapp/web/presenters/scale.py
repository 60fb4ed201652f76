"""Axes with round numbers on them."""

import math
from dataclasses import dataclass

from riskapp.web.presenters.numbers import plain, share
from riskapp.web.presenters.shown import Shown

# Ends of an axis that starts at nothing, with the step between its marks, in percent.
AXES_FROM_ZERO = (
    (1.0, 0.5), (2.0, 0.5), (4.0, 1.0), (8.0, 2.0), (12.0, 3.0), (20.0, 5.0),
    (40.0, 10.0), (60.0, 20.0), (80.0, 20.0), (100.0, 25.0),
)  # fmt: skip
# Steps between marks on an axis that need not start at nothing.
STEPS = tuple(base * 10.0**power for power in range(-3, 3) for base in (1.0, 2.0, 5.0))
MOST_INTERVALS = 5


@dataclass(frozen=True, slots=True)
class Tick(Shown):
    """One mark on an axis."""

    x: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From data to percent of the width."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> str:
        return share(self._within(value) - self.low, self.high - self.low)

    def width(self, low: float, high: float) -> str:
        return share(self._within(high) - self._within(low), self.high - self.low)

    def _within(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        count = round((self.high - self.low) / self.step)
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        values = [self.low + self.step * index for index in range(count + 1)]
        anchors = ["start", *["middle"] * (count - 1), "end"]
        return tuple(
            Tick(self.at(value), plain(value, decimals), anchor)
            for value, anchor in zip(values, anchors, strict=True)
        )


def from_zero(largest_percent: float) -> Scale:
    """An axis from nothing that leaves a little room beyond the largest value."""
    for high, step in AXES_FROM_ZERO:
        if largest_percent <= 0.96 * high:
            return Scale(0.0, high, step)
    return Scale(0.0, *AXES_FROM_ZERO[-1])


def around(low: float, high: float, least_span: float) -> Scale:
    """An axis whose ends are round numbers just outside the data."""
    span = max(high - low, least_span)
    step = next(step for step in STEPS if span / step <= MOST_INTERVALS - 1)
    first = math.floor(low / step + 1e-9) * step
    last = math.ceil(max(high, first + span) / step - 1e-9) * step
    return Scale(first, last, step)
