"""Engines set beside each other on the same people: differences, decisions, reclassification."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.evaluation.calibration import (
    coefficient_difference,
    in_the_large,
    ratio_difference,
    weak,
)
from riskapp.evaluation.concordance import Difference, difference
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.evaluation.decision_curve import decision_curve
from riskapp.evaluation.reclassification import Cell, reclassification
from riskapp.evaluation.resampling import Estimate
from riskapp.laboratory import resampled
from riskapp.laboratory.asking import Candidate, Floats
from riskapp.laboratory.candidates import FRAX_CONVENTION
from riskapp.laboratory.judging import drawn, or_none, ranked
from riskapp.laboratory.page.numbers import hidden
from riskapp.laboratory.resampled import Figure
from riskapp.laboratory.thresholds import Threshold

Predicted = Mapping[str, Floats]
Rows = list[dict[str, Any]]
Pairs = Sequence[tuple[Candidate, Candidate]]
Figures = Mapping[Figure, Estimate]

HARRELL, RATIO, SLOPE = "Harrell's C", "Observed / expected", "Calibration slope"
# Points of the decision curve between its ends.
POINTS = 50
# It ends where hardly anybody would still be treated.
TREATED_AT_THE_END = 0.01


def compared_pairs(candidates: Sequence[Candidate], against: str) -> Pairs:
    """Every candidate against the one named, and learned ones against FRAX's convention too."""
    by_key = {one.key: one for one in candidates}
    pairs = [(one, by_key[against]) for one in candidates if one.key != against]
    convention = by_key.get(FRAX_CONVENTION)
    if convention is not None and convention.key != against:
        pairs += [
            (one, convention)
            for one in candidates
            if one.engine.trained_on != "published" and one.key != against
        ]
    return pairs


def differences(
    pairs: Pairs,
    predicted: Predicted,
    seen: Course,
    people: Places,
    horizon: int,
    figures: Figures,
    *,
    level: bool,
) -> Rows:
    """Every figure of one less that of the other, on the same people.

    Harrell's C, observed over expected and the slope have formulas for their errors; the others
    were resampled.
    """
    rows = [
        _row(HARRELL, one, other)
        | _between(
            difference(
                ranked(predicted[one.key], seen, people),
                ranked(predicted[other.key], seen, people),
                people,
            )
        )
        for one, other in pairs
    ]
    by_key = {(one.key, other.key): (one, other) for one, other in pairs}
    for (what, *keys), told in figures.items():
        if len(keys) == 2 and not what.startswith(resampled.MOVED):
            one, other = by_key[keys[0], keys[1]]
            rows.append(_row(what, one, other) | drawn(told))
    return rows + (_level_differences(pairs, predicted, seen, horizon) if level else [])


def _level_differences(pairs: Pairs, predicted: Predicted, seen: Course, horizon: int) -> Rows:
    large = {key: or_none(lambda: in_the_large(p, seen, horizon)) for key, p in predicted.items()}  # noqa: B023
    spread = {key: or_none(lambda: weak(p, seen, horizon)) for key, p in predicted.items()}  # noqa: B023
    rows: Rows = []
    for one, other in pairs:
        first, second = large[one.key], large[other.key]
        if first and second:
            rows.append(_row(RATIO, one, other) | _between(ratio_difference(first, second)))
        slope, held = spread[one.key], spread[other.key]
        if slope and held:
            apart = coefficient_difference(slope.slope, held.slope)
            rows.append(_row(SLOPE, one, other) | _between(apart))
    return rows


def _between(found: Difference) -> dict[str, Any]:
    return {"value": found.value, "interval": [found.lower, found.upper]}


def decisions(
    predicted: Predicted,
    seen: Course,
    horizon: int,
    marks: Sequence[Threshold],
    figures: Figures,
) -> dict[str, Any]:
    """Net benefit over thresholds, and at those of guidelines with intervals."""
    end = max(
        [float(np.quantile(each, 1 - TREATED_AT_THE_END)) for each in predicted.values()]
        + [mark.probability for mark in marks]
    )
    end = float(np.ceil(20 * end) / 20)
    grid = [float(at) for at in np.linspace(0, end, POINTS + 1)[1:]]
    curves = {key: decision_curve(each, seen, horizon, grid) for key, each in predicted.items()}
    at_marks = {
        key: decision_curve(each, seen, horizon, [mark.probability for mark in marks])
        for key, each in predicted.items()
    }
    some = next(iter(curves))
    return {
        "decision": {
            "thresholds": grid,
            "net_benefit": {
                key: [point.net_benefit for point in curve] for key, curve in curves.items()
            },
            "treat_all": [point.treat_all for point in curves[some]],
        },
        "thresholds": [
            {
                "threshold": mark.probability,
                "guideline": ", ".join(mark.guidelines),
                "treat_all": at_marks[some][place].treat_all,
                "net_benefit": {
                    key: _benefit(figures[resampled.benefit_at(mark.probability), key])
                    for key in predicted
                },
                "treated": {key: each[place].treated for key, each in at_marks.items()},
            }
            for place, mark in enumerate(marks)
        ],
    }


def _benefit(for_1000: Estimate) -> dict[str, Any]:
    """For one person, as the curve is."""
    told = drawn(for_1000)
    ends = told["interval"]
    return {
        "value": None if told["value"] is None else told["value"] / 1000,
        "interval": None if ends is None else [end / 1000 for end in ends],
    }


def reclassified(
    pairs: Pairs,
    predicted: Predicted,
    seen: Course,
    horizon: int,
    marks: Sequence[Threshold],
    figures: Figures,
) -> Rows:
    """Who changes sides of each guideline's threshold when one engine takes the other's place."""
    rows = []
    for one, other in pairs:
        for mark in marks:
            at = mark.probability
            try:
                found = reclassification(
                    predicted[other.key], predicted[one.key], seen, horizon, [at]
                )
            except CannotJudge:
                continue
            parts = (resampled.moved_at(at, events=events) for events in (True, False))
            events, others = (drawn(figures[part, one.key, other.key]) for part in parts)
            rows.append(
                _row("", one, other)
                | {
                    "threshold": at,
                    "guideline": ", ".join(mark.guidelines),
                    "up": _moved(found.cells, 0, 1),
                    "down": _moved(found.cells, 1, 0),
                    "events_nri": events,
                    "nonevents_nri": others,
                }
            )
    return rows


def _moved(cells: Sequence[Cell], first: int, second: int) -> int | str:
    return hidden(
        sum(cell.people for cell in cells if (cell.first, cell.second) == (first, second))
    )


def _row(what: str, one: Candidate, other: Candidate) -> dict[str, Any]:
    return {
        "what": what,
        "key": one.key,
        "label": one.label,
        "against": other.key,
        "against_label": other.label,
    }
