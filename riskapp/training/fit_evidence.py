"""Calibrate the published-evidence model to a table of published cases.

The structure comes first (``riskapp.risk.hazard_terms``). Every parameter starts from, and is
drawn back towards, its published counterpart; the cases decide how far it moves. No case is
treated apart, and the probabilities are those of ``riskapp.risk``.
"""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.evidence import Factors, hazards
from riskapp.risk.hazard_terms import STEP_YEARS, Parameters, mean_t_score
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

# The short names of risk factors in the table of published cases.
CASE_FACTORS = {
    "none": None,
    "prior_fracture": "prior_fragility_fracture",
    "parental_hip": "parent_hip_fracture",
    "smoking": "current_smoker",
    "glucocorticoid": "glucocorticoids",
    "RA": "rheumatoid_arthritis",
    "alcohol": "alcohol_3_or_more_units_daily",
}
# T-scores that stand in for the normal distribution where BMD is not known, in SD of the mean.
T_NODES: Array = np.arange(-5.25, 5.26, 0.75)
# What the model is not asked to follow more closely than: 1 % of the printed probability.
RELATIVE_SLACK = 0.01
# Later releases of FRAX agree with that of 2008 within 3 % (major): shape below age 50 only.
LATER_RELEASE_SLACK = 0.03
# How sharply the base may bend between knots ten years apart, in log-hazard.
BASE_BEND_SD = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One published result; probabilities in [0, 1] with half the width of their rounding."""

    table: str
    sex: str
    age_years: float
    bmi_kg_m2: float
    factor: str | None
    t_score: float | None
    major: float | None
    major_half_width: float
    hip: float | None
    hip_half_width: float
    slack: float = RELATIVE_SLACK

    def printed(self, outcome: str) -> float | None:
        return self.hip if outcome == "hip" else self.major

    @property
    def group(self) -> str:
        """Cells that are left out together: one factor, or one T-score, of one sex."""
        what = f"T {self.t_score:g}" if self.t_score is not None else str(self.factor)
        return f"{self.sex}, {what}"


def read_cases(path: Path) -> list[Case]:
    """FRAX UK 2008 cases, and from later UK releases women below 50 (for the shape there)."""
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    cases = []
    for row in rows:
        young = row["model"].startswith("UK (FRAX v") and row["age"] in ("40", "45")
        if row["model"] != "UK (FRAX 2008)" and not young:
            continue
        major, major_half = _printed(row["mof_pct"])
        hip, hip_half = _printed(row["hip_pct"])
        cases.append(
            Case(
                table="later release" if young else ("T-score" if row["fn_tscore"] else "factor"),
                sex=row["sex"],
                age_years=float(row["age"]),
                bmi_kg_m2=float(row["bmi"]),
                factor=CASE_FACTORS[row["crf"]],
                t_score=float(row["fn_tscore"]) if row["fn_tscore"] else None,
                major=major,
                major_half_width=major_half,
                hip=hip,
                hip_half_width=hip_half,
                slack=LATER_RELEASE_SLACK if young else RELATIVE_SLACK,
            )
        )
    return cases


def _printed(text: str) -> tuple[float | None, float]:
    if not text:
        return None, 0.0
    if text.startswith("<"):
        # "<0.1" says between 0 and 0.1: the middle, give or take half.
        limit = float(text[1:]) / 100
        return limit / 2, limit / 2
    decimals = len(text.partition(".")[2])
    return float(text) / 100, 0.5 * 10.0 ** -(decimals + 2)


def probabilities(
    cases: Sequence[Case], population: Population, parameters: Parameters
) -> tuple[Array, Array]:
    """10-year probabilities (major, hip), each shape (cases,); unknown T is integrated over."""
    weights = np.exp(-(T_NODES**2) / 2)
    weights /= weights.sum()
    owner, share, columns = [], [], []
    for index, case in enumerate(cases):
        present = {name: np.asarray(float(name == case.factor)) for name in FACTORS}
        if case.t_score is None:
            age, bmi = np.asarray(case.age_years), np.asarray(case.bmi_kg_m2)
            mean = float(mean_t_score(parameters, case.sex, age, bmi, present))
            nodes = [(mean + z, w) for z, w in zip(T_NODES, weights, strict=True)]
        else:
            nodes = [(case.t_score, 1.0)]
        for t_score, weight in nodes:
            owner.append(index)
            share.append(weight)
            columns.append(
                [case.age_years, float(case.sex == "female"), case.bmi_kg_m2, t_score]
                + [float(present[name]) for name in FACTORS]
            )
    rows = Factors(**dict(zip(Factors.__dataclass_fields__, np.array(columns).T, strict=True)))
    answer = hazards(rows, population, parameters)
    hip = cumulative_incidence(answer.hip, answer.death, STEP_YEARS)[:, -1]
    major = cumulative_incidence(
        answer.hip + answer.other_major_osteoporotic, answer.death, STEP_YEARS
    )[:, -1]
    shares: Array = np.zeros((len(cases), len(owner)))
    shares[owner, np.arange(len(owner))] = share
    return shares @ major, shares @ hip


def fit(
    counterparts: Sequence[dict[str, Any]],
    cases: Sequence[Case],
    population: Population,
    begin: Parameters | None = None,
) -> dict[str, float]:
    """Values of all parameters: those that are not fitted stay at their start.

    Parameters
    ----------
    counterparts : sequence of dict
        Name, start, pull (``prior_sd``) and bounds of each parameter.
    begin : mapping of name to float, optional
        Where the search begins, to save time; what it is drawn to stays the start.
    """
    fitted = [row for row in counterparts if row["fitted"]]
    fixed = {row["name"]: float(row["start"]) for row in counterparts if not row["fitted"]}
    start = np.array([row["start"] for row in fitted])
    lower = np.array([-math.inf if row["lower"] is None else row["lower"] for row in fitted])
    upper = np.array([math.inf if row["upper"] is None else row["upper"] for row in fitted])
    pulled = [index for index, row in enumerate(fitted) if row["prior_sd"] is not None]
    pull_sd = np.array([fitted[index]["prior_sd"] for index in pulled])
    bases = _base_runs(fitted)

    def named(values: Array) -> dict[str, float]:
        pairs = zip(fitted, values, strict=True)
        return fixed | {row["name"]: float(value) for row, value in pairs}

    def residuals(values: Array) -> Array:
        bends = [np.diff(values[run], n=2) / BASE_BEND_SD for run in bases]
        pulls = (values[pulled] - start[pulled]) / pull_sd
        return np.concatenate([misfit(cases, population, named(values)), pulls, *bends])

    first = start if begin is None else np.array([begin[row["name"]] for row in fitted])
    inside = np.clip(first, lower + 1e-6, upper - 1e-6)
    found = least_squares(residuals, inside, bounds=(lower, upper), x_scale="jac", max_nfev=60)
    values = {name: round(value, 5) for name, value in named(found.x).items()}
    return {row["name"]: values[row["name"]] for row in counterparts}


def misfit(cases: Sequence[Case], population: Population, parameters: Parameters) -> Array:
    """Differences in units of rounding and slack together, for both outcomes."""
    major, hip = probabilities(cases, population, parameters)
    found = [
        _scaled(float(p), case.major, case.major_half_width, case.slack)
        for case, p in zip(cases, major, strict=True)
        if case.major is not None
    ]
    found += [
        _scaled(float(p), case.hip, case.hip_half_width, case.slack)
        for case, p in zip(cases, hip, strict=True)
        if case.hip is not None
    ]
    return np.array(found)


def _scaled(answered: float, printed: float, half_width: float, slack: float) -> float:
    # A number rounded to a grid is uniform within its cell: SD = half width / sqrt(3).
    return (answered - printed) / math.hypot(half_width / math.sqrt(3), slack * printed)


def _base_runs(fitted: Iterable[dict[str, Any]]) -> list[list[int]]:
    runs: dict[str, list[int]] = {}
    for index, row in enumerate(fitted):
        family, _, knot = row["name"].rpartition(".")
        if family.startswith("base.") and knot.isdigit():
            runs.setdefault(family, []).append(index)
    return list(runs.values())
