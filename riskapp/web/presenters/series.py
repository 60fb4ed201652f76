"""A value over the years: dots with intervals, joined where they may be compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from riskapp.web.presenters.scale import Scale

TOP_PX, FLOOR_PX = 12, 192  # of the plot, within a chart 224 px high
NAMES_APART_PX = 16
ASIDE_PX = 6
Height = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Dot:
    """One value; ``whisker`` is its interval from the lower end to the upper."""

    x: str
    y: float
    whisker: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Line:
    """Between two values that may be compared."""

    x1: str
    y1: float
    x2: str
    y2: float


@dataclass(frozen=True, slots=True)
class Series:
    """``kind`` is a class of the style sheet; the name stands beside the last dot."""

    kind: str
    name: str
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    name_x: str
    name_y: float
    shift: int = 0  # pixels aside, so that intervals of one day do not hide each other


@dataclass(frozen=True, slots=True)
class GridLine:
    """A horizontal line and its number."""

    y: float
    text_y: float
    text: str


def height(scale: Scale) -> Height:
    """From a value to pixels from the top."""

    def y(value: float) -> float:
        within = (min(max(value, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
        return round(FLOOR_PX - within * (FLOOR_PX - TOP_PX), 1)

    return y


def grid(scale: Scale) -> tuple[GridLine, ...]:
    y = height(scale)
    heights = [y(scale.low + index * scale.step) for index in range(len(scale.ticks))]
    return tuple(
        GridLine(at, at + 4, tick.text) for at, tick in zip(heights, scale.ticks, strict=True)
    )


def series(kind: str, name: str, dots: Sequence[Dot], is_joined: Sequence[bool]) -> Series:
    """``is_joined`` says of every dot but the first whether it may be compared to the one before.

    At least one dot.
    """
    lines = [
        Line(one.x, one.y, other.x, other.y)
        for (one, other), joined in zip(pairwise(dots), is_joined, strict=True)
        if joined
    ]
    last = dots[-1]
    return Series(kind, name, tuple(dots), tuple(lines), last.x, last.y + 4)


def apart(drawn: Sequence[Series]) -> tuple[Series, ...]:
    """The same series, the highest first, with names and intervals beside each other."""
    placed: list[Series] = []
    for index, one in enumerate(sorted(drawn, key=lambda each: each.name_y)):
        least = placed[-1].name_y + NAMES_APART_PX if placed else one.name_y
        y = round(max(one.name_y, least), 1)
        aside = round(ASIDE_PX * (index - (len(drawn) - 1) / 2))
        placed.append(replace(one, name_y=y, shift=aside))
    return tuple(placed)


def span_words(years: Sequence[int]) -> str:
    """``2019 to 2026``, or the one year."""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first} to {last}"


def in_turn(told: Sequence[str]) -> str:
    """``from 9.1 to 12.2 to 21.6``; a single value alone."""
    return told[0] if len(told) == 1 else f"from {' to '.join(told)}"
