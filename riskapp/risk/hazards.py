"""Cause-specific hazards of complete design rows, in half-year steps from present age."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, Parameters, log_hazard, terms
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Complete design rows, one element per person, shape (n,); yes/no factors are 1 or 0."""

    age_years: Array
    female: Array
    bmi_kg_m2: Array
    femoral_neck_t_score: Array
    prior_fragility_fracture: Array
    parent_hip_fracture: Array
    current_smoker: Array
    glucocorticoids: Array
    rheumatoid_arthritis: Array
    secondary_osteoporosis: Array
    alcohol_3_or_more_units_daily: Array


@dataclass(frozen=True, slots=True)
class Hazards:
    """Per year, shape (n, steps): half-year steps from present age."""

    hip: Array
    other_major_osteoporotic: Array
    death: Array


def hazards(
    factors: Factors,
    population: Population,
    parameters: Parameters,
    steps_years: Array = STEP_MIDDLES_YEARS,
) -> Hazards:
    """Cause-specific hazards of complete design rows.

    Parameters
    ----------
    factors : Factors
        n people. Secondary osteoporosis acts through the T-score only, which is given here.
    population : Population
        Whose death rates apply.
    parameters : mapping of name to float
        As in ``evidence_sets``.
    steps_years : ndarray, shape (steps,)
        Time from now to the middle of each step; those of ten years if left out.

    References
    ----------
    Kanis JA and others, 2008. Osteoporos Int 19:385-397, doi:10.1007/s00198-007-0543-5.
    """
    n = len(factors.age_years)
    answer = Hazards(*(np.empty((n, len(steps_years))) for _ in range(3)))
    for sex, chosen in (("female", factors.female > 0.5), ("male", factors.female <= 0.5)):
        if not chosen.any():
            continue
        ages = factors.age_years[chosen, None]
        pieces = terms(parameters, population, sex, ages, steps_years)
        present = {name: getattr(factors, name)[chosen, None] for name in FACTORS}
        for hazard, cause in zip(
            (answer.hip, answer.other_major_osteoporotic, answer.death),
            (pieces.hip, pieces.other, pieces.death),
            strict=True,
        ):
            hazard[chosen] = np.exp(
                log_hazard(
                    cause,
                    pieces.mean_t,
                    factors.femoral_neck_t_score[chosen, None],
                    factors.bmi_kg_m2[chosen, None],
                    present,
                )
            )
    return answer
