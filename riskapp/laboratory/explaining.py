"""What a stored model rests on among the people of a cohort: importance, dependence, pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.laboratory.importance import MOST_ROWS, importance_stability
from riskapp.laboratory.resting import (
    columns_of,
    curves_of,
    labels_of,
    number_or_none,
)
from riskapp.modelstore import StoredModel
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.anchor import Anchored, known_to_evidence
from riskapp.risk.boosting import BoostedHazard
from riskapp.risk.design_row import Floats
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Outcome
from riskapp.risk.interactions import interaction_values, strongest
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.learned_curves import incidence
from riskapp.risk.learned_person import Person
from riskapp.risk.modifiers import NONE
from riskapp.training.choosing_columns import chosen_columns
from riskapp.training.completing import completed
from riskapp.training.fitting import engine_of, fit_completed
from riskapp.training.model_effects import Stability

# Pairs that are named: the rest is smaller than these.
MOST_PAIRS = 10
# Interactions take much longer than contributions.
INTERACTION_ROWS = 100
# Probabilities without one column after the other are worked out for so many people.
PROBABILITY_ROWS = 300
SHOWN = {Outcome.HIP: "hip", Outcome.MAJOR_OSTEOPOROTIC: "major_osteoporotic"}


def explained(
    model: StoredModel, cohort: Cohort, *, interactions: bool, resamples: int, seed: int
) -> dict[str, Any]:
    """What one stored model rests on, by cause, ready for JSON.

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
    stable: dict[str, Stability] = {}
    if resamples > 1:
        recipe = dict(model.manifest["recipe"])
        taught = cohort
        if "selection" in recipe:
            taught = chosen_columns(cohort, recipe["selection"], seed).cohort
        people = completed(taught, seed, anchored_on_evidence=recipe["settings"]["anchored"])
        again = engine_of(fit_completed(people, recipe), taught.trained_on)
        stable = importance_stability(again, people, recipe, resamples, seed)
    return {
        "model": model.model_id,
        "engine": model.engine,
        "people": len(cohort.profiles),
        "rests_on": rests_on_model(engine, cohort, interactions=interactions, stable=stable),
    }


def rests_on_model(
    engine: LearnedEngine,
    cohort: Cohort,
    *,
    interactions: bool,
    stable: Mapping[str, Stability] | None = None,
) -> list[dict[str, Any]]:
    """One entry for each cause that something was learned about.

    The shape is that of ``resting.rests_on``; importance on the scale of probabilities, and pairs,
    are told beside it.
    """
    people = _people(engine, cohort)
    if not people:
        return []
    rows = engine.within_seen(np.concatenate([person.rows for person in people]))
    labels = labels_of(cohort)
    found = []
    for cause, hazard in engine.hazards.items():
        shares = np.abs(hazard.contributions(rows)[:, :-1]).mean(axis=0)
        told = (stable or {}).get(cause)
        found.append({
            "engine": engine.name,
            "model_id": engine.model_id,
            "cause": cause,
            "resamples": told.resamples if told else 0,
            "rank_correlation": number_or_none(told.rank_correlation) if told else None,
            "columns": columns_of(engine.columns, shares, labels, _again(told)),
            "curves": curves_of(engine, cause, rows, shares, labels),
            "interactions": _pairs(engine, cause, rows, labels) if interactions else [],
        })  # fmt: skip
    _add_probabilities(found, engine, people[:PROBABILITY_ROWS])
    return found


def _people(engine: LearnedEngine, cohort: Cohort) -> list[Person]:
    """At most ``MOST_ROWS`` people whom the engine answers about, one complete row of each."""
    chosen = cohort.profiles[:: -(-len(cohort.profiles) // MOST_ROWS)]
    found = []
    for profile in chosen:
        try:
            rows = engine.completed_rows(profile)[:1]
        except RiskError:
            continue
        known = known_to_evidence(profile, unknown_as_no=False)
        modifiers = known.modifiers if engine.anchored else NONE
        found.append(Person(profile, profile, rows, Anchored((profile.population,), (modifiers,))))
    return found


def _again(told: Stability | None) -> dict[str, tuple[float, float]]:
    """Range of the importance of each column over resamples."""
    if told is None:
        return {}
    return {
        name: (float(low), float(high))
        for name, low, high in zip(told.columns, told.lower, told.upper, strict=True)
    }


def _pairs(
    engine: LearnedEngine, cause: str, rows: Floats, labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    hazard = engine.hazards[cause]
    if not isinstance(hazard, BoostedHazard):
        return []
    found = interaction_values(hazard, rows[:: -(-len(rows) // INTERACTION_ROWS)])
    return [
        {
            "first": labels.get(pair.first, pair.first),
            "second": labels.get(pair.second, pair.second),
            "strength": pair.strength,
        }
        for pair in strongest(found, engine.columns, MOST_PAIRS)
        if pair.strength > 0
    ]


def _add_probabilities(
    found: Sequence[dict[str, Any]], engine: LearnedEngine, people: Sequence[Person]
) -> None:
    """How far ten-year probabilities move when the part of one column in f is taken away.

    Of all causes at once, as a column has one value: the same for each cause.
    """
    learned, _ = engine.hazards_of(people)
    rows = engine.within_seen(np.concatenate([person.rows for person in people]))
    parts = {cause: hazard.contributions(rows) for cause, hazard in engine.hazards.items()}
    whole = {outcome: curve[:, -1] for outcome, curve in incidence(learned).items()}
    for column in {told["column"] for one in found for told in one["columns"]}:
        at = engine.columns.index(column)
        less = {
            cause: hazards * np.exp(-parts[cause][:, at])[:, None] if cause in parts else hazards
            for cause, hazards in learned.items()
        }
        moved = {
            SHOWN[outcome]: float(np.abs(whole[outcome] - curve[:, -1]).mean())
            for outcome, curve in incidence(less).items()
        }
        for one in found:
            for told in one["columns"]:
                if told["column"] == column:
                    told["probability"] = moved
