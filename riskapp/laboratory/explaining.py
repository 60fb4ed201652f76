"""What a stored model rests on among the people of a cohort: the tables of ``explain``."""

from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.laboratory.importance import MOST_ROWS, importance_stability
from riskapp.modelstore import StoredModel
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.boosting import BoostedHazard
from riskapp.risk.design_row import Floats
from riskapp.risk.interactions import interaction_values, strongest
from riskapp.risk.learned import LearnedEngine
from riskapp.training.choosing_columns import chosen_columns
from riskapp.training.completing import completed
from riskapp.training.fitting import engine_of, fit_completed
from riskapp.training.model_effects import Stability, effect

# Columns whose effect is shown, and pairs: the rest is smaller than these.
MOST_EFFECTS, MOST_PAIRS = 5, 10
# Interactions take much longer than contributions.
INTERACTION_ROWS = 200


def explained(
    model: StoredModel, cohort: Cohort, *, interactions: bool, resamples: int, seed: int
) -> dict[str, Any]:
    """Importance, stability, partial dependence and interactions, by cause, ready for JSON.

    Parameters
    ----------
    interactions : bool
        Of boosted engines only; of others there are none to read off, and none are given.
    resamples : int
        Fits to other draws of the people for the stability; with fewer than two it is left out.

    Raises
    ------
    UnusableCohort
        If the stability is asked for and there is nothing to learn from these people.
    """
    engine = engine_from(model)
    rows = _rows(engine, cohort)
    stable: dict[str, Stability] = {}
    if resamples > 1:
        recipe = dict(model.manifest["recipe"])
        if "selection" in recipe:
            cohort = chosen_columns(cohort, recipe["selection"], seed).cohort
        people = completed(cohort, seed, anchored_on_evidence=recipe["settings"]["anchored"])
        again = engine_of(fit_completed(people, recipe), cohort.trained_on)
        stable = importance_stability(again, people, recipe, resamples, seed)
    return {
        "model": model.model_id,
        "engine": model.engine,
        "people": len(cohort.profiles),
        "causes": {
            cause: _of_cause(engine, cause, rows, stable.get(cause), interactions)
            for cause in engine.hazards
        },
    }


def _rows(engine: LearnedEngine, cohort: Cohort) -> Floats:
    """One complete row of each of at most ``MOST_ROWS`` people, by the model's own columns."""
    chosen = cohort.profiles[:: -(-len(cohort.profiles) // MOST_ROWS)]
    return engine.within_seen(
        np.concatenate([engine.completed_rows(profile)[:1] for profile in chosen])
    )


def _of_cause(
    engine: LearnedEngine, cause: str, rows: Floats, stable: Stability | None, interactions: bool
) -> dict[str, Any]:
    hazard = engine.hazards[cause]
    shares = np.abs(hazard.contributions(rows)[:, :-1]).mean(axis=0)
    order = np.argsort(-shares, kind="stable")
    told: dict[str, Any] = {
        "importance": [
            {"column": engine.columns[at], "mean_absolute": float(shares[at])}
            for at in order
            if shares[at] > 0
        ],
        "effects": [
            _effect(engine, cause, rows, engine.columns[at])
            for at in order[:MOST_EFFECTS]
            if shares[at] > 0
        ],
    }
    if stable is not None:
        told["stability"] = _stability(stable)
    if interactions and isinstance(hazard, BoostedHazard):
        found = interaction_values(hazard, rows[:INTERACTION_ROWS])
        pairs = strongest(found, engine.columns, MOST_PAIRS)
        told["interactions"] = [pair._asdict() for pair in pairs]
    return told


def _effect(engine: LearnedEngine, cause: str, rows: Floats, column: str) -> dict[str, Any]:
    found = effect(lambda some: engine.log_hazard_ratios(cause, some), rows, engine.columns, column)
    return {
        "column": column,
        "values": found.values.tolist(),
        "partial": found.partial.tolist(),
        "accumulated": found.accumulated.tolist(),
    }


def _stability(found: Stability) -> dict[str, Any]:
    correlation = found.rank_correlation
    return {
        "resamples": found.resamples,
        "rank_correlation": None if np.isnan(correlation) else correlation,
        "columns": [
            {"column": name, "importance": float(mean), "interval": [float(low), float(high)]}
            for name, mean, low, high in zip(
                found.columns, found.importance, found.lower, found.upper, strict=True
            )
            if mean > 0 or high > 0
        ],
    }
