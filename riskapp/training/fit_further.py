"""The joint distribution of further columns among the people of a cohort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr, ndtri

from riskapp.risk.design_row import Floats
from riskapp.risk.further_columns import NO_FURTHER, TERMS, FurtherColumns, Quantiles, terms
from riskapp.risk.site_columns import SiteColumn

Flags = npt.NDArray[np.bool_]

# A column joins when it is known in at least this share of people; below that most of what the
# model would learn from is our own draws.
KNOWN_SHARE = 0.5
LEAST_KNOWN = 60  # ten for each term of its line
LEAST_OF_EACH = 10  # people who answered yes, and who answered no
# Below this share of its variance left, a number says again what age, sex, T-score and body mass
# index say; two that share more than this of what is left are copies of each other.
LEAST_OWN_VARIANCE, MOST_SHARED = 0.05, 0.99
# Correlations that contradict each other are mended until no combination has less variance.
LEAST_EIGENVALUE = 0.01
GRID = 33
FURTHEST_SCORE = 2.8
# Correlations are drawn to none as if this many people had shown none.
PEOPLE_WITHOUT_CORRELATION = 10.0
# Precision of a normal prior about zero on each coefficient of a line: as little as one person.
RIDGE = 1.0
NEWTON_STEPS = 25


@dataclass(frozen=True)
class FittedFurther:
    """The distribution, and the columns that were left out, each with a sentence."""

    columns: FurtherColumns
    left_out: Mapping[str, str]


def fit_further(
    clinical: Mapping[str, Floats], columns: Sequence[SiteColumn], values: Mapping[str, Floats]
) -> FittedFurther:
    """Estimate it from whatever is known.

    Parameters
    ----------
    clinical : mapping of clinical column to ndarray, shape (n,)
        NaN where not known.
    columns : sequence of SiteColumn
        All that could join.
    values : mapping of name to ndarray, shape (n,)
        NaN where not known.
    """
    x = terms(clinical)
    # Where few people have a T-score or an index, the lines do not read it.
    for position in range(len(TERMS)):
        if np.isfinite(x[:, position]).mean() < KNOWN_SHARE:
            x[:, position] = 0.0
    usable: Flags = np.asarray(np.isfinite(x).all(axis=1))
    left_out: dict[str, str] = {}
    kept: list[SiteColumn] = []
    for column in columns:
        reason = _unfit(column, values[column.name], usable)
        if reason:
            left_out[column.name] = reason
        else:
            kept.append(column)
    kept.sort(key=lambda column: not column.yes_no)
    yes_no = [column for column in kept if column.yes_no]
    numbers = [column for column in kept if not column.yes_no]
    odds = {c.name: _logistic(x[usable], values[c.name][usable]) for c in yes_no}
    away_yes = _column_stack([values[c.name] - expit(x @ odds[c.name]) for c in yes_no], len(x))
    quantiles = {c.name: _quantiles(values[c.name]) for c in numbers}
    own: list[SiteColumn] = []
    lines: list[Floats] = []
    beside: list[Floats] = []
    residuals: list[Floats] = []
    for column in numbers:
        score = quantiles[column.name].score(values[column.name])
        line, moved, residual = _line(x, away_yes, score, usable)
        copy = _copied(residual, score, residuals, own)
        if copy:
            left_out[column.name] = f"{column.name} says nothing beyond {copy} and is left out."
            continue
        own.append(column)
        lines.append(line)
        beside.append(moved)
        residuals.append(residual)
    if not (yes_no or own):
        return FittedFurther(NO_FURTHER, left_out)
    return FittedFurther(
        FurtherColumns(
            columns=(*yes_no, *own),
            quantiles={c.name: quantiles[c.name] for c in own},
            lines=np.array([*(odds[c.name] for c in yes_no), *lines]),
            beside=np.array(beside).reshape(len(own), len(yes_no)),
            covariance=_covariance(_column_stack(residuals, len(x))),
        ),
        left_out,
    )


def _unfit(column: SiteColumn, values: Floats, usable: Flags) -> str:
    """Why a column cannot join, as a sentence; empty where it can."""
    share = np.isfinite(values).mean()
    # Its line is drawn through those of whom everything else in it is known too.
    known = np.isfinite(values) & usable
    name = column.name
    if share < KNOWN_SHARE:
        return f"{name} is known in {share:.0%} of the people, too few, and is left out."
    if known.sum() < LEAST_KNOWN:
        return f"{name} is known in {known.sum()} people, fewer than {LEAST_KNOWN}; it is left out."
    found, counts = np.unique(values[known], return_counts=True)
    if len(found) == 1:
        return f"{name} is the same in everybody and is left out."
    if column.yes_no and counts.min() < LEAST_OF_EACH:
        return f"{name} is the same in all but {counts.min()} people and is left out."
    return ""


def _quantiles(values: Floats) -> Quantiles:
    """At even normal scores, as far out as at least two people are; ties share a score."""
    known = values[np.isfinite(values)]
    furthest = min(FURTHEST_SCORE, float(-ndtri(2 / len(known))))
    scores = np.linspace(-furthest, furthest, GRID)
    at = np.quantile(known, ndtr(scores))
    distinct, inverse = np.unique(at, return_inverse=True)
    if len(distinct) < 2:
        # Nearly everybody has one value; the rest lie beyond the quantiles.
        distinct = np.array([known.min(), known.max()])
        return Quantiles(distinct, np.array([-1.0, 1.0]))
    shared = np.bincount(inverse, weights=scores) / np.bincount(inverse)
    return Quantiles(distinct, shared)


def _line(
    x: Floats, away_yes: Floats, score: Floats, usable: Flags
) -> tuple[Floats, Floats, Floats]:
    """Coefficients of the terms and of the yes/no columns, and what they leave (NaN unknown)."""
    answered = np.where(np.isfinite(away_yes), away_yes, 0.0)  # a blank is the average
    design = np.column_stack([x, answered])
    known = usable & np.isfinite(score)
    inner = design[known]
    ridge = RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 1e-6
    found = np.linalg.solve(inner.T @ inner + ridge, inner.T @ score[known])
    residual = np.where(known, score - np.where(known[:, None], design, 0.0) @ found, np.nan)
    return found[: x.shape[1]], found[x.shape[1] :], residual


def _copied(
    residual: Floats, score: Floats, others: Sequence[Floats], names: Sequence[SiteColumn]
) -> str:
    """What a column is a copy of; empty where it says something of its own."""
    known = np.isfinite(residual)
    own = residual[known].var()
    if own < LEAST_OWN_VARIANCE * max(score[known].var(), 1e-12):
        return "age, sex, T-score and body mass index"
    for other, column in zip(others, names, strict=True):
        both = known & np.isfinite(other)
        if both.sum() > 2:
            correlation = np.corrcoef(residual[both], other[both])[0, 1]
            if correlation**2 > MOST_SHARED:
                return column.name
    return ""


def _covariance(residuals: Floats) -> Floats:
    """Of what is known in pairs, drawn to none where few know both."""
    k = residuals.shape[1]
    known = np.isfinite(residuals)
    spread = np.array([residuals[known[:, i], i].std() for i in range(k)])
    filled = np.where(known, residuals / np.where(spread > 0, spread, 1.0), 0.0)
    both = known.astype(np.float64).T @ known
    correlation = filled.T @ filled / (both + PEOPLE_WITHOUT_CORRELATION)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    # Pairs known in different people may contradict each other.
    whole = (vectors * np.maximum(values, LEAST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(whole))
    return np.asarray(whole / np.outer(scale, scale) * np.outer(spread, spread))


def _logistic(x: Floats, answers: Floats) -> Floats:
    """Coefficients of the log-odds of yes, with a weak normal prior about zero."""
    known = np.isfinite(answers)
    x, y = x[known], answers[known]
    found = np.zeros(x.shape[1])
    ridge = RIDGE * np.eye(x.shape[1])
    for _ in range(NEWTON_STEPS):
        p = expit(x @ found)
        gradient = x.T @ (y - p) - ridge @ found
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, gradient)
        found += step
        if np.abs(step).max() < 1e-9:
            break
    return found


def _column_stack(columns: Sequence[Floats], n: int) -> Floats:
    return np.column_stack(columns) if columns else np.zeros((n, 0))
