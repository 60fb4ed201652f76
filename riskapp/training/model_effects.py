"""What a learned log hazard ratio does with its columns: importance, dependence, stability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from riskapp.risk.design_row import Floats

# From rows, shape (n, p), to f, shape (n,).
Ratio = Callable[[Floats], Floats]

# The range that an effect is drawn over: within it there were people enough.
RANGE = (0.01, 0.99)
STEPS = 20
# Rows that a curve is averaged over; more change it by less than its line is wide.
MOST_ROWS = 2000


@dataclass(frozen=True)
class Effect:
    """What f does as one column changes.

    Attributes
    ----------
    values : ndarray, shape (k,)
        Of the column, within the 1st to 99th percentile of the people.
    partial : ndarray, shape (k,)
        Mean of f with the column at each value and all else as it is, about its mean; people who
        do not exist may be among those averaged (Friedman 2001, Ann Stat 29:1189,
        doi:10.1214/aos/1013203451).
    accumulated : ndarray, shape (k,)
        Accumulated local effects, of people near each value only, about their mean (Apley and Zhu
        2020, J R Stat Soc B 82:1059, doi:10.1111/rssb.12377).
    """

    column: str
    values: Floats
    partial: Floats
    accumulated: Floats


@dataclass(frozen=True)
class Stability:
    """How much the importance of columns changes from one resample of the people to another.

    Attributes
    ----------
    columns : tuple of str, length p
    importance : ndarray, shape (p,)
        Mean absolute contribution to f, in log hazard, of the model fitted to everybody.
    lower, upper : ndarray, shape (p,)
        2.5th and 97.5th percentile over the resamples.
    rank_correlation : float
        Spearman's, averaged over all pairs of resamples; 1 if the order never changes. NaN where
        resamples learned nothing that could be ordered.
    resamples : int
    """

    columns: tuple[str, ...]
    importance: Floats
    lower: Floats
    upper: Floats
    rank_correlation: float
    resamples: int


def importance(contributions: Floats, weights: Floats) -> Floats:
    """Mean absolute contribution of each column, shape (p,).

    Parameters
    ----------
    contributions : ndarray, shape (n, p + 1)
        To f, what remains last.
    weights : ndarray, shape (n,)
    """
    return np.asarray(weights @ np.abs(contributions[:, :-1]) / weights.sum())


def effect(f: Ratio, rows: Floats, columns: Sequence[str], column: str) -> Effect:
    """Partial dependence and accumulated local effects of one column.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        People as they are; thinned evenly where there are many.
    """
    at = list(columns).index(column)
    thinned = rows[:: max(1, -(-len(rows) // MOST_ROWS))]
    own = thinned[:, at]
    two = np.unique(own)
    if two.size <= 2:
        values = two
    else:
        values = np.unique(np.quantile(own, np.linspace(*RANGE, STEPS)))
    partial = np.array([f(_with(thinned, at, value)).mean() for value in values])
    accumulated, counts = _accumulated(f, thinned, at, values)
    # About the mean over people, so that both curves can be laid on each other.
    middle = (accumulated[1:] + accumulated[:-1]) / 2
    mean = counts @ middle / counts.sum() if len(values) > 1 else 0.0
    return Effect(column, values, partial - f(thinned).mean(), accumulated - mean)


def stability(columns: Sequence[str], everybody: Floats, resampled: Sequence[Floats]) -> Stability:
    """Compare the importance of columns between models fitted to resamples of the people.

    Parameters
    ----------
    everybody : ndarray, shape (p,)
        Importance in the model fitted to everybody.
    resampled : sequence of ndarray, shape (p,)
        At least two.
    """
    table = np.array(resampled)
    lower, upper = np.quantile(table, [0.025, 0.975], axis=0)
    # Columns that no model uses would agree for nothing.
    used = table.any(axis=0)
    return Stability(
        columns=tuple(columns),
        importance=everybody,
        lower=lower,
        upper=upper,
        rank_correlation=_mean_rank_correlation(table[:, used]),
        resamples=len(table),
    )


def _mean_rank_correlation(table: Floats) -> float:
    ranks = np.array([rankdata(each) for each in table])
    orderable = np.ptp(ranks, axis=1) > 0 if ranks.shape[1] > 1 else np.zeros(len(ranks), bool)
    if orderable.sum() < 2:
        return float("nan")
    pairs = np.corrcoef(ranks[orderable])
    return float(pairs[np.triu_indices_from(pairs, k=1)].mean())


def _accumulated(f: Ratio, rows: Floats, at: int, values: Floats) -> tuple[Floats, Floats]:
    """Sum of mean steps from one value to the next of those who lie between, and their number."""
    if len(values) < 2:
        return np.zeros(len(values)), np.zeros(0)
    own = np.clip(rows[:, at], values[0], values[-1])
    between = np.clip(np.searchsorted(values, own, side="left") - 1, 0, len(values) - 2)
    step = f(_with(rows, at, values[between + 1])) - f(_with(rows, at, values[between]))
    counts = np.bincount(between, minlength=len(values) - 1).astype(np.float64)
    sums = np.bincount(between, weights=step, minlength=len(values) - 1)
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    return np.concatenate([[0.0], np.cumsum(means)]), counts


def _with(rows: Floats, at: int, value: Floats | float) -> Floats:
    changed = rows.copy()
    changed[:, at] = value
    return changed
