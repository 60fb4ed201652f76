"""Effects of an evidence set that rests on published meta-analyses, in the engine's structure.

A publication gives a hazard ratio without BMD and how much of it BMD explains (or the ratio with
BMD too). The engine needs the effect given BMD, and how far the factor lowers the T-score: both
are chosen so that the engine's own people, averaged over all that is not known, show the published
ratio. Bases do not matter here, as they cancel; the ratio of other major to hip fractures is that
of the set that is followed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, least_squares

from riskapp.risk.bases import bases
from riskapp.risk.effects import effects, is_of
from riskapp.risk.hazard_terms import BmiBends, Parameters, terms
from riskapp.risk.missing import Known, grid
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import log_hazards, mean

Array = npt.NDArray[np.float64]

# The published ratios are means over the people of many cohorts, most of them of these ages.
AGES_YEARS = (60.0, 70.0, 80.0)
SEXES = ("female", "male")
# Evenly spaced body mass indices that stand for the people of one category.
BMI_NODES_KG_M2: Array = np.arange(15.0, 50.1, 0.5)
BMI_AGE_YEARS = 70.0
NORMAL_KG_M2 = (18.5, 25.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRatio:
    """Published hazard ratios of a yes/no factor, without BMD, and the share that BMD explains.

    Shares are of the log hazard ratio: Kanis 2004 calls 1.85 falling to 1.62 "22 %".
    """

    name: str
    hip: float
    major: float
    hip_explained: float
    moves_t_score: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRatio:
    """Published hip hazard ratio of a category of body mass index against 18.5 to 25."""

    sex: str
    low: float
    high: float
    given_bmd: bool
    ratio: float
    lower: float
    upper: float


def fitted_body_mass_index(
    rows: Sequence[CategoryRatio], people: Population, start: Parameters
) -> dict[str, float]:
    """Hip terms for each sex and the T-score's rise with log body mass index, by least squares."""
    names = (
        *(f"hip.bmi_{where}.{sex}" for sex in SEXES for where in ("below_25", "above")),
        "t_score.log_bmi",
    )

    def residuals(values: Array) -> Array:
        parameters = {**start, **dict(zip(names, map(float, values), strict=True))}
        answers = category_ratios(rows, people, parameters)
        return np.array(
            [
                (math.log(answer) - math.log(row.ratio))
                / (math.log(row.upper / row.lower) / (2 * 1.96))
                for row, answer in zip(rows, answers, strict=True)
            ]
        )

    found = least_squares(residuals, [0.1, 0.03, 0.1, 0.03, 1.5], diff_step=[1e-3] * len(names))
    return {name: round(float(value), 5) for name, value in zip(names, found.x, strict=True)}


def category_ratios(
    rows: Sequence[CategoryRatio], people: Population, parameters: Parameters
) -> list[float]:
    """What the engine gives for each published ratio, over the people of each category."""
    curves = {
        (sex, given): _hip_by_bmi(people, parameters, sex, given_bmd=given)
        for sex in SEXES
        for given in (True, False)
    }
    found = []
    for row in rows:
        curve = curves[row.sex, row.given_bmd]
        weights = _bmi_density(people, row.sex)
        above = _mean_within(curve, weights, row.low, row.high)
        found.append(above / _mean_within(curve, weights, *NORMAL_KG_M2))
    return found


def _mean_within(curve: Array, weights: Array, low: float, high: float) -> float:
    inside = (low <= BMI_NODES_KG_M2) & (high > BMI_NODES_KG_M2)
    return float(np.average(curve[inside], weights=weights[inside]))


def _bmi_density(people: Population, sex: str) -> Array:
    mean_log = people.people.mean_log_bmi[sex].at(BMI_AGE_YEARS)
    z = (np.log(BMI_NODES_KG_M2) - mean_log) / people.people.sd_log_bmi[sex]
    return np.asarray(np.exp(-(z**2) / 2) / BMI_NODES_KG_M2)


