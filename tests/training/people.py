"""Simulated cohorts that several tests share; made once for each run."""

from functools import cache

import pandas as pd

from riskapp.cohorts.cohort import Cohort
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.simulate import simulate
from riskapp.training.storing import followed_to_the_end, simulated_cohort

FRESH = followed_to_the_end(Options(people=8_000, seed=4711))


@cache
def small_cohort() -> Cohort:
    """Few enough that trees over-fit them."""
    return simulated_cohort(Options(people=4_000, seed=5))


@cache
def fresh_people() -> Cohort:
    """People no shipped model has seen, all followed for ten years or to death."""
    return simulated_cohort(FRESH)


@cache
def true_probabilities() -> pd.DataFrame:
    """The probabilities that made the fresh people, row by row."""
    return simulate(FRESH).truth
