"""Engines developed on a cohort: nested cross-validation, optimism and the learning curve.

Whatever a fit chooses (how strongly to trust the evidence, which columns to keep) it chooses
inside the people it is given, so everything here is nested by construction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.concordance import Concordance, difference, harrell, of_people
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.evaluation.resampling import optimism
from riskapp.laboratory.asking import Candidate, Floats, ask
from riskapp.laboratory.folds import Positions, folds
from riskapp.laboratory.likelihood import log_likelihood
from riskapp.risk.estimate import Outcome
from riskapp.training.fitting import engine_of, fit, recipe_for

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
# A learning curve needs some events at its start: fewer tell nothing.
LEAST_EVENTS = 5

Progress = Callable[[Iterable[Any], str], Iterable[Any]]
Recipe = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How engines are developed.

    Attributes
    ----------
    engines : tuple of str
    folds : int
        Of the outer cross-validation.
    refits : int
        Bootstrap fits for the optimism of each engine; 0 for none.
    curve : bool
        Whether to draw the learning curve, which fits each engine some ten times more per fold.
    """

    engines: tuple[str, ...]
    folds: int = 5
    refits: int = 10
    curve: bool = True
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What development is judged by: the outcome, its course, and evidence's answers.

    Attributes
    ----------
    evidence : ndarray, shape (n, 10)
    horizon : int
        In years; the curve's last judged column.
    level : bool
        Whether engines give the probability of this very outcome; a likelihood needs it.
    """

    cohort: Cohort
    outcome: Outcome
    seen: Course
    people: Places
    evidence: Floats
    horizon: int
    level: bool

    @property
    def baseline(self) -> Concordance:
        return self.c(self.evidence)

    def c(self, curves: Floats, rows: Positions | None = None) -> Concordance:
        """Concordance of the probability at the horizon, rows of one person as one."""
        at = np.arange(len(curves)) if rows is None else rows
        predicted = curves[at, self.horizon - 1]
        return of_people(harrell(predicted, self.seen.part(at)), self.people[at])


def develop(setting: Setting, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Everything that the report says about development."""
    outer = folds(setting.cohort.people, setting.seen.event, plan.folds, plan.seed)
    crossed, chosen = [], []
    for name in plan.engines:
        recipe = recipe_for(name, plan.seed)
        curves, told = _cross_validated(setting, recipe, outer, progress)
        crossed.append(_judged(name, setting, curves, outer))
        chosen += told
    optimism = [
        _optimism(name, setting, plan, progress) for name in plan.engines if plan.refits > 0
    ]
    curve = _learning_curve(setting, plan, outer, progress) if plan.curve else []
    return {
        "engines": list(plan.engines),
        "folds": plan.folds,
        "resamples": plan.refits,
        "people": setting.seen.people,
        "events": int(setting.seen.event.sum()),
        "how": (
            f"{plan.folds} outer folds by person, with like numbers of events. In each, an engine "
            "is fitted anew to the other folds with all it chooses, and answers about the people "
            "left out; their answers together are judged once."
        ),
        "how_fitted": [f"{name}: {_told(recipe_for(name, plan.seed))}" for name in plan.engines],
        "cross_validated": crossed,
        "chosen": chosen,
        "optimism": optimism,
        "learning_curve": curve,
        "verdict": _verdict(crossed),
        "learning_verdict": _learning_verdict(curve),
    }


def fitted_curves(
    train: Cohort, recipe: Recipe, outcome: Outcome, asked: Cohort
) -> tuple[Floats, Mapping[str, Any]]:
    """Fit to one cohort, ask about another: curves of shape (n, 10), and the fitted parameters."""
    made = fit(train, recipe)
    engine = engine_of(made, train.trained_on)
    candidate = Candidate(key=engine.model_id, label=recipe["engine"], engine=engine)
    return ask(candidate, asked.profiles).curves[outcome], made.parameters


def _cross_validated(
    setting: Setting, recipe: Recipe, outer: Sequence[Positions], progress: Progress
) -> tuple[Floats, list[dict[str, Any]]]:
    curves = np.full_like(setting.evidence, np.nan)
    told = []
    everyone = np.arange(len(curves))
    for number, fold in enumerate(progress(outer, f"{recipe['engine']} folds"), start=1):
        train = setting.cohort.part(np.setdiff1d(everyone, fold))
        answered, parameters = fitted_curves(
            train, recipe, setting.outcome, setting.cohort.part(fold)
        )
        # Whom a fit refuses (an age it has not seen) evidence answers, as it would in use.
        refused = np.isnan(answered[:, -1])
        answered[refused] = setting.evidence[fold][refused]
        curves[fold] = answered
        chosen = parameters.get("chosen")
        told.append({
            "engine": recipe["engine"], "fold": number, "refused": int(refused.sum()),
            "chosen": "" if not chosen else _told(chosen),
        })  # fmt: skip
    return curves, told


