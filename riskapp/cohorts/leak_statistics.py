"""How well one column tells what happened later: what no baseline measurement does."""

from typing import NamedTuple

import numpy as np

from riskapp.cohorts.columns import Flags, Floats

# A figure has to pass its line by so many standard errors; about 1 in 2,000 does by chance.
STANDARD_ERRORS = 3.3
FEWEST_EVENTS = 10
FEWEST_CENSORED = 50


class Bounded(NamedTuple):
    """A figure, and the end of its interval that lies towards no effect."""

    figure: float
    at_least: float


NOTHING = Bounded(0.0, 0.0)


def ranks(values: Floats) -> Floats:
    """Ranks from 1; those alike share their mean rank. A genome's columns are ranked here."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranked: Floats = (np.cumsum(counts) - (counts - 1) / 2)[where]
    return ranked


def discrimination(values: Floats, event: Flags) -> Bounded:
    """Area under the curve of a column for the event, turned so that it is at least a half.

    References
    ----------
    Standard error: Hanley JA, McNeil BJ, 1982. Radiology 143:29-36,
    doi:10.1148/radiology.143.1.7063747.
    """
    known = np.isfinite(values)
    values, event = values[known], event[known]
    n1, n0 = int(event.sum()), int((~event).sum())
    if min(n1, n0) < FEWEST_EVENTS:
        return NOTHING
    ranked = ranks(values)
    area = (ranked[event].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)
    area = max(area, 1 - area)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n1 - 1) * (q1 - area**2) + (n0 - 1) * (q2 - area**2)
    error = np.sqrt(max(variance, 0.0) / (n1 * n0))
    return Bounded(float(area), float(area - STANDARD_ERRORS * error))


def odds_ratio(group: Flags, event: Flags) -> Bounded:
    """Odds ratio of an event in a group, turned so that it is at least one.

    A half is added to each cell (Haldane), so that an empty one has an answer.
    """
    if min(int(event.sum()), int((~event).sum()), int(group.sum()), int((~group).sum())) == 0:
        return NOTHING
    if event.sum() < FEWEST_EVENTS:
        return NOTHING
    cells = [
        float((a & b).sum()) + 0.5
        for a, b in ((group, event), (~group, ~event), (group, ~event), (~group, event))
    ]
    log_ratio = abs(np.log(cells[0] * cells[1] / (cells[2] * cells[3])))
    error = np.sqrt(sum(1 / cell for cell in cells))
    lowest = max(log_ratio - STANDARD_ERRORS * error, 0.0)
    return Bounded(float(np.exp(log_ratio)), float(np.exp(lowest)))


def rank_correlation(values: Floats, years: Floats, held: Floats) -> Bounded:
    """Absolute rank correlation of a column with times, given what else is held fixed.

    Parameters
    ----------
    values, years : ndarray, shape (n,)
    held : ndarray, shape (n, k)
        For example age and sex: older people are followed for less long and are weaker.
    """
    known = np.isfinite(values)
    values, years, held = values[known], years[known], held[known]
    freedom = len(values) - 3 - held.shape[1]
    if freedom < 1 or len(np.unique(values)) < 2 or len(np.unique(years)) < 2:
        return NOTHING
    design = np.column_stack([np.ones(len(values)), *(ranks(column) for column in held.T)])
    both = np.column_stack([ranks(values), ranks(years)])
    left = both - design @ np.linalg.lstsq(design, both, rcond=None)[0]
    spread = np.sqrt((left**2).sum(axis=0))
    # What is left of a column that the held ones determine is rounding.
    if (spread < 1e-6 * np.sqrt((both**2).sum(axis=0))).any():
        return NOTHING
    found = abs(float(left[:, 0] @ left[:, 1] / spread.prod()))
    lowest = np.tanh(np.arctanh(min(found, 1 - 1e-12)) - STANDARD_ERRORS / np.sqrt(freedom))
    return Bounded(found, float(max(lowest, 0.0)))


def immortal(group: Flags, years: Floats) -> tuple[float, float]:
    """Whether nobody of a group leaves early, while others do.

    Returns
    -------
    first : float
        Years at which the first of the group leaves.
    log10_chance : float
        How probable it is that as many leave before and none is of the group, were the group of
        no account.
    """
    n, of_group = len(group), int(group.sum())
    if of_group == 0 or of_group == n:
        return 0.0, 0.0
    first = float(years[group].min())
    before = int((years[~group] < first).sum())
    left = np.arange(before)
    return first, float(np.log10((n - of_group - left) / (n - left)).sum())
