"""From a cohort to a stored model: fit, judge, describe, write. The recipe says it all."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from riskapp.modelstore import StoredModel, folders
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.design_row import ALWAYS_KNOWN
from riskapp.risk.estimate import Outcome
from riskapp.risk.profile import FACTORS
from riskapp.training import fit_boosting, fit_cox
from riskapp.training.calibrate import judge
from riskapp.training.card import card_markdown
from riskapp.training.cohort import Cohort, cohort_from
from riskapp.training.simulate import simulate
from riskapp.training.writing import as_json

LEARNED = ("cox", "xgboost", "lightgbm")
DEFAULT_SEED = 20261120
FIRST_EVENTS_ONLY = (
    "first events only; nobody was followed past one, so later fractures and deaths are not counted"
)
DRAWN_BEFORE = (
    "; what was not known had been drawn once for everybody before, so the figures are a little "
    "too good"
)
# Folds of the internal validation where no fresh people can be simulated.
VALIDATION_FOLDS = 5
LIBRARIES = {
    "cox": ("numpy", "pandas", "lifelines"),
    "xgboost": ("numpy", "xgboost-cpu"),
    "lightgbm": ("numpy", "lightgbm"),
}


@dataclass(frozen=True)
class Fitted:
    """A model before it is written: parameters and texts, as they will be stored."""

    engine: str
    parameters: Mapping[str, Any]
    texts: Mapping[str, str]


def recipe_for(engine: str, seed: int) -> dict[str, Any]:
    """Everything beside the cohort that decides what is fitted."""
    settings = fit_cox.RECIPE if engine == "cox" else fit_boosting.RECIPES[engine]
    return {"engine": engine, "seed": seed, "settings": deepcopy(settings)}


def fit(cohort: Cohort, recipe: Mapping[str, Any]) -> Fitted:
    """Fit one engine by its recipe."""
    engine, settings = recipe["engine"], recipe["settings"]
    if engine == "cox":
        own, texts = fit_cox.fit_cox(cohort, settings)
    else:
        own, texts = fit_boosting.fit_boosting(engine, cohort, settings, recipe["seed"])
    measured = [name for name in cohort.columns if name not in (*ALWAYS_KNOWN, *FACTORS)]
    lower, upper = np.quantile(
        cohort.rows[:, [cohort.columns.index(name) for name in measured]], [0.001, 0.999], axis=0
    )
    age = cohort.rows[:, cohort.columns.index("age_years")]
    images = cohort.image_features
    parameters = {
        "columns": list(cohort.columns),
        "population": cohort.population,
        "age_years": [float(np.floor(age.min())), float(np.ceil(age.max()))],
        "seen": {name: [float(lower[i]), float(upper[i])] for i, name in enumerate(measured)},
        "image_features": {
            "names": list(images.names),
            "coefficients": images.coefficients.tolist(),
            "covariance": images.covariance.tolist(),
        },
        **own,
    }
    return Fitted(engine, parameters, texts)


def stored(
    fitted: Fitted, model_id: str, trained_on: str, texts: Mapping[str, str] | None = None
) -> StoredModel:
    """Return the model as it would be read back from its folder."""
    return StoredModel(
        model_id=model_id,
        engine=fitted.engine,
        trained_on=trained_on,
        card="",
        sha256="",
        manifest={},
        texts={**fitted.texts, folders.PARAMETERS: as_json(fitted.parameters), **(texts or {})},
    )


def train(
    cohort: Cohort, engine: str, model_id: str, place: Path, *, seed: int = DEFAULT_SEED
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
    recipe = recipe_for(engine, seed)
    fitted = fit(cohort, recipe)
    if "simulated" in cohort.made_by:
        validation = on_fresh_people(fitted, cohort)
    else:
        validation = cross_validated(cohort, recipe)
    manifest = {
        "model_id": model_id,
        "engine": engine,
        "trained_on": cohort.trained_on,
        "created": datetime.now(UTC).date().isoformat(),
        "recipe": recipe,
        "cohort": describe(cohort),
        "library_versions": {name: version(name) for name in LIBRARIES[engine]},
    }
    texts = {
        **fitted.texts,
        folders.PARAMETERS: as_json(fitted.parameters),
        folders.VALIDATION: as_json(validation),
        folders.CARD: card_markdown(manifest, validation, cohort.columns),
    }
    folders.write(place, model_id, manifest, texts)
    return place / model_id


def describe(cohort: Cohort) -> dict[str, Any]:
    """Count people and events, what was left out and what was drawn."""
    first = {"counted": FIRST_EVENTS_ONLY} if cohort.first_events_only else {}
    return {
        **first,
        "made_by": dict(cohort.made_by),
        "people": int(cohort.rows.shape[0]),
        "events": {
            cause: int(each.event.sum()) for cause, each in sorted(cohort.follow_up.items())
        },
        "longest_follow_up_years": float(cohort.follow_up["death"].years.max()),
        "left_out": dict(cohort.left_out),
        "completed": dict(cohort.completed),
    }


def on_fresh_people(fitted: Fitted, cohort: Cohort) -> dict[str, Any]:
    """Judge on as many newly simulated people, all followed to ten years or death."""
    recipe = cohort.made_by["simulated"]
    fresh = simulated_cohort(
        recipe["people"], recipe["seed"] + 1, recipe["population"], followed_to_the_end=True
    )
    engine = engine_from(stored(fitted, "being-judged", cohort.trained_on))
    predicted = {
        outcome: curve[:, -1] for outcome, curve in engine.probabilities(fresh.rows).items()
    }
    return {
        "how": f"{recipe['people']} fresh simulated people (seed {recipe['seed'] + 1}), all "
        "followed for ten years or to death",
        "outcomes": judge(predicted, fresh),
    }


def cross_validated(cohort: Cohort, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Judge by cross-validation: everyone is predicted by hazards fitted without them.

    What was not known had been drawn before, with the help of everybody (image features are
    described by a regression on all): where there was any, the report says so.
    """
    n = cohort.rows.shape[0]
    everyone = np.random.default_rng(recipe["seed"]).permutation(n)
    predicted = {outcome: np.zeros(n) for outcome in Outcome}
    for fold in np.array_split(everyone, VALIDATION_FOLDS):
        fitted = fit(cohort.part(np.setdiff1d(everyone, fold)), recipe)
        engine = engine_from(stored(fitted, "being-judged", cohort.trained_on))
        for outcome, curve in engine.probabilities(cohort.rows[fold]).items():
            predicted[outcome][fold] = curve[:, -1]
    drawn = DRAWN_BEFORE if cohort.completed else ""
    return {
        "how": f"{VALIDATION_FOLDS}-fold cross-validation, hazards fitted anew each time{drawn}",
        "outcomes": judge(predicted, cohort),
    }


def simulated_cohort(
    people: int, seed: int, population: str = "gb", *, followed_to_the_end: bool = False
) -> Cohort:
    """Simulate people and read them as a cohort file would be read."""
    table = simulate(people, seed, population, followed_to_the_end=followed_to_the_end)
    made_by = simulator_note(people, seed, population)
    return cohort_from(table, seed, trained_on="simulated", made_by=made_by)


def simulator_note(people: int, seed: int, population: str) -> dict[str, Any]:
    """Write down how a simulated cohort was made; lies beside its file."""
    return {"simulated": {"people": people, "seed": seed, "population": population}}
