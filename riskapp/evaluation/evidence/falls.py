"""Where a risk factor lowers a probability although it raises the hazard: through death."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Outcome
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazards import Factors
from riskapp.risk.many import incidence_of_many
from riskapp.risk.populations import SEXES, population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

AGES: Array = np.arange(40.0, 91.0)
T_SCORES: Array = np.arange(-4.0, 2.0)
BMIS_KG_M2 = (18.0, 25.0, 40.0)
# Below the rounding of what is shown there is nothing to explain.
SEEN_POINTS = 1e-9


@dataclass(frozen=True, slots=True)
class Fall:
    """One factor, added to none other: where it lowers the probability most."""

    factor: str
    sex: str
    outcome: Outcome
    bmi_kg_m2: float
    deepest_points: float  # percentage points
    population: str
    t_score: float
    age_years: float


def falls(name: str, codes: Sequence[str]) -> list[Fall]:
    """The deepest over populations, T-scores and ages, where any probability falls at all."""
    found = []
    for sex, bmi in product(SEXES, BMIS_KG_M2):
        held = [code for code in codes if sex in population(code).sexes]
        without = np.stack([_incidence(name, code, sex, bmi, None) for code in held])
        for factor in FACTORS:
            added = 100 * (
                np.stack([_incidence(name, code, sex, bmi, factor) for code in held]) - without
            )
            for place, outcome in enumerate((Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC)):
                changes = added[:, place]
                if changes.min() < -SEEN_POINTS:
                    code, t_score, age = np.unravel_index(changes.argmin(), changes.shape)
                    found.append(
                        Fall(
                            factor=factor,
                            sex=sex,
                            outcome=outcome,
                            bmi_kg_m2=bmi,
                            deepest_points=float(changes.min()),
                            population=held[code],
                            t_score=float(T_SCORES[t_score]),
                            age_years=float(AGES[age]),
                        )
                    )
    return found


def _incidence(name: str, code: str, sex: str, bmi_kg_m2: float, factor: str | None) -> Array:
    """10-year probabilities, shape (2, T-scores, ages), hip first."""
    t_score, age = (one.ravel() for one in np.meshgrid(T_SCORES, AGES, indexing="ij"))
    rows = Factors(
        age_years=age,
        female=np.full(age.shape, float(sex == "female")),
        bmi_kg_m2=np.full(age.shape, bmi_kg_m2),
        femoral_neck_t_score=t_score,
        **{field: np.full(age.shape, float(field == factor)) for field in FACTORS},
    )
    found = incidence_of_many(rows, population(code), evidence_set(name, code).parameters)[:, -1]
    return found.reshape(2, len(T_SCORES), len(AGES))
