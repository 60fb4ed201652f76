"""What a developed engine rests on: importance, its stability, and dependence on single inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.exchange.wording import FIELDS
from riskapp.laboratory.importance import MOST_ROWS, importance_stability
from riskapp.laboratory.setting import Recipe
from riskapp.risk.design_row import Floats
from riskapp.risk.learned import LearnedEngine
from riskapp.training.completing import completed
from riskapp.training.fitting import engine_of, fit_completed
from riskapp.training.model_effects import effect

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
    labels = labels_of(cohort)
    rows = engine.within_seen(people.rows[:: -(-len(people.rows) // MOST_ROWS)])
    found = importance_stability(engine, people, recipe, resamples, seed)
    return [
        {
            "engine": recipe["engine"],
            "cause": cause,
            "resamples": each.resamples,
            "rank_correlation": number_or_none(each.rank_correlation),
            "columns": columns_of(
                each.columns,
                each.importance,
                labels,
                dict(zip(each.columns, zip(each.lower, each.upper, strict=True), strict=True)),
            ),
            "curves": curves_of(engine, cause, rows, each.importance, labels),
        }
        for cause, each in found.items()
    ]


def labels_of(cohort: Cohort) -> dict[str, str]:
    """What columns are called in words, by name."""
    named = {column.name: column.label for column in cohort.site_columns}
    # A row of numbers knows two columns by names of its own.
    own = {"female": "Sex", "bmi_kg_m2": FIELDS["body_mass_index"].label}
    return named | {name: field.label for name, field in FIELDS.items()} | own


def _order(importance: Floats) -> list[int]:
    """Columns that the model rests on, the most important first."""
    return [int(at) for at in np.argsort(-importance, kind="stable") if importance[at] > 0]


def columns_of(
    columns: Sequence[str],
    importance: Floats,
    labels: Mapping[str, str],
    again: Mapping[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    """The most important columns, with the range of their importance over resamples."""
    return [
        {
            "column": columns[at],
            "label": labels.get(columns[at], columns[at]),
            "importance": float(importance[at]),
            "interval": [float(end) for end in again[columns[at]]]
            if columns[at] in again
            else None,
        }
        for at in _order(importance)[:MOST_COLUMNS]
    ]


def curves_of(
    engine: LearnedEngine, cause: str, rows: Floats, importance: Floats, labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What f does as each of the most important columns changes, as a ratio of hazards."""
    if cause not in engine.hazards:
        return []
    f = engine.hazards[cause].log_hazard_ratio
    curves = []
    for at in _order(importance)[:MOST_CURVES]:
        name = engine.columns[at]
        seen = effect(f, rows, engine.columns, name)
        curves.append({
            "column": name, "label": labels.get(name, name), "values": seen.values.tolist(),
            "hazard_ratio": np.exp(seen.partial).tolist(),
            "accumulated": np.exp(seen.accumulated).tolist(),
        })  # fmt: skip
    return curves


def number_or_none(value: float) -> float | None:
    """A figure for JSON, which has no word for what is not a number."""
    return None if np.isnan(value) else float(value)
