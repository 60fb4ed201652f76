"""Engines set beside each other on the same people: differences, decisions, reclassification."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.evaluation.brier import brier_at
from riskapp.evaluation.concordance import difference, uno
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.evaluation.decision_curve import decision_curve
from riskapp.evaluation.reclassification import Cell, reclassification
from riskapp.evaluation.resampling import Estimate, bootstrap
from riskapp.evaluation.roc import auc_at
from riskapp.laboratory.asking import Candidate, Floats
from riskapp.laboratory.candidates import FRAX_CONVENTION
from riskapp.laboratory.judging import or_none, ranked
from riskapp.laboratory.page.numbers import hidden
from riskapp.laboratory.thresholds import Threshold

Predicted = Mapping[str, Floats]
Rows = list[dict[str, Any]]
Pairs = Sequence[tuple[Candidate, Candidate]]

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


def concordance_differences(
    pairs: Pairs, predicted: Predicted, seen: Course, people: Places
) -> Rows:
    """Harrell's C of one less that of the other, on the same people."""
    rows = []
    for one, other in pairs:
        found = difference(
            ranked(predicted[one.key], seen, people),
            ranked(predicted[other.key], seen, people),
            people,
        )
        rows.append(
            _row("Harrell's C", one, other)
            | {"value": found.value, "interval": [found.lower, found.upper]}
        )
    return rows


def resampled_figures(
    predicted: Predicted,
    seen: Course,
    people: Places,
    horizon: int,
    *,
    level: bool,
    draws: int,
    seed: int,
) -> dict[tuple[str, str], dict[str, Estimate]]:
    """Figures of each engine, and paired differences, from the same draws of people.

    Returns
    -------
    dict of (measure, key) to dict of key to Estimate
        Under the key itself the figure; under another key the difference from that engine.
    """  # fmt: skip
    measures: dict[str, Callable[[Floats, Course], float]] = {
        # An event exactly at the horizon is not before it, and it is one of those judged.
        "Uno's C": lambda each, part: uno(each, part, np.nextafter(horizon, np.inf)),
        f"AUC at {horizon} years": lambda each, part: auc_at(each, part, horizon).auc,
    }
    if level:
        measures["Brier score"] = lambda each, part: brier_at(each, part, horizon).score
        measures["IPA"] = lambda each, part: _ipa(each, part, horizon)
    keys = list(predicted)
    found = {}
    for what, measure in measures.items():

        def statistic(
            chosen: Places, measure: Callable[[Floats, Course], float] = measure
        ) -> Floats:
            part = seen.part(chosen)
            values = np.array([measure(predicted[key][chosen], part) for key in keys])
            return np.concatenate([values, np.subtract.outer(values, values).ravel()])

        told = or_none(lambda: bootstrap(statistic, people, draws=draws, seed=seed))  # noqa: B023
        if told is None:
            continue
        for i, key in enumerate(keys):
            apart = {other: told[len(keys) * (1 + i) + j] for j, other in enumerate(keys) if j != i}
            found[what, key] = {key: told[i], **apart}
    return found


def _ipa(predicted: Floats, part: Course, horizon: int) -> float:
    found = brier_at(predicted, part, horizon).ipa
    if found is None:
        raise CannotJudge("Nobody had the event by the horizon.")
    return found


def resampled_differences(
    pairs: Pairs, figures: Mapping[tuple[str, str], Mapping[str, Estimate]]
) -> Rows:
    """Paired differences of every measure that was resampled."""
    rows = []
    for what in dict.fromkeys(what for what, _ in figures):
        for one, other in pairs:
            told = figures[what, one.key][other.key]
            rows.append(
                _row(what, one, other) | {"value": told.value, "interval": [told.lower, told.upper]}
            )
    return rows


def decisions(
    predicted: Predicted, seen: Course, horizon: int, marks: Sequence[Threshold]
) -> dict[str, Any]:
    """Net benefit over thresholds, and at those of guidelines."""
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
                "net_benefit": {key: each[place].net_benefit for key, each in at_marks.items()},
                "treated": {key: each[place].treated for key, each in at_marks.items()},
            }
            for place, mark in enumerate(marks)
        ],
    }


def reclassified(
    pairs: Pairs, predicted: Predicted, seen: Course, horizon: int, marks: Sequence[Threshold]
) -> Rows:
    """Who changes sides of each guideline's threshold when one engine takes the other's place."""
    rows = []
    for one, other in pairs:
        for mark in marks:
            try:
                found = reclassification(
                    predicted[other.key], predicted[one.key], seen, horizon, [mark.probability]
                )
            except CannotJudge:
                continue
            rows.append(
                _row("", one, other)
                | {
                    "threshold": mark.probability,
                    "guideline": ", ".join(mark.guidelines),
                    "up": _moved(found.cells, 0, 1),
                    "down": _moved(found.cells, 1, 0),
                    "events_nri": found.events,
                    "nonevents_nri": found.non_events,
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
