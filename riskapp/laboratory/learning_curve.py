"""How much an engine learns from how many events, anchored on evidence and not."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.evaluation.concordance import difference
from riskapp.laboratory.asking import Floats
from riskapp.laboratory.folds import Positions, folds
from riskapp.laboratory.setting import Progress, Recipe, Setting, fitted_curves, gain, with_evidence
from riskapp.training.fitting import recipe_for

SHARES = (0.15, 0.4, 1.0)
# Each point is fitted anew in each fold, anchored and not: three folds keep it to minutes.
FOLDS = 3
# Of each engine: anchored and not, for each share, in each fold.
FITS_OF_A_CURVE = 2 * len(SHARES) * FOLDS
# A learning curve needs some events at its start: fewer tell nothing.
LEAST_EVENTS = 5


def learning_curve(
    setting: Setting,
    engines: Sequence[str],
    seed: int,
    progress: Progress,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Each engine, anchored and not, fitted to growing shares of the people of other folds.

    Returns
    -------
    rows : list of dict
        One for each engine and share of people.
    refused : dict of str to str
        Why an engine could not learn from these people at all, as without deaths and evidence.
    """
    rows: list[dict[str, Any]] = []
    refused: dict[str, str] = {}
    everyone = np.arange(setting.seen.people)
    outer = folds(setting.cohort.people, setting.seen.event, FOLDS, seed)
    rng = np.random.default_rng(seed)
    parts = [(part, rng.permutation(np.setdiff1d(everyone, part))) for part in outer]
    recipes = {}
    for name in engines:
        recipes[f"{name}, anchored"] = recipe_for(name, seed)
        recipes[f"{name}, unanchored"] = recipe_for(name, seed, anchored=False)
    steps = [(label, share) for label in recipes for share in SHARES]
    for label, share in progress(steps, "learning curve"):
        chosen = [(part, np.sort(order[: round(share * order.size)])) for part, order in parts]
        events = [int(setting.seen.event[few].sum()) for _, few in chosen]
        if min(events) < LEAST_EVENTS or label in refused:
            continue
        try:
            curves = _crossed(setting, recipes[label], chosen)
        except UnusableCohort as error:
            refused[label] = str(error)
            continue
        own = setting.c(curves)
        apart = difference(own, setting.baseline, setting.people)
        rows.append({
            "name": label, "share": share, "events": round(float(np.mean(events))),
            "c": own.c, "c_interval": [own.lower, own.upper],
            "c_gain": apart.value, "c_gain_interval": [apart.lower, apart.upper],
            "likelihood_gain": gain(setting, curves),
        })  # fmt: skip
    return rows, refused


def _crossed(
    setting: Setting, recipe: Recipe, chosen: Sequence[tuple[Positions, Positions]]
) -> Floats:
    """Answers about each part by a fit to the few beside it."""
    curves = np.full_like(setting.evidence, np.nan)
    for part, few in chosen:
        curves[part], _ = fitted_curves(setting, few, recipe, part)
    return with_evidence(curves, setting)


def learning_verdict(curve: Sequence[Mapping[str, Any]], refused: Mapping[str, str]) -> str:
    """From how many events on each engine stays above evidence, and who could not learn."""
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
    said += [f"{engine}: {sentence}" for engine, sentence in refused.items()]
    return " ".join(said)