def _judged(
    name: str, setting: Setting, curves: Floats, outer: Sequence[Positions]
) -> dict[str, Any]:
    own, evidence = setting.c(curves), setting.baseline
    apart = difference(own, evidence, setting.people)
    by_fold = []
    for fold in outer:
        try:
            by_fold.append(setting.c(curves, fold).c)
        except CannotJudge:  # a fold without a comparable pair
            continue
    return {
        "engine": name,
        "c": {"value": own.c, "interval": [own.lower, own.upper]},
        "evidence": {"value": evidence.c, "interval": [evidence.lower, evidence.upper]},
        "difference": {"value": apart.value, "interval": [apart.lower, apart.upper]},
        "folds_range": [min(by_fold), max(by_fold)],
        "log_likelihood_per_event": _gain(setting, curves),
    }


def _gain(setting: Setting, curves: Floats) -> float | None:
    """Log-likelihood per event less that of evidence; None where the level is another event's."""
    if not setting.level:
        return None
    seen, horizon = setting.seen, setting.horizon
    gained = log_likelihood(curves, seen, horizon) - log_likelihood(setting.evidence, seen, horizon)
    return gained / max(1, int((seen.event & (seen.years <= horizon)).sum()))


def _optimism(name: str, setting: Setting, plan: Plan, progress: Progress) -> dict[str, Any]:
    """What fits to drawn people lose on the whole file (Harrell 1996)."""
    recipe, cohort = recipe_for(name, plan.seed), setting.cohort
    bar = iter(progress(range(plan.refits + 1), f"{name} optimism"))

    def fitted(chosen: Positions) -> Floats:
        next(bar, None)
        train = cohort.part(chosen)
        curves, _ = fitted_curves(train, recipe, setting.outcome, cohort)
        return _with_evidence(curves, setting)

    found = optimism(
        fitted, lambda curves, rows: setting.c(curves, rows).c, cohort.people,
        draws=plan.refits, seed=plan.seed,
    )  # fmt: skip
    return {
        "engine": name,
        "apparent": found.apparent,
        "optimism": found.optimism,
        "corrected": found.corrected,
    }


def _with_evidence(curves: Floats, setting: Setting) -> Floats:
    refused = np.isnan(curves[:, -1])
    return np.where(refused[:, None], setting.evidence, curves)


def _learning_curve(
    setting: Setting, plan: Plan, outer: Sequence[Positions], progress: Progress
) -> list[dict[str, Any]]:
    rows = []
    cohort, everyone = setting.cohort, np.arange(setting.seen.people)
    rng = np.random.default_rng(plan.seed)
    order = {
        fold: rng.permutation(np.setdiff1d(everyone, outer[fold])) for fold in range(len(outer))
    }
    recipes = {}
    for name in plan.engines:
        recipes[f"{name}, anchored"] = recipe_for(name, plan.seed)
        recipes[f"{name}, unanchored"] = recipe_for(name, plan.seed, anchored=False)
    steps = [(label, share) for label in recipes for share in SHARES]
    for label, share in progress(steps, "learning curve"):
        curves, events = np.full_like(setting.evidence, np.nan), []
        for fold, part in enumerate(outer):
            few = np.sort(order[fold][: max(2, round(share * order[fold].size))])
            events.append(int(setting.seen.event[few].sum()))
            if events[-1] < LEAST_EVENTS:
                break
            answered, _ = fitted_curves(
                cohort.part(few), recipes[label], setting.outcome, cohort.part(part)
            )
            curves[part] = answered
        if events[-1] < LEAST_EVENTS:
            continue
        curves = _with_evidence(curves, setting)
        own = setting.c(curves)
        rows.append({
            "name": label, "share": share, "events": round(float(np.mean(events))),
            "c": own.c, "c_gain": own.c - setting.baseline.c,
            "likelihood_gain": _gain(setting, curves),
        })  # fmt: skip
    return rows


def _verdict(crossed: Sequence[Mapping[str, Any]]) -> str:
    said = []
    for row in crossed:
        low, high = row["difference"]["interval"]
        value = f"{row['difference']['value']:+.4f} ({low:+.4f} to {high:+.4f})"
        if low > 0:
            said.append(f"{row['engine']} ranked better than evidence: {value}.")
        elif high < 0:
            said.append(f"{row['engine']} ranked worse than evidence: {value}.")
        else:
            said.append(
                f"{row['engine']}: {value}; the interval holds 0, so no gain over evidence is "
                "shown."
            )
    return " ".join(said).replace("-0.", "\u22120.")


def _learning_verdict(curve: Sequence[Mapping[str, Any]]) -> str:
    """From how many events on each engine stays above evidence."""
    by_likelihood = all(row["likelihood_gain"] is not None for row in curve)
    measure, name = ("likelihood_gain", "likelihood") if by_likelihood else ("c_gain", "C")
    said = []
    for engine in dict.fromkeys(row["name"] for row in curve):
        own = [row for row in curve if row["name"] == engine]
        pays = None
        for row in reversed(own):
            if row[measure] <= 0:
                break
            pays = row["events"]
        said.append(
            f"{engine}: not above evidence in {name} up to {own[-1]['events']} events."
            if pays is None
            else f"{engine}: above evidence in {name} from about {pays} events on."
        )
    return " ".join(said)


def _told(chosen: Any) -> str:
    """Settings in one line."""
    if isinstance(chosen, Mapping):
        return "; ".join(f"{key} {_told(value)}" for key, value in chosen.items())
    if isinstance(chosen, float):
        return f"{chosen:.4g}"
    if isinstance(chosen, list | tuple):
        return ", ".join(_told(each) for each in chosen)
    return str(chosen)
