"""Where a risk factor lowers a probability although it raises the hazard: through death."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Outcome
from riskapp.risk.evidence import Factors
from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.many import incidence_of_many
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

AGES: Array = np.arange(40.0, 91.0)
T_SCORES: Array = np.arange(-4.0, 2.0)
BMI_KG_M2 = 25.0


@dataclass(frozen=True, slots=True)
class Fall:
    """One factor, added to none other, at one T-score."""

    factor: str
    sex: str
    outcome: Outcome
    t_score: float
    ages: str
    deepest_points: float  # percentage points, at the age where it falls most
    deepest_at_age: float


def falls(people: Population, parameters: Parameters) -> list[Fall]:
    """Every factor, sex, outcome and T-score where a probability falls at some age of 40 to 90."""
    found = []
    for sex in people.sexes:
        without = _incidence(people, parameters, sex, None)
        for factor in FACTORS:
            added = 100 * (_incidence(people, parameters, sex, factor) - without)
            for outcome, changes in zip(
                (Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC), added, strict=True
            ):
                for t_score, change in zip(T_SCORES, changes, strict=True):
                    # Below the rounding of what is shown there is nothing to explain.
                    if (change < -1e-9).any():
                        found.append(_fall(factor, sex, outcome, float(t_score), change))
    return found


def _fall(factor: str, sex: str, outcome: Outcome, t_score: float, change: Array) -> Fall:
    where = AGES[change < -1e-9]
    deepest = int(change.argmin())
    return Fall(
        factor=factor,
        sex=sex,
        outcome=outcome,
        t_score=t_score,
        ages=f"{where[0]:g} to {where[-1]:g}",
        deepest_points=float(change[deepest]),
        deepest_at_age=float(AGES[deepest]),
    )


def _incidence(people: Population, parameters: Parameters, sex: str, factor: str | None) -> Array:
    """10-year probabilities, shape (2, T-scores, ages)."""
    t_score, age = (one.ravel() for one in np.meshgrid(T_SCORES, AGES, indexing="ij"))
    rows = Factors(
        age_years=age,
        female=np.full(age.shape, float(sex == "female")),
        bmi_kg_m2=np.full(age.shape, BMI_KG_M2),
        femoral_neck_t_score=t_score,
        **{name: np.full(age.shape, float(name == factor)) for name in FACTORS},
    )
    found = incidence_of_many(rows, people, parameters)[:, -1]
    return found.reshape(2, len(T_SCORES), len(AGES))
