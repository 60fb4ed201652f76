"""Codes of which some stand for what happened later, and columns made from an outcome's means."""

import numpy as np

from riskapp.cohorts.columns import Flags, Floats
from riskapp.cohorts.leak_statistics import FEWEST_EVENTS

# A column with more values than this is measured and no code.
MOST_CODES = 60
# Only codes of which so many times as many, or as few, have the event are looked at closely.
CRUDE_RATIO = 3.0
# Means of an outcome are rounded to two digits or finer.
ROUNDED = 0.0051
# So many different means, of groups with so many events together, are no chance.
FEWEST_MEANS, MOST_OF_MEANS = 3, 0.95


def telling_codes(values: Floats, event: Flags) -> dict[str, Flags]:
    """Who carries one code, for each code that those with the event carry far more often.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where not known.
    event : ndarray of bool, shape (n,)

    Returns
    -------
    dict of str to ndarray of bool, shape (n,)
        Under the words that say it. None for what is measured, or is yes or no.
    """
    known = np.isfinite(values)
    levels, codes = np.unique(values[known], return_inverse=True)
    if not 3 <= len(levels) <= MOST_CODES or event[known].sum() < FEWEST_EVENTS:
        return {}
    size = np.bincount(codes)
    cases = np.bincount(codes, event[known])
    others = (cases.sum() - cases) / np.maximum(size.sum() - size, 1)
    much = (cases >= FEWEST_EVENTS) & (cases / size > CRUDE_RATIO * others)
    return {
        f"is {levels[code]:g}": known & (values == levels[code]) for code in np.flatnonzero(much)
    }


def is_mean_of_outcome(values: Floats, event: Flags) -> bool:
    """Whether each value is the share of those carrying it who have the event.

    So is a group's code once it is replaced by the group's mean outcome, the own one included.
    """
    known = np.isfinite(values)
    inside = known & (values > 0) & (values < 1)
    levels, group = np.unique(values[inside], return_inverse=True)
    if len(levels) < FEWEST_MEANS or event[inside].sum() < FEWEST_EVENTS:
        return False
    size = np.bincount(group)
    near = np.abs(np.bincount(group, event[inside]) / size - levels) < ROUNDED
    # A few rows are left out of a cohort after a site has worked out its means.
    if size[near].sum() < MOST_OF_MEANS * size.sum():
        return False
    return all((event[values == end] == bool(end)).mean() >= MOST_OF_MEANS for end in (0.0, 1.0)
               if (values == end).any())  # fmt: skip
