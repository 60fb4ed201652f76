"""Which columns a learned engine rests on, and whether it would again on other such people."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.learned import LearnedEngine
from riskapp.training.completing import Completed
from riskapp.training.fitting import engine_of, fit_completed
from riskapp.training.model_effects import Stability, importance, stability

# A bootstrap sample holds this share of the people; they are drawn once each, so that nobody is
# on both sides of a fold when an engine chooses within a resample.
SHARE = 0.632
# Rows that contributions are averaged over.
MOST_ROWS = 1_000


def importance_of(engine: LearnedEngine, people: Completed) -> dict[str, Floats]:
    """Mean absolute contribution of each column to f, shape (p,), by cause that was learned."""
    chosen = np.arange(len(people.rows))[:: -(-len(people.rows) // MOST_ROWS)]
    rows, weights = engine.within_seen(people.rows[chosen]), people.weights[chosen]
    return {
        cause: importance(hazard.contributions(rows), weights)
        for cause, hazard in engine.hazards.items()
    }


def importance_stability(
    engine: LearnedEngine,
    people: Completed,
    recipe: Mapping[str, Any],
    resamples: int,
    seed: int,
) -> dict[str, Stability]:
    """Fit again on resamples of the people and compare what each fit rests on, by cause.

    Parameters
    ----------
    engine : LearnedEngine
        Fitted to everybody.
    resamples : int
        At least two.
    """
    nothing = np.zeros(len(people.columns))
    everybody = importance_of(engine, people)
    rng = np.random.default_rng(seed)
    found: dict[str, list[Floats]] = {cause: [] for cause in people.taught.follow_up}
    for _ in range(resamples):
        number = round(SHARE * len(people.people))
        chosen = np.sort(rng.permutation(len(people.people))[:number]).astype(np.intp)
        again = engine_of(fit_completed(people.part(chosen), recipe), "resampled")
        own = importance_of(again, people)
        for cause, each in found.items():
            each.append(own.get(cause, nothing))
    return {
        cause: stability(people.columns, everybody.get(cause, nothing), each)
        for cause, each in found.items()
    }