def _hip_by_bmi(people: Population, parameters: Parameters, sex: str, *, given_bmd: bool) -> Array:
    if given_bmd:
        cause = terms(parameters, people, sex, np.asarray(BMI_AGE_YEARS), np.zeros(1)).hip
        return np.exp(cause.bmi_term(BmiBends(BMI_NODES_KG_M2)))
    return np.array(
        [
            _means(people, parameters, sex, BMI_AGE_YEARS, bmi=float(bmi))[0]
            for bmi in BMI_NODES_KG_M2
        ]
    )


def _means(
    people: Population,
    parameters: Parameters,
    sex: str,
    age_years: float,
    *,
    bmi: float | None = None,
    present: Mapping[str, bool] | None = None,
) -> tuple[float, float]:
    """Mean hazards of hip and other major fracture, given body mass index or a factor."""
    known = Known(
        age_years=age_years,
        sex=sex,
        factors={**dict.fromkeys(FACTORS), **(present or {})},
        bmi_kg_m2=bmi,
        t_score=None,
    )
    layout = grid(known, people, parameters, full=False)
    hip, other = mean(np.exp(log_hazards(known, people, parameters, layout)), layout)
    return float(hip), float(other)


def mean_ratios(
    name: str, people: Population, parameters: Parameters, followed: Parameters
) -> tuple[float, float]:
    """Hazard ratio of a factor for hip and for major fracture, nothing else known.

    Geometric means over ``AGES_YEARS`` and both sexes.

    Parameters
    ----------
    followed : mapping of name to float
        Parameters whose population means of hip and other major hazard hold.
    """
    logs = []
    for sex in SEXES:
        for age in AGES_YEARS:
            yes = _means(people, parameters, sex, age, present={name: True})
            no = _means(people, parameters, sex, age, present={name: False})
            hip, other = yes[0] / no[0], yes[1] / no[1]
            share = people.people.prevalence(name, sex, age)
            target_hip, target_other = _means(people, followed, sex, age)
            # Hazards of those without the factor, from the means of all.
            hip_no = target_hip / (1 + share * (hip - 1))
            other_no = target_other / (1 + share * (other - 1))
            major = (hip * hip_no + other * other_no) / (hip_no + other_no)
            logs.append((math.log(hip), math.log(major)))
    hip_mean, major_mean = np.exp(np.mean(logs, axis=0))
    return float(hip_mean), float(major_mean)


def derived_factor(
    published: FactorRatio, people: Population, start: Parameters, followed: Parameters
) -> dict[str, float]:
    """Effects of one factor given BMD, and on the T-score, that show the published ratios."""
    hip, other, shift = (f"{cause}.{published.name}" for cause in ("hip", "other", "t_score"))
    own = {hip: math.log(published.hip) * (1 - published.hip_explained), other: 0.0, shift: 0.0}

    def misses(value: float, which: str, outcome: int, target: float) -> float:
        ratios = mean_ratios(published.name, people, {**start, **own, which: value}, followed)
        return math.log(ratios[outcome] / target)

    if published.moves_t_score:
        own[shift] = brentq(misses, -1.0, 0.3, args=(shift, 0, published.hip), xtol=1e-6)
    own[other] = brentq(misses, -0.5, 1.5, args=(other, 1, published.major), xtol=1e-6)
    if not published.moves_t_score:
        del own[shift]
    return {name: round(float(value), 5) for name, value in own.items()}


def derive(beside: Mapping[str, Any], code: str = "gb") -> dict[str, float]:
    """All own effects of an evidence set, from its counterparts file.

    Parameters
    ----------
    beside : mapping
        With ``follows``, ``replaces``, ``fixed``, ``factors`` and ``body_mass_index``.
    code : str
        The population whose people are averaged over.
    """
    people, follows = population(code), beside["follows"]
    followed = {**effects(follows), **bases(follows, code)}
    start = {name: value for name, value in followed.items() if not is_of(name, beside["replaces"])}
    rows = [CategoryRatio(**row) for row in beside["body_mass_index"]]
    found: dict[str, float] = dict(beside["fixed"])
    found |= fitted_body_mass_index(rows, people, {**start, **found})
    for row in beside["factors"]:
        factor = FactorRatio(**row)
        found |= derived_factor(factor, people, {**start, **found}, followed)
    return found
