"""What a developed engine rests on: importance, its stability, and dependence on single inputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.exchange.wording import FIELDS
from riskapp.laboratory.importance import MOST_ROWS, importance_stability
from riskapp.laboratory.setting import Recipe
from riskapp.risk.learned import LearnedEngine
from riskapp.training.completing import Completed, completed
from riskapp.training.fitting import engine_of, fit_completed
from riskapp.training.model_effects import Stability, effect

MOST_COLUMNS = 8
# Curves are drawn for so many of the most important columns of each cause.
MOST_CURVES = 3


def rests_on(cohort: Cohort, recipe: Recipe, *, resamples: int, seed: int) -> list[dict[str, Any]]:
    """One entry for each cause of which something may be learned.

    Parameters
    ----------
    resamples : int
        Fits to parts of the people, at least two.
    """
    people = completed(cohort, recipe["seed"], anchored_on_evidence=recipe["settings"]["anchored"])
    engine = engine_of(fit_completed(people, recipe), cohort.trained_on)
    labels = {column.name: column.label for column in cohort.site_columns}
    labels |= {name: field.label for name, field in FIELDS.items()}
    labels["female"] = "Sex"
    found = importance_stability(engine, people, recipe, resamples, seed)
    return [
        {
            "engine": recipe["engine"],
            "cause": cause,
            "resamples": each.resamples,
            "rank_correlation": _number(each.rank_correlation),
            "columns": _columns(each, labels),
            "curves": _curves(engine, people, cause, each, labels),
        }
        for cause, each in found.items()
    ]


def _order(told: Stability) -> list[int]:
    """Columns that the model rests on, the most important first."""
    return [int(at) for at in np.argsort(-told.importance) if told.importance[at] > 0]


def _columns(told: Stability, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "column": told.columns[at],
            "label": labels.get(told.columns[at], told.columns[at]),
            "importance": float(told.importance[at]),
            "interval": [float(told.lower[at]), float(told.upper[at])],
        }
        for at in _order(told)[:MOST_COLUMNS]
    ]


def _curves(
    engine: LearnedEngine, people: Completed, cause: str, told: Stability, labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    if cause not in engine.hazards:
        return []
    thinned = people.rows[:: -(-len(people.rows) // MOST_ROWS)]
    rows = engine.within_seen(thinned)
    f = engine.hazards[cause].log_hazard_ratio
    curves = []
    for at in _order(told)[:MOST_CURVES]:
        name = told.columns[at]
        seen = effect(f, rows, people.columns, name)
        curves.append({
            "column": name, "label": labels.get(name, name), "values": seen.values.tolist(),
            "hazard_ratio": np.exp(seen.partial).tolist(),
            "accumulated": np.exp(seen.accumulated).tolist(),
        })  # fmt: skip
    return curves


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
