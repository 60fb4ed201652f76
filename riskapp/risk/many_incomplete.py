"""Probabilities of many people about whom the same is not known: the same sums, at once.

``missing`` says what is likely of an input that is not known, and ``summation`` sums over it for
one person. Here both are laid out for many people side by side, one axis longer.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.competing import Product, fractures_by_step
from riskapp.risk.grid_hazards import CAUSES, NO_HAZARD
from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    BmiBends,
    CauseTerms,
    Parameters,
    below_bend,
    mean_t_score,
    terms,
)
from riskapp.risk.many_modifiers import Beside
from riskapp.risk.missing import BMI_NODES, T_REACH_SD, T_SPACING
from riskapp.risk.modifiers import ARTHRITIS
from riskapp.risk.populations import People, Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

# Combinations summed over at a time: some ten arrays of this length stay in a core's cache.
COMBINATIONS_AT_A_TIME = 16_384
# About as many T-scores as one person's sum needs.
T_NODES = 16


@dataclass(frozen=True, slots=True)
class Incomplete:
    """n people of one sex of whom the same inputs are known.

    Attributes
    ----------
    age_years : ndarray, shape (n,)
    factors : mapping of factor to ndarray, shape (n,)
        1 yes, 0 no; a factor that is not known of them is not there.
    bmi_kg_m2, t_score : ndarray, shape (n,), or None
    beside : Beside or None
        What is known of them beyond the risk factors; where the T-score is not known, all of
        one precision.
    """

    age_years: Array
    factors: Mapping[str, Array]
    bmi_kg_m2: Array | None
    t_score: Array | None
    beside: Beside | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Factors that are not known; last the one that moves no hazard."""
        found = [name for name in FACTORS if name not in self.factors]
        return tuple(sorted(found, key=lambda name: name == NO_HAZARD))

    @property
    def combinations(self) -> int:
        """How many are summed over for each of them, about."""
        of_bmi = BMI_NODES if self.bmi_kg_m2 is None else 1
        of_t = T_NODES if self.t_score is None else 1
        return int(2 ** len(self.unknown)) * of_bmi * of_t

    def chosen(self, which: Positions) -> "Incomplete":
        """Some of them."""
        return Incomplete(
            self.age_years[which],
            {name: values[which] for name, values in self.factors.items()},
            None if self.bmi_kg_m2 is None else self.bmi_kg_m2[which],
            None if self.t_score is None else self.t_score[which],
            None if self.beside is None else self.beside.chosen(which),
        )


