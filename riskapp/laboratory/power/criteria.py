"""Whether a cohort is large enough to develop a model, and how sharply one can judge a model.

References
----------
Riley RD and others, 2019. Stat Med 38:1276-1296, doi:10.1002/sim.7992; and 2020. BMJ 368:m441,
doi:10.1136/bmj.m441 (development). Riley RD and others, 2021. Stat Med 40:4230-4251,
doi:10.1002/sim.9025 (validation, binary outcome).
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

NORMAL = NormalDist()
# What Riley and others ask for.
SHRINKAGE, OPTIMISM, MARGIN = 0.9, 0.05, 0.05
# Of the largest that is possible, where nobody knows better (BMJ 2020).
USUAL_SHARE_OF_R2 = 0.15
LARGEST = 1e9


@dataclass(frozen=True, slots=True)
class Development:
    """What the criteria say of one cohort.

    Attributes
    ----------
    r2 : float
        Cox and Snell's R2 that is expected of the model.
    events_per_parameter : float
    shrinkage : float
        Of effects, that over-fitting makes needed; at least 0.9 is asked for.
    optimism : float
        By which Nagelkerke's R2 will look better than it is; at most 0.05 is asked for.
    overall_margin : float
        Half the width of the 95 % interval of the overall risk; at most 0.05 is asked for.
    people_needed : int
        For the first two criteria, with so many events for each person.
    most_parameters : int
        For which this cohort would be large enough.
    """

    r2: float
    events_per_parameter: float
    shrinkage: float
    optimism: float
    overall_margin: float
    people_needed: int
    most_parameters: int


def largest_r2(people: int, events: float) -> float:
    """Largest R2 of Cox and Snell that is possible with this share of events."""
    null = events * log(events / people) - events
    return 1 - exp(2 * null / people)


def development(
    people: int, events: int, parameters: int, years: float, mean_years: float, r2: float | None
) -> Development:
    """Judge one cohort by the criteria for time-to-event models.

    Parameters
    ----------
    parameters : int
        Coefficients that are learned.
    years : float
        For which the risk is told.
    mean_years : float
        Mean follow-up.
    r2 : float or None
        None: 15 % of the largest possible.
    """
    limit = largest_r2(people, events)
    expected = USUAL_SHARE_OF_R2 * limit if r2 is None else r2
    shrinkage = expected_shrinkage(people, parameters, expected)
    rate = events / (people * mean_years)
    half = NORMAL.inv_cdf(0.975) * sqrt(rate / (people * mean_years))
    upper, lower = (1 - exp(-(rate + sign * half) * years) for sign in (1, -1))
    asked = max(SHRINKAGE, expected / (expected + OPTIMISM * limit))
    return Development(
        r2=expected,
        events_per_parameter=events / parameters,
        shrinkage=shrinkage,
        optimism=expected * (1 / shrinkage - 1) / limit,
        overall_margin=(upper - max(lower, 0.0)) / 2,
        people_needed=people_needed(parameters, expected, asked),
        most_parameters=int(people * (asked - 1) * log(1 - expected / asked)),
    )


def people_needed(parameters: int, r2: float, shrinkage: float) -> int:
    """People at which effects need no more shrinkage than this."""
    return int(np.ceil(parameters / ((shrinkage - 1) * log(1 - r2 / shrinkage))))


def expected_shrinkage(people: int, parameters: int, r2: float) -> float:
    """The factor by which over-fitted effects would have to shrink; 1 is none."""

    def too_many(shrinkage: float) -> float:
        needed = parameters / ((shrinkage - 1) * log(1 - r2 / shrinkage))
        return min(needed, LARGEST) - people

    # People needed rise without end towards 1; they fall, and rise again, near R2.
    low = _fewest(r2)
    if too_many(low) > 0:
        return low
    return float(brentq(too_many, low, 1 - 1e-12))


def _fewest(r2: float) -> float:
    """The shrinkage for which the fewest people are needed: below it the formula means nothing."""
    grid = np.linspace(r2, 1, 2001)[1:-1]
    with np.errstate(divide="ignore"):
        return float(grid[np.argmax((grid - 1) * np.log1p(-r2 / grid))])


@dataclass(frozen=True, slots=True)
class Validation:
    """Standard errors when a model is judged on people who are not its own.

    Attributes
    ----------
    observed_over_expected : float
        Factor between the ratio and either end of its 95 % interval.
    slope, c : float
        Half the width of the 95 % interval.
    """

    observed_over_expected: float
    slope: float
    c: float


def validation(people: int, share: float, c: float) -> Validation:
    """How sharply a well calibrated model can be judged.

    Parameters
    ----------
    share : float
        Of people who have the event by the time that is told.
    c : float
        Concordance of the model; its linear predictor is taken as normal.
    """
    z = NORMAL.inv_cdf(0.975)
    mean, sd = normal_predictor(share, c)
    return Validation(
        observed_over_expected=exp(z * sqrt((1 - share) / (people * share))),
        slope=z * slope_error(people, mean, sd),
        c=z * c_error(people, share, c),
    )


def slope_error(people: int, mean: float, sd: float) -> float:
    """Standard error of the calibration slope of a linear predictor, normal with mean and SD."""
    node, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / weight.sum()
    predictor = mean + sd * node
    risk = expit(predictor)
    spread = weight * risk * (1 - risk)
    level, cross, slope = (float((spread * predictor**power).sum()) for power in range(3))
    return sqrt(level / (people * (level * slope - cross**2)))


def c_error(people: int, share: float, c: float) -> float:
    """Standard error of the C statistic (Newcombe RG, 2006. Stat Med 25:559, doi:10.1002/sim.2324;

    as in Riley 2021; recalled, to be confirmed).
    """
    half = people / 2 - 1
    whole = 1 + half * (1 - c) / (2 - c) + half * c / (1 + c)
    return sqrt(c * (1 - c) * whole / (people**2 * share * (1 - share)))


def normal_predictor(share: float, c: float) -> tuple[float, float]:
    """Mean and SD of a calibrated normal linear predictor with this share of events and C.

    Those with the event have the same spread and lie sd^2 higher, nearly so where it is rare.
    """
    sd = sqrt(2) * NORMAL.inv_cdf(c)
    node, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / weight.sum()

    def away(mean: float) -> float:
        return float(weight @ expit(mean + sd * node)) - share

    return float(brentq(away, -40, 40)), sd
