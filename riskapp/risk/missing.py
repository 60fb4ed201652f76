"""What is not known, integrated over: its distribution given what is known.

Given age and sex the yes/no factors and the body mass index are independent; the femoral-neck
T-score is normal with SD 1 about a mean that depends on all of them. Knowing the T-score
therefore changes what is likely of the rest, by Bayes' rule over the same sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.bone_density import Site
from riskapp.risk.hazard_terms import Parameters, mean_t_score
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS, RiskProfile

Array = npt.NDArray[np.float64]

BMI, T_SCORE = "body_mass_index", "femoral_neck_t_score"
INPUTS = (*FACTORS, BMI, T_SCORE)
# Gauss-Hermite nodes for the logarithm of body mass index.
BMI_NODES = 17
# The T-score is summed over evenly spaced nodes: for a normal density times a smooth function
# this is as exact as any rule (the error falls as exp(-2 (pi / spacing)^2)).
T_SPACING = 0.75
T_REACH_SD = 5.25


@dataclass(frozen=True, slots=True)
class Known:
    """The inputs of the evidence engine; None is not known."""

    age_years: float
    sex: str
    factors: Mapping[str, bool | None]
    bmi_kg_m2: float | None
    t_score: float | None

    def is_known(self, name: str) -> bool:
        if name == BMI:
            return self.bmi_kg_m2 is not None
        return self.t_score is not None if name == T_SCORE else self.factors[name] is not None

    def value(self, name: str) -> float | bool | None:
        if name == BMI:
            return self.bmi_kg_m2
        return self.t_score if name == T_SCORE else self.factors[name]

    @property
    def players(self) -> tuple[str, ...]:
        return tuple(name for name in INPUTS if self.is_known(name))

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(name for name in INPUTS if not self.is_known(name))


def known_inputs(profile: RiskProfile) -> Known:
    """What of a profile the engine uses."""
    return Known(
        age_years=profile.age_years,
        sex=profile.sex.value,
        factors={name: getattr(profile, name) for name in FACTORS},
        bmi_kg_m2=profile.bmi_kg_m2,
        t_score=profile.t_score(Site.FEMORAL_NECK),
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of inputs that is summed over.

    Attributes
    ----------
    factors : tuple of ndarray, one for each of ``FACTORS``
        (0, 1) where it is summed over, else the known value alone.
    bmi_kg_m2, t_score : ndarray
        Nodes; on a full grid the known value, if any, comes last.
    weights : ndarray, one axis for each of ``INPUTS``
        Joint weight of each combination; along the last axis a known T-score has its density.
    """

    factors: tuple[Array, ...]
    bmi_kg_m2: Array
    t_score: Array
    weights: Array


def grid(known: Known, people: Population, parameters: Parameters, *, full: bool) -> Grid:
    """Lay out the combinations.

    Parameters
    ----------
    full : bool
        False: known inputs are fixed, unknown ones summed over. True: every input is summed
        over and known values stand beside their nodes, so that any of them can be forgotten.
    """
    both = np.array([0.0, 1.0])
    factors, marginals = [], []
    for name in FACTORS:
        answer = known.factors[name]
        if answer is None or full:
            prevalence = people.people.prevalence(name, known.sex, known.age_years)
            factors.append(both)
            marginals.append(np.array([1 - prevalence, prevalence]))
        else:
            factors.append(np.array([float(answer)]))
            marginals.append(np.ones(1))
    bmi, bmi_weights = _bmi_nodes(known, people, full)
    means = _means(known, parameters, factors, bmi)
    t_score, t_weights = _t_nodes(known, means, full)
    weights = t_weights * _along(bmi_weights, len(FACTORS))
    for axis, marginal in enumerate(marginals):
        weights = weights * _along(marginal, axis)
    return Grid(tuple(factors), bmi, t_score, weights)


def _along(values: Array, axis: int) -> Array:
    return values.reshape([-1 if axis == other else 1 for other in range(len(INPUTS))])


def _bmi_nodes(known: Known, people: Population, full: bool) -> tuple[Array, Array]:
    given = known.bmi_kg_m2
    if given is not None and not full:
        return np.array([given]), np.ones(1)
    z, weights = np.polynomial.hermite_e.hermegauss(BMI_NODES)
    mean = people.people.mean_log_bmi[known.sex].at(known.age_years)
    nodes = np.exp(mean + people.people.sd_log_bmi[known.sex] * z)
    weights = weights / weights.sum()
    if given is None:
        return nodes, weights
    return np.append(nodes, given), np.append(weights, 1.0)


def _means(known: Known, parameters: Parameters, factors: list[Array], bmi: Array) -> Array:
    """Mean T-score of every combination, with a last axis of length 1."""
    return mean_t_score(
        parameters,
        known.sex,
        np.asarray(known.age_years),
        _along(bmi, len(FACTORS)),
        {name: _along(values, axis) for axis, (name, values) in enumerate(_named(factors))},
    )


def _named(factors: list[Array]) -> list[tuple[str, Array]]:
    return list(zip(FACTORS, factors, strict=True))


