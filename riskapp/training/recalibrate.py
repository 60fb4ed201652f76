"""A stored model, moved to newer people: its level and its spread by cause, nothing else."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.modelstore import StoredModel, folders
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.anchor import CAUSES, anchored, cumulative, evidence_hazards, known_to_evidence
from riskapp.risk.completions import complete_rows
from riskapp.risk.design_row import Floats, known_values
from riskapp.risk.estimate import Outcome
from riskapp.risk.hazard_terms import STEPS
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.summation import STEPS_PER_YEAR
from riskapp.training.card import card_markdown
from riskapp.training.choosing import folds
from riskapp.training.draws import normalised
from riskapp.training.judged_by import Judge
from riskapp.training.outcomes import taught
from riskapp.training.storing import VALIDATION_FOLDS, describe, ten_years
from riskapp.training.updating import NONE, RETRAIN, Update, update_for
from riskapp.training.updating_doubt import updated_doubt
from riskapp.training.writing import as_json

HORIZON_YEARS = 10.0
# Of what is not known of a person; each is weighed by how well it goes with what happened.
DRAWS, POOL, SEED = 8, 64, 20261121
NOTHING_TO_DO = (
    "Model {id} fits these people as it is: neither a new level nor a new spread fits better."
)
ADVISED = {
    "level": "a new level",
    "level and spread": "a new level and spread",
    RETRAIN: "a new level and spread; a new training would fit better still",
    NONE: "left as it is",
}
CAUSE_WORDS = {
    "hip": "hip fracture",
    "other_major_osteoporotic": "other major fracture",
    "death": "death",
}


@dataclass(frozen=True)
class Expected:
    """A cohort as a model sees it: n people as N complete rows.

    Attributes
    ----------
    owners : ndarray of int, shape (N,)
    weights : ndarray, shape (N,)
        Sum to 1 for each person.
    events, expected, log_ratio : mapping of cause to ndarray, shape (N,)
        What was seen and what the model expects within ten years or follow-up, and what it
        learned.
    """

    rows: Floats
    owners: np.ndarray[Any, np.dtype[np.intp]]
    weights: Floats
    events: Mapping[str, Floats]
    expected: Mapping[str, Floats]
    log_ratio: Mapping[str, Floats]

    def updates(self, people: np.ndarray[Any, np.dtype[np.intp]]) -> dict[str, Update]:
        """What each cause needs, by these people only."""
        chosen = np.isin(self.owners, people)
        return {
            cause: update_for(
                self.events[cause][chosen],
                self.expected[cause][chosen],
                self.log_ratio[cause][chosen],
                self.rows[chosen],
                self.weights[chosen],
            )
            for cause in self.events
        }


def recalibrate(
    parent: StoredModel, cohort: Cohort, model_id: str, place: Path, *, judge: Judge
) -> dict[str, Update]:
    """Move a model to a cohort's level and spread, judge it and write its folder.

    Raises
    ------
    UnusableCohort
        If nothing of the model can be judged on the cohort, or it fits as it is.
    UnknownModel
        If the id is taken or cannot name a folder.
    """
    folders.refuse_taken(place, model_id)
    engine = engine_from(parent)
    seen = expected(engine, cohort)
    everyone = np.arange(len(cohort.profiles))
    updates = seen.updates(everyone)
    if all(each.needs == NONE for each in updates.values()):
        raise UnusableCohort(NOTHING_TO_DO.format(id=parent.model_id))
    parameters = updated(parent.parameters, updates)
    parameters["uncertainty"] = doubts(engine, parent.parameters["uncertainty"], seen, updates)
    manifest = manifest_of(parent, cohort, model_id, updates)
    validation = _validated(parent, cohort, seen, judge)
    texts = {
        **{name: text for name, text in parent.texts.items() if name not in _REPLACED},
        folders.PARAMETERS: as_json(parameters),
        folders.VALIDATION: as_json(validation),
        folders.CARD: card_markdown(manifest, validation, parameters) + _told(parent, updates),
    }
    folders.write(place, model_id, manifest, texts, parent.blobs)
    return updates


# The description of the people it learned from is its parent's: these are others.
_REPLACED = (folders.PARAMETERS, folders.VALIDATION, folders.CARD)


def expected(engine: LearnedEngine, cohort: Cohort) -> Expected:
    """What a model expects of a cohort, beside what happened within ten years.

    Raises
    ------
    UnusableCohort
        If the cohort holds no fracture.
    OutsideModelRange
        If nothing is published for somebody's population and sex.
    """
    causes = taught(cohort.follow_up, anchored=True)
    told = {
        cause: seen for cause, seen in causes.follow_up.items() if cause in causes.level_learned
    }
    rows, owners, hazards = _hazards(engine, cohort)
    events, due, log_likelihood = {}, {}, np.zeros(len(rows))
    for cause, seen in told.items():
        event, years = _within_horizon(seen)
        events[cause] = event[owners]
        due[cause] = cumulative(hazards[cause], years[owners])
        at = np.clip(np.ceil(years * STEPS_PER_YEAR).astype(int) - 1, 0, STEPS - 1)[owners]
        rate = hazards[cause][np.arange(len(rows)), at]
        log_likelihood += events[cause] * np.log(rate) - due[cause]
    return Expected(
        rows=rows,
        owners=owners,
        weights=normalised(log_likelihood, owners),
        events=events,
        expected=due,
        log_ratio={cause: engine.log_hazard_ratios(cause, rows) for cause in told},
    )


def updated(parameters: Mapping[str, Any], updates: Mapping[str, Update]) -> dict[str, Any]:
    """A model's parameters with new levels and spreads."""
    levels, slopes = dict(parameters["level_per_year"]), dict(parameters.get("slopes", {}))
    for cause, each in updates.items():
        levels[cause] = (np.exp(each.log_level) * np.array(levels[cause])).tolist()
        slopes[cause] = each.slope * slopes.get(cause, 1.0)
    return {**parameters, "level_per_year": levels, "slopes": slopes}


