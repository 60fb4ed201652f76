"""Cumulative incidence on a grid of inputs, and its mean given any part of what is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.competing import Product, fractures_by_step
from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    CauseTerms,
    Parameters,
    Terms,
    terms,
)
from riskapp.risk.missing import BMI, INPUTS, T_SCORE, Grid, Known
from riskapp.risk.modifiers import Modifiers
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

CAUSES = (*FRACTURES, "death")
STEPS_PER_YEAR = round(1 / STEP_YEARS)
NOW: Array = np.zeros(1)
# Acts through the T-score only, so hazards are computed once for both of its values.
NO_HAZARD = "secondary_osteoporosis"


@dataclass(frozen=True, slots=True)
class Pieces:
    """One cause's hazards as products: (factors, 1, 1) x (1, bmi, 1) x (1, 1, T), by step."""

    factors: Array  # (combinations, steps)
    bmi: Array  # (bmi,)
    t_score: Array  # (T, steps), base included

    def over_steps(self) -> Iterator[Product]:
        """Minus the hazard times the length of each step, over (factors, bmi x T)."""
        for factors, t_score in zip(self.factors.T, -STEP_YEARS * self.t_score.T, strict=True):
            yield factors[:, None], np.multiply.outer(self.bmi, t_score).ravel()


def incidence(known: Known, people: Population, parameters: Parameters, grid: Grid) -> Array:
    """Probability of hip and of major fracture for every combination, at years 1 to 10.

    Returns
    -------
    ndarray, shape (2, years, one axis for each of ``INPUTS``)
        Hip first. The axis of secondary osteoporosis has length 1.
    """
    causes = pieces(terms_ahead(known, people, parameters), grid, known.modifiers)
    by_year = np.empty((2, len(STEP_MIDDLES_YEARS) // STEPS_PER_YEAR, *axes(grid)))
    for year, reached in enumerate(yearly(causes)):
        by_year[:, year] = reached.reshape(2, *axes(grid))
    return by_year


def yearly(causes: Sequence[Pieces]) -> Iterator[Array]:
    """Probabilities at the end of each year, shape (2, factors, bmi, T); hip first.

    Each year is written over the one before.

    Parameters
    ----------
    causes : sequence of Pieces
        One for each of ``CAUSES``, by the steps ahead.
    """
    steps = (list(one.over_steps()) for one in causes)
    shape = (2, -1, len(causes[0].bmi), len(causes[0].t_score))
    for step, reached in enumerate(fractures_by_step(*steps), start=1):
        if step % STEPS_PER_YEAR == 0:
            yield reached.reshape(shape)


def log_hazards(known: Known, people: Population, parameters: Parameters, grid: Grid) -> Array:
    """Log-hazards of hip and other major fracture at present age, shape (2, one per input)."""
    return logs_now(terms_now(known, people, parameters), grid, known.modifiers)


def logs_now(now: Terms, grid: Grid, modifiers: Modifiers) -> Array:
    """The same from terms at present age."""
    found = np.empty((len(FRACTURES), *axes(grid)))
    for name, out in zip(FRACTURES, found, strict=True):
        made = _pieces(name, now, grid, modifiers, NOW)
        beside = np.add.outer(np.log(made.bmi), np.log(made.t_score[:, 0]))
        np.add.outer(np.log(made.factors[:, 0]), beside, out=out.reshape(-1, *beside.shape))
    return found


def terms_ahead(known: Known, people: Population, parameters: Parameters) -> Terms:
    """Terms of the hazards at the steps ahead; they rest on age and sex alone."""
    return terms(parameters, people, known.sex, np.asarray(known.age_years), STEP_MIDDLES_YEARS)


def terms_now(known: Known, people: Population, parameters: Parameters) -> Terms:
    """The same at present age."""
    return terms(parameters, people, known.sex, np.asarray(known.age_years), NOW)


def pieces(ahead: Terms, grid: Grid, modifiers: Modifiers) -> tuple[Pieces, ...]:
    """Hazards of each of ``CAUSES`` at the steps ahead."""
    return tuple(_pieces(name, ahead, grid, modifiers, STEP_MIDDLES_YEARS) for name in CAUSES)


def _pieces(name: str, found: Terms, grid: Grid, modifiers: Modifiers, steps: Array) -> Pieces:
    cause: CauseTerms = getattr(found, name)
    log_factors: Array = np.zeros((1, len(cause.base)))
    for factor, values in zip(FACTORS, grid.factors, strict=True):
        if factor == NO_HAZARD:
            continue
        effect = cause.factors.get(factor, np.zeros_like(cause.base))
        described = np.zeros_like(values)
        described[-1] = factor in modifiers.details
        added = np.multiply.outer(values, effect) + modifiers.beside_factor(
            name, factor, values, described, effect, steps
        )
        log_factors = (log_factors[:, None, :] + added[None]).reshape(-1, len(cause.base))
    log_t = cause.base + cause.t_term(grid.t_score[:, None], found.mean_t)
    log_t = log_t + modifiers.everywhere(name, grid.t_score)[:, None]
    return Pieces(np.exp(log_factors), np.exp(cause.bmi_term(grid.bmi_kg_m2)), np.exp(log_t))


def axes(grid: Grid) -> tuple[int, ...]:
    """Lengths of the axes of what is computed on a grid."""
    sizes = [len(values) for values in grid.factors]
    sizes[FACTORS.index(NO_HAZARD)] = 1
    return (*sizes, len(grid.bmi_kg_m2), len(grid.t_score))


def mean(values: Array, grid: Grid) -> Array:
    """Weighted mean over the grid of an array whose last axes are the inputs."""
    weights, axis = grid.weights, INPUTS.index(NO_HAZARD) - len(INPUTS)
    if values.shape[axis] == 1:
        weights = weights.sum(axis=axis, keepdims=True)
    inputs = tuple(range(-len(INPUTS), 0))
    return np.asarray((values * weights).sum(axis=inputs) / weights.sum())


def lean_on_prevalence(values: Array, grid: Grid, known: Known) -> dict[str, Array]:
    """How the mean would move with the log-odds of each unknown factor: its covariance with it.

    Parameters
    ----------
    values : ndarray, shape (outcomes, one axis for each of ``INPUTS``)

    Returns
    -------
    dict of factor to ndarray, shape (outcomes,)
    """
    weights = grid.weights / grid.weights.sum()
    centre = mean(values, grid)
    found = {}
    for axis, name in enumerate(FACTORS):
        if not known.is_known(name):
            present = np.zeros([2 if axis == other else 1 for other in range(len(INPUTS))])
            present.flat[1] = 1.0
            chance = (weights * present).sum()
            found[name] = mean(values * present, grid) - centre * chance
    return found


def coalition_values(values: Iterable[Array], grid: Grid, known: Known) -> Array:
    """Mean given each part of what is known.

    Parameters
    ----------
    values : iterable of ndarray, each of shape (outcomes, one axis for each of ``INPUTS``)
        On a full grid.

    Returns
    -------
    ndarray, shape (all outcomes, 2, ..., 2)
        One axis for each known input, in the order of ``known.players``: 0 forgotten, 1 known.
    """
    weights = _either(grid.weights, NO_HAZARD, known)
    everybody = np.ones((1, *axes(grid)))
    # The longest axis first; what is left is small.
    stacked = np.concatenate([_over_t_score(one, weights, known) for one in (*values, everybody)])
    for name in reversed(INPUTS):
        if name not in (T_SCORE, NO_HAZARD):
            stacked = _either(stacked, name, known)
    unknown = tuple(1 + INPUTS.index(name) for name in known.unknown)
    stacked = stacked.squeeze(axis=unknown)
    return np.asarray(stacked[:-1] / stacked[-1])


def _either(stacked: Array, name: str, known: Known) -> Array:
    """An input's axis (they are the last ones) made two: forgotten, and known where it is."""
    axis = INPUTS.index(name) - len(INPUTS)
    nodes = np.moveaxis(stacked, axis, 0)
    if not known.is_known(name):
        return np.expand_dims(nodes.sum(axis=0), axis)
    if name == BMI or name in known.modifiers.details:
        nodes, chosen = nodes[:-1], nodes[-1]  # what is known stands beside the nodes
    else:
        chosen = nodes[int(bool(known.value(name)))]
    return np.stack([nodes.sum(axis=0), chosen], axis=axis)


def _over_t_score(values: Array, weights: Array, known: Known) -> Array:
    """Weighted values with the axis of the T-score as ``_either`` leaves it."""
    is_known = known.is_known(T_SCORE)
    nodes = slice(-1 if is_known else None)
    forgotten: Array = np.einsum("o...t,...t->o...", values[..., nodes], weights[..., nodes])
    forgotten = forgotten[..., None]
    if not is_known:
        return forgotten
    return np.concatenate([forgotten, values[..., -1:] * weights[..., -1:]], axis=-1)