def _t_nodes(known: Known, means: Array, full: bool) -> tuple[Array, Array]:
    given = known.t_score
    if given is not None:
        density = np.exp(-((given - means) ** 2) / 2)
        if not full:
            return np.array([given]), density
    low = np.floor((means.min() - T_REACH_SD) / T_SPACING)
    high = np.ceil((means.max() + T_REACH_SD) / T_SPACING)
    nodes = T_SPACING * np.arange(low, high + 1)
    weights = np.exp(-((nodes - means) ** 2) / 2)
    weights /= weights.sum(axis=-1, keepdims=True)
    if given is None:
        return nodes, weights
    return np.append(nodes, given), np.concatenate([weights, density], axis=-1)


def completions(profile: RiskProfile, n: int, seed: int) -> dict[str, Array]:
    """Equally weighted joint draws of a complete design row, given what is known.

    Parameters
    ----------
    n : int
        How many draws.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``age_years``, ``female``, ``bmi_kg_m2``, ``femoral_neck_t_score`` and the yes/no factors;
        known values are repeated.

    Raises
    ------
    OutsideModelRange
        If nothing is published for this sex in the population.
    """
    people = population(profile.population)
    people.refuse_unless_published(profile.sex)
    # The distribution needs no bases, so every population has one.
    parameters = published.read("evidence/frax-2008")["effects"]
    known = known_inputs(profile)
    return draw(known, people, parameters, n, np.random.default_rng(seed))


def draw(
    known: Known,
    people: Population,
    parameters: Parameters,
    n: int,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Draws for ``completions``: from the inputs to the T-score, or, where it is known, back."""
    if known.t_score is None:
        bmi = _draw_bmi(known, people, n, rng)
        present = {name: _draw_factor(known, people, name, n, rng) for name in FACTORS}
        age = np.full(n, known.age_years)
        mean = mean_t_score(parameters, known.sex, age, bmi, present)
        t_score = mean + rng.standard_normal(n)
    else:
        bmi, present = _draw_given_t(known.t_score, known, people, parameters, n, rng)
        t_score = np.full(n, known.t_score)
    return {
        "age_years": np.full(n, known.age_years),
        "female": np.full(n, float(known.sex == "female")),
        "bmi_kg_m2": bmi,
        **present,
        "femoral_neck_t_score": t_score,
    }


def _draw_bmi(known: Known, people: Population, n: int, rng: np.random.Generator) -> Array:
    if known.bmi_kg_m2 is not None:
        return np.full(n, known.bmi_kg_m2)
    mean = people.people.mean_log_bmi[known.sex].at(known.age_years)
    spread = people.people.sd_log_bmi[known.sex]
    return np.asarray(np.exp(mean + spread * rng.standard_normal(n)))


def _draw_factor(
    known: Known, people: Population, name: str, n: int, rng: np.random.Generator
) -> Array:
    answer = known.factors[name]
    if answer is not None:
        return np.full(n, float(answer))
    prevalence = people.people.prevalence(name, known.sex, known.age_years)
    return (rng.random(n) < prevalence).astype(float)


def _draw_given_t(
    t_score: float,
    known: Known,
    people: Population,
    parameters: Parameters,
    n: int,
    rng: np.random.Generator,
) -> tuple[Array, dict[str, Array]]:
    """Body mass index and factors given the T-score, exactly.

    The mean T-score is a straight line in log body mass index, and both are normal: so is log
    body mass index given the T-score and the factors, and the T-score given the factors alone.
    """
    if known.bmi_kg_m2 is None:
        log_bmi = people.people.mean_log_bmi[known.sex].at(known.age_years)
        variance = people.people.sd_log_bmi[known.sex] ** 2
    else:
        log_bmi, variance = float(np.log(known.bmi_kg_m2)), 0.0
    slope = parameters["t_score.log_bmi"]
    combinations = np.ones(1)
    columns: dict[str, Array] = {}
    for name in FACTORS:
        answer = known.factors[name]
        prevalence = people.people.prevalence(name, known.sex, known.age_years)
        values, chances = (
            (np.array([0.0, 1.0]), np.array([1 - prevalence, prevalence]))
            if answer is None
            else (np.array([float(answer)]), np.ones(1))
        )
        columns = {other: np.repeat(column, len(values)) for other, column in columns.items()}
        columns[name] = np.tile(values, len(combinations))
        combinations = np.multiply.outer(combinations, chances).ravel()
    age, bmi = np.asarray(known.age_years), np.asarray(np.exp(log_bmi))
    away = t_score - mean_t_score(parameters, known.sex, age, bmi, columns)
    total = 1 + slope**2 * variance
    log_density = -(away**2) / (2 * total)
    weights = combinations * np.exp(log_density - log_density.max())
    chosen = rng.choice(len(weights), n, p=weights / weights.sum())
    present = {name: column[chosen] for name, column in columns.items()}
    if known.bmi_kg_m2 is not None:
        return np.full(n, known.bmi_kg_m2), present
    centre = log_bmi + slope * variance / total * away[chosen]
    return np.exp(centre + np.sqrt(variance / total) * rng.standard_normal(n)), present
