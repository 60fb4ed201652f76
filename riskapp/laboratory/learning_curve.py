"""How much an engine learns from how many events, anchored on evidence and not."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.laboratory.folds import Positions
from riskapp.laboratory.setting import Progress, Setting, fitted_curves, gain, with_evidence
from riskapp.training.fitting import recipe_for

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
# A learning curve needs some events at its start: fewer tell nothing.
LEAST_EVENTS = 5


def learning_curve(
    setting: Setting,
    engines: Sequence[str],
    seed: int,
    outer: Sequence[Positions],
    progress: Progress,
) -> list[dict[str, Any]]:
    """Each engine, anchored and not, fitted to growing shares of the people of other folds."""
    rows = []
    cohort, everyone = setting.cohort, np.arange(setting.seen.people)
    rng = np.random.default_rng(seed)
    order = {
        fold: rng.permutation(np.setdiff1d(everyone, outer[fold])) for fold in range(len(outer))
    }
    recipes = {}
    for name in engines:
        recipes[f"{name}, anchored"] = recipe_for(name, seed)
        recipes[f"{name}, unanchored"] = recipe_for(name, seed, anchored=False)
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
        curves = with_evidence(curves, setting)
        own = setting.c(curves)
        rows.append({
            "name": label, "share": share, "events": round(float(np.mean(events))),
            "c": own.c, "c_gain": own.c - setting.baseline.c,
            "likelihood_gain": gain(setting, curves),
        })  # fmt: skip
    return rows


def learning_verdict(curve: Sequence[Mapping[str, Any]]) -> str:
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