def incidence_of_incomplete(
    rows: Incomplete, sex: str, people: Population, parameters: Parameters
) -> Array:
    """Probability of hip and of major fracture within ten years: means over what is not known.

    Equal to ``EvidenceEngine`` within rounding (1e-12), without interval or reasons.

    Returns
    -------
    ndarray, shape (2, n)
        Hip first.
    """
    found = np.empty((2, len(rows.age_years)))
    # People of nearly one age need nearly the same T-scores.
    order = np.argsort(rows.age_years, kind="stable")
    size = max(1, COMBINATIONS_AT_A_TIME // rows.combinations)
    for start in range(0, len(order), size):
        few = order[start : start + size]
        found[:, few] = _means(rows.chosen(few), sex, people, parameters)
    return found


def _means(rows: Incomplete, sex: str, people: Population, parameters: Parameters) -> Array:
    grid = _grid(rows, sex, people, parameters)
    ahead = terms(parameters, people, sex, rows.age_years[:, None, None], STEP_MIDDLES_YEARS)
    bent, bends = below_bend(grid.t_score[:, :, None]), BmiBends(grid.bmi_kg_m2)
    causes = []
    for name in CAUSES:
        cause, added = getattr(ahead, name), _added(name, rows, grid, parameters)
        causes.append(_by_step(cause, ahead.mean_t, grid, bent, bends, added))
    # Each step is written over the one before: the last is that of ten years.
    (ten_years,) = deque(fractures_by_step(*causes), maxlen=1)
    n = len(rows.age_years)
    weights = grid.weights.reshape(n, -1)
    means = np.einsum("onc,nc->on", ten_years.reshape(2, n, -1), weights)
    return np.asarray(means / weights.sum(axis=1))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Every combination that is summed over, of n people.

    Attributes
    ----------
    present : mapping of factor to ndarray, shape (n or 1, factors or 1)
    bmi_kg_m2 : ndarray, shape (n, bmi)
    t_score : ndarray, shape (n or 1, t)
    weights : ndarray, shape (n, factors, bmi, t)
    """

    present: Mapping[str, Array]
    bmi_kg_m2: Array
    t_score: Array
    weights: Array


def _grid(rows: Incomplete, sex: str, people: Population, parameters: Parameters) -> _Grid:
    age, unknown = rows.age_years, rows.unknown
    combinations = np.array(list(product((0.0, 1.0), repeat=len(unknown))), dtype=np.float64)
    present = {name: values[:, None] for name, values in rows.factors.items()}
    present |= {name: combinations[None, :, at] for at, name in enumerate(unknown)}
    common = {name: people.people.prevalences(name, sex, age)[:, None] for name in FACTORS}
    chances = np.ones((len(age), len(combinations)))
    for name in unknown:
        chances = chances * np.where(present[name] > 0, common[name], 1 - common[name])
    bmi, of_bmi = _bmi_nodes(rows, sex, people)
    means = mean_t_score(
        parameters,
        sex,
        age[:, None, None],
        bmi[:, None, :],
        {name: present[name][:, :, None] for name in FACTORS},
    )
    t_score, of_t = _t_nodes(rows, means)
    weights = chances[:, :, None] * of_bmi
    if people.people.together is not None:
        weights = weights * _together(people.people, sex, age, bmi, common, present)
    weights = weights[..., None] * of_t
    if NO_HAZARD in unknown:
        weights = weights.reshape(len(age), -1, 2, *weights.shape[2:]).sum(axis=2)
        present = {
            name: values[:, ::2] if values.shape[1] > 1 else values
            for name, values in present.items()
        }
    del present[NO_HAZARD]
    return _Grid(present, bmi, t_score, weights)


def _together(
    people: People,
    sex: str,
    age: Array,
    bmi: Array,
    common: Mapping[str, Array],
    present: Mapping[str, Array],
) -> Array:
    """How much likelier than by chance, shape (n, factors, bmi); as in ``missing``."""
    found = people.together
    assert found is not None  # asked where there is one
    each = np.arange(len(age))[:, None]
    rows, columns, leaner = (present[name].astype(np.intp) for name in (*found.pair, found.leaner))
    pair = found.pair_ratios(*(common[name][:, 0] for name in found.pair))
    mean, sd = people.mean_log_bmi[sex].at(age), people.sd_log_bmi[sex]
    by_bmi = found.bmi_ratios(np.log(bmi), mean, sd, sex, common[found.leaner][:, 0])
    return np.asarray(pair[rows, columns, each][:, :, None] * by_bmi[leaner, each])


def _bmi_nodes(rows: Incomplete, sex: str, people: Population) -> tuple[Array, Array]:
    """Nodes, shape (n, bmi), and their weights, shape (bmi,)."""
    if rows.bmi_kg_m2 is not None:
        return rows.bmi_kg_m2[:, None], np.ones(1)
    z, weights = np.polynomial.hermite_e.hermegauss(BMI_NODES)
    mean = people.people.mean_log_bmi[sex].at(rows.age_years)
    nodes = np.exp(mean[:, None] + people.people.sd_log_bmi[sex] * z)
    return nodes, weights / weights.sum()


def _t_nodes(rows: Incomplete, means: Array) -> tuple[Array, Array]:
    """T-scores, shape (n or 1, t), and weights, shape (n, factors, bmi, t), about their means.

    As in ``missing``: what measurements tell of the T-score makes some likelier.
    """
    if rows.t_score is not None:
        nodes = rows.t_score[:, None]
        return nodes, np.exp(-((nodes[:, None, None, :] - means[..., None]) ** 2) / 2)
    likely, precision = np.zeros((len(means), 1, 1)), 0.0
    if rows.beside is not None:
        likely, precision = rows.beside.likely_t[:, None, None], float(rows.beside.precision[0])
    variance = 1 / (1 + precision)
    centres, sd = variance * (means + precision * likely), np.sqrt(variance)
    spacing, reach = T_SPACING * sd, T_REACH_SD * sd
    low = np.floor((centres.min(axis=(1, 2)) - reach) / spacing)
    high = np.ceil((centres.max(axis=(1, 2)) + reach) / spacing)
    steps = np.arange(low.min(), high.max() + 1)
    nodes = spacing * steps
    weights = np.exp(-((nodes - centres[..., None]) ** 2) / (2 * variance))
    # As far as each person's own sum reaches, and no further.
    reached = (steps >= low[:, None]) & (steps <= high[:, None])
    weights = weights * reached[:, None, None, :]
    weights /= weights.sum(axis=-1, keepdims=True)
    if precision:
        log_fit = -(precision * variance) * (likely - means) ** 2 / 2
        weights *= np.exp(log_fit - log_fit.max(axis=(1, 2), keepdims=True))[..., None]
    return nodes[None], weights


@dataclass(frozen=True, slots=True)
class _Added:
    """What modifiers add to one cause's log-hazards: (n, factors, steps) and (n, t, steps)."""

    factors: Array
    t_score: Array


def _added(name: str, rows: Incomplete, grid: _Grid, parameters: Parameters) -> _Added | None:
    found, age = rows.beside, rows.age_years
    if found is None or name not in FRACTURES:
        return None
    place = FRACTURES.index(name)
    line = found.at_zero[:, place, None] + found.per_t[:, place, None] * grid.t_score
    diabetes = found.of_diabetes(name, age, parameters)[:, None, :]
    return _Added(
        (1 - grid.present[ARTHRITIS][:, :, None]) * diabetes,
        line[:, :, None] + found.of_details(name, age, parameters)[:, None, :],
    )


def _by_step(
    cause: CauseTerms,
    mean_t: Array,
    grid: _Grid,
    bent: Array,
    bends: BmiBends,
    added: _Added | None,
) -> list[Product]:
    """Minus the hazard times the length of each step, over (n, factors, bmi x T)."""
    n, factors, *_ = grid.weights.shape
    log_factors = np.zeros((n, factors, len(STEP_MIDDLES_YEARS)))
    for name, effect in cause.factors.items():
        if name != NO_HAZARD:
            log_factors += grid.present[name][:, :, None] * effect
    log_t = cause.base + cause.t_term(grid.t_score[:, :, None], mean_t, bent)
    if added is not None:
        log_factors += added.factors
        log_t = log_t + added.t_score
    of_factors, of_t = np.exp(log_factors), np.exp(log_t)
    of_bmi = -STEP_YEARS * np.exp(cause.bmi_term(bends))
    return [
        (
            of_factors[:, :, None, step],
            (of_bmi[:, :, None] * of_t[:, None, :, step]).reshape(n, 1, -1),
        )
        for step in range(len(STEP_MIDDLES_YEARS))
    ]
