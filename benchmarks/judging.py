"""Concordance, AUC and Brier score of 100,000 people against lifelines and scikit-survival.

scikit-survival is GPL-3 and never a part of the product, so it runs in an environment of its own,
whose interpreter SCIKIT_SURVIVAL_PYTHON names; ``HOW`` says how to make it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from lifelines.utils import concordance_index

from benchmarks.timing import Comparison, medians
from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.brier import brier_over_time
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import Course, Floats, course
from riskapp.evaluation.roc import auc_over_time

VARIABLE = "SCIKIT_SURVIVAL_PYTHON"
HOW = f"""\
judging: scikit-survival is not installed beside us, so only our own times are taken. To compare:
  python3 -m venv scikit-survival && scikit-survival/bin/pip install scikit-survival
  export {VARIABLE}=$PWD/scikit-survival/bin/python
"""
PEER = Path(__file__).with_name("scikit_survival_peer.py")
PEOPLE = 100_000
HORIZONS = np.arange(1.0, 11.0)
ROUNDS = 5
# Why some are not a hundred times as fast, beside what a part of it takes numpy.
LEFT = {
    "auc": "half of ours goes through a million predictions in their order; to put them in order, "
    "and nothing else, takes numpy {:.0f} ms",
    "brier": "a quarter of ours sorts and counts times, another the million predictions; to sort "
    "the times, and nothing else, takes numpy {:.1f} ms",
}


def compare() -> list[Comparison]:
    """Time both where the peer is there; say so where it is not."""
    seen, shares = drawn()
    risk = shares[:, -1]
    found = {
        "concordance": harrell(risk, seen).c,
        "auc": [each.auc for each in auc_over_time(shares, seen, HORIZONS.tolist()).at],
        "brier": [each.score for each in brier_over_time(shares, seen, HORIZONS.tolist()).at],
    }
    theirs = concordance_index(seen.years, -risk, seen.event)
    # Anew each time: a course keeps the order of its people once it has been asked for.
    ours, lifelines = medians(
        lambda: harrell(risk, replace(seen)),
        lambda: concordance_index(seen.years, -risk, seen.event),
        rounds=ROUNDS,
        clock=time.process_time,
    )
    auc, brier = medians(
        lambda: auc_over_time(shares, replace(seen), HORIZONS.tolist()),
        lambda: brier_over_time(shares, replace(seen), HORIZONS.tolist()),
        rounds=ROUNDS,
        clock=time.process_time,
    )
    what = f"concordance of {PEOPLE:,}, with its standard error"
    note = f"equal to {abs(found['concordance'] - theirs):.1g}; lifelines gives no standard error"
    against = partial(_against, _peer(seen, shares), found, _left(seen, shares))
    return [
        Comparison(what, ours, "lifelines", lifelines, note),
        against("concordance", what, ours),
        against("auc", f"AUC of {PEOPLE:,} at 10 horizons", auc),
        against("brier", f"Brier score and IPA of {PEOPLE:,} at 10 horizons", brier),
    ]


def _left(seen: Course, shares: Floats) -> dict[str, str]:
    least = medians(
        lambda: np.sort(shares, axis=0),
        lambda: np.argsort(seen.years),
        rounds=ROUNDS,
        clock=time.process_time,
    )
    told = zip(LEFT.items(), least, strict=True)
    return {name: f"; {why.format(1000 * seconds)}" for (name, why), seconds in told}


def drawn(people: int = PEOPLE) -> tuple[Course, Floats]:
    """Draw people with log-normal hazards, some of them lost, and probabilities, shape (n, 10)."""
    rng = np.random.default_rng(1)
    hazard = 0.02 * np.exp(0.8 * rng.normal(size=people))
    event, lost = rng.exponential(1 / hazard), rng.uniform(2, 30, people)
    seen = FollowUp(event=event <= lost, years=np.minimum(event, lost))
    return course(seen), -np.expm1(-np.outer(hazard, HORIZONS))


def _peer(seen: Course, shares: Floats) -> dict[str, Any] | None:
    python = os.environ.get(VARIABLE)
    if not python:
        sys.stderr.write(HOW)
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.npz"
        np.savez(path, years=seen.years, event=seen.event, shares=shares, horizons=HORIZONS)
        command = [python, str(PEER), str(path)]
        answer = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    parsed: dict[str, Any] = json.loads(answer.stdout)
    return parsed


def _against(
    peer: dict[str, Any] | None,
    found: dict[str, Any],
    left: dict[str, str],
    name: str,
    what: str,
    ours: float,
) -> Comparison:
    if peer is None:
        return Comparison(what, ours, "scikit-survival", None)
    apart = np.abs(np.array(peer[name]["value"]) - np.array(found[name])).max()
    note = f"equal to {apart:.1g}{left.get(name, '')}"
    return Comparison(what, ours, "scikit-survival", peer[name]["seconds"], note)
