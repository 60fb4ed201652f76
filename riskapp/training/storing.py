"""From a cohort to a stored model: fit, judge on people not seen, describe, write."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.fingerprint import fingerprint
from riskapp.cohorts.reading import cohort_from
from riskapp.cohorts.site_schema import schema_from
from riskapp.modelstore import folders
from riskapp.risk.design_row import Floats
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.learned_person import ExactCurves
from riskapp.training.card import card_markdown
from riskapp.training.choosing import folds
from riskapp.training.fitting import DEFAULT_SEED, Fitted, Workshop, engine_of, recipe_for
from riskapp.training.judged_by import Judge
from riskapp.training.reference import REFERENCE, reference
from riskapp.training.simulation.options import HORIZON_YEARS, Options, from_note
from riskapp.training.simulation.simulate import note, simulate
from riskapp.training.writing import as_json

FIRST_EVENTS_ONLY = (
    "first events only; nobody was followed past one, so later fractures and deaths are not counted"
)
# Folds of the internal validation where no fresh people can be simulated.
VALIDATION_FOLDS = 5
MOST_FRESH_PEOPLE = 20_000
LIBRARIES = {
    "cox": ("numpy", "scipy"),
    "xgboost": ("numpy", "scipy", "xgboost-cpu"),
    "lightgbm": ("numpy", "scipy", "lightgbm"),
    "neural": ("numpy", "scipy", "torch", "safetensors"),
    "ensemble": ("numpy", "scipy", "xgboost-cpu", "lightgbm", "torch", "safetensors"),
}
BARE = EstimateOptions(explain=False, interval=False, verdicts=False)


def train(
    workshop: Workshop,
    engine: str,
    model_id: str,
    place: Path,
    *,
    judge: Judge,
    seed: int = DEFAULT_SEED,
    anchored: bool = True,
) -> Path:
    """Fit one engine, judge it on people it has not seen, and write its folder.

    A cohort that the simulator made, by its note, is judged on fresh simulated people; any other by
    cross-validation.

    Raises
    ------
    UnusableCohort
        If there is nothing to learn from.
    UnknownModel
        If the id is taken or cannot name a folder.
    """
    folders.refuse_taken(place, model_id)
    cohort = workshop.cohort
    recipe = recipe_for(engine, seed, anchored=anchored)
    fitted = workshop.fit(recipe)
    if "simulated" in cohort.made_by:
        validation = on_fresh_people(fitted, workshop, judge)
    else:
        validation = cross_validated(workshop, recipe, judge)
    manifest = manifest_of(fitted, model_id, cohort, recipe)
    texts = {
        **fitted.texts,
        folders.PARAMETERS: as_json(fitted.parameters),
        folders.VALIDATION: as_json(validation),
        folders.CARD: card_markdown(manifest, validation, fitted.parameters),
        REFERENCE: as_json(_reference(fitted, workshop)),
    }
    folders.write(place, model_id, manifest, texts, fitted.blobs)
    return place / model_id


def _reference(fitted: Fitted, workshop: Workshop) -> dict[str, Any]:
    """What the people were like, and what the model says of them, for later comparison."""
    cohort = workshop.cohort
    predicted = ten_years(engine_of(fitted, cohort.trained_on), cohort, workshop.exact)
    columns = fitted.parameters["columns"]
    return reference(
        cohort.profiles, columns, {outcome.value: each for outcome, each in predicted.items()}
    )


def manifest_of(
    fitted: Fitted, model_id: str, cohort: Cohort, recipe: Mapping[str, Any]
) -> dict[str, Any]:
    """Say what a model is and how it was made."""
    return {
        "model_id": model_id,
        "engine": fitted.engine,
        "trained_on": cohort.trained_on,
        "created": datetime.now(UTC).date().isoformat(),
        "recipe": dict(recipe),
        "cohort": describe(cohort),
        "library_versions": {
            name: version(name) for name in LIBRARIES.get(fitted.engine, ("numpy", "scipy"))
        },
    }


def describe(cohort: Cohort) -> dict[str, Any]:
    """Count people and events, and what was left out; a fingerprint tells the table again."""
    first = {"counted": FIRST_EVENTS_ONLY} if cohort.first_events_only else {}
    return {
        **first,
        "made_by": dict(cohort.made_by),
        "people": len(cohort.profiles),
        "events": {
            outcome: int(each.event.sum()) for outcome, each in sorted(cohort.follow_up.items())
        },
        "longest_follow_up_years": max(
            float(each.years.max()) for each in cohort.follow_up.values()
        ),
        "left_out": dict(cohort.left_out),
        "remarks": list(cohort.remarks),
        # Simulated people are told again by the note of how they were made.
        **({} if cohort.trained_on == "simulated" else {"fingerprint": fingerprint(cohort)}),
    }


def ten_years(
    engine: LearnedEngine, cohort: Cohort, exact: ExactCurves | None = None
) -> dict[Outcome, Floats]:
    """Ten-year probabilities of everybody, shape (n,) for each outcome.

    Parameters
    ----------
    exact : ExactCurves, optional
        Where several engines are asked about the same people.

    Raises
    ------
    RiskError
        The first refusal, if there is one.
    """
    found: dict[Outcome, list[float]] = {outcome: [] for outcome in Outcome}
    for curves in engine.curves_many(cohort.profiles, BARE, exact or ExactCurves()):
        if isinstance(curves, RiskError):
            raise curves
        for outcome, curve in curves.items():
            found[outcome].append(float(curve[-1]))
    return {outcome: np.array(each) for outcome, each in found.items()}


def on_fresh_people(fitted: Fitted, workshop: Workshop, judge: Judge) -> dict[str, Any]:
    """Judge on newly simulated people, all followed to ten years or death."""
    cohort = workshop.cohort
    fresh = _fresh_people(json.dumps(cohort.made_by["simulated"]))
    predicted = ten_years(engine_of(fitted, cohort.trained_on), fresh, workshop.exact)
    return {
        "how": f"{len(fresh.profiles)} newly simulated people, none of them trained on",
        "outcomes": judge(predicted, fresh.follow_up),
    }


@lru_cache(maxsize=1)
def _fresh_people(note: str) -> Cohort:
    made = from_note(json.loads(note))
    people = min(made.people, MOST_FRESH_PEOPLE)
    return simulated_cohort(followed_to_the_end(replace(made, people=people, seed=made.seed + 1)))


def cross_validated(workshop: Workshop, recipe: Mapping[str, Any], judge: Judge) -> dict[str, Any]:
    """Judge by cross-validation: everyone is predicted by an engine fitted without them.

    All of the fit is done anew in each fold: completing, choosing, levels.
    """
    cohort = workshop.cohort
    everyone = np.arange(len(cohort.profiles))
    predicted = {outcome: np.zeros(len(everyone)) for outcome in Outcome}
    for fold in folds(cohort.people, VALIDATION_FOLDS, recipe["seed"]):
        others = workshop.part(np.setdiff1d(everyone, fold))
        engine = engine_of(others.fit(recipe), cohort.trained_on)
        for outcome, found in ten_years(engine, cohort.part(fold), workshop.exact).items():
            predicted[outcome][fold] = found
    return {
        "how": f"{VALIDATION_FOLDS}-fold cross-validation, all of the fit done anew each time",
        "outcomes": judge(predicted, cohort.follow_up),
    }


def simulated_cohort(options: Options) -> Cohort:
    """Simulate people and read them as a cohort file would be read."""
    schema = schema_from(note(options), "the simulator's note")
    return cohort_from(simulate(options).table, name="simulated", schema=schema)


def followed_to_the_end(options: Options) -> Options:
    """The same people, of whom nobody leaves before ten years or death."""
    return replace(
        options,
        shortest_follow_up=HORIZON_YEARS,
        longest_follow_up=HORIZON_YEARS + 1,  # cut at the horizon
        drop_out_per_year=0.0,
        informative=0.0,
    )
