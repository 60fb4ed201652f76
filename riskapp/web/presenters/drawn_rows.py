"""People or engines one below the other, each with mark and interval on one axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.numbers import percent, plain
from riskapp.web.presenters.scale import Tick, from_zero
from riskapp.web.presenters.shown import Shown
from riskapp.web.presenters.strip import Strip, strip

APART_PERCENT = 28.0  # of the width, between two lines' words
BESIDE_PERCENT = 14.0  # of the width: a mark of the axis nearer to a line's words is left out


@dataclass(frozen=True, slots=True)
class Told(Shown):
    """One row before it is placed.

    Attributes
    ----------
    outcome : mapping
        Of an estimate, as ``exchange.assessment_json`` writes it.
    badge : str
        What it was trained on, where that has to be said.
    """

    name: str
    outcome: Mapping[str, Any]
    note: str = ""
    badge: str = ""
    is_dashed: bool = False
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class DrawnRow(Shown):
    """One row: its words, and its marks on the axis that all rows share."""

    told: Told
    strip: Strip


@dataclass(frozen=True, slots=True)
class PlacedLine(Shown):
    """A guideline's line across all rows."""

    x: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class DrawnRows(Shown):
    """The whole table."""

    rows: tuple[DrawnRow, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[PlacedLine, ...]
    end: str  # of the axis, which starts at nothing


def drawn_rows(told: Sequence[Told], lines: Sequence[DrawnLine] = ()) -> DrawnRows:
    """Place rows and lines on one axis.

    A line beyond what is drawn is left out, and one whose words would lie on another's.
    """
    axis = from_zero(max([1.0, *(_largest(one.outcome) for one in told)]))
    on_it = [line for line in lines if line.percent <= axis.high]
    placed = _apart([_placed(line, axis.at(line.percent)) for line in on_it])
    return DrawnRows(
        rows=tuple(DrawnRow(one, strip(one.outcome, axis)) for one in told),
        ticks=_beside(axis.ticks, placed),
        lines=placed,
        end=percent(axis.high / 100),
    )


def _largest(outcome: Mapping[str, Any]) -> float:
    interval = outcome.get("interval_95") or ()
    return 100 * float(max(outcome["probability_10y"], *interval[1:], 0.0))


def _apart(lines: Sequence[PlacedLine]) -> tuple[PlacedLine, ...]:
    kept: list[PlacedLine] = []
    for line in lines:
        if not kept or _place(line.x) - _place(kept[-1].x) > APART_PERCENT:
            kept.append(line)
    return tuple(kept)


def _placed(line: DrawnLine, x: str) -> PlacedLine:
    place = _place(x)
    anchor = "start" if place < BESIDE_PERCENT else "middle"
    return PlacedLine(
        x,
        f"{line.words} {plain(line.percent)}",
        "end" if place > 100 - BESIDE_PERCENT else anchor,
    )


def _beside(ticks: Sequence[Tick], lines: Sequence[PlacedLine]) -> tuple[Tick, ...]:
    """Both ends of the axis, but not under the words of a line."""
    return tuple(
        tick
        for tick in (ticks[0], ticks[-1])
        if all(abs(_place(tick.x) - _place(line.x)) > BESIDE_PERCENT for line in lines)
    )


def _place(x: str) -> float:
    return float(x.removesuffix("%"))
