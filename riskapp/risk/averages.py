"""How often an evidence set's own people fracture: what published relative figures refer to."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.matching import mean_log_hazards
from riskapp.risk.populations import population


@dataclass(frozen=True, slots=True)
class Average:
    """Mean hazards per year over people of one age and sex."""

    hip: float
    other: float

    @property
    def major(self) -> float:
        return self.hip + self.other

    @property
    def hip_share(self) -> float:
        return self.hip / self.major


@lru_cache(maxsize=4096)
def average(
    evidence: str, code: str, sex: str, age_years: float, present: str | None = None
) -> Average:
    """At present age, over everybody or over those with one risk factor.

    Parameters
    ----------
    evidence, code : str
        Evidence set and population.
    present : str or None
        The risk factor.
    """
    parameters = evidence_set(evidence, code).parameters
    logs = mean_log_hazards(population(code), parameters, sex, age_years, present)
    return Average(*(float(np.exp(log)) for log in logs))
