"""How strong an effect must be to be seen in so many events.

References
----------
Schoenfeld DA, 1983. Biometrics 39:499-503, doi:10.2307/2531021 (two groups; recalled, to be
confirmed). Hsieh FY, Lavori PW, 2000. Control Clin Trials 21:552-560,
doi:10.1016/S0197-2456(00)00104-5 (any covariate, and others beside it; the formula was seen as
documented with its authors' implementations).
"""

from math import exp, inf, log, sqrt
from statistics import NormalDist

NORMAL = NormalDist()
SIGNIFICANCE, POWER = 0.05, 0.8


def events_needed(
    hazard_ratio: float,
    *,
    sd: float = 1.0,
    explained: float = 0.0,
    power: float = POWER,
    significance: float = SIGNIFICANCE,
    sides: int = 2,
) -> float:
    """Events at which a log-linear effect is found with this chance.

    Parameters
    ----------
    hazard_ratio : float
        Per unit of the covariate.
    sd : float
        Of the covariate; of a yes/no one with share p it is sqrt(p (1 - p)).
    explained : float
        Share of its variance that the other covariates explain.
    """
    z = NORMAL.inv_cdf(1 - significance / sides) + NORMAL.inv_cdf(power)
    return z**2 / ((sd * log(hazard_ratio)) ** 2 * (1 - explained))


def power_of(
    hazard_ratio: float,
    events: float,
    *,
    sd: float = 1.0,
    explained: float = 0.0,
    significance: float = SIGNIFICANCE,
) -> float:
    """Chance that a two-sided test finds the effect."""
    seen = abs(sd * log(hazard_ratio)) * sqrt(events * (1 - explained))
    return NORMAL.cdf(seen - NORMAL.inv_cdf(1 - significance / 2))


def detectable(
    events: float,
    *,
    explained: float = 0.0,
    power: float = POWER,
    significance: float = SIGNIFICANCE,
) -> float:
    """Smallest hazard ratio per SD (above 1) that is found with this chance; infinite if none."""
    if events <= 0:
        return inf
    z = NORMAL.inv_cdf(1 - significance / 2) + NORMAL.inv_cdf(power)
    return exp(min(z / sqrt(events * (1 - explained)), 700.0))
