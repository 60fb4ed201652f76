"""One probability on its scale: the estimate, its interval, the guideline's lines, the axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.labels import labels_of, lower_one_is_above
from riskapp.web.presenters.numbers import percent, percent_range, percentage
from riskapp.web.presenters.scale import Scale, Tick, from_zero
from riskapp.web.presenters.shown import Shown


@dataclass(frozen=True, slots=True)
class Threshold(Shown):
    """A dashed line and its label, which lies in the upper or the lower of two rows."""

    x: str
    text: str
    anchor: str
    is_upper: bool
    percent: str
    words: str


@dataclass(frozen=True, slots=True)
class Strip(Shown):
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
    thresholds: tuple[Threshold, ...] = ()


def strip(
    outcome: Mapping[str, Any], scale: Scale | None = None, lines: Sequence[DrawnLine] = ()
) -> Strip:
    """Shape one outcome of an estimate, as ``exchange.assessment_json`` writes it.

    ``lines`` are those of the guideline that is read first, the lower first; without a scale of
    its own the strip reaches beyond them; on a scale that others share it has no marks of its own.
    """
    probability = 100 * outcome["probability_10y"]
    interval = outcome.get("interval_95")
    lower, upper = (100 * end for end in interval) if interval else (probability, probability)
    axis = scale or from_zero(max(probability, upper, *(line.percent for line in lines)))
    return Strip(
        figure=percent(outcome["probability_10y"]),
        interval=percent_range(interval),
        interval_from_model=percent_range(outcome.get("interval_95_model")),
        interval_from_unknown=percent_range(outcome.get("interval_95_unknown")),
        estimate_x=axis.at(probability),
        interval_x=axis.at(lower) if interval else None,
        interval_width=axis.width(lower, upper) if interval else None,
        scale_end=percent(axis.high / 100),
        ticks=() if scale else axis.ticks,
        thresholds=_thresholds(lines, axis),
    )


def _thresholds(lines: Sequence[DrawnLine], axis: Scale) -> tuple[Threshold, ...]:
    """Lines with labels that never lie on each other: each has a row of its own."""
    labels = labels_of(lines, axis)
    turned = lower_one_is_above(labels)
    return tuple(
        Threshold(
            x=axis.at(line.percent),
            text=label.text,
            anchor=label.anchor,
            is_upper=len(lines) > 1 and (index == 0) == turned,
            percent=percent(line.percent / 100),
            words=line.words,
        )
        for index, (line, label) in enumerate(zip(lines, labels, strict=True))
    )


# One scale for every row of the worklist, so that rows can be compared by eye.
WORKLIST_SCALE = Scale(0.0, 50.0, 10.0)


def spark(outcome: Mapping[str, Any]) -> dict[str, str | None]:
    """The small strip of one worklist row; ``beyond`` is what the scale is too short for."""
    drawn = strip(outcome, WORKLIST_SCALE)
    ends = outcome["probability_10y"], (outcome.get("interval_95") or (0.0, 0.0))[1]
    beyond = [100 * end > WORKLIST_SCALE.high for end in ends]
    return {
        "figure": percentage(outcome["probability_10y"]),
        "percent": drawn.figure,
        "interval": drawn.interval,
        "estimate_x": drawn.estimate_x,
        "interval_x": drawn.interval_x,
        "interval_width": drawn.interval_width,
        "beyond": "estimate" if beyond[0] else "interval" if beyond[1] else None,
    }
