"""The probability year by year, as lines stretched over the chart and as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.web.presenters.numbers import percent, percentage
from riskapp.web.presenters.scale import from_zero
from riskapp.web.presenters.shown import Shown

TOP_PX, FLOOR_PX = 8, 188  # of the plot, within a chart 216 px high
YEARS = 10
NAMES_APART_PX = 16


@dataclass(frozen=True, slots=True)
class GridLine(Shown):
    """A horizontal line and its number."""

    y: float
    text_y: float
    text: str


@dataclass(frozen=True, slots=True)
class Line(Shown):
    """One outcome over ten years."""

    path: str  # in a 100 x 100 box that the template stretches
    first: str
    last: str
    end_y: float
    name_y: float
    whisker: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Curve(Shown):
    """Both outcomes on one pair of axes."""

    major: Line
    hip: Line
    grid: tuple[GridLine, ...]
    years: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int, str, str], ...]


def curve(outcomes: Mapping[str, Any]) -> Curve:
    """Shape an estimate's curves, as ``exchange.assessment_json`` writes them."""
    major, hip = outcomes["major_osteoporotic"], outcomes["hip"]
    ends = [
        end
        for outcome in (major, hip)
        for end in (outcome["probability_10y"], *(outcome.get("interval_95") or ()))
    ]
    axis = from_zero(100 * max(ends))

    def y(percent_value: float) -> float:
        within = min(percent_value, axis.high) / axis.high
        return round(FLOOR_PX - within * (FLOOR_PX - TOP_PX), 1)

    grid = tuple(
        GridLine(y(float(index * axis.step)), y(float(index * axis.step)) + 4, tick.text)
        for index, tick in enumerate(axis.ticks)
    )
    hip_y = y(100 * hip["probability_10y"])
    major_y = min(y(100 * major["probability_10y"]), hip_y - NAMES_APART_PX)
    return Curve(
        major=_line(major, axis.high, y, major_y),
        hip=_line(hip, axis.high, y, hip_y),
        grid=grid,
        years=tuple((f"{10 * year}%", str(year)) for year in range(0, YEARS + 1, 2)),
        rows=tuple(
            (year, percentage(p_major), percentage(p_hip))
            for (year, p_major), (_, p_hip) in zip(major["curve"], hip["curve"], strict=True)
        ),
    )


def _line(outcome: Mapping[str, Any], high: float, y: Any, name_y: float) -> Line:
    points = [(0, 0.0), *((year, p) for year, p in outcome["curve"])]
    steps = " L".join(f"{10 * year:g} {100 - 100 * 100 * p / high:.2f}" for year, p in points)
    interval = outcome.get("interval_95")
    return Line(
        path=f"M{steps}",
        first=percent(outcome["curve"][0][1]),
        last=percent(outcome["probability_10y"]),
        end_y=y(100 * outcome["probability_10y"]),
        name_y=name_y + 4,
        whisker=(y(100 * interval[0]), y(100 * interval[1])) if interval else None,
    )
