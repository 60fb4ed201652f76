"""Cumulative incidence on a grid of inputs, and its mean given any part of what is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    STEPS,
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
# Acts through the T-score only, so hazards are computed once for both of its values.
_NO_HAZARD = FACTORS.index("secondary_osteoporosis")


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Hazards as products: (factors, 1, 1) x (1, bmi, 1) x (1, 1, T), by step."""

    factors: Array  # (combinations, steps)
    bmi: Array  # (bmi,)
    t_score: Array  # (T, steps), base included

    def hazard(self, step: int) -> Array:
        beside = np.multiply.outer(self.bmi, self.t_score[:, step])
        return np.multiply.outer(self.factors[:, step], beside)


def incidence(known: Known, people: Population, parameters: Parameters, grid: Grid) -> Array:
    """Probability of hip and of major fracture for every combination, at years 1 to 10.

    Returns
    -------
    ndarray, shape (2, years, one axis for each of ``INPUTS``)
        Hip first. The axis of secondary osteoporosis has length 1.
    """
    pieces = _terms(known, people, parameters, STEP_MIDDLES_YEARS)
    hip, other, death = (
        _pieces(name, pieces, grid, known.modifiers, STEP_MIDDLES_YEARS) for name in CAUSES
    )
    shape = (len(hip.factors), len(grid.bmi_kg_m2), len(grid.t_score))
    survival = np.ones((2, *shape))
    cumulative = np.zeros((2, *shape))
    hazards, total, after = (np.empty((2, *shape)) for _ in range(3))
    by_year = np.empty((2, STEPS // STEPS_PER_YEAR, *shape))
    # Step by step rather than all at once: the arrays stay small enough for the cache.
    for step in range(STEPS):
        hazards[0] = hip.hazard(step)
        np.add(hazards[0], other.hazard(step), out=hazards[1])
        np.add(hazards, death.hazard(step), out=total)
        np.multiply(total, -STEP_YEARS, out=after)
        np.exp(after, out=after)
        after *= survival
        hazards /= total
        survival -= after
        hazards *= survival
        cumulative += hazards
        survival, after = after, survival
        if (step + 1) % STEPS_PER_YEAR == 0:
            by_year[:, step // STEPS_PER_YEAR] = cumulative
    return by_year.reshape(2, -1, *_axes(grid))


def log_hazards(known: Known, people: Population, parameters: Parameters, grid: Grid) -> Array:
    """Log-hazards of hip and other major fracture at present age, shape (2, one per input)."""
    now = np.zeros(1)
    pieces = _terms(known, people, parameters, now)
    found = []
    for name in FRACTURES:
        made = _pieces(name, pieces, grid, known.modifiers, now)
        combined = (
            np.log(made.factors)[:, :, None]
            + np.log(made.bmi)[None, :, None]
            + np.log(made.t_score[:, 0])[None, None, :]
        )
        found.append(combined.reshape(_axes(grid)))
    return np.stack(found)


def _terms(known: Known, people: Population, parameters: Parameters, steps: Array) -> Terms:
    return terms(parameters, people, known.sex, np.asarray(known.age_years), steps)


def _pieces(
    cause_name: str, pieces: Terms, grid: Grid, modifiers: Modifiers, steps: Array
) -> _Pieces:
    cause: CauseTerms = getattr(pieces, cause_name)
    log_factors: Array = np.zeros((1, len(cause.base)))
    for index, (name, values) in enumerate(zip(FACTORS, grid.factors, strict=True)):
        if index == _NO_HAZARD:
            continue
        effect = cause.factors.get(name, np.zeros_like(cause.base))
        described = np.zeros_like(values)
        described[-1] = name in modifiers.details
        added = np.multiply.outer(values, effect) + modifiers.beside_factor(
            cause_name, name, values, described, effect, steps
        )
        log_factors = (log_factors[:, None, :] + added[None]).reshape(-1, len(cause.base))
    log_t = cause.base + cause.t_term(grid.t_score[:, None], pieces.mean_t)
    log_t = log_t + modifiers.everywhere(cause_name, grid.t_score)[:, None]
    return _Pieces(np.exp(log_factors), np.exp(cause.bmi_term(grid.bmi_kg_m2)), np.exp(log_t))


def _axes(grid: Grid) -> tuple[int, ...]:
    sizes = [len(values) for values in grid.factors]
    sizes[_NO_HAZARD] = 1
    return (*sizes, len(grid.bmi_kg_m2), len(grid.t_score))


def mean(values: Array, grid: Grid) -> Array:
    """Weighted mean over the grid of an array whose last axes are the inputs."""
    axes = tuple(range(-len(INPUTS), 0))
    return np.asarray((values * grid.weights).sum(axis=axes) / grid.weights.sum())


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


def coalition_values(values: Array, grid: Grid, known: Known) -> Array:
    """Mean given each part of what is known.

    Parameters
    ----------
    values : ndarray, shape (outcomes, one axis for each of ``INPUTS``)
        On a full grid.

    Returns
    -------
    ndarray, shape (outcomes, 2, ..., 2)
        One axis for each known input, in the order of ``known.players``: 0 forgotten, 1 known.
    """
    stacked = np.concatenate([values * grid.weights, grid.weights[None]])
    for index, name in enumerate(INPUTS):
        axis = 1 + index
        first = np.moveaxis(stacked, axis, 0)
        stands_beside = name in (BMI, T_SCORE) or name in known.modifiers.details
        nodes = first[:-1] if stands_beside and known.is_known(name) else first
        forgotten = nodes.sum(axis=0)
        if not known.is_known(name):
            stacked = np.expand_dims(forgotten, axis)
            continue
        chosen = first[-1] if stands_beside else first[int(bool(known.value(name)))]
        stacked = np.stack([forgotten, chosen], axis=axis)
    unknown = tuple(1 + INPUTS.index(name) for name in known.unknown)
    stacked = stacked.squeeze(axis=unknown)
    return np.asarray(stacked[:-1] / stacked[-1])
