"""People or engines one below the other, each with mark and interval on one axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.labels import Label, labels_of, lower_one_is_above
from riskapp.web.presenters.numbers import percent
from riskapp.web.presenters.scale import Tick, from_zero
from riskapp.web.presenters.shown import Shown
from riskapp.web.presenters.strip import Strip, strip

ROW_PX = 14  # of words, of which the axis's own are the lowest
OVER_ROWS_PX = 6  # below the words, to the first row
LETTERS_PX, BELOW_WORDS_PX = 10, 3  # of words above the foot of their letters, and below it


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
    """A guideline's line across all rows.

    Its words stand at ``y``; beside them it goes from ``top`` to ``bottom``, in pixels.
    """

    x: str
    text: str
    anchor: str
    y: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class DrawnRows(Shown):
    """The whole table."""

    rows: tuple[DrawnRow, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[PlacedLine, ...]
    end: str  # of the axis, which starts at nothing
    axis_y: int  # where the axis's own words stand above the rows, in pixels
    head_px: int  # the height of all words there


def drawn_rows(told: Sequence[Told], lines: Sequence[DrawnLine] = ()) -> DrawnRows:
    """Place rows and lines on one axis; a line beyond what is drawn is left out."""
    axis = from_zero(max([1.0, *(_largest(one.outcome) for one in told)]))
    on_it = [line for line in lines if line.percent <= axis.high]
    ends = (axis.ticks[0], axis.ticks[-1])
    labels = labels_of(on_it, axis)
    rows = _rows(labels, ends)
    axis_y = ROW_PX * len(rows)
    return DrawnRows(
        rows=tuple(DrawnRow(one, strip(one.outcome, axis)) for one in told),
        ticks=ends,
        lines=tuple(
            _placed(label, axis.at(line.percent), rows)
            for line, label in zip(on_it, labels, strict=True)
        ),
        end=percent(axis.high / 100),
        axis_y=axis_y,
        head_px=axis_y + OVER_ROWS_PX,
    )


def _largest(outcome: Mapping[str, Any]) -> float:
    interval = outcome.get("interval_95") or ()
    return 100 * float(max(outcome["probability_10y"], *interval[1:], 0.0))


def _rows(labels: Sequence[Label], ends: tuple[Tick, Tick]) -> list[list[Label]]:
    """From below, with the ends of the axis: each label is where it lies on no other."""
    rows = [[Label(0.0, ends[0].text, "start"), Label(100.0, f"{ends[1].text} %", "end")]]
    for label in reversed(labels) if lower_one_is_above(labels) else labels:
        row = next((row for row in rows if all(map(label.is_clear_of, row))), None)
        if row is None:
            rows.append([label])
        else:
            row.append(label)
    return rows


def _placed(label: Label, x: str, rows: Sequence[Sequence[Label]]) -> PlacedLine:
    """A line with its words; it ends above words that it would cut, and goes on in the table."""
    own = next(number for number, row in enumerate(rows) if label in row)
    y, axis_y = (ROW_PX * (len(rows) - number) for number in (own, 0))
    cuts = [number for number in range(own) if any(map(label.cuts, rows[number]))]
    return PlacedLine(
        x,
        label.text,
        label.anchor,
        y=y,
        top=y + BELOW_WORDS_PX if label.anchor == "middle" else y - LETTERS_PX,
        bottom=axis_y - ROW_PX * cuts[-1] - LETTERS_PX if cuts else axis_y + OVER_ROWS_PX,
    )
