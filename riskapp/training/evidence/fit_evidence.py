"""Calibrate the published-evidence model to results of FRAX, all populations at once.

The structure comes first (``riskapp.risk.hazard_terms``). Effects are shared by all populations;
each starts from, and is drawn back towards, its published counterpart. A population has its own
base; the groups of the United States share one up to a ratio. The cases decide how far each
parameter moves; no case is treated apart, and the probabilities are those of ``riskapp.risk``.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from riskapp.risk.hazard_terms import Parameters
from riskapp.training.evidence.base_layout import (
    BASE_BEND_SD,
    SHAPE_SD,
    Free,
    base_runs,
    bases_of,
    free_bases,
)
from riskapp.training.evidence.case_answers import CaseAnswers
from riskapp.training.evidence.frax_cases import CHART, PROFILE, PUBLISHED, Case

Array = npt.NDArray[np.float64]

# How much a residual counts, chosen by what came nearest to people left out (ADR 10). Charts
# repeat the same few effects hundreds of times.
WEIGHTS = {PUBLISHED: 1.7, PROFILE: 3.0, CHART: 0.18}
# Collected results hold hidden inputs and slips: beyond this many units a residual counts less.
ROBUST_BEYOND = 2.5
ROBUST = (PROFILE, CHART)
DIFFERENCE = 1e-5  # for the numerical Jacobian


def fit(
    counterparts: Sequence[dict[str, Any]],
    cases: Sequence[Case],
    begin: Mapping[str, float] | None = None,
    rounds: int = 25,
) -> dict[str, float]:
    """Values of all parameters by name; those of one population as ``population:name``.

    Parameters
    ----------
    counterparts : sequence of dict
        Name, start, pull (``prior_sd``) and bounds of each effect; those that are not fitted
        stay at their start.
    cases : sequence of Case
        Their populations decide which bases are fitted.
    begin : mapping of name to float, optional
        Where the search begins, to save time; what it is drawn to stays the start.
    rounds : int
        Evaluations of the whole at most.
    """
    problem = _Problem(counterparts, cases)
    first = np.array([(begin or {}).get(one.name, one.start) for one in problem.free])
    lower = np.array([one.lower for one in problem.free])
    upper = np.array([one.upper for one in problem.free])
    found = least_squares(
        problem.residuals,
        np.clip(first, lower + DIFFERENCE, upper - DIFFERENCE),
        jac=problem.jacobian,
        bounds=(lower, upper),
        x_scale="jac",
        max_nfev=rounds,
    )
    return {name: round(value, 5) for name, value in problem.named(found.x).items()}


def by_population(
    values: Mapping[str, float], codes: Collection[str]
) -> dict[str, dict[str, float]]:
    """Full parameters of each population: the shared effects and its own base."""
    effects = {name: value for name, value in values.items() if ":" not in name}
    return {code: effects | bases_of(code, values) for code in codes}


class _Problem:
    """Residuals of all cases and pulls, as a function of the free parameters."""

    def __init__(self, counterparts: Sequence[dict[str, Any]], cases: Sequence[Case]) -> None:
        self.answers = CaseAnswers(cases)
        self.fixed = {row["name"]: float(row["start"]) for row in counterparts if not row["fitted"]}
        self.free = [_effect(row) for row in counterparts if row["fitted"]]
        self.free += free_bases(self.answers.populations)
        self.runs = base_runs(self.free)
        self.printed = np.array(
            [[case.major, case.hip] for case in cases],
            dtype=float,  # None becomes NaN
        ).T
        halves = np.array([[case.major_half_width, case.hip_half_width] for case in cases]).T
        slack = np.array([case.slack for case in cases])
        # A number rounded to a grid is uniform within its cell: SD = half width / sqrt(3).
        self.unit = np.hypot(halves / math.sqrt(3), slack * self.printed)
        self.weight = np.array([WEIGHTS.get(case.source, 1.0) for case in cases])
        self.robust = np.array([case.source in ROBUST for case in cases])
        self.there = ~np.isnan(self.printed)

    def named(self, values: Array) -> dict[str, float]:
        pairs = zip(self.free, values, strict=True)
        return self.fixed | {one.name: float(value) for one, value in pairs}

    def parameters(self, values: Array) -> Mapping[str, Parameters]:
        return by_population(self.named(values), self.answers.populations)

    def residuals(self, values: Array) -> Array:
        answered = np.stack(self.answers.probabilities(self.parameters(values)))
        return np.concatenate([self._misfit(answered)[self.there], self._pulls(values)])

    def _misfit(self, answered: Array) -> Array:
        away = (answered - self.printed) / self.unit
        # Pseudo-Huber: quadratic near zero, straight far out.
        bounded = ROBUST_BEYOND * np.sqrt(2 * (np.sqrt(1 + (away / ROBUST_BEYOND) ** 2) - 1))
        return np.asarray(self.weight * np.where(self.robust, np.copysign(bounded, away), away))

    def _pulls(self, values: Array) -> Array:
        found = [
            [(value - one.drawn_to) / one.sd]
            for one, value in zip(self.free, values, strict=True)
            if one.sd is not None
        ]
        runs = {name: values[run] for name, run in self.runs.items()}
        for name, run in runs.items():
            found.append(list(np.diff(run, n=2) / BASE_BEND_SD))
            shape = runs.get("gb:" + name.partition(":")[2])
            if shape is not None and not name.startswith("gb:"):
                found.append(list(np.diff(run - shape) / SHAPE_SD))
        return np.concatenate(found) if found else np.empty(0)

    def jacobian(self, values: Array) -> Array:
        """By differences; a population's own parameter asks only for its own cases again."""
        at = np.stack(self.answers.probabilities(self.parameters(values)))
        misfit, pulls = self._misfit(at)[self.there], self._pulls(values)
        columns = []
        for index, one in enumerate(self.free):
            moved = values.copy()
            moved[index] += DIFFERENCE if values[index] + DIFFERENCE < one.upper else -DIFFERENCE
            again = np.stack(self.answers.probabilities(self.parameters(moved), one.populations))
            answered = np.where(np.isnan(again), at, again)
            after = np.concatenate([self._misfit(answered)[self.there], self._pulls(moved)])
            before = np.concatenate([misfit, pulls])
            columns.append((after - before) / (moved[index] - values[index]))
        return np.column_stack(columns)


def _effect(row: dict[str, Any]) -> Free:
    return Free(
        name=row["name"],
        start=float(row["start"]),
        drawn_to=float(row["start"]),
        sd=row["prior_sd"],
        lower=-math.inf if row["lower"] is None else row["lower"],
        upper=math.inf if row["upper"] is None else row["upper"],
        populations=None,
    )
