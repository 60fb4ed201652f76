"""Cumulative incidence on a grid of inputs, and its mean given any part of what is known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from riskapp.risk.grid_hazards import NO_HAZARD, NOW, Pieces, axes, laid
from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    Parameters,
    Published,
    Terms,
    terms,
)
from riskapp.risk.missing import INPUTS, Grid, Known
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

if TYPE_CHECKING:  # it loads the compiler
    from riskapp.risk.compiled_sums import Beside

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

# Of two numbers that are added: what a smaller share of the larger one is lost.
ROUNDING = np.finfo(np.float64).epsneg
# Where all of the rarest fracture, a mean of the young may be a thousandth of that.
UNSEEN = ROUNDING / 2**10
# One person's answer asks for them some eight times; 5 kB each.
TERMS_KEPT = 64
STEPS_PER_YEAR = round(1 / STEP_YEARS)
# Axes beside those of body mass index and T-score, which are last.
BESIDE_BODY = tuple(range(1, 1 + len(FACTORS)))


def incidence(known: Known, people: Population, parameters: Parameters, grid: Grid) -> Array:
    """Probability of hip and of major fracture for every combination, at years 1 to 10.

    Returns
    -------
    ndarray, shape (2, years, one axis for each of ``INPUTS``)
        Hip first. The axis of secondary osteoporosis has length 1.
    """
    causes = laid(terms_ahead(known, people, parameters), grid).pieces(known.modifiers)
    years = len(STEP_MIDDLES_YEARS) // STEPS_PER_YEAR
    rows = np.stack([one.factors for one in causes])
    return probabilities(rows, columns(causes), years).reshape(2, years, *axes(grid))


def mean_incidence(
    known: Known, people: Population, parameters: Parameters, grid: Grid
) -> tuple[Array, Array]:
    """Weighted mean of ``incidence``, and what each combination of factors adds at the last year.

    Returns
    -------
    tuple of ndarray
        Shapes (2, years) and (2, one axis for each of ``FACTORS``); hip first.
    """
    from riskapp.risk.compiled_sums import rarity
    from riskapp.risk.compiled_weights import seen, weighed

    causes = laid(terms_ahead(known, people, parameters), grid).pieces(known.modifiers)
    # What no mean over everybody can hold is left out, and of the rest as much as it asks for.
    *factors, bmi, t_score = grid.weights.shape
    by_row = grid.weights.reshape(-1, bmi * t_score)
    every = by_row.sum(axis=0)
    places = places_by_hazard(causes, seen(every.reshape(1, bmi, t_score), UNSEEN))
    beside = columns(causes, places, rarity([every[places] / every.sum()])).values
    weights = np.zeros((len(by_row), beside.values.shape[0] * beside.values.shape[-1]))
    weights[:, : len(places)] = by_row.take(places, axis=1)
    # Secondary osteoporosis, which moves no hazard, as the last of the factors.
    axis = FACTORS.index(NO_HAZARD)
    apart = np.moveaxis(weights.reshape(*factors, -1), axis, -2)
    rows = np.stack([one.factors for one in causes])
    years = len(STEP_MIDDLES_YEARS) // STEPS_PER_YEAR
    apart_by_row = apart.reshape(rows.shape[1], factors[axis], -1)
    curves, by_row = weighed(rows, *beside, apart_by_row, years)
    parts = np.moveaxis(by_row.reshape(2, *apart.shape[:-1]), -1, 1 + axis)
    return curves / every.sum(), parts / every.sum()


@dataclass(frozen=True, slots=True)
class Columns:
    """What body mass indexes and T-scores together give to the hazards.

    Attributes
    ----------
    values : Beside
        For ``compiled_sums.fractures_beside``.
    places : ndarray, shape (m,)
        Where each stands among all that ``shape`` has.
    shape : tuple of int
        Body mass indexes, T-scores.
    """

    values: "Beside"
    places: Places
    shape: tuple[int, int]


def columns(
    causes: Sequence[Pieces], places: Places | None = None, rare: Places | None = None
) -> Columns:
    """Of all body mass indexes and T-scores, or of those at some places among them."""
    from riskapp.risk.compiled_sums import beside

    shape = (len(causes[0].bmi), len(causes[0].t_score))
    if places is None:
        places = places_by_hazard(causes, np.ones(shape, dtype=bool))
    bmi = np.stack([one.bmi for one in causes])
    t_score = -STEP_YEARS * np.stack([one.t_score.T for one in causes])
    return Columns(beside(bmi, t_score, places, rare), places, shape)


def places_by_hazard(causes: Sequence[Pieces], counted: Flags) -> Places:
    """Where the counted stand among all (bmi, T): those of like hazards after one another."""
    hazard = sum(np.multiply.outer(one.bmi, one.t_score.sum(axis=1)) for one in causes)
    places = np.flatnonzero(counted)
    return places[np.argsort(np.ravel(hazard)[places], kind="stable")]


def probabilities(rows: Array, beside: Columns, kept: int = 1) -> Array:
    """Probabilities of hip and of major fracture for every combination.

    Parameters
    ----------
    rows : ndarray, shape (3, n, steps)
        What combinations of factors give to the hazards.
    kept : int
        At how many times, evenly; the last is the end of the steps.

    Returns
    -------
    ndarray, shape (2, kept, n, bmi, T)
        0 where body mass index and T-score are not counted.
    """
    from riskapp.risk.compiled_sums import fractures_beside

    width = math.prod(beside.shape)
    found = fractures_beside(rows, beside.values, beside.places, width, kept)
    return found.reshape(*found.shape[:-1], *beside.shape)


def log_hazards(known: Known, people: Population, parameters: Parameters, grid: Grid) -> Array:
    """Log-hazards of hip and other major fracture at present age, shape (2, one per input)."""
    now = laid(terms_now(known, people, parameters), grid, NOW)
    found = now.log_fractures([known.modifiers])
    at = found.bmi[:, :, None] + found.t_score[:, None, :]
    return np.asarray(found.factors[..., None, None] + np.expand_dims(at, BESIDE_BODY))


def terms_ahead(known: Known, people: Population, parameters: Parameters) -> Terms:
    """Terms of the hazards at the steps ahead; they rest on age and sex alone."""
    return _terms(Published(people, parameters), known.sex, known.age_years, ahead=True)


def terms_now(known: Known, people: Population, parameters: Parameters) -> Terms:
    """The same at present age."""
    return _terms(Published(people, parameters), known.sex, known.age_years, ahead=False)


@lru_cache(maxsize=TERMS_KEPT)
def _terms(by: Published, sex: str, age_years: float, *, ahead: bool) -> Terms:
    steps = STEP_MIDDLES_YEARS if ahead else NOW
    return terms(by.parameters, by.people, sex, np.asarray(age_years), steps)


def mean(values: Array, grid: Grid) -> Array:
    """Weighted mean over the grid of an array whose last axes are the inputs."""
    weights, axis = grid.weights, INPUTS.index(NO_HAZARD) - len(INPUTS)
    if values.shape[axis] == 1:
        weights = weights.sum(axis=axis, keepdims=True)
    return np.asarray(np.tensordot(values, weights, len(INPUTS)) / weights.sum())


def lean_on_prevalence(values: Array, grid: Grid, known: Known) -> dict[str, Array]:
    """How the mean would move with the log-odds of each unknown factor: its covariance with it.

    Parameters
    ----------
    values : ndarray, shape (outcomes, one axis for each of ``INPUTS``)

    Returns
    -------
    dict of factor to ndarray, shape (outcomes,)
    """
    parts = np.einsum("o...bt,...bt->o...", values, grid.weights) / grid.weights.sum()
    return lean_by_factors(parts, grid, known)


def lean_by_factors(parts: Array, grid: Grid, known: Known) -> dict[str, Array]:
    """``lean_on_prevalence`` from what each combination of factors adds to the mean."""
    # By the factors alone: over bone and body first, as what is left is small.
    chances = grid.weights.sum(axis=(-2, -1))
    chances /= chances.sum()
    centre = parts.reshape(len(parts), -1).sum(axis=-1)
    found = {}
    for axis, name in enumerate(FACTORS):
        if not known.is_known(name):
            present = parts.take(1, axis=1 + axis).reshape(len(parts), -1).sum(axis=-1)
            found[name] = present - centre * chances.take(1, axis=axis).sum()
    return found
