"""Bases that make a population fracture as often as is published, without any fit.

At each knot age the mean hazard over the population's own people must equal a target:
base = log(target) - log E[exp(all other terms)]. The mean is the engine's own sum over what is not
known, so it is exact at the knots; between them the base runs straight, as everywhere.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from riskapp.risk.hazard_terms import BASE_KNOTS_YEARS, Parameters
from riskapp.risk.missing import Known, grid
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import log_hazards, mean

Array = npt.NDArray[np.float64]

CAUSES = ("hip", "other")
# Cause and sex -> log of the mean hazard per year at each of BASE_KNOTS_YEARS, shape (knots,).
Targets = Mapping[tuple[str, str], Array]
# Where the hip fractures of two populations are compared: from 60 on they are those of bone loss,
# which other major fractures share; before, in men above all, many come from injuries that bring
# no more of the others (assumption).
COMPARED_AT_YEARS = tuple(age for age in BASE_KNOTS_YEARS if 60 <= age <= 90)


def mean_log_hazards(
    people: Population,
    parameters: Parameters,
    sex: str,
    age_years: float,
    present: str | None = None,
) -> tuple[float, float]:
    """Log of the mean hazards of hip and of other major fracture at one age, nothing else known.

    Parameters
    ----------
    people : Population
        Whose risk factors and body mass index apply.
    parameters : mapping of name to float
        With the bases of ``sex``.
    present : str or None
        A risk factor that all have.

    Returns
    -------
    tuple of float
        Per year, as logarithms: hip, other major.
    """
    nobody = Known(
        age_years=age_years,
        sex=sex,
        factors={name: True if name == present else None for name in FACTORS},
        bmi_kg_m2=None,
        t_score=None,
    )
    layout = grid(nobody, people, parameters, full=False)
    hazards = np.exp(log_hazards(nobody, people, parameters, layout))
    hip, other = np.log(mean(hazards, layout))
    return float(hip), float(other)


def means_at_knots(people: Population, parameters: Parameters) -> dict[tuple[str, str], Array]:
    """Mean hazards that bases give, as ``Targets``: what another set of effects can be matched to.

    Secondary osteoporosis acts through the T-score only and needs no care here.
    """
    found = {}
    for sex in people.sexes:
        rows = [mean_log_hazards(people, parameters, sex, age) for age in BASE_KNOTS_YEARS]
        for cause, along in zip(CAUSES, np.array(rows).T, strict=True):
            found[cause, sex] = along
    return found


def matched(people: Population, effects: Parameters, targets: Targets) -> dict[str, float]:
    """Bases at which the mean hazards of a population equal ``targets``.

    Parameters
    ----------
    effects : mapping of name to float
        All parameters but the bases of fractures.
    """
    flat = {
        f"base.{cause}.{sex}.{age}": 0.0
        for cause in CAUSES
        for sex in people.sexes
        for age in BASE_KNOTS_YEARS
    }
    found = {}
    for (cause, sex), unscaled in means_at_knots(people, {**effects, **flat}).items():
        for age, base in zip(BASE_KNOTS_YEARS, targets[cause, sex] - unscaled, strict=True):
            found[f"base.{cause}.{sex}.{age}"] = float(base)
    return found


def published_targets(people: Population, reference: Targets) -> dict[tuple[str, str], Array]:
    """Hip as published for this population; other major fractures by a reference's pattern.

    Their rise with age is the reference's, their level follows the hip fractures by one factor
    for each sex: the geometric mean of both populations' ratio at ``COMPARED_AT_YEARS``.

    Parameters
    ----------
    people : Population
        With ``hip_incidence``.
    reference : Targets
        Mean hazards of the population whose pattern of other major fractures is borrowed.
    """
    assert people.hip_incidence is not None
    compared = np.isin(BASE_KNOTS_YEARS, COMPARED_AT_YEARS)
    found = {}
    for sex in people.sexes:
        hip = people.hip_incidence.log_rate(sex, np.array(BASE_KNOTS_YEARS, dtype=float))
        level = (hip - reference["hip", sex])[compared].mean()
        found["hip", sex] = hip
        found["other", sex] = reference["other", sex] + level
    return found
