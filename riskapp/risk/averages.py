"""How often an evidence set's own people fracture: what published relative figures refer to."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np
import numpy.typing as npt

from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.matching import mean_log_hazards
from riskapp.risk.populations import population

Floats = npt.NDArray[np.float64]


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


def average(
    evidence: str, code: str, sex: str, age_years: float, present: str | None = None
) -> Average:
    """At present age, over everybody or over those with one risk factor.

    Summed at whole years of age; between them the logarithms lie on straight lines, which is
    within 0.05 % and lets many people be answered at once.

    Parameters
    ----------
    evidence, code : str
        Evidence set and population.
    present : str or None
        The risk factor.
    """
    year = int(age_years)
    into = age_years - year
    logs = _logs(evidence, code, sex, year, present)
    if into:
        later = _logs(evidence, code, sex, year + 1, present)
        logs = tuple(log + into * (then - log) for log, then in zip(logs, later, strict=True))
    return Average(*map(exp, logs))


def averages(
    evidence: str, code: str, sex: str, age_years: Floats, present: str | None = None
) -> Floats:
    """Hip and other hazards of ``average`` at many ages, shape (2, n)."""
    year = age_years.astype(np.intp)
    first, last = int(year.min()), int(np.ceil(age_years.max()))
    whole = range(first, last + 1)
    logs = np.array([_logs(evidence, code, sex, one, present) for one in whole]).T
    at = year - first
    after = np.minimum(at + 1, len(whole) - 1)
    return np.asarray(np.exp(logs[:, at] + (age_years - year) * (logs[:, after] - logs[:, at])))


@lru_cache(maxsize=4096)
def _logs(evidence: str, code: str, sex: str, year: int, present: str | None) -> tuple[float, ...]:
    parameters = evidence_set(evidence, code).parameters
    logs = mean_log_hazards(population(code), parameters, sex, float(year), present)
    return tuple(float(log) for log in logs)
