"""Intervals by drawing the same people again, and what a fit flatters itself by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from riskapp.evaluation.course import CannotJudge, Floats, Places

Model = TypeVar("Model")
People = npt.NDArray[np.str_] | npt.NDArray[np.int_]

# Beyond this share of draws without an answer the rest no longer stand for all.
MOST_FAILED = 0.1


@dataclass(frozen=True)
class Estimate:
    """A figure with the 2.5th and 97.5th percentile of its draws.

    ``failed`` counts draws in which it could not be computed, as without an event. Where these are
    more than a tenth, ``lower`` and ``upper`` are None: the rest no longer stand for all.
    """

    value: float
    lower: float | None
    upper: float | None
    standard_error: float
    draws: int
    failed: int


@dataclass(frozen=True)
class Optimism:
    """``apparent``: on the people fitted to; ``corrected``: less the ``optimism`` of fits.

    ``standard_error`` is that of the optimism, by how far the fits differ: it shrinks with draws.
    """

    apparent: float
    optimism: float
    corrected: float
    standard_error: float
    draws: int


def drawn(people: People, rng: np.random.Generator) -> Places:
    """As many people as there are, with replacement, each with all their rows."""
    _, number = np.unique(people, return_inverse=True)
    counts = np.bincount(number)
    order = np.argsort(number, kind="stable")
    starts = np.cumsum(counts) - counts
    chosen = rng.integers(counts.size, size=counts.size)
    rows = counts[chosen]
    within = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
    return np.asarray(order[np.repeat(starts[chosen], rows) + within], dtype=np.intp)


def bootstrap(
    statistic: Callable[[Places], Floats], people: People, *, draws: int = 500, seed: int
) -> tuple[Estimate, ...]:
    """Percentile intervals of several figures at once.

    Parameters
    ----------
    statistic : callable
        Figures, shape (k,), of the rows at these places; NaN for one that these rows do not hold.
    people : ndarray, shape (n,)
        Who each row is about: people are drawn, not rows.

    Raises
    ------
    CannotJudge
        If the figures cannot be computed, or not in more than a tenth of the draws.

    References
    ----------
    Efron B, Tibshirani R, 1986. Stat Sci 1:54-75, doi:10.1214/ss/1177013815.
    """
    rng = np.random.default_rng(seed)
    values = np.atleast_1d(statistic(np.arange(people.size)))
    spread = np.full((draws, values.size), np.nan)
    whole = 0
    for draw in range(draws):
        try:
            spread[draw] = statistic(drawn(people, rng))
            whole += 1
        except CannotJudge:
            continue
    if draws - whole > MOST_FAILED * draws:
        raise CannotJudge(f"{draws - whole} of {draws} draws gave no figure: too little to go by.")
    return tuple(_estimate(float(values[i]), spread[:, i]) for i in range(values.size))


def _estimate(value: float, spread: Floats) -> Estimate:
    told = spread[np.isfinite(spread)]
    failed = spread.size - told.size
    lower = upper = None
    error = np.nan
    if failed <= MOST_FAILED * spread.size and np.isfinite(value):
        lower, upper = (float(end) for end in np.quantile(told, (0.025, 0.975)))
        error = float(told.std(ddof=1))
    return Estimate(value, lower, upper, error, spread.size, failed)


def optimism(
    fit: Callable[[Places], Model],
    figures: Callable[[Model, Places], Floats],
    people: People,
    *,
    draws: int = 200,
    seed: int,
) -> tuple[Optimism, ...]:
    """Internal validation: fit to drawn people, judge on them and on everybody, and take the mean.

    Parameters
    ----------
    fit : callable
        A model of the rows at these places, by every step that led to the model being judged.
    figures : callable
        Shape (k,), of a model on the rows at these places.

    Raises
    ------
    CannotJudge
        If more than a tenth of the draws give no figure.

    References
    ----------
    Harrell FE, Lee KL, Mark DB, 1996. Stat Med 15:361-387,
    doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.
    """
    rng = np.random.default_rng(seed)
    everybody = np.arange(people.size)
    apparent = figures(fit(everybody), everybody)
    found = []
    for _ in range(draws):
        chosen = drawn(people, rng)
        try:
            model = fit(chosen)
            found.append(figures(model, chosen) - figures(model, everybody))
        except CannotJudge:
            continue
    failed = draws - len(found)
    if failed > MOST_FAILED * draws:
        raise CannotJudge(f"{failed} of {draws} draws gave no figure: too little to go by.")
    flattered = np.array(found)
    by = flattered.mean(axis=0)
    errors = flattered.std(axis=0, ddof=1) / len(found) ** 0.5 if len(found) > 1 else by * np.nan
    return tuple(
        Optimism(float(own), float(less), float(own - less), float(error), draws)
        for own, less, error in zip(apparent, by, errors, strict=True)
    )
