"""Simulated cohorts that several tests share; made once for each run."""

from functools import cache

from riskapp.cohorts.cohort import Cohort
from riskapp.training.storing import simulated_cohort


@cache
def small_cohort() -> Cohort:
    """Few enough that trees over-fit them."""
    return simulated_cohort(4_000, 5)


@cache
def fresh_people() -> Cohort:
    """People no shipped model has seen, all followed for ten years or to death."""
    return simulated_cohort(30_000, 4711, followed_to_the_end=True)