def doubts(
    engine: LearnedEngine,
    stored: Mapping[str, Any],
    seen: Expected,
    updates: Mapping[str, Update],
) -> dict[str, Any]:
    """The stored doubts of every cause: found anew where its level moved, else the parent's."""
    rows = engine.within_seen(seen.rows)
    moved = {cause: each for cause, each in updates.items() if each.needs != NONE}
    return {
        cause: {
            **each,
            **updated_doubt(
                engine.uncertainty[cause],
                moved[cause],
                rows,
                seen.log_ratio[cause],
                seen.events[cause],
                seen.expected[cause],
                seen.weights,
            ),
        }
        if cause in moved
        else each
        for cause, each in stored.items()
    }


def manifest_of(
    parent: StoredModel, cohort: Cohort, model_id: str, updates: Mapping[str, Update]
) -> dict[str, Any]:
    """Say what was changed, on whom, and from which model."""
    simulated = "simulated" in (parent.trained_on, cohort.trained_on)
    return {
        **{name: value for name, value in parent.manifest.items() if name != "files"},
        "model_id": model_id,
        "trained_on": "simulated"
        if simulated
        else f"{parent.trained_on}, recalibrated on {cohort.trained_on}",
        "created": datetime.now(UTC).date().isoformat(),
        "parent": {"model_id": parent.model_id, "sha256": parent.sha256},
        "recalibrated": {
            "cohort": describe(cohort),
            "causes": {cause: asdict(each) for cause, each in updates.items()},
        },
    }


def _hazards(
    engine: LearnedEngine, cohort: Cohort
) -> tuple[Floats, np.ndarray[Any, np.dtype[np.intp]], dict[str, Floats]]:
    known = [known_to_evidence(profile) for profile in cohort.profiles]
    stacked = []
    for index, (profile, one) in enumerate(zip(cohort.profiles, known, strict=True)):
        values = known_values(profile)
        if all(name in values for name in engine.columns):
            stacked.append(np.array([[values[name] for name in engine.columns]]))
        else:
            # One stream for each person: who else is in the cohort changes nobody's draws.
            rng = np.random.default_rng([SEED, index])
            code, like = profile.population, engine.people_like(profile.population)
            stacked.append(complete_rows(code, one, values, engine.further, DRAWS, POOL, rng, like))
    rows = np.concatenate(stacked)
    owners = np.repeat(np.arange(len(stacked)), [len(each) for each in stacked])
    people = anchored([profile.population for profile in cohort.profiles], known)
    evidence = evidence_hazards(rows, owners, people)
    hazards = {}
    for cause in CAUSES:
        start = evidence[cause] if engine.anchored else np.ones_like(evidence[cause])
        level = np.repeat(engine.level_per_year[cause], STEPS_PER_YEAR)
        ratio = np.exp(engine.log_hazard_ratios(cause, rows))
        hazards[cause] = start * level * ratio[:, None]
    return rows, owners, hazards


def _within_horizon(seen: FollowUp) -> tuple[Floats, Floats]:
    """Event (1 or 0) and years within the ten years that are ever answered, shape (n,) each."""
    within = seen.event & (seen.years <= HORIZON_YEARS)
    return within.astype(np.float64), np.minimum(seen.years, HORIZON_YEARS)


def _validated(parent: StoredModel, cohort: Cohort, seen: Expected, judge: Judge) -> dict[str, Any]:
    """Judge by cross-validation: everyone is predicted by a model recalibrated without them."""
    n = len(cohort.profiles)
    predicted = {outcome: np.zeros(n) for outcome in Outcome}
    for fold in folds(cohort.people, VALIDATION_FOLDS, SEED):
        updates = seen.updates(np.setdiff1d(np.arange(n), fold))
        texts = {folders.PARAMETERS: as_json(updated(parent.parameters, updates))}
        moved = replace(parent, texts={**parent.texts, **texts})
        for outcome, found in ten_years(engine_from(moved), cohort.part(fold)).items():
            predicted[outcome][fold] = found
    return {
        "how": f"{VALIDATION_FOLDS}-fold cross-validation on the people of the recalibration; "
        f"what {parent.model_id} learned was left as it is",
        "outcomes": judge(predicted, cohort.follow_up),
    }


def _told(parent: StoredModel, updates: Mapping[str, Update]) -> str:
    lines = ["", f"## Recalibrated from {parent.model_id}", ""]
    lines += [in_words(cause, each) for cause, each in updates.items()]
    lines += [
        "",
        "Which change a cause needs was chosen by a closed test (Vergouwe 2017, "
        "doi:10.1002/sim.7179). What was learned of people is the parent's. How sure a level or "
        "spread found here is follows from the events of these people; how sure the rest is, from "
        "the parent's and these together.",
    ]
    return "\n".join(lines) + "\n"


def in_words(cause: str, each: Update) -> str:
    """What became of one cause, as a line of a list."""
    changed = (
        ""
        if each.needs == NONE
        else f" (hazards times {np.exp(each.log_level):.2f}, spread times {each.slope:.2f})"
    )
    return (
        f"- {CAUSE_WORDS[cause]}: {ADVISED[each.needs]}{changed}; {each.events} events, "
        f"{each.expected:.1f} expected"
    )
