"""How closely a calibration follows results of FRAX, and results that it was not shown."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.training.evidence.case_answers import CaseAnswers
from riskapp.training.evidence.fit_evidence import by_population, fit
from riskapp.training.evidence.frax_cases import CHART, LATER_RELEASE, PROFILE, PUBLISHED, Case

Array = npt.NDArray[np.float64]

# Relative errors of smaller printed numbers say more about rounding than about the model.
SMALLEST_RELATIVE = 0.01
# Into how many parts the groups of each source are cut: each part is left out once. Charts are
# left out by their number of risk factors.
PARTS = {PUBLISHED: 7, PROFILE: 5, CHART: 3}
# Bone Health and Osteoporosis Foundation: LeBoff MS and others, 2022. Osteoporos Int 33:2049-2102,
# doi:10.1007/s00198-021-05900-y. FRAX's two-figure results are compared as printed.
MAJOR_THRESHOLD, HIP_THRESHOLD = 0.20, 0.03
# Rounding to two figures moves a printed 20 % or 3.0 % by this much at most.
MAJOR_HALF, HIP_HALF = 0.005, 0.0005
FIT_ROUNDS = 5  # from the full calibration to one without some cases


def agreement(cases: Sequence[Case], values: Mapping[str, float]) -> list[dict[str, Any]]:
    """One row per table, sex and outcome; absolute errors in percentage points."""
    return _rows(cases, *answers(cases, values))


def answers(cases: Sequence[Case], values: Mapping[str, float]) -> tuple[Array, Array]:
    """10-year probabilities (major, hip) of all cases, each shape (cases,)."""
    made = CaseAnswers(cases)
    return made.probabilities(by_population(values, made.populations))


def left_out(
    counterparts: Sequence[dict[str, Any]],
    cases: Sequence[Case],
    begin: Mapping[str, float],
    progress: Callable[[Sequence[frozenset[str]]], Iterable[frozenset[str]]],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The same, each part of the cases answered by a calibration that did not see it.

    Returns
    -------
    rows, decisions
        As ``agreement``; and how often people fall on the same side of the United States'
        thresholds as with FRAX.
    """
    major, hip = np.full(len(cases), math.nan), np.full(len(cases), math.nan)
    for part in progress(parts(cases)):
        shown = [case for case in cases if case.group not in part]
        values = fit(counterparts, shown, begin, FIT_ROUNDS)
        chosen = [index for index, case in enumerate(cases) if case.group in part]
        major[chosen], hip[chosen] = answers([cases[index] for index in chosen], values)
    seen = [index for index, case in enumerate(cases) if case.source != LATER_RELEASE]
    told = [cases[index] for index in seen]
    return _rows(told, major[seen], hip[seen]), decisions(told, major[seen], hip[seen])


def parts(cases: Sequence[Case]) -> list[frozenset[str]]:
    """Which groups of cases are left out together."""
    found = []
    for source, count in PARTS.items():
        groups = sorted({case.group for case in cases if case.source == source})
        found += [frozenset(groups[first::count]) for first in range(count) if groups[first::count]]
    return found


def decisions(cases: Sequence[Case], major: Array, hip: Array) -> dict[str, Any]:
    """People on the same side of 20 % (major) and of 3 % (hip) as with FRAX, as printed."""
    same = [
        (answered >= threshold - half) == (printed >= threshold)
        for case, of_major, of_hip in zip(cases, major, hip, strict=True)
        if case.source == PROFILE
        for answered, printed, threshold, half in (
            (of_major, case.major, MAJOR_THRESHOLD, MAJOR_HALF),
            (of_hip, case.hip, HIP_THRESHOLD, HIP_HALF),
        )
        if printed is not None
    ]
    return {"decisions": len(same), "same": int(sum(same))}


def _rows(cases: Sequence[Case], major: Array, hip: Array) -> list[dict[str, Any]]:
    found = []
    for table in sorted({case.table for case in cases}):
        for sex in ("female", "male"):
            for outcome, answered in (("major_osteoporotic", major), ("hip", hip)):
                pairs = [
                    (answer, printed)
                    for case, answer in zip(cases, answered, strict=True)
                    if case.table == table and case.sex == sex
                    if (printed := case.printed(outcome)) is not None
                ]
                if pairs:
                    found.append({"table": table, "sex": sex, "outcome": outcome, **_errors(pairs)})
    return found


def _errors(pairs: Sequence[tuple[float, float]]) -> dict[str, float | None]:
    answered, printed = np.array(pairs).T
    points = 100 * np.abs(answered - printed)
    large = printed >= SMALLEST_RELATIVE
    percent = 100 * np.abs(answered[large] / printed[large] - 1)
    return {
        "cells": len(pairs),
        "median_points": round(float(np.median(points)), 3),
        "p90_points": round(float(np.percentile(points, 90)), 3),
        "cells_relative": int(large.sum()),
        "median_percent": round(float(np.median(percent)), 2) if large.any() else None,
        "p90_percent": round(float(np.percentile(percent, 90)), 2) if large.any() else None,
    }
