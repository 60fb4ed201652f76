"""Engines developed on a cohort: nested cross-validation, optimism and the learning curve.

Whatever a fit chooses (how strongly to trust the evidence, which columns to keep) it chooses
inside the people it is given, so everything here is nested by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskapp.evaluation.calibration import weak
from riskapp.evaluation.concordance import difference
from riskapp.evaluation.resampling import Optimism, optimism
from riskapp.laboratory.asking import Floats
from riskapp.laboratory.folds import Positions, folds
from riskapp.laboratory.judging import fifths
from riskapp.laboratory.learning_curve import FITS_OF_A_CURVE, learning_curve, learning_verdict
from riskapp.laboratory.resting import rests_on
from riskapp.laboratory.setting import (
    Progress,
    Recipe,
    Setting,
    comparable,
    fitted_curves,
    gain,
    with_evidence,
    within_folds,
)
from riskapp.training.fitting import recipe_for


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
        Whether to draw the learning curve, which fits each engine some twenty times more.
    resamples : int
        Fits to parts of the people that say how stable importance is; 0 for none, else 2 or more.
    """

    engines: tuple[str, ...]
    folds: int = 5
    refits: int = 10
    curve: bool = True
    resamples: int = 5
    seed: int

    @property
    def in_words(self) -> str:
        """How much there is to fit, for who waits."""
        fits = {
            "in folds": self.folds,
            "for the optimism": self.refits + 1 if self.refits else 0,
            "along the learning curve": FITS_OF_A_CURVE if self.curve else 0,
            "for what it rests on": self.resamples + 1 if self.resamples else 0,
        }
        each = ", ".join(f"{number} {where}" for where, number in fits.items() if number)
        return (
            f"Up to {sum(fits.values())} fits of each of {', '.join(self.engines)} are ahead: "
            f"{each}."
        )


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
    curve, refused = list[dict[str, Any]](), dict[str, str]()
    if plan.curve:
        curve, refused = learning_curve(setting, plan.engines, plan.seed, progress)
    resting = []
    for name in progress(plan.engines if plan.resamples else (), "what engines rest on"):
        recipe = recipe_for(name, plan.seed)
        resting += rests_on(setting.cohort, recipe, resamples=plan.resamples, seed=plan.seed)
    return {
        "engines": list(plan.engines),
        "folds": plan.folds,
        "resamples": plan.refits,
        "people": setting.seen.people,
        "events": int(setting.seen.event.sum()),
        "how": (
            f"{plan.folds} outer folds by person, with like numbers of events. In each, an engine "
            "is fitted anew to the other folds with all it chooses, and answers about the people "
            "left out; people of one fold are compared with each other, and the folds counted "
            "together."
        ),
        "how_fitted": [f"{name}: {_told(recipe_for(name, plan.seed))}" for name in plan.engines],
        "cross_validated": crossed,
        "chosen": chosen,
        "optimism": optimism,
        "learning_curve": curve,
        "rests_on": resting,
        "verdict": _verdict(crossed),
        "learning_verdict": learning_verdict(curve, refused),
    }


def _cross_validated(
    setting: Setting, recipe: Recipe, outer: Sequence[Positions], progress: Progress
) -> tuple[Floats, list[dict[str, Any]]]:
    curves = np.full_like(setting.evidence, np.nan)
    told = []
    everyone = np.arange(len(curves))
    for number, fold in enumerate(progress(outer, f"{recipe['engine']} folds"), start=1):
        others = np.setdiff1d(everyone, fold)
        answered, parameters = fitted_curves(setting, others, recipe, fold)
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
    own, evidence = (within_folds(setting, each, outer) for each in (curves, setting.evidence))
    apart = difference(own, evidence, setting.people)
    pooled = difference(setting.c(curves), setting.baseline, setting.people)
    by_fold = [setting.c(curves, fold).c for fold in outer if comparable(setting, fold)]
    return {
        "engine": name,
        "c": {"value": own.c, "interval": [own.lower, own.upper]},
        "evidence": {"value": evidence.c, "interval": [evidence.lower, evidence.upper]},
        "difference": {"value": apart.value, "interval": [apart.lower, apart.upper]},
        "difference_pooled": {"value": pooled.value, "interval": [pooled.lower, pooled.upper]},
        "folds_range": [min(by_fold), max(by_fold)],
        "log_likelihood_per_event": gain(setting, curves),
        "top_fifth": _top_fifth(setting, curves),
    }


def _top_fifth(setting: Setting, curves: Floats) -> dict[str, Any] | None:
    """Predicted and observed where risk is highest, in people whom the fits never saw."""
    if not (setting.level and setting.seen.competing):
        return None
    found = fifths(curves[:, setting.horizon - 1], setting.seen, setting.horizon)
    return found[-1] if found else None


def _optimism(name: str, setting: Setting, plan: Plan, progress: Progress) -> dict[str, Any]:
    """What fits to drawn people lose on the whole file (Harrell 1996)."""
    recipe, everyone = recipe_for(name, plan.seed), np.arange(setting.seen.people)
    bar = iter(progress(range(plan.refits + 1), f"{name} optimism"))

    def fitted(chosen: Positions) -> Floats:
        next(bar, None)
        curves, _ = fitted_curves(setting, chosen, recipe, everyone)
        return with_evidence(curves, setting)

    def figures(curves: Floats, rows: Positions) -> Floats:
        return np.array([setting.c(curves, rows).c, *_slopes(setting, curves, rows)])

    found = optimism(fitted, figures, setting.cohort.people, draws=plan.refits, seed=plan.seed)
    return {
        "engine": name,
        "c": _corrected(found[0]),
        "slope": _corrected(found[1]) if len(found) > 1 else None,
    }


def _slopes(setting: Setting, curves: Floats, rows: Positions) -> list[float]:
    """The calibration slope, where the level of this very outcome may be compared."""
    if not (setting.level and setting.seen.competing):
        return []
    predicted, seen = curves[rows, setting.horizon - 1], setting.seen.part(rows)
    return [weak(predicted, seen, setting.horizon).slope.value]


def _corrected(found: Optimism) -> dict[str, float | None]:
    error = found.standard_error
    return {
        "apparent": found.apparent,
        "optimism": found.optimism,
        "standard_error": None if np.isnan(error) else error,
        "corrected": found.corrected,
    }


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


def _told(chosen: Any) -> str:
    """Settings in one line."""
    if isinstance(chosen, Mapping):
        return "; ".join(f"{key} {_told(value)}" for key, value in chosen.items())
    if isinstance(chosen, float):
        return f"{chosen:.4g}"
    if isinstance(chosen, list | tuple):
        return ", ".join(_told(each) for each in chosen)
    return str(chosen)
