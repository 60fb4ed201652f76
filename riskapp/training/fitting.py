"""From a cohort to a fitted engine. The recipe says everything beside the cohort that decides."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.modelstore import StoredModel, folders
from riskapp.modelstore.parameters import engine_from, further_stored, people_stored
from riskapp.risk.anchor import CAUSES, EVIDENCE_SET
from riskapp.risk.cox import CoxHazard
from riskapp.risk.design_row import Floats
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.learned_person import ExactCurves
from riskapp.risk.profile import FACTORS
from riskapp.training import choosing_columns, fit_boosting, fit_cox, fit_neural
from riskapp.training.choosing_columns import ChosenColumns, chosen_columns
from riskapp.training.completing import HORIZON_YEARS, Completed, Indices, completed
from riskapp.training.demanded import not_followed
from riskapp.training.fit_ensemble import fit_ensemble
from riskapp.training.fit_posterior import fit_posteriors
from riskapp.training.fit_reach import fit_reach
from riskapp.training.learned_cause import LearnedCause
from riskapp.training.level import baselines, counted, levels
from riskapp.training.reweighting import reweighted
from riskapp.training.writing import as_json

HIP, OTHER, _ = CAUSES
DEFAULT_SEED = 20261120
# Steps of expectation and maximisation (Dempster and others, 1977, J R Stat Soc B 39:1) after the
# first fit where something was drawn; with two, effects of a column that two in five lack are
# within their standard error.
MORE_PASSES = 2
# As many as a judgement's folds or draws, which the next engine asks for again.
KEPT_PARTS = 12
# From people, cause, settings and seed to what was learned.
Fitter = Callable[[Completed, str, dict[str, Any], int], LearnedCause]


def _boosted(engine: str) -> Fitter:
    def fitter(people: Completed, cause: str, settings: dict[str, Any], seed: int) -> LearnedCause:
        return fit_boosting.fit_boosting(engine, people, cause, settings, seed)

    return fitter


FITTERS: dict[str, tuple[Fitter, dict[str, Any]]] = {
    "cox": (fit_cox.fit_cox, fit_cox.RECIPE),
    **{name: (_boosted(name), recipe) for name, recipe in fit_boosting.RECIPES.items()},
    "neural": (fit_neural.fit_neural, fit_neural.RECIPE),
}
MEMBERS = tuple(FITTERS)


RECIPES: dict[str, dict[str, Any]] = {
    **{name: recipe for name, (_, recipe) in FITTERS.items()},
    "ensemble": {"members": {name: FITTERS[name][1] for name in MEMBERS}},
}
LEARNED = tuple(RECIPES)
# What engines have learned of each cause, by recipe: an ensemble asks for what its members have.
Made = dict[str, tuple[Completed, Mapping[str, LearnedCause]]]


@dataclass(frozen=True)
class Fitted:
    """A model before it is written: parameters and files, as they will be stored."""

    engine: str
    parameters: Mapping[str, Any]
    texts: Mapping[str, str]
    blobs: Mapping[str, bytes]


def recipe_for(engine: str, seed: int, *, anchored: bool = True) -> dict[str, Any]:
    """Everything beside the cohort that decides what is fitted.

    Parameters
    ----------
    anchored : bool
        Whether to start from the evidence; without, for comparison only.
    """
    settings = deepcopy(RECIPES[engine]) | {"anchored": anchored}
    for member in settings.get("members", {}).values():
        member["anchored"] = anchored
    return {
        "engine": engine,
        "seed": seed,
        "selection": deepcopy(choosing_columns.RECIPE),
        "settings": settings,
    }


class Workshop:
    """A cohort to fit several engines to: what serves all of them is made once.

    Attributes
    ----------
    exact : ExactCurves
        What the evidence says of whoever the engines were asked about.
    """

    def __init__(self, cohort: Cohort) -> None:
        self.cohort, self.exact = cohort, ExactCurves()
        self._prepared: dict[str, tuple[ChosenColumns, Completed, Made]] = {}
        self._parts: dict[bytes, Workshop] = {}

    def part(self, chosen: Indices) -> "Workshop":
        """A workshop of the people at these positions; the last few parts are kept."""
        key = chosen.tobytes()
        if key not in self._parts:
            self._parts[key] = Workshop(self.cohort.part(chosen))
            if len(self._parts) > KEPT_PARTS:
                del self._parts[next(iter(self._parts))]
        return self._parts[key]

    def fit(self, recipe: Mapping[str, Any]) -> Fitted:
        """Fit one engine by its recipe; choosing among many columns and completing are part of it.

        Raises
        ------
        UnusableCohort
            If there is nothing to learn from.
        """
        anchored, seed = recipe["settings"]["anchored"], recipe["seed"]
        key = json.dumps([anchored, seed, recipe["selection"]])
        if key not in self._prepared:
            chosen = chosen_columns(self.cohort, recipe["selection"], seed)
            people = completed(chosen.cohort, seed, anchored_on_evidence=anchored)
            self._prepared[key] = chosen, people, {}
        chosen, people, made = self._prepared[key]
        found = fit_completed(people, recipe, made)
        notes = [*found.parameters["notes"], *not_followed(found.parameters)]
        notes += [*chosen.notes, *chosen.left_out.values()]
        return replace(found, parameters={**found.parameters, "notes": notes})


def fit(cohort: Cohort, recipe: Mapping[str, Any]) -> Fitted:
    """Fit one engine, as ``Workshop.fit`` does."""
    return Workshop(cohort).fit(recipe)


def fit_completed(people: Completed, recipe: Mapping[str, Any], made: Made | None = None) -> Fitted:
    """Fit one engine to people who are completed already.

    Parameters
    ----------
    made : dict, optional
        What other engines have learned from the same people; filled in.
    """
    people, learned = _learned(people, recipe, {} if made is None else made)
    level = {cause: _level(people, cause, learned, recipe) for cause in CAUSES}
    if OTHER in learned and {HIP, OTHER} & people.taught.level_learned == {HIP}:
        # Else people would change places by which of the two fractures threatens them.
        level[OTHER] = level[HIP]
    basis = fit_cox.terms_of(people, recipe["settings"])
    unseen = {
        # A sum of the posterior's own covariates says nothing beside them.
        cause: np.zeros(len(people.rows)) if isinstance(each.hazard, CoxHazard) else each.unseen
        for cause, each in learned.items()
    }
    parameters = {
        "anchored": recipe["settings"]["anchored"],
        "evidence_set": EVIDENCE_SET,
        "populations": list(people.populations),
        "age_years": _ages(people),
        "columns": list(people.columns),
        "read": list(people.learnable),
        "terms": list(basis.terms),
        "further": further_stored(people.further),
        "people": people_stored(people.like.people),
        "hazards": {c: dict(each.stored) for c, each in learned.items() if each.hazard},
        "level_per_year": {cause: each.tolist() for cause, each in level.items()},
        "uncertainty": fit_posteriors(people, basis, unseen, recipe["settings"]),
        "seen": _seen(people),
        "chosen": {cause: dict(each.chosen) for cause, each in learned.items()},
        "notes": [*people.taught.notes, *people.left_out.values(), *people.like.notes],
        "drawn": dict(people.drawn),
        "reach": _reach(people, learned),
    }
    texts = {name: text for each in learned.values() for name, text in each.texts.items()}
    blobs = {name: blob for each in learned.values() for name, blob in each.blobs.items()}
    return Fitted(recipe["engine"], parameters, texts, blobs)


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
        blobs=fitted.blobs,
    )


def engine_of(fitted: Fitted, trained_on: str, model_id: str = "being-judged") -> LearnedEngine:
    """Return the engine that answers, as from its folder."""
    return engine_from(stored(fitted, model_id, trained_on))


def _learned(
    people: Completed, recipe: Mapping[str, Any], made: Made
) -> tuple[Completed, Mapping[str, LearnedCause]]:
    """What is learned of each cause, and the people as that weighs their draws."""
    key = json.dumps(recipe, sort_keys=True)
    if key not in made:
        settings, passes = recipe["settings"], MORE_PASSES
        if settings["anchored"] and "beside" in settings:
            # Trees and networks are grown once, on draws as the regression under them weighs them.
            under = {**recipe, "engine": "cox", "settings": settings["beside"]}
            people, passes = _learned(people, under, made)[0], 0
        made[key] = _in_passes(people, _fit_of_cause(people, recipe, made), passes)
    return made[key]


def _in_passes(
    people: Completed, fit_cause: Callable[[Completed, str], LearnedCause], passes: int
) -> tuple[Completed, Mapping[str, LearnedCause]]:
    by_evidence = people
    learned = {cause: fit_cause(people, cause) for cause in people.taught.follow_up}
    for _ in range(passes if len(people.rows) > len(people.people) else 0):
        # What was learned says more about what is not known: once more with that.
        ratios = {cause: _f(people, each) for cause, each in learned.items()}
        people = reweighted(by_evidence, ratios)
        learned = {cause: fit_cause(people, cause) for cause in people.taught.follow_up}
    return people, learned


def _fit_of_cause(
    people: Completed, recipe: Mapping[str, Any], made: Made
) -> Callable[[Completed, str], LearnedCause]:
    settings, seed = recipe["settings"], recipe["seed"]
    if recipe["engine"] != "ensemble":
        fitter, _ = FITTERS[recipe["engine"]]
        return lambda weighed, cause: fitter(weighed, cause, settings, seed)
    members = {
        name: _learned(people, {**recipe, "engine": name, "settings": own}, made)[1]
        for name, own in settings["members"].items()
    }
    return lambda weighed, cause: fit_ensemble(
        {name: each[cause] for name, each in members.items()}, weighed, cause
    )


def _f(people: Completed, each: LearnedCause) -> Floats:
    if each.hazard is None:
        return np.zeros(len(people.rows))
    return each.hazard.log_hazard_ratio(people.rows)


def _level(
    people: Completed,
    cause: str,
    learned: Mapping[str, LearnedCause],
    recipe: Mapping[str, Any],
) -> Floats:
    if cause not in people.taught.level_learned:
        return np.ones(HORIZON_YEARS)
    counts = counted(people, cause, learned[cause].unseen)
    return levels(counts) if recipe["settings"]["anchored"] else baselines(counts)


def _reach(people: Completed, learned: Mapping[str, LearnedCause]) -> dict[str, Any]:
    """Where these people are, in the numbers that enough of them have."""
    names = list(_seen(people))
    return fit_reach(
        people.rows[:, [people.columns.index(name) for name in names]],
        people.weights,
        names,
        {cause: _f(people, each) for cause, each in learned.items() if cause != "death"},
        people.scanners,
    )


def _ages(people: Completed) -> list[float]:
    age = people.rows[:, people.columns.index("age_years")]
    return [float(np.floor(age.min())), float(np.ceil(age.max()))]


def _seen(people: Completed) -> dict[str, list[float]]:
    """Where nearly all values of each measured column lie."""
    yes_no = {"female", *FACTORS}
    yes_no |= {column.name for column in people.further.columns if column.yes_no}
    found = {}
    for index, name in enumerate(people.columns):
        if name in people.learnable and name not in yes_no:
            lower, upper = np.quantile(people.rows[:, index], [0.001, 0.999])
            found[name] = [float(lower), float(upper)]
    return found
