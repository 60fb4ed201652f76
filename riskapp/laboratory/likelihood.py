"""How likely what happened is under curves of probability, year by year."""

import numpy as np

from riskapp.evaluation.course import Course
from riskapp.laboratory.asking import Floats

# A curve that is flat where an event came would make it impossible.
LEAST = 1e-9


def log_likelihood(curves: Floats, seen: Course, horizon_years: int) -> float:
    """Log-likelihood of the outcome within the horizon.

    Whoever had the event in a year adds the log of what the curve rises in that year; everybody
    else the log of what is left when last seen, between years on a straight line. Whoever died
    without the event counts as one who does not have it within the horizon, as a curve with death
    competing means it.

    Parameters
    ----------
    curves : ndarray, shape (n, 10)
        Probability by the end of each year.
    """
    within = seen.event & (seen.years <= horizon_years)
    until = np.where(seen.died, float(horizon_years), np.minimum(seen.years, horizon_years))
    by_year = np.column_stack([np.zeros(len(curves)), curves[:, :horizon_years]])
    year = np.clip(np.ceil(until).astype(int), 1, horizon_years)
    rows = np.arange(len(curves))
    before, after = by_year[rows, year - 1], by_year[rows, year]
    reached = before + (after - before) * (until - (year - 1))
    told = np.where(within, after - before, 1 - reached)
    return float(np.log(np.maximum(told, LEAST)).sum())
