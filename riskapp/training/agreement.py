"""How closely a calibration follows the published cases, and cases that it was not shown."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.populations import Population
from riskapp.training.fit_evidence import Case, fit, probabilities

Array = npt.NDArray[np.float64]

# Relative errors of smaller printed numbers say more about rounding than about the model.
SMALLEST_RELATIVE = 0.01


def agreement(
    cases: Sequence[Case], population: Population, parameters: Parameters
) -> list[dict[str, Any]]:
    """One row per table, sex and outcome; absolute errors in percentage points."""
    return _rows(cases, *probabilities(cases, population, parameters))


def left_out(
    counterparts: Sequence[dict[str, Any]],
    cases: Sequence[Case],
    population: Population,
    begin: Parameters,
    progress: Callable[[Iterable[str]], Iterable[str]],
) -> list[dict[str, Any]]:
    """The same, each group of cells answered by a calibration that did not see it."""
    major, hip = np.full(len(cases), math.nan), np.full(len(cases), math.nan)
    for group in progress(sorted({case.group for case in cases})):
        shown = [case for case in cases if case.group != group]
        parameters = fit(counterparts, shown, population, begin)
        chosen = [index for index, case in enumerate(cases) if case.group == group]
        held_out = [cases[index] for index in chosen]
        major[chosen], hip[chosen] = probabilities(held_out, population, parameters)
    return _rows(cases, major, hip)


def _rows(cases: Sequence[Case], major: Array, hip: Array) -> list[dict[str, Any]]:
    found = []
    for table in sorted({case.table for case in cases}):
        for sex in ("female", "male"):
            for outcome, answers in (("major_osteoporotic", major), ("hip", hip)):
                pairs = [
                    (answer, printed)
                    for case, answer in zip(cases, answers, strict=True)
                    if case.table == table and case.sex == sex
                    if (printed := case.printed(outcome)) is not None
                ]
                if pairs:
                    found.append({"table": table, "sex": sex, "outcome": outcome, **_errors(pairs)})
    return found


def _errors(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    answered, printed = np.array(pairs).T
    points = 100 * np.abs(answered - printed)
    large = printed >= SMALLEST_RELATIVE
    percent = 100 * np.abs(answered[large] / printed[large] - 1)
    return {
        "cells": len(pairs),
        "median_points": round(float(np.median(points)), 3),
        "p90_points": round(float(np.percentile(points, 90)), 3),
        "cells_relative": int(large.sum()),
        "median_percent": round(float(np.median(percent)), 2),
        "p90_percent": round(float(np.percentile(percent, 90)), 2),
    }
