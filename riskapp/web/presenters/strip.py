"""One probability on its scale: the estimate, its interval and the axis below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.web.presenters.numbers import percent, percent_range, percentage
from riskapp.web.presenters.scale import Scale, Tick, from_zero


@dataclass(frozen=True, slots=True)
class Strip:
    """What the headline of one outcome draws and says; positions are percentages."""

    figure: str
    interval: str | None
    interval_from_model: str | None
    interval_from_unknown: str | None
    estimate_x: str
    interval_x: str | None
    interval_width: str | None
    scale_end: str
    ticks: tuple[Tick, ...]


def strip(outcome: Mapping[str, Any], scale: Scale | None = None) -> Strip:
    """Shape one outcome of an estimate, as ``exchange.assessment_json`` writes it."""
    probability = 100 * outcome["probability_10y"]
    interval = outcome.get("interval_95")
    lower, upper = (100 * end for end in interval) if interval else (probability, probability)
    axis = scale or from_zero(max(probability, upper))
    return Strip(
        figure=percent(outcome["probability_10y"]),
        interval=percent_range(interval),
        interval_from_model=percent_range(outcome.get("interval_95_model")),
        interval_from_unknown=percent_range(outcome.get("interval_95_unknown")),
        estimate_x=axis.at(probability),
        interval_x=axis.at(lower) if interval else None,
        interval_width=axis.width(lower, upper) if interval else None,
        scale_end=percent(axis.high / 100),
        ticks=axis.ticks,
    )


# One scale for every row of the worklist, so that rows can be compared by eye.
WORKLIST_SCALE = Scale(0.0, 50.0, 10.0)


def spark(outcome: Mapping[str, Any]) -> dict[str, str | None]:
    """The small strip of one worklist row."""
    drawn = strip(outcome, WORKLIST_SCALE)
    return {
        "figure": percentage(outcome["probability_10y"]),
        "percent": drawn.figure,
        "interval": drawn.interval,
        "estimate_x": drawn.estimate_x,
        "interval_x": drawn.interval_x,
        "interval_width": drawn.interval_width,
    }
